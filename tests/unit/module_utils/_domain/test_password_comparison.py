# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.kadmin_output import (
    Key,
    parse_principal_record,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keysalt import NOREALM, SPECIAL, KeySalt
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import KeytabEntry
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.password_comparison import (
    Comparison,
    compare,
    doubt_warnings,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal_state import PrincipalState
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal_wish import parse_wishes

LINE = '"alice@R"\t0\t1\t0\t36000\t"x@R"\t1\t0\t3\t1\t"users"\t604800\t0\t0\t0\t2\t1\t3\t18\t0\t1\t2\t23\t0'
RECORD = parse_principal_record(LINE)
BOTH = dataclasses.replace(RECORD, keys=(Key(3, KeySalt(18)), Key(3, KeySalt(17, NOREALM)), Key(2, KeySalt(23))))


def derive(password, salt, enctype):
    """A key that one can read; enctype 99 is one that the library lacks."""
    return None if enctype == 99 else f"{password}|{salt.decode()}|{enctype}".encode()


def entries(record, password):
    """The database's keys, as the same derivation makes them."""
    salts = {0: b"Ralice", NOREALM: b"alice", SPECIAL: b"?"}
    made = []
    for key in record.keys:
        enctype = key.keysalt.enctype
        text = f"{password if key.kvno == 3 else 'old'}|{salts[key.keysalt.salt_type].decode()}|{enctype}"
        made.append(KeytabEntry(record.name, 0, key.kvno, enctype, text.encode()))
    return tuple(made)


@pytest.mark.parametrize("record", [RECORD, BOTH])
def test_newest_keys_alone_decide(record):
    assert compare("secret", record, entries(record, "secret"), derive) == Comparison(True)
    assert compare("old", record, entries(record, "secret"), derive) == Comparison(False)


def test_each_of_the_newest_keys_must_agree():
    mixed = (*entries(BOTH, "secret")[:1], *entries(BOTH, "another")[1:])
    assert compare("secret", BOTH, mixed, derive) == Comparison(False)
    assert compare("secret", BOTH, mixed[:1], derive) == Comparison(False)
    assert compare("secret", RECORD, (), derive) == Comparison(False)


def test_a_salt_that_only_the_kdc_knows_is_a_doubt_unless_another_key_tells():
    record = dataclasses.replace(RECORD, keys=(Key(3, KeySalt(18)), Key(3, KeySalt(17, SPECIAL))))
    doubtful = compare("secret", record, entries(record, "secret"), derive)
    assert doubtful == Comparison(False, "the salt of its keys (special) is known to the KDC alone")
    assert compare("other", record, entries(record, "secret"), derive) == Comparison(False)


def test_an_enctype_that_the_host_lacks_is_a_doubt():
    record = dataclasses.replace(RECORD, keys=(Key(3, KeySalt(99)),))
    assert "libk5crypto makes no " in compare("secret", record, entries(record, "secret"), derive).doubt


def test_warnings_name_reasons_and_principals():
    names = [f"user{number:02}" for number in range(12)]
    wishes = parse_wishes([{"name": one, "password": "canary", "update_password": "always"} for one in names], "R")
    doubts = {wish.name.identity: "first" if number else "second" for number, wish in enumerate(wishes)}
    told = doubt_warnings(PrincipalState({}, doubts=doubts), wishes)
    assert len(told) == 2
    assert "user00@R in every run, for it cannot be compared: second;" in told[0]
    assert "user10@R and 1 more in every run, for it cannot be compared: first;" in told[1]
    assert "canary" not in "".join(told)
