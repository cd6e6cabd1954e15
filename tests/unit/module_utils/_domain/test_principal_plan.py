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
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keysalt import KeySalt
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal_change import describe
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal_plan import (
    PlanRefusal,
    check_policies,
    plan_principals,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal_state import PrincipalState
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal_wish import WishRefusal, parse_wishes

LINE = '"alice@R"\t0\t1\t0\t36000\t"x@R"\t1\t0\t3\t1\t"users"\t604800\t0\t0\t0\t2\t1\t3\t18\t0\t1\t2\t23\t0'
RECORD = parse_principal_record(LINE)


def planned(item, record=RECORD, right=False, doubt=None):
    (wish,) = wishes = parse_wishes([{"name": "alice", **item}], "R")
    identity = wish.name.identity
    doubts = {identity: doubt} if doubt else {}
    plan = plan_principals(PrincipalState({identity: record}, frozenset([identity] if right else []), doubts), wishes)
    return plan, [step.command for step in plan.steps]


def test_creation():
    plan, commands = planned(
        {
            "password": 'a "b"',
            "enctypes": ["aes256-cts"],
            "policy": "",
            "attributes": ["+preauth"],
            "max_life": "1h",
            "expires": "2030-12-31 00:00:00 UTC",
            "db_args": ["dn=uid=alice"],
        },
        None,
    )
    (command,) = commands
    assert command == (
        'addprinc -pw "a ""b""" -e "aes256-cts-hmac-sha1-96:normal" -clearpolicy +requires_preauth '
        '-maxlife "3600 seconds" -expire "2030-12-31 00:00:00 UTC" -x "dn=uid=alice" "alice@R"'
    )
    before, after = describe(plan)
    assert before == "alice@R:\n  absent\n"
    assert after == (
        "alice@R:\n  present\n  key: from the password, kvno (chosen by the KDC)\n"
        "  enctypes: aes256-cts-hmac-sha1-96\n  policy: none\n  attributes: +requires_preauth\n  max_life: 1h\n"
        "  expires: 2030-12-31 00:00:00 UTC\n"
    )
    assert 'a "b"' not in repr(plan)


@pytest.mark.parametrize(
    ("item", "commands"),
    [
        ({}, []),
        ({"password": "new"}, []),
        ({"enctypes": ["aes128-cts"]}, []),
        ({"max_life": "10h", "policy": "users", "attributes": ["-preauth", "+allow_tix"], "expires": "never"}, []),
        ({"max_life": "9h"}, ['modprinc -maxlife "32400 seconds" "alice@R"']),
        ({"policy": ""}, ['modprinc -clearpolicy "alice@R"']),
        ({"attributes": ["-allow_tix", "-preauth"]}, ['modprinc -allow_tix "alice@R"']),
        ({"state": "absent"}, ['delprinc -force "alice@R"']),
        ({"unlock": True}, []),
        ({"enctypes": ["aes256-cts"], "rekey": "when_enctypes_differ"}, []),
        (
            {"enctypes": ["aes128-cts"], "rekey": "when_enctypes_differ"},
            ['cpw -keepold -randkey -e "aes128-cts-hmac-sha1-96:normal" "alice@R"'],
        ),
        ({"password": "new", "update_password": "always"}, ['cpw -pw "new" "alice@R"']),
        (
            {
                "password": "new",
                "update_password": "always",
                "attributes": ["+needchange"],
                "password_expires": "never",
            },
            ['cpw -pw "new" "alice@R"', 'modprinc +needchange -pwexpire "never" "alice@R"'],
        ),
        # a new policy sets the password's expiry anew, so it is sent again though it is right now
        (
            {"policy": "other", "password_expires": "never"},
            ['modprinc -policy "other" -pwexpire "never" "alice@R"'],
        ),
    ],
)
def test_only_differences_are_sent(item, commands):
    assert planned(item)[1] == commands


@pytest.mark.parametrize(
    ("item", "kept"),
    [
        ({"password": "new", "update_password": "always"}, False),
        ({"enctypes": ["aes128-cts"], "rekey": "when_enctypes_differ"}, True),
        ({"password": "p", "enctypes": ["aes128-cts"], "rekey": "when_enctypes_differ"}, True),
    ],
)
def test_new_password_alone_drops_the_old_keys(item, kept):
    (change,) = planned(item)[0].changes
    assert change.new_key and change.old_keys_kept == kept
    assert ("-keepold" in change.steps[0].command) == kept


def test_failed_attempts_are_forgotten_only_where_some_are_counted():
    record = dataclasses.replace(RECORD, failures=3)
    plan, commands = planned({"unlock": True, "max_life": "9h"}, record)
    assert commands == ['modprinc -maxlife "32400 seconds" -unlock "alice@R"']
    assert describe(plan) == (
        "alice@R:\n  max_life: 10h\n  failed attempts: 3\n",
        "alice@R:\n  max_life: 9h\n  failed attempts: 0\n",
    )
    for item in ({"unlock": False}, {}):
        assert planned(item, record)[1] == []


def test_password_that_cannot_be_compared_is_set_and_said():
    asked = {"password": "canary", "update_password": "always"}
    plan, commands = planned(asked, doubt="nobody knows the salt")
    assert commands == ['cpw -pw "canary" "alice@R"']
    assert describe(plan) == (
        "alice@R:\n  kvno: 3\n  password: cannot be compared\n",
        "alice@R:\n  kvno: (chosen by the KDC)\n  password: as asked\n",
    )
    (warning,) = plan.warnings
    assert warning == (
        "update_password: always sets the password of alice@R in every run, for it cannot be compared: nobody knows "
        "the salt; where that is not wanted leave update_password out"
    )
    assert "canary" not in repr(plan)
    assert planned({}, doubt="of another wish")[0].warnings == ()
    assert planned(asked)[0].warnings == ()


def test_kvno_before_is_told():
    assert [planned({}, record)[0].changes[0].kvno for record in (RECORD, None)] == [3, None]


def test_password_that_is_right_is_not_sent():
    assert planned({"password": "old", "update_password": "always"}, right=True)[1] == []


def test_needchange_that_is_set_is_set_again_behind_a_new_password():
    record = dataclasses.replace(RECORD, attributes=0x200)
    item = {"password": "new", "update_password": "always", "attributes": ["+needchange"]}
    assert planned(item, record)[1] == ['cpw -pw "new" "alice@R"', 'modprinc +needchange "alice@R"']


def test_salt_types_count_for_passwords_only():
    record = dataclasses.replace(RECORD, keys=(Key(3, KeySalt(18, 3)),))
    item = {"enctypes": ["aes256-cts"], "rekey": "when_enctypes_differ"}
    assert planned(item, record)[1] == []
    assert planned({**item, "password": "p"}, record)[1] == [
        'cpw -keepold -pw "p" -e "aes256-cts-hmac-sha1-96:normal" "alice@R"'
    ]


def test_absent_principal_stays_absent():
    plan, commands = planned({"state": "absent"}, None)
    assert commands == [] and describe(plan) == ("", "")


def test_rekey_is_told_before():
    before, after = describe(planned({"enctypes": ["aes128-cts"], "rekey": "when_enctypes_differ"})[0])
    assert before == "alice@R:\n  kvno: 3\n  enctypes: aes256-cts-hmac-sha1-96\n"
    assert after == "alice@R:\n  kvno: (chosen by the KDC)\n  enctypes: aes128-cts-hmac-sha1-96\n"


STAGED = {
    "key": "password",
    "password": "canary",
    "enctypes": ["aes128-cts"],
    "rekey": "when_enctypes_differ",
    "new_kvno": 4,
}


@pytest.mark.parametrize("enctypes", [["aes128-cts"], ["aes256-cts"]])
def test_staged_keys_are_made_under_the_next_kvno_and_told(enctypes):
    """Whatever the types: where they are right already, the keys are not the staged ones."""
    plan, commands = planned({**STAGED, "enctypes": enctypes})
    (change,) = plan.changes
    (name,) = (f"{one.replace('-cts', '')}-cts-hmac-sha1-96" for one in enctypes)
    assert commands == [f'cpw -keepold -pw "canary" -e "{name}:normal" "alice@R"']
    assert describe(plan)[0].startswith("alice@R:\n  kvno: 3\n")
    assert describe(plan)[1] == f"alice@R:\n  kvno: 4\n  enctypes: {name}\n"
    assert (change.kvno, change.new_kvno, change.new_key, change.old_keys_kept) == (3, 4, True, True)


def test_staged_keys_that_are_there_are_not_made_again():
    record = dataclasses.replace(RECORD, kvno=4)
    plan, commands = planned(STAGED, record, right=True)
    assert commands == []
    assert plan.changes[0].new_kvno is None and not plan.changes[0].new_key


@pytest.mark.parametrize("kvno", [1, 2, 4, 5])
def test_staged_keys_of_another_kvno_are_refused(kvno):
    with pytest.raises(PlanRefusal) as refused:
        planned(STAGED, dataclasses.replace(RECORD, kvno=kvno))
    assert str(refused.value) == (
        f"principal alice@R: new_kvno: has kvno {kvno}, so keys that were staged for kvno 4 are not its next ones, "
        "for its key was changed since; run again from keytab_export on"
    )


def test_staged_keys_of_a_principal_that_is_gone():
    with pytest.raises(PlanRefusal, match="has kvno 0, so keys that were staged for kvno 4 are not"):
        planned(STAGED, None)
    assert planned({**STAGED, "new_kvno": 1}, None)[1][0].startswith('addprinc -pw "canary" -e "aes128-cts-')
    with pytest.raises(PlanRefusal, match="has kvno 0, so keys that were staged for kvno 2 are not"):
        planned({**STAGED, "new_kvno": 2}, None)


def test_check_mode_knows_no_password_of_staged_keys_and_tells_the_same():
    item = {"name": "alice", **STAGED, "password": None}
    wishes = parse_wishes([item], "R", lenient=True)
    plan = plan_principals(PrincipalState({wishes[0].name.identity: RECORD}), wishes)
    run = planned(STAGED)[0]
    assert describe(plan) == describe(run)
    (told,), (done,) = plan.changes, run.changes
    assert dataclasses.replace(told, steps=done.steps) == done
    with pytest.raises(WishRefusal, match="password: is missing for key: password"):
        parse_wishes([item], "R")
    with pytest.raises(WishRefusal, match="password: is missing for key: password"):
        parse_wishes([{**item, "new_kvno": None}], "R", lenient=True)


@pytest.mark.parametrize("more", [{"update_password": "always"}, {"rekey": "never"}, {"rekey": None}, {"key": None}])
def test_staged_keys_are_a_rekeying_by_password(more):
    with pytest.raises(WishRefusal) as refused:
        planned({**STAGED, **more})
    assert str(refused.value) == (
        "principal alice@R: new_kvno: is of keys that keytab_export staged; give it with key: password, rekey: "
        "when_enctypes_differ and without update_password, or leave it out"
    )


def test_kvno_of_no_staged_key_is_not_told_beforehand():
    for item in ({}, {"enctypes": ["aes128-cts"], "rekey": "when_enctypes_differ"}):
        assert planned(item)[0].changes[0].new_kvno is None


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ({"password": ""}, "password: is empty"),
        ({"password": "canary\n"}, "password: the value holds a newline"),
        ({"password": "canary", "key": "random"}, "password: contradicts key: random"),
        ({"key": "password"}, "password: is missing for key: password"),
        ({"update_password": "always"}, "update_password: always has no password"),
        ({"rekey": "when_enctypes_differ"}, "name the enctypes"),
        ({"policy": "a\nb"}, "policy: 'a"),
        ({"max_life": "long"}, "max_life: 'long' is not a duration"),
        ({"attributes": ["+x"]}, "attributes: "),
        ({"enctypes": ["aes512"]}, "enctypes: 'aes512'"),
    ],
)
def test_wishes_that_are_refused(item, words):
    with pytest.raises(WishRefusal, match=r"^principal alice@R: ") as refused:
        planned(item)
    assert words in str(refused.value)
    assert "canary" not in str(refused.value)


