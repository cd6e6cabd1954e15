# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kadmin's terse lines field by field: each in its place, at its bounds, and refused in a sentence."""

from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.kadmin_output import (
    KadminOutputRefusal,
    Key,
    PrincipalRecord,
    parse_policy_record,
    parse_principal_record,
    terse_line,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keysalt import KeySalt
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import read_text

# Every field another value, in the order of kadmin_getprinc (MIT's kadmin/cli/kadmin.c)
DISTINCT = (
    '"svc@REALM.TEST"\t1800000001\t1800000002\t1800000003\t104\t"root/admin@REALM.TEST"\t1800000005\t-2147483648\t107'
    '\t108\t"users"\t110\t1800000011\t1800000012\t113\t2\t1\t15\t18\t3\t1\t14\t17\t2'
)


def test_every_field_is_read_from_its_place():
    assert parse_principal_record(DISTINCT) == PrincipalRecord(
        name=read_text("svc@REALM.TEST"),
        expires=1800000001,
        password_changed=1800000002,
        password_expires=1800000003,
        max_life=104,
        modified_by="root/admin@REALM.TEST",
        modified=1800000005,
        attributes=0x80000000,  # 32 bits, printed by %d
        kvno=107,
        policy="users",
        max_renewable_life=110,
        last_success=1800000011,
        last_failure=1800000012,
        failures=113,
        keys=(Key(15, KeySalt(18, 3)), Key(14, KeySalt(17, 2))),
    )


@pytest.mark.parametrize("at", [1, 2, 3, 6, 12, 13])
def test_every_time_may_lie_after_2038(at):
    fields = DISTINCT.split("\t")
    fields[at] = "-1"
    record = parse_principal_record("\t".join(fields))
    times = (record.expires, record.password_changed, record.password_expires, record.modified)
    assert (*times, record.last_success, record.last_failure).count(2**32 - 1) == 1


def test_newest_keys_are_those_of_the_highest_kvno():
    assert parse_principal_record(DISTINCT).newest_keys == {KeySalt(18, 3)}
    both = DISTINCT.replace("\t14\t17", "\t15\t17")
    assert parse_principal_record(both).newest_keys == {KeySalt(18, 3), KeySalt(17, 2)}


def test_newest_enctypes_are_theirs_without_the_salts():
    both = DISTINCT.replace("\t14\t17", "\t15\t17")
    assert parse_principal_record(both).newest_enctypes == frozenset({18, 17})
    assert parse_principal_record(DISTINCT).newest_enctypes == frozenset({18})


def test_a_principal_without_keys_is_read():
    fields = DISTINCT.split("\t")[:16]
    record = parse_principal_record("\t".join([*fields[:15], "0"]))
    assert record.keys == ()
    assert record.newest_keys == frozenset()


def sentence(command, finding):
    return (
        f"kadmin: {command} -terse printed a line of another form than known ({finding}); "
        "this version of MIT Kerberos is not supported yet"
    )


@pytest.mark.parametrize(
    ("field", "instead", "finding"),
    [
        ('"svc@REALM.TEST"', '"', "'\"' is not in double quotes"),
        ('"svc@REALM.TEST"', "svc@REALM.TEST", "'svc@REALM.TEST' is not in double quotes"),
        ('"svc@REALM.TEST"', 'svc@REALM.TEST"', "'svc@REALM.TEST\"' is not in double quotes"),
        ('"svc@REALM.TEST"', '"svc@REALM.TEST', "'\"svc@REALM.TEST' is not in double quotes"),
        ('"svc@REALM.TEST"', '"svc"', "principal 'svc': names no realm; write it as svc@REALM"),
        ('"users"', "users", "'users' is not in double quotes"),
        ("\t2\t1\t15", "\tx\t1\t15", "'x' is no number of keys"),
        ("\t2\t1\t15", "\t3\t1\t15", "list index out of range"),
        ("\t104\t", "\tnever\t", "invalid literal for int() with base 10: 'never'"),
    ],
)
def test_the_refusal_says_what_is_not_as_known(field, instead, finding):
    with pytest.raises(KadminOutputRefusal) as refused:
        parse_principal_record(DISTINCT.replace(field, instead, 1))
    assert str(refused.value) == sentence("getprinc", finding)


def test_an_empty_string_is_a_string():
    assert parse_principal_record(DISTINCT.replace('"root/admin@REALM.TEST"', '""')).modified_by == ""


# In the form of kadmin.local 1.20.1: behind the history the references, three of the lockout, the key/salt types
POLICY = '"users"\t101\t102\t103\t104\t105\t0\t107\t108\t109\t-'


def test_every_field_of_a_policy_is_read_from_its_place():
    record = parse_policy_record(POLICY)
    assert (record.name, record.max_life, record.min_life) == ("users", 101, 102)
    assert (record.min_length, record.min_classes, record.history) == (103, 104, 105)


@pytest.mark.parametrize(
    ("field", "instead", "finding"),
    [
        ('"users"', "users", "'users' is not in double quotes"),
        ("103", "long", "invalid literal for int() with base 10: 'long'"),
    ],
)
def test_the_refusal_says_what_is_not_as_known_of_a_policy(field, instead, finding):
    with pytest.raises(KadminOutputRefusal) as refused:
        parse_policy_record(POLICY.replace(field, instead))
    assert str(refused.value) == sentence("getpol", finding)


@pytest.mark.parametrize("line", ["", '"users"', '"users"\t1\t2\t3\t4'])
def test_a_policy_of_too_few_fields_is_refused(line):
    with pytest.raises(KadminOutputRefusal, match=r"^kadmin: getpol -terse "):
        parse_policy_record(line)


def test_the_terse_line_is_in_quotes_and_has_fields():
    talk = ['"svc@REALM.TEST" was not found.', 'get_principal:\t"svc@REALM.TEST"', ""]
    assert terse_line(talk) is None
    assert terse_line([*talk, DISTINCT, DISTINCT + "\t0"]) == DISTINCT


@pytest.mark.parametrize(
    "record",
    [
        Key(1, KeySalt(18)),
        parse_principal_record(DISTINCT),
        parse_policy_record(POLICY),
    ],
    ids=lambda record: type(record).__name__,
)
def test_what_was_read_is_a_value(record):
    with pytest.raises(dataclasses.FrozenInstanceError):
        record.kvno = 0
    assert len({record, dataclasses.replace(record)}) == 1
