# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.realm_plan import (
    CREATE,
    STASH,
    RealmRefusal,
    RealmState,
    parse_realm_wish,
    plan_realm,
)

HERE, NOTHING, NO_STASH = RealmState(True, True), RealmState(False, False), RealmState(True, False)


def wish(**more):
    return parse_realm_wish("R", "present", "secret", True, None, **more)


def test_what_is_done_of_what_is_lacking():
    assert [plan_realm(state, wish()).verb for state in (HERE, NOTHING, NO_STASH)] == [None, CREATE, STASH]


def test_without_create_database_and_stash_are_left():
    for state in (HERE, NOTHING, NO_STASH):
        plan = plan_realm(state, wish(create=False))
        assert (plan.verb, plan.before, plan.after) == (None, (), ())
    with pytest.raises(RealmRefusal, match=r"^damaged$"):
        plan_realm(RealmState(True, True, "damaged"), wish(create=False))


def test_a_destroyed_realm_holds_nothing():
    with pytest.raises(RealmRefusal, match=r"^principals: is nothing that a destroyed realm could hold; leave it out"):
        parse_realm_wish("R", "absent", None, True, "R", contents=["principals", "compare"])


def test_the_master_password_is_in_no_text():
    assert "secret" not in repr(plan_realm(NOTHING, wish()))
