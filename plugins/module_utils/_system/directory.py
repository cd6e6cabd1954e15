# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Active Directory by python-ldap: one sealed connection to a domain controller, its entries read and written.

Only what python-ldap 3.1 already has (EL 8; later ones keep it) is used. A Python without it has `available` False.
"""

from __future__ import annotations

import contextlib
import os
import ssl
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple

from .._domain import directory_symptoms as symptoms
from .._domain.credentials import Credentials
from .._domain.directory import (
    ADD,
    DELETE,
    GSSAPI,
    LDAPS,
    REPLACE,
    DirectoryRefusal,
    Entry,
    Server,
    bind_name,
    check_server,
    quoted_password,
)
from .._domain.directory_stages import BIND, READ, WRITE
from .._domain.proof import LoginRefusal, Service
from .._domain.symptoms import CONNECT, TICKET, TLS
from . import connection, gss
from .name_service import HAS_DNS, service_hosts

try:
    import ldap
    from ldap.controls import SimplePagedResultsControl
except ImportError:
    ldap = None

PACKAGES = "ldap, gssapi"  # for respawn_with
PAGE = 500  # entries; Active Directory gives at most 1000 at once
LEAST_SSF = 56  # bits; what Active Directory wants to see for a password
LOCAL_ERROR = -2  # ldap.h: libsasl2 or libkrb5 of this host gave up
TRUSTED = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem")
# How libldap and libsasl2 put what libkrb5 said
GSSAPI_WORDS = ("GSSAPI", "GSS-SPNEGO", "SPNEGO")
Change = Tuple[str, str, Sequence[bytes]]  # ADD, DELETE or REPLACE; the attribute; its values


def available() -> bool:
    """Whether this Python has the bindings of LDAP and of GSS-API."""
    return ldap is not None and gss.available()


class Directory:
    """A connection that has logged in. Refusals are DirectoryRefusal and one sentence."""

    def __init__(self, link: Any, where: Server, user: str) -> None:
        self._link = link
        self._where = where
        self.user = user
        root = self._root()
        self.base = root.text("defaultNamingContext") or ""
        self.clock = root.text("currentTime") or ""  # the controller's own, as 20260131120000.0Z
        if not self.base:
            raise self._refusal(READ, "", symptom="not_active_directory")
        if self.base.lower() != ",".join(f"dc={label}" for label in where.domain.split(".")):
            raise self._refusal(READ, where.realm, symptom="realm_of_other_domain", base=self.base)

    @property
    def host(self) -> str:
        """The controller's name."""
        return self._where.host

    def find(self, wanted: str, attributes: Sequence[str], base: Optional[str] = None) -> List[Entry]:
        """The entries below ``base`` (the domain's head) that fit a filter of _domain/directory.py, in pages."""
        control = SimplePagedResultsControl(True, size=PAGE, cookie="")
        found: List[Entry] = []
        within = self.base if base is None else base
        with self._heard(READ, within):
            while True:
                number = self._link.search_ext(
                    within, ldap.SCOPE_SUBTREE, wanted, list(attributes), serverctrls=[control]
                )
                dummy, rows, dummy, controls = self._link.result3(number, timeout=self._where.timeout)
                found += _entries(rows)
                cookies = [one.cookie for one in controls if one.controlType == control.controlType]
                if not any(cookies):
                    return found
                control.cookie = cookies[0]

    def read(self, dn: str, attributes: Sequence[str]) -> Entry:
        """One entry; DirectoryRefusal (no_such_entry) where there is none."""
        with self._heard(READ, dn):
            rows = self._link.search_ext_s(
                dn, ldap.SCOPE_BASE, "(objectClass=*)", list(attributes), timeout=self._where.timeout
            )
            return _entries(rows)[0]

    def add(self, dn: str, attributes: Mapping[str, Sequence[bytes]]) -> None:
        """Create an entry."""
        kinds = [value.decode() for value in attributes.get("objectClass", ())]
        with self._heard(WRITE, dn, kinds[-1:] or list(attributes)):
            self._link.add_ext_s(dn, [(name, list(values)) for name, values in attributes.items()])

    def modify(self, dn: str, changes: Sequence[Change]) -> None:
        """Change attributes of an entry, all of them or none."""
        operations = {ADD: ldap.MOD_ADD, DELETE: ldap.MOD_DELETE, REPLACE: ldap.MOD_REPLACE}
        # No values mean all of them to DELETE, and none to be left to REPLACE; python-ldap says both by None.
        listed = [(operations[kind], name, list(values) or None) for kind, name, values in changes]
        with self._heard(WRITE, dn, [change[1] for change in changes]):
            self._link.modify_ext_s(dn, listed)

    def set_password(self, dn: str, password: str) -> None:
        """Reset an account's password; its kvno rises, also where it was the same."""
        self.modify(dn, [(REPLACE, "unicodePwd", [quoted_password(password)])])

    def _root(self) -> Entry:
        with self._heard(READ, ""):
            rows = self._link.search_ext_s(
                "",
                ldap.SCOPE_BASE,
                "(objectClass=*)",
                ["defaultNamingContext", "currentTime"],
                timeout=self._where.timeout,
            )
        return next(iter(_entries(rows)), Entry("", {}))

    @contextlib.contextmanager
    def _heard(self, stage: str, dn: str, written: Iterable[str] = ()) -> Iterator[None]:
        try:
            yield
        except ldap.LDAPError as error:
            names = list(written)
            raise self._refusal(
                stage,
                _words(error),
                dn=dn or self._where.host,
                what=", ".join(names) or "it",
                right=symptoms.rights_for(names),
            ) from None

    def _refusal(self, stage: str, words: str, symptom: str = "", **facts: str) -> DirectoryRefusal:
        return symptoms.refusal(stage, words, {**_facts(self._where, self.user), **facts}, symptom)


