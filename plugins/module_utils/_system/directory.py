# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Active Directory by python-ldap: one sealed connection to a domain controller, its entries read and written.

Only what python-ldap 3.1 already has (EL 8; later ones keep it) is used. A Python without it has `available` False.
"""

from __future__ import annotations

import contextlib
from typing import Any, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple

from .._domain import directory_symptoms as symptoms
from .._domain.credentials import Credentials
from .._domain.directory import (
    ADD,
    DELETE,
    GSSAPI,
    REPLACE,
    DirectoryRefusal,
    Entry,
    Server,
    bind_name,
    check_server,
    quoted_password,
)
from .._domain.directory_stages import READ, WRITE
from .._domain.password_rules import ATTRIBUTES, COMPLEX, PasswordRules, broken_rules
from . import gss
from .directory_link import closed, facts_of, linked, told, words_of

try:
    import ldap
    from ldap.controls import SimplePagedResultsControl
except ImportError:
    ldap = None

PACKAGES = "ldap, gssapi"  # for respawn_with
PAGE = 500  # entries; Active Directory gives at most 1000 at once
UNKNOWN_RULE = "it keeps the domain's rules, so that a fine-grained policy or a filter on the controller decides"
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
        try:
            self.modify(dn, [(REPLACE, "unicodePwd", [quoted_password(password)])])
        except DirectoryRefusal as refusal:
            if refusal.symptom != "password_refused":
                raise
            raise self._refusal(
                WRITE, self._broken_rules(dn, password), symptom="password_breaks_rules", dn=dn
            ) from refusal

    def _broken_rules(self, dn: str, password: str) -> str:
        """What the domain's own rules have against a password, where its controller does not say."""
        head = self.read(self.base, ATTRIBUTES)
        rules = PasswordRules(head.number("minPwdLength") or 0, bool((head.number("pwdProperties") or 0) & COMPLEX))
        account = self.read(dn, ["sAMAccountName"]).text("sAMAccountName") or ""
        return ", ".join(broken_rules(password, account, rules)) or UNKNOWN_RULE

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
                words_of(error),
                dn=dn or self._where.host,
                what=", ".join(names) or "it",
                right=symptoms.rights_for(names),
            ) from None

    def _refusal(self, stage: str, words: str, symptom: str = "", **facts: str) -> DirectoryRefusal:
        return symptoms.refusal(stage, words, {**facts_of(self._where, self.user), **facts}, symptom)


@contextlib.contextmanager
def signed_on(where: Server, asked: Credentials) -> Iterator[gss.Initiator]:
    """The user's initial credentials, for `connected` and for tickets; DirectoryRefusal where they cannot be had."""
    with contextlib.ExitStack() as held:
        with told(where, asked.principal):
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
            link, found = linked(where, asked, user)
        held.callback(closed, link)
        yield Directory(link, found, user.user if user else bind_name(asked.principal, where.realm))


def _entries(rows: Iterable[Tuple[Any, ...]]) -> List[Entry]:
    """The entries among rows of a result; the others are references to other naming contexts."""
    return [
        Entry(row[0], {name: tuple(values) for name, values in row[1].items()}) for row in rows if row[0] is not None
    ]
