# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was read for `ad_keytab`: the domain, its accounts, who owns the names asked for, keytabs, and keys proved."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

from .active_directory import Account
from .ad_account import AccountWish
from .ad_keys import Evidence, without_realm
from .keytab import KeytabEntry, parse
from .merge import Identity


@dataclass(frozen=True)
class Domain:
    """``base``: the domain's DN. ``now``: seconds since 1970 by the domain controller's clock, as `pwdLastSet` is.

    ``containers``: the DN of the default container for each kind of account.
    """

    realm: str
    base: str
    now: int
    containers: Mapping[str, str]


@dataclass(frozen=True)
class DirectoryState:
    """``accounts`` and ``evidence`` by the account's name in lower case; ``keytabs``: bytes by path, None: no file."""

    domain: Domain
    accounts: Mapping[str, Account]
    owners: Mapping[Tuple[str, str], Tuple[Account, ...]]
    evidence: Mapping[str, Evidence]
    keytabs: Mapping[str, Optional[bytes]] = field(repr=False)

    def account(self, wish: AccountWish) -> Optional[Account]:
        return self.accounts.get(wish.name.casefold())


def index_owners(found: Iterable[Account]) -> Dict[Tuple[str, str], Tuple[Account, ...]]:
    """Accounts by the names that they own: ("servicePrincipalName" or "userPrincipalName", in lower case)."""
    owners: Dict[Tuple[str, str], Tuple[Account, ...]] = {}
    for account in found:
        names = [("servicePrincipalName", one) for one in account.service_principals]
        names += [("userPrincipalName", account.upn)] if account.upn else []
        for attribute, name in names:
            key = (attribute, name.casefold())
            owners[key] = (*owners.get(key, ()), account)
    return owners


def names_asked(wishes: Sequence[AccountWish]) -> Dict[str, List[str]]:
    """The values whose owners are to be searched, by attribute."""
    return {
        "servicePrincipalName": [one for wish in wishes for one in without_realm(wish.service_principals)],
        "userPrincipalName": [wish.upn for wish in wishes if wish.upn],
    }


def held_entries(keytabs: Mapping[str, Optional[bytes]]) -> Dict[Identity, List[KeytabEntry]]:
    """The entries of all keytabs by principal; KeytabFormatError names the file."""
    found: Dict[Identity, List[KeytabEntry]] = {}
    for path, content in keytabs.items():
        for entry in parse(content, path) if content else ():
            found.setdefault(entry.principal.identity, []).append(entry)
    return found