@contextlib.contextmanager
def signed_on(where: Server, asked: Credentials) -> Iterator[gss.Initiator]:
    """The user's initial credentials, for `connected` and for tickets; DirectoryRefusal where they cannot be had."""
    with contextlib.ExitStack() as held:
        with _told(where, asked.principal):
            user = held.enter_context(gss.initiator(asked))
        yield user


@contextlib.contextmanager
def connected(where: Server, asked: Credentials, user: Optional[gss.Initiator] = None) -> Iterator[Directory]:
    """A connection that has logged in, to the controller that ``where`` names or the first in DNS that can be reached.

    By GSSAPI as ``user`` (without: initial credentials are obtained for the login), by LDAPS with the password.
    """
    check_server(where, asked)
    with contextlib.ExitStack() as held:
        with contextlib.ExitStack() as login:
            if where.transport == GSSAPI and user is None:
                user = login.enter_context(signed_on(where, asked))
            link, found = _linked(where, asked, user)
        held.callback(_closed, link)
        yield Directory(link, found, user.user if user else bind_name(asked.principal, where.realm))


def located(where: Server) -> List[Server]:
    """The server that was given, else the domain's controllers as DNS names and orders them."""
    if where.host:
        return [where]
    if not HAS_DNS:
        raise symptoms.refusal(CONNECT, "", _facts(where, ""), "dns_bindings_missing")
    name = f"_ldap._tcp.dc._msdcs.{where.domain}"
    hosts = service_hosts(name)
    if not hosts:
        raise symptoms.refusal(CONNECT, f"no SRV record {name}", _facts(where, ""), "controller_unknown")
    return [Server(host, where.realm, where.transport, where.ca_path, where.timeout, where.port) for host in hosts]


def _linked(where: Server, asked: Credentials, user: Optional[gss.Initiator]) -> Tuple[Any, Server]:
    servers = located(where)
    for server in servers[:-1]:
        with contextlib.suppress(LoginRefusal):
            _reach(server)
            return _bound(server, asked, user), server
    return _bound(servers[-1], asked, user), servers[-1]


def _reach(server: Server) -> None:
    """Connect as `_bound` is about to; LoginRefusal in clearer words than libldap's."""
    tls = "implicit" if server.transport == LDAPS else "none"
    service = Service("ldap", server.host, server.right_port, tls, ca_path=server.ca_path, timeout=server.timeout)
    with connection.connected(service):
        pass


