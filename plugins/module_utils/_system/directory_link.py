# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The link to a domain controller: found, connected, sealed, logged in, by python-ldap.

Only what python-ldap 3.1 already has (EL 8; later ones keep it) is used.
"""

from __future__ import annotations

import contextlib
import os
import ssl
from typing import Any, Dict, Iterator, List, Optional, Tuple

from .._domain import directory_symptoms as symptoms
from .._domain.credentials import Credentials
from .._domain.directory import LDAPS, Server, bind_name
from .._domain.directory_stages import BIND
from .._domain.proof import LoginRefusal, Service
from .._domain.symptoms import CONNECT, TICKET, TLS
from . import connection, gss

try:
    import ldap
except ImportError:
    ldap = None

LEAST_SSF = 56  # bits; what Active Directory wants to see for a password
LOCAL_ERROR = -2  # ldap.h: libsasl2 or libkrb5 of this host gave up
TRUSTED = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem")
# How libldap and libsasl2 put what libkrb5 said
GSSAPI_WORDS = ("GSSAPI", "GSS-SPNEGO", "SPNEGO")


def located(where: Server) -> List[Server]:
    """The server that was given, else the domain's controllers as DNS names and orders them."""
    if where.host:
        return [where]
    # Only here: to load dnspython and what goes with it takes longer than to search a directory.
    from .name_service import HAS_DNS, service_hosts  # noqa: PLC0415

    if not HAS_DNS:
        raise symptoms.refusal(CONNECT, "", facts_of(where, ""), "dns_bindings_missing")
    name = f"_ldap._tcp.dc._msdcs.{where.domain}"
    hosts = service_hosts(name)
    if not hosts:
        raise symptoms.refusal(CONNECT, f"no SRV record {name}", facts_of(where, ""), "controller_unknown")
    return [Server(host, where.realm, where.transport, where.ca_path, where.timeout, where.port) for host in hosts]


def linked(where: Server, asked: Credentials, user: Optional[gss.Initiator]) -> Tuple[Any, Server]:
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
    if server.transport == LDAPS:
        # libldap waits for the end of TLS's handshake without a limit of time.
        with told(server, name):
            _reach(server)
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
        closed(link)
        with told(server, name):
            if isinstance(error, (ldap.SERVER_DOWN, ldap.TIMEOUT, ldap.CONNECT_ERROR)):
                _reach(server)
        words = words_of(error)
        of_kerberos = _code(error) == LOCAL_ERROR and any(word in words for word in GSSAPI_WORDS)
        raise symptoms.refusal(TICKET if of_kerberos else BIND, words, facts_of(server, name)) from None
    except ValueError as error:
        # python-ldap's word for a file of certificates that libldap cannot use
        closed(link)
        raise symptoms.refusal(TLS, f"ca_path could not be used ({error})", facts_of(server, name)) from None
    except BaseException:
        closed(link)
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


def closed(link: Any) -> None:
    if link is not None:
        with contextlib.suppress(ldap.LDAPError):
            link.unbind_ext_s()


def _code(error: Any) -> int:
    found = error.args[0] if error.args else None
    return int(found.get("result", getattr(error, "errnum", 0) or 0)) if isinstance(found, dict) else 0


def words_of(error: Any) -> str:
    """What an exception of python-ldap says: the result's number, name and the server's own text."""
    found = error.args[0] if error.args else None
    if not isinstance(found, dict):
        return str(error) or type(error).__name__
    return symptoms.result_words(_code(error), str(found.get("desc", "")), str(found.get("info", "")))


def facts_of(where: Server, user: str) -> Dict[str, str]:
    host = where.host or where.domain
    return {
        "host": host,
        "port": str(where.right_port),
        "realm": where.realm,
        "user": user or "the user",
        "protocol": "LDAP",
    }


@contextlib.contextmanager
def told(where: Server, user: str) -> Iterator[None]:
    """Turn a LoginRefusal, of Kerberos or of the socket, into the directory's."""
    try:
        yield
    except LoginRefusal as refused:
        raise symptoms.refusal(refused.stage, refused.text, facts_of(where, user), refused.symptom) from None


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
