# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.kadmin_output import parse_policy_record
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.password_policy import (
    PolicyRefusal,
    parse_policy_wishes,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.password_policy_plan import (
    PolicyState,
    check_users,
    describe,
    plan_policies,
)

RECORD = parse_policy_record('"users"\t2592000\t3600\t8\t3\t5\t0\t4\t60\t900\taes256-cts:normal,rc4-hmac')


def planned(item, record=RECORD):
    wishes = parse_policy_wishes([{"name": "users", **item}])
    plan = plan_policies(PolicyState({"users": record}), wishes)
    return plan, [step.command for step in plan.steps]


def test_creation():
    plan, commands = planned(
        {
            "max_life": "90d",
            "min_life": "1h",
            "min_length": 8,
            "min_classes": 3,
            "history": 5,
            "max_failures": 4,
            "failure_count_interval": "15m",
            "lockout_duration": "0",
            "allowed_keysalts": ["aes256-cts", "aes128-cts:special"],
        },
        None,
    )
    assert commands == [
        (
            'addpol -maxlife "7776000 seconds" -minlife "3600 seconds" -minlength 8 -minclasses 3 -history 5 '
            '-maxfailure 4 -failurecountinterval "900 seconds" -lockoutduration "0 seconds" -allowedkeysalts '
            '"aes256-cts-hmac-sha1-96:normal,aes128-cts-hmac-sha1-96:special" "users"'
        )
    ]
    assert [change.action for change in plan.changes] == ["created"]
    assert describe(plan) == (
        "users:\n  absent\n",
        (
            "users:\n  present\n  max_life: 90d\n  min_life: 1h\n  min_length: 8\n  min_classes: 3\n  history: 5\n"
            "  max_failures: 4\n  failure_count_interval: 15m\n  lockout_duration: 0s\n"
            "  allowed_keysalts: aes256-cts-hmac-sha1-96, aes128-cts-hmac-sha1-96:special\n"
        ),
    )


@pytest.mark.parametrize(
    ("item", "commands"),
    [
        ({}, []),
        ({"max_life": "30 days", "min_life": "1:00:00", "min_length": 8, "min_classes": 3}, []),
        ({"history": 5, "max_failures": 4, "failure_count_interval": "1m", "lockout_duration": "15m"}, []),
        ({"allowed_keysalts": ["aes256-sha1", "arcfour-hmac:normal"]}, []),
        ({"max_life": "0"}, ['modpol -maxlife "0 seconds" "users"']),
        ({"min_life": "2h", "min_length": 8}, ['modpol -minlife "7200 seconds" "users"']),
        ({"min_length": 9, "history": 1}, ['modpol -minlength 9 -history 1 "users"']),
        ({"min_classes": 4, "max_failures": 0}, ['modpol -minclasses 4 -maxfailure 0 "users"']),
        (
            {"failure_count_interval": "2m", "lockout_duration": "0"},
            ['modpol -failurecountinterval "120 seconds" -lockoutduration "0 seconds" "users"'],
        ),
        ({"allowed_keysalts": []}, ['modpol -allowedkeysalts - "users"']),
        # the order is the one in which keys are made
        (
            {"allowed_keysalts": ["rc4-hmac", "aes256-cts"]},
            ['modpol -allowedkeysalts "arcfour-hmac:normal,aes256-cts-hmac-sha1-96:normal" "users"'],
        ),
        ({"state": "absent", "min_length": 9}, ['delpol -force "users"']),
    ],
)
def test_only_differences_are_sent(item, commands):
    assert planned(item)[1] == commands


def test_diff_of_a_change():
    plan, dummy = planned({"max_life": "0", "min_length": 9, "allowed_keysalts": []})
    assert describe(plan) == (
        "users:\n  max_life: 30d\n  min_length: 8\n  allowed_keysalts: aes256-cts-hmac-sha1-96, arcfour-hmac\n",
        "users:\n  max_life: 0s\n  min_length: 9\n  allowed_keysalts: any\n",
    )
    assert [change.action for change in plan.changes] == ["changed"]


def test_key_types_that_nobody_knows_are_replaced_and_shown():
    record = parse_policy_record('"users"\t0\t0\t1\t1\t1\t0\t0\t0\t0\taes256-cts:normla,aes')
    plan, commands = planned({"allowed_keysalts": ["aes256-cts"]}, record)
    assert commands == ['modpol -allowedkeysalts "aes256-cts-hmac-sha1-96:normal" "users"']
    assert describe(plan)[0] == "users:\n  allowed_keysalts: aes256-cts:normla, aes\n"


def test_absent_policy_stays_absent_and_is_reported():
    plan, commands = planned({"state": "absent"}, None)
    assert commands == [] and describe(plan) == ("", "")
    assert [(change.name, change.action) for change in plan.changes] == [("users", "none")]


@pytest.mark.parametrize(
    ("item", "lives"),
    [
        ({"max_life": "30m"}, "1h is longer than max_life, which is 30m"),
        ({"min_life": "60d"}, "60d is longer than max_life, which is 30d"),
    ],
)
def test_lives_that_contradict_what_is_left_as_it_is(item, lives):
    with pytest.raises(PolicyRefusal, match=rf"^policy 'users': min_life: {lives}, .*; shorten the one"):
        planned(item)


def test_lives_that_nobody_asks_about_are_let_be():
    record = parse_policy_record('"users"\t60\t3600\t8\t1\t1\t0\t0\t0\t0\t-')
    assert planned({"min_length": 9}, record)[1] == ['modpol -minlength 9 "users"']
    with pytest.raises(PolicyRefusal):
        planned({"max_life": "2m"}, record)


def state(users, untold=""):
    return PolicyState({"users": RECORD}, {"users": users}, untold)


def test_policy_in_use():
    assert check_users(PolicyState({"users": RECORD}), lenient=False) == ()
    assert check_users(state(()), lenient=False) == ()
    with pytest.raises(
        PolicyRefusal,
        match=r"^policy 'users': is the policy of a@R, b@R, c@R and 2 more, for whom .*; give them another",
    ):
        check_users(state(("a@R", "b@R", "c@R", "d@R", "e@R")), lenient=False)
    assert check_users(state(("a@R", "b@R")), lenient=True) == (
        "policy 'users': is the policy of a@R, b@R; check mode goes on as if an earlier task gives them another one",
    )


def test_policy_of_which_nobody_can_tell():
    assert check_users(state(None, "principal *@R: joe lacks"), lenient=False) == (
        (
            "policy 'users': nobody can tell which principals have it, and any password would do for them without it; "
            "principal *@R: joe lacks"
        ),
    )