def _bound(server: Server, asked: Credentials, user: Optional[gss.Initiator]) -> Any:
    name = user.user if user else bind_name(asked.principal, server.realm)
    scheme = "ldaps" if server.transport == LDAPS else "ldap"
    link = None
    try:
        link = ldap.initialize(f"{scheme}://{server.host}:{server.right_port}", bytes_mode=False)
        _set_options(link, server)
        if server.transport == LDAPS:
            link.simple_bind_s(name, asked.password)
        elif user is not None:
            with user.cache() as cache, _environment("KRB5CCNAME", cache):
                link.sasl_non_interactive_bind_s("GSS-SPNEGO")
    except ldap.LDAPError as error:
        _closed(link)
        with _told(server, name):
            if isinstance(error, (ldap.SERVER_DOWN, ldap.TIMEOUT, ldap.CONNECT_ERROR)):
                _reach(server)
        words = _words(error)
        of_kerberos = _code(error) == LOCAL_ERROR and any(word in words for word in GSSAPI_WORDS)
        raise symptoms.refusal(TICKET if of_kerberos else BIND, words, _facts(server, name)) from None
    except ValueError as error:
        # python-ldap's word for a file of certificates that libldap cannot use
        _closed(link)
        with _told(server, name):
            _reach(server)
        raise symptoms.refusal(TLS, f"ca_path could not be used ({error})", _facts(server, name)) from None
    except BaseException:
        _closed(link)
        raise
    return link


def _set_options(link: Any, server: Server) -> None:
    # Never a name from DNS in place of the one that was asked for; never another server's word instead of an answer.
    options: Dict[int, Any] = {
        ldap.OPT_PROTOCOL_VERSION: 3,
        ldap.OPT_REFERRALS: 0,
        ldap.OPT_NETWORK_TIMEOUT: server.timeout,
        ldap.OPT_TIMEOUT: server.timeout,
        ldap.OPT_X_SASL_NOCANON: 1,
        ldap.OPT_X_SASL_SSF_MIN: LEAST_SSF,
    }
    for option, value in options.items():
        link.set_option(option, value)
    if server.transport == LDAPS:
        link.set_option(ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_DEMAND)
        trusted = server.ca_path or link.get_option(ldap.OPT_X_TLS_CACERTFILE) or _system_certificates()
        if trusted:
            link.set_option(ldap.OPT_X_TLS_CACERTFILE, trusted)
        link.set_option(ldap.OPT_X_TLS_NEWCTX, 0)


def _system_certificates() -> str:
    """The file of the certificates that the host trusts: libldap with GnuTLS knows none unless ldap.conf says so."""
    known = (ssl.get_default_verify_paths().cafile, *TRUSTED)
    return next((path for path in known if path and os.path.exists(path)), "")


def _entries(rows: Iterable[Tuple[Any, ...]]) -> List[Entry]:
    """The entries among rows of a result; the others are references to other naming contexts."""
    return [
        Entry(row[0], {name: tuple(values) for name, values in row[1].items()}) for row in rows if row[0] is not None
    ]


def _closed(link: Any) -> None:
    if link is not None:
        with contextlib.suppress(ldap.LDAPError):
            link.unbind_ext_s()


def _code(error: Any) -> int:
    found = error.args[0] if error.args else None
    return int(found.get("result", getattr(error, "errnum", 0) or 0)) if isinstance(found, dict) else 0


def _words(error: Any) -> str:
    """What an exception of python-ldap says: the result's number, name and the server's own text."""
    found = error.args[0] if error.args else None
    if not isinstance(found, dict):
        return str(error) or type(error).__name__
    return symptoms.result_words(_code(error), str(found.get("desc", "")), str(found.get("info", "")))


def _facts(where: Server, user: str) -> Dict[str, str]:
    host = where.host or where.domain
    return {
        "host": host,
        "port": str(where.right_port),
        "realm": where.realm,
        "user": user or "the user",
        "protocol": "LDAP",
    }


@contextlib.contextmanager
def _told(where: Server, user: str) -> Iterator[None]:
    """Turn a LoginRefusal, of Kerberos or of the socket, into the directory's."""
    try:
        yield
    except LoginRefusal as refused:
        raise symptoms.refusal(refused.stage, refused.text, _facts(where, user), refused.symptom) from None


@contextlib.contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    """A variable for the libraries of this process, while the block runs."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