def test_principal_listed_twice():
    with pytest.raises(WishRefusal, match="is listed twice"):
        parse_wishes([{"name": "alice"}, {"name": "alice@R"}], "R")


@pytest.mark.parametrize("name", ["alice@example.test", "smtp/mx1@OTHER.TEST", "krbtgt/EXAMPLE.TEST@example.test"])
def test_principal_of_another_realm(name):
    with pytest.raises(WishRefusal, match=r"names another realm than EXAMPLE\.TEST, .* correct it, or kadmin\.realm"):
        parse_wishes([{"name": name}], "EXAMPLE.TEST")
    assert len(parse_wishes([{"name": name, "state": "absent"}], "EXAMPLE.TEST")) == 1
    assert len(parse_wishes([{"name": name}], None)) == 1


def test_name_that_a_database_would_lose():
    assert len(parse_wishes([{"name": "x" * 1022}], "R")) == 1
    with pytest.raises(WishRefusal, match=r"^principal x{40}\.\.\.: its name has 1025 bytes, and more than 1024 "):
        parse_wishes([{"name": "x" * 1023}], "R")
    with pytest.raises(WishRefusal, match="its name has 1025 bytes"):
        parse_wishes([{"name": "a", "aliases": ["x" * 1023]}], "R")
    assert len(parse_wishes([{"name": "x" * 1023, "state": "absent"}], "R")) == 1


def test_the_key_of_a_trust_is_no_principal_of_another_realm():
    assert len(parse_wishes([{"name": "krbtgt/EXAMPLE.TEST@OTHER.TEST"}], "EXAMPLE.TEST")) == 1


def test_policies_that_do_not_exist():
    wishes = parse_wishes([{"name": "a", "policy": "users"}, {"name": "b", "policy": "none"}, {"name": "c"}], "R")
    assert check_policies(wishes, frozenset(["users", "none"]), lenient=False) == ()
    with pytest.raises(PlanRefusal, match=r"^policy 'none': does not exist in the realm; create it"):
        check_policies(wishes, frozenset(["users"]), lenient=False)
    assert check_policies(wishes, frozenset(["users"]), lenient=True) == (
        "policy 'none': does not exist in the realm; check mode goes on as if an earlier task creates it",
    )
