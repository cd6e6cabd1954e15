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
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.old_keys import (
    MARGIN,
    OldKeysRefusal,
    due_kvnos,
    newest_kvno,
    older_kvnos,
    tickets_end,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import read_text
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal_change import describe
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal_plan import plan_principals
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal_state import PrincipalState
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal_wish import WishRefusal, parse_wishes
from hypothesis import given
from hypothesis import strategies as st

CHANGED, LIFE = 1_700_000_000, 36000
KEYS = "\t6\t1\t3\t18\t0\t1\t3\t17\t0\t1\t2\t18\t0\t1\t1\t23\t0\t1\t1\t23\t3\t1\t1\t17\t0"
LINE = f'"smtp/a@R"\t0\t{CHANGED}\t0\t{LIFE}\t"x@R"\t1\t0\t3\t1\t"[none]"\t0\t0\t0\t0{KEYS}'
RECORD = parse_principal_record(LINE)
END = CHANGED + LIFE + MARGIN
PURGE = {"old_keys": "purge_when_expired"}


def planned(item, record=RECORD, now=END + 1, **state):
    wishes = parse_wishes([{"name": "smtp/a", **item}], "R")
    plan = plan_principals(PrincipalState({wishes[0].name.identity: record}, now=now, **state), wishes)
    return plan, [step.command for step in plan.steps]


def test_purge():
    plan, commands = planned(PURGE)
    assert commands == ['purgekeys -keepkvno 3 "smtp/a@R"']
    before, after = describe(plan)
    assert before == (
        "smtp/a@R:\n  keys of kvno 1: aes128-cts-hmac-sha1-96, arcfour-hmac\n"
        "  keys of kvno 2: aes256-cts-hmac-sha1-96\n"
    )
    assert after == "smtp/a@R:\n  keys of kvno 1: purged\n  keys of kvno 2: purged\n"
    (change,) = plan.changes
    assert (change.action, change.purged_kvnos, change.new_key, change.old_keys_kept) == (
        "changed",
        (1, 2),
        False,
        True,
    )
    assert plan.warnings == ()


@pytest.mark.parametrize(
    ("item", "record", "now"),
    [
        (PURGE, {}, END),
        (PURGE, {"max_renewable_life": LIFE + 1}, END + 1),
        (PURGE, {"password_changed": CHANGED + 1}, END + 1),
        ({}, {}, END + 1),
        ({"old_keys": "keep"}, {}, END + 1),
        (PURGE, {"keys": RECORD.keys[:2]}, END + 1),
        (PURGE, {"keys": ()}, END + 1),
        ({**PURGE, "tickets_end_after": "2d"}, {}, END + 1),
        ({**PURGE, "tickets_end_after": "1h"}, {}, CHANGED + 3600),
        ({**PURGE, "state": "absent"}, None, END + 1),
    ],
)
def test_nothing_goes(item, record, now):
    found = None if record is None else dataclasses.replace(RECORD, **record)
    plan, commands = planned(item, found, now)
    assert commands == [] and plan.changes[0].purged_kvnos == () and plan.warnings == ()


def test_an_hour_is_added_to_the_lives():
    assert MARGIN == 3600 and tickets_end(RECORD) == CHANGED + LIFE + 3600 and tickets_end(RECORD, 5) == CHANGED + 5


def test_new_principal_has_no_old_keys():
    plan, (command,) = planned(PURGE, None)
    assert command.startswith("addprinc ") and plan.warnings == ()


def test_step_knows_kadmin_s_words():
    (step,) = planned(PURGE)[0].steps
    assert 'Old keys for principal "smtp/a@R" purged.'.startswith(step.said)


def test_bound_stands_in_for_the_lives():
    for record in (RECORD, dataclasses.replace(RECORD, max_life=0)):
        assert planned({**PURGE, "tickets_end_after": "1h"}, record, CHANGED + 3601)[0].changes[0].purged_kvnos == (
            1,
            2,
        )


def test_purge_comes_before_a_new_key_and_counts_for_no_password():
    item = {**PURGE, "enctypes": ["aes128-sha2"], "rekey": "when_enctypes_differ"}
    plan, commands = planned(item)
    assert [command.partition(" ")[0] for command in commands] == ["purgekeys", "cpw"]
    assert "-keepold" in commands[1]
    # with no new key nothing that cpw clears is set again
    item = {**PURGE, "attributes": ["+needchange"], "password_expires": "never"}
    assert planned(item, dataclasses.replace(RECORD, attributes=0x200))[1] == ['purgekeys -keepkvno 3 "smtp/a@R"']
    plan, commands = planned({**PURGE, "password": "new", "update_password": "always"})
    assert commands == ['cpw -pw "new" "smtp/a@R"'] and plan.changes[0].purged_kvnos == ()


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (
            {"max_life": 0},
            "for a max_life of 0 sets their tickets no end; say with tickets_end_after how long they live",
        ),
        ({"password_changed": 0}, "for no change of their keys is recorded; purge them by hand"),
    ],
)
def test_keys_that_nothing_lets_go_are_told(record, words):
    found = dataclasses.replace(RECORD, **record)
    plan, commands = planned(PURGE, found, now=2**32)
    assert commands == []
    (warning,) = plan.warnings
    assert warning.startswith(f"old_keys: purges none of smtp/a@R, {words}")
    assert planned({}, found)[0].warnings == ()
    assert planned(PURGE, dataclasses.replace(found, keys=RECORD.keys[:2]))[0].warnings == ()


