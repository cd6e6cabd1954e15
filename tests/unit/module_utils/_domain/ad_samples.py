# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small Active Directory for tests of plans: one account, its keys, and the wishes of a mail server."""

from __future__ import annotations

from typing import Any

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.active_directory import COMPUTER, USER, Account
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.ad_account import AccountWish, account_wishes
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.ad_keys import RIGHT, Evidence, Proof
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.ad_state import (
    DirectoryState,
    Domain,
    index_owners,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import KeytabEntry, serialize
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import read_text

REALM = "AD.EXAMPLE.TEST"
BASE = "DC=ad,DC=example,DC=test"
PATH = "/etc/axigen.keytab"
NOW = 1_790_000_000
DOMAIN = Domain(REALM, BASE, NOW, {USER: f"CN=Users,{BASE}", COMPUTER: f"CN=Computers,{BASE}"})
AES256, AES128, RC4 = 18, 17, 23
KEYS = {AES256: b"a" * 32, AES128: b"b" * 16}
ACCOUNT = Account(
    f"CN=axigen_smtp,OU=Mail,{BASE}", "axigen_smtp", 3, ("smtp/mx1.example.test",), "", 0x18, password_set=NOW - 100
)
DEFAULTS: dict[str, Any] = {
    "name": "axigen_smtp",
    "type": "user",
    "ou": None,
    "create": True,
    "description": None,
    "service_principals": ["smtp/mx1.example.test"],
    "service_principals_exclusive": False,
    "account_principal": False,
    "upn": None,
    "enctypes": ["aes256-cts-hmac-sha1-96", "aes128-cts-hmac-sha1-96"],
    "password": None,
    "update_password": "on_create",
    "max_age": None,
    "path": None,
}


def wishes(*items: dict[str, Any], path: str | None = PATH, accept_weak: bool = True) -> tuple[AccountWish, ...]:
    return account_wishes([{**DEFAULTS, **item} for item in items], REALM, path, accept_weak)


def wish(**item: Any) -> AccountWish:
    (one,) = wishes(item)
    return one


def entry(
    name: str = "smtp/mx1.example.test", kvno: int = 3, enctype: int = AES256, key: bytes = KEYS[AES256]
) -> KeytabEntry:
    return KeytabEntry(read_text(name, REALM), 1, kvno, enctype, key)


def entries(name: str = "smtp/mx1.example.test", kvno: int = 3) -> list[KeytabEntry]:
    return [entry(name, kvno, enctype, key) for enctype, key in KEYS.items()]


PROVED = Evidence(KEYS, Proof(RIGHT, 3, AES256))


def state(
    account: Account | None = ACCOUNT,
    held: list[KeytabEntry] | None = None,
    evidence: Evidence = PROVED,
    owners: tuple[Account, ...] = (),
) -> DirectoryState:
    return DirectoryState(
        DOMAIN,
        {account.name.casefold(): account} if account else {},
        index_owners([*([account] if account else []), *owners]),
        {account.name.casefold(): evidence} if account else {},
        {PATH: None if held is None else serialize(held)},
    )
