# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose mailbox a principal opens: Zimbra's rules (zm-mailbox, Krb5Principal.java and GssAuthenticator.java).

A principal finds the account that holds `kerberos5:PRINCIPAL` in zimbraForeignPrincipal (the document's method 2);
failing that, the domain whose zimbraAuthKerberos5Realm is its realm (method 1). The other direction, from an account to
the principal that its password is checked for, lets method 2 override method 1.
"""

from __future__ import annotations

import dataclasses
from typing import Mapping, Protocol, Sequence

PREFIX = "kerberos5:"
Attributes = Mapping[str, Sequence[str]]


class Source(Protocol):
    """mailboxd's caches, which are copied at each question."""

    def accounts(self) -> Mapping[str, Attributes]: ...

    def domains(self) -> Mapping[str, Attributes]: ...

    def config(self) -> Attributes: ...


@dataclasses.dataclass(frozen=True)
class View:
    """What mailboxd's caches held at a time: accounts and domains by name, the global config."""

    accounts: Mapping[str, Attributes]
    domains: Mapping[str, Attributes]
    config: Attributes

    @classmethod
    def of(cls, source: Source) -> View:
        return cls(source.accounts(), source.domains(), source.config())


def of_principal(view: View, principal: str) -> str:
    """The account's name; empty where no account is associated with the principal."""
    for name, attributes in view.accounts.items():
        if PREFIX + principal in attributes.get("zimbraForeignPrincipal", ()):
            return name
    local, at, realm = principal.partition("@")
    for domain, attributes in view.domains.items():
        if at and realm in attributes.get("zimbraAuthKerberos5Realm", ()):
            return of_name(view, f"{local}@{domain}")
    return ""


def of_name(view: View, name: str) -> str:
    """The account's name as the directory has it; a bare name is one of the default domain. Case does not count."""
    domain = next(iter(view.config.get("zimbraDefaultDomainName", ())), "")
    whole = name if "@" in name or not domain else f"{name}@{domain}"
    return next((known for known in view.accounts if known.lower() == whole.lower()), "")


def principals(view: View, account: str) -> list[str]:
    """All principals that open the account."""
    local, dummy, domain = account.partition("@")
    held = view.accounts.get(account, {}).get("zimbraForeignPrincipal", ())
    found = [value[len(PREFIX) :] for value in held if value.startswith(PREFIX)]
    realms = view.domains.get(domain, {}).get("zimbraAuthKerberos5Realm", ())
    return found + [f"{local}@{realm}" for realm in realms]


def password_principal(view: View, account: str) -> str:
    """The principal that the account's password is checked for: the first foreign one, else by the domain's realm."""
    return next(iter(principals(view, account)), "")


def mechanism(view: View, account: str) -> str:
    """The domain's zimbraAuthMech."""
    domain = account.partition("@")[2]
    return next(iter(view.domains.get(domain, {}).get("zimbraAuthMech", ())), "zimbra")
