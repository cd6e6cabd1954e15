# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.kadmin_output import (
    KadminOutputRefusal,
    Key,
    PolicyRecord,
    parse_names,
    parse_policy_record,
    parse_principal_record,
    terse_line,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keysalt import KeySalt
from hypothesis import given
from hypothesis import strategies as st

# Recorded from kadmin.local 1.20.1 with SS_READLINE_PATH=none
MASTER = (
    '"K/M@REALM.TEST"\t0\t0\t0\t36000\t"db_creation@REALM.TEST"\t1795396998\t8388672\t1\t1'
    '\t"[none]"\t604800\t0\t0\t0\t1\t1\t1\t18\t0'
)
LATE = (
    '"svc@REALM.TEST"\t-1896589697\t1795396938\t-224058496\t36000\t"root/admin@REALM.TEST"\t1795396938\t0\t1\t1'
    '\t"nopol"\t259200\t0\t0\t0\t2\t1\t1\t18\t0\t1\t1\t17\t0'
)


def test_recorded_line():
    record = parse_principal_record(MASTER)
    assert str(record.name) == "K/M@REALM.TEST"
    assert (record.expires, record.max_life, record.max_renewable_life) == (0, 36000, 604800)
    assert record.attributes == 0x800040
    assert record.policy is None
    assert record.keys == (Key(1, KeySalt(18, 0)),)


def test_times_after_2038_are_printed_as_negative_numbers():
    record = parse_principal_record(LATE)
    assert record.expires == 2398377599  # 2045-12-31 23:59:59 UTC
    assert record.password_expires == 4070908800  # 2099-01-01
    assert record.policy == "nopol"


def test_fields_behind_the_keys_are_let_be():
    assert parse_principal_record(f"{MASTER}\t2\t8\t13\t0102") == parse_principal_record(MASTER)


@pytest.mark.parametrize(
    "line", ["", "\t", MASTER[1:], MASTER.rpartition("\t")[0], MASTER.replace("\t1\t1\t1\t18", "\t-1\t1\t1\t18")]
)
def test_other_lines_are_refused(line):
    with pytest.raises(KadminOutputRefusal, match="this version of MIT Kerberos is not supported yet"):
        parse_principal_record(line)


@given(
    name=st.text(st.characters(exclude_characters="\t\n", exclude_categories=("Cs", "Cc")), min_size=1),
    keys=st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(-32768, 32767), st.integers(-32768, 32767))),
    more=st.lists(st.integers()),
)
def test_keys_are_read_by_count(name, keys, more):
    words = [
        f'"{name.replace(chr(92), chr(92) * 2).replace("@", chr(92) + "@")}@R"',
        "0",
        "0",
        "0",
        "0",
        '"x@R"',
        "0",
        "0",
        "0",
        "0",
        '"[none]"',
    ]
    words += ["0", "0", "0", "0", str(len(keys))]
    for kvno, enctype, salt in keys:
        words += ["1", str(kvno), str(enctype), str(salt)]
    record = parse_principal_record("\t".join([*words, *map(str, more)]))
    assert [(key.kvno, key.keysalt.enctype, key.keysalt.salt_type) for key in record.keys] == keys
    newest = max((kvno for kvno, dummy, dummy2 in keys), default=None)
    assert record.newest_keys == {KeySalt(enctype, salt) for kvno, enctype, salt in keys if kvno == newest}


@given(st.text())
def test_no_text_gives_another_error(text):
    try:
        parse_principal_record(text)
        parse_policy_record(text)
    except KadminOutputRefusal:
        pass


def test_policy():
    record = parse_policy_record('"x"\t0\t0\t3\t1\t1\t0\t0\t0\t0\t-')
    assert (record.name, record.min_length, record.min_classes, record.history) == ("x", 3, 1, 1)
    assert record.allowed_keysalts == ()


def test_policy_with_all_there_is():
    record = parse_policy_record('"a "b""\t9\t8\t7\t5\t6\t0\t4\t3\t2\taes256-cts:normal,des-cbc-crc:v4, aes\tmore')
    assert record == PolicyRecord('a "b"', 9, 8, 7, 5, 6, 4, 3, 2, (KeySalt(18), "des-cbc-crc:v4", "aes"))


@pytest.mark.parametrize(
    "line", ['"x"\t0\t0\t3\t1\t1\t0', "x\t0\t0\t3\t1\t1\t0\t0\t0\t0\t-", '"x"\t0\t0\t3\t1\t1\t0\t?\t0\t0\t-']
)
def test_policy_of_another_form(line):
    with pytest.raises(KadminOutputRefusal, match="getpol -terse printed a line of another form"):
        parse_policy_record(line)


def test_names_and_terse_lines():
    assert [str(name) for name in parse_names(["K/M@REALM.TEST", "", "x y@REALM.TEST"])] == [
        "K/M@REALM.TEST",
        "x y@REALM.TEST",
    ]
    assert terse_line(["NOTICE", MASTER]) == MASTER
    assert terse_line(['get_principal: Principal does not exist while retrieving "x@REALM.TEST".']) is None
