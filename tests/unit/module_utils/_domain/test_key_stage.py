# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which principals get staged keys, as which entries, and what is handed on to the module `principal`."""

from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctypes import EnctypeRefusal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.kadmin_output import (
    Key,
    parse_principal_record,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.key_stage import (
    DuePrincipal,
    Stage,
    StageRefusal,
    due_principals,
    parse_stage,
    report_stage,
    staged_entries,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keysalt import KeySalt
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import KeytabEntry
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import parse_principal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal_wish import parse_wishes

MX1, MAIL, HTTP, ALIAS = (parse_principal(f"{name}@R") for name in ("smtp/mx1", "smtp/mail", "HTTP/mx1", "smtp/alias"))
EXPORTED = (MX1, MAIL, HTTP)
LINE = '"{}"\t0\t1\t0\t36000\t"x@R"\t1\t0\t{}\t1\t"users"\t604800\t0\t0\t0\t0'
AES = (18, 17)


def record(name, *keys):
    """A principal whose keys are pairs of kvno and enctype; their salt is one that only the KDC knows."""
    made = parse_principal_record(LINE.format(name, max((kvno for kvno, dummy in keys), default=0)))
    return dataclasses.replace(made, keys=tuple(Key(kvno, KeySalt(enctype, 4)) for kvno, enctype in keys))


def records(*found):
    return {name.identity: one for name, one in found}


def test_no_option_asks_for_nothing():
    assert parse_stage(None, EXPORTED) is None


@pytest.mark.parametrize(
    ("patterns", "chosen"),
    [
        (None, EXPORTED),
        ([], EXPORTED),
        (["smtp/*"], (MX1, MAIL)),
        (["*@R"], EXPORTED),
        (["*@OTHER"], ()),
        (["smtp/mail", "HTTP/mx1@R"], (MAIL, HTTP)),
    ],
)
def test_patterns_choose_among_the_exported(patterns, chosen):
    wish = parse_stage({"enctypes": ["aes128-cts", "aes256-sha2"], "principals": patterns}, EXPORTED)
    assert (wish.enctypes, wish.principals) == ((17, 20), chosen)


@pytest.mark.parametrize(
    ("option", "kind", "said"),
    [
        ({"enctypes": ["aes512"]}, EnctypeRefusal, r"^stage: enctypes: 'aes512' is not the name"),
        ({"enctypes": ["aes256-cts:normal"]}, EnctypeRefusal, r"^stage: enctypes: .* without the salt type"),
        ({"enctypes": []}, StageRefusal, r"^stage: enctypes: names no encryption type; list those that the keys are"),
        (
            {"enctypes": ["aes"], "principals": ["smtp/*", "smtp/mx9"]},
            StageRefusal,
            r"^stage: principals: 'smtp/mx9' is in none of the keytabs; correct it, or list it in one of 'keytabs'$",
        ),
        ({"enctypes": ["aes"], "principals": ["smtp/mx1@OTHER"]}, StageRefusal, "'smtp/mx1@OTHER' is in none of the"),
    ],
)
def test_what_cannot_be_asked(option, kind, said):
    with pytest.raises(kind, match=said):
        parse_stage(option, EXPORTED)


@pytest.mark.parametrize(
    ("keys", "due"),
    [
        ([(1, 18), (1, 17)], None),
        ([(1, 17), (1, 18)], None),
        ([(5, 18), (5, 17), (4, 23)], None),
        ([(1, 18)], 2),
        ([(1, 18), (1, 17), (1, 23)], 2),
        ([(2, 23), (1, 18), (1, 17)], 3),
        ([(255, 23)], 256),
        ([], 1),
    ],
)
def test_due_are_those_whose_newest_keys_are_of_other_types_however_they_are_salted(keys, due):
    found = due_principals(AES, [MX1], records((MX1, record(MX1, *keys))))
    assert [one.kvno for one in found] == ([] if due is None else [due])


def test_each_principal_is_due_once_under_all_its_names():
    mail = record(MAIL, (1, 23))
    found = due_principals(
        AES, [MAIL, MX1, ALIAS, HTTP], records((MAIL, mail), (MX1, record(MX1, (3, 23))), (ALIAS, mail), (HTTP, None))
    )
    assert [(one.record.name, one.names) for one in found] == [(MAIL, (MAIL, ALIAS)), (MX1, (MX1,))]


STAGE = Stage(DuePrincipal(record(MAIL, (7, 23)), (ALIAS, MAIL)), ((18, b"k" * 32), (17, b"q" * 16)), "canary")


def test_each_name_gets_the_same_keys():
    assert staged_entries([STAGE], 5) == {
        name: (KeytabEntry(name, 5, 8, 18, b"k" * 32), KeytabEntry(name, 5, 8, 17, b"q" * 16)) for name in (ALIAS, MAIL)
    }
    assert staged_entries([], 5) == {}


def test_report_is_what_principal_takes():
    told = report_stage(STAGE, secret=True)
    assert told == {
        "name": "smtp/mail@R",
        "key": "password",
        "password": "canary",
        "enctypes": ["aes256-cts-hmac-sha1-96", "aes128-cts-hmac-sha1-96"],
        "rekey": "when_enctypes_differ",
        "new_kvno": 8,
    }
    (wish,) = parse_wishes([told], "R")
    assert (wish.name, wish.new_kvno, wish.rekey, wish.password) == (MAIL, 8, True, "canary")
    assert wish.keysalts == (KeySalt(18), KeySalt(17))
    assert report_stage(STAGE, secret=False) == {**told, "password": None}


def test_neither_password_nor_key_is_shown():
    assert "canary" not in repr(STAGE) and "kkk" not in repr(STAGE)