@pytest.mark.parametrize("name", ["krbtgt/OTHER@R", "krbtgt/R@OTHER"])
def test_trust_is_left_to_whom_it_is_known(name):
    record = dataclasses.replace(RECORD, name=read_text(name))
    assert tickets_end(record) is None and due_kvnos(record, 2**32) == ()
    assert due_kvnos(record, CHANGED + 2, bound=1) == (1, 2)
    for plain in ("krbtgt/R@R", "krbtgt@R", "smtp/OTHER@R"):
        assert due_kvnos(dataclasses.replace(RECORD, name=read_text(plain)), END + 1) == (1, 2)


def test_many_principals_are_told_in_one_sentence():
    record = dataclasses.replace(RECORD, max_life=0)
    wishes = parse_wishes([{"name": f"p{number:02}", **PURGE} for number in range(12)], "R")
    records = {wish.name.identity: dataclasses.replace(record, name=wish.name) for wish in wishes}
    others = parse_wishes([{"name": "gone", **PURGE, "state": "absent"}, {"name": "new", **PURGE}, {"name": "p"}], "R")
    records.update((wish.name.identity, record) for wish in others if str(wish.name) != "new@R")
    records[others[2].name.identity] = dataclasses.replace(record, name=others[2].name)
    (warning,) = plan_principals(PrincipalState(records), (*others, *wishes)).warnings
    assert "p00@R, " in warning and "p09@R and 2 more, for a max_life" in warning


@pytest.mark.parametrize("item", [{"max_life": "1h"}, {"max_life": "1h", "max_renewable_life": "0"}])
def test_shorter_lives_make_no_key_go(item):
    """Tickets with the longer life are out, and the next run could not tell any more that they are."""
    record = dataclasses.replace(RECORD, max_renewable_life=0 if len(item) == 1 else 7 * LIFE)
    now = CHANGED + 3600 + MARGIN + 1
    with pytest.raises(OldKeysRefusal, match=r"^principal smtp/a@R: old_keys: tickets with the longer life"):
        planned({**PURGE, **item}, record, now)
    assert planned({**PURGE, **item, "tickets_end_after": "9h"}, record, now)[0].changes[0].purged_kvnos == ()
    assert (
        planned({**PURGE, **item}, dataclasses.replace(record, keys=RECORD.keys[:2]), now)[0].changes[0].purged_kvnos
        == ()
    )
    assert planned({**PURGE, **item}, record, CHANGED + 8 * LIFE)[0].changes[0].purged_kvnos == (1, 2)


@pytest.mark.parametrize(
    ("name", "item", "words"),
    [
        ("K/M", PURGE, "old_keys: kdb5_util purge_mkeys alone can tell"),
        ("kadmin/history", PURGE, "old_keys: the histories of passwords need its old keys"),
        (
            "smtp/a",
            {"tickets_end_after": "1h"},
            "tickets_end_after: says when old keys can go, and none are to; set old_",
        ),
        ("smtp/a", {"tickets_end_after": "1h", "old_keys": "keep"}, "tickets_end_after: says when old keys can go"),
        ("smtp/a", {**PURGE, "tickets_end_after": "soon"}, "tickets_end_after: 'soon' is not a duration"),
    ],
)
def test_wishes_that_are_refused(name, item, words):
    with pytest.raises(WishRefusal) as refused:
        parse_wishes([{"name": name, **item}], "R")
    assert str(refused.value).startswith(f"principal {name}@R: {words}")
    assert len(parse_wishes([{"name": name, "old_keys": "keep"}], "R")) == 1


@given(
    st.lists(st.integers(1, 2**32 - 1), max_size=9),
    st.integers(0, 2**31 - 1),
    st.integers(0, 2**31 - 1),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**33),
    st.none() | st.integers(0, 2**31 - 1),
)
def test_the_newest_key_never_goes_and_no_ticket_is_cut_off(numbers, max_life, renewable, changed, now, bound):
    record = dataclasses.replace(
        RECORD,
        keys=tuple(Key(number, KeySalt(18)) for number in numbers),
        max_life=max_life,
        max_renewable_life=renewable,
        password_changed=changed,
    )
    due = due_kvnos(record, now, bound)
    assert set(due) in (set(), set(older_kvnos(record))) and newest_kvno(record) not in due
    assert not due or now > changed + (max(max_life, renewable) if bound is None else bound)
