# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.realm_plan import (
    CREATE,
    DESTROY,
    STASH,
    RealmPlan,
    RealmRefusal,
    RealmState,
    RealmWish,
    check_spelling,
    parse_realm_wish,
    plan_realm,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.refusal import Refusal

HERE, NOTHING, NO_STASH = RealmState(True, True), RealmState(False, False), RealmState(True, False)
BROKEN = RealmState(True, True, "damaged")
NAMES = ("", "-R", "A/B", "A@B", "A B", "A\\B")
ABSENT, BARE, WHOLE = (
    ("database: absent",),
    ("database: present", "stash: absent"),
    ("database: present", "stash: present"),
)


def parsed(name="R", state="present", password="secret", stash=True, confirmation=None, **more):
    return parse_realm_wish(name, state, password, stash, confirmation, **more)


def test_the_wish():
    assert parsed() == RealmWish("R", True, "secret", True, (), True)
    assert parsed(password=None, contents=["policies"]) == RealmWish("R")
    made = parsed("A.B", "absent", None, False, "A.B", db_args=["dbname=/x"], create=False)
    assert made == RealmWish("A.B", False, None, False, ("dbname=/x",), False)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (
            {"state": "absent", "confirmation": "r"},
            "confirm_destruction: destroying a realm deletes every key in it; to do so set it to 'R'",
        ),
        (
            {"state": "absent", "confirmation": "R", "contents": ["principals", "compare"]},
            "principals: is nothing that a destroyed realm could hold; leave it out",
        ),
        (
            {"password": None, "stash": False},
            "master_password: is needed with stash: false, for nobody could open the database again; give it",
        ),
        ({"password": ""}, "master_password: is empty; give one, or leave it out for a random one"),
        *(({"name": name}, f"name: '{name}' is no realm; write it like EXAMPLE.TEST") for name in NAMES),
        ({"name": "R\nX"}, "name: 'R\\nX' holds a newline"),
        ({"password": "a\nb"}, "master_password: the value holds a newline"),
        ({"db_args": ["bindpwd=x"]}, "db_args: 'bindpwd' would stand in the process list"),
    ],
)
def test_what_is_refused(options, says):
    with pytest.raises(Refusal) as refusal:
        parsed(**options)
    assert str(refusal.value).startswith(says)


@pytest.mark.parametrize(
    ("state", "options", "verb", "before", "after"),
    [
        (NOTHING, {}, CREATE, ABSENT, WHOLE),
        (NOTHING, {"stash": False}, CREATE, ABSENT, BARE),
        (HERE, {}, None, (), ()),
        (HERE, {"stash": False}, None, (), ()),
        (NO_STASH, {}, STASH, BARE, WHOLE),
        (NO_STASH, {"stash": False}, None, (), ()),
        (HERE, {"create": False}, None, (), ()),
        (NOTHING, {"create": False}, None, (), ()),
        (NO_STASH, {"create": False}, None, (), ()),
        (NOTHING, {"state": "absent", "confirmation": "R"}, None, (), ()),
        (HERE, {"state": "absent", "confirmation": "R"}, DESTROY, WHOLE, ABSENT),
        (NO_STASH, {"state": "absent", "confirmation": "R"}, DESTROY, BARE, ABSENT),
        (BROKEN, {"state": "absent", "confirmation": "R"}, DESTROY, ("database: present", "stash: unknown"), ABSENT),
    ],
)
def test_the_one_thing_to_do(state, options, verb, before, after):
    wish = parsed(**options)
    assert plan_realm(state, wish) == RealmPlan(wish, verb, before, after)


@pytest.mark.parametrize("create", [True, False])
def test_what_cannot_be_opened_is_left(create):
    with pytest.raises(RealmRefusal) as refusal:
        plan_realm(BROKEN, parsed(create=create))
    assert str(refusal.value) == "damaged"


def test_a_lost_stash_needs_the_password():
    with pytest.raises(RealmRefusal) as refusal:
        plan_realm(NO_STASH, parsed(password=None))
    assert str(refusal.value) == (
        "realm R: the database is there but no stash opens it; give its master_password, from which the stash is made, "
        "correct key_stash_file in kdc.conf, or set stash: false; if an interrupted creation left it, destroy it first "
        "(state: absent)"
    )


def test_a_realm_in_another_case():
    check_spelling("R.X", [])
    check_spelling("R.X", [("r.x", "/a"), ("R.X", "/b"), ("S", "/c")])
    with pytest.raises(RealmRefusal) as refusal:
        check_spelling("R.X", [("S", "/c"), ("r.x", "/a"), ("r.X", "/b")])
    assert str(refusal.value) == (
        "realm 'R.X': /a names it 'r.x', and Kerberos tells upper from lower case; write 'r.x', or correct /a"
    )


def test_the_master_password_is_in_no_text():
    assert "secret" not in repr(plan_realm(NOTHING, parsed()))


@pytest.mark.parametrize("value", [HERE, parsed(), plan_realm(HERE, parsed())])
def test_values_stay_as_they_are(value):
    with pytest.raises(dataclasses.FrozenInstanceError):
        value.stash = None
