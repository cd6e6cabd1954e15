# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.kadmin_output import (
    parse_policy_record,
    parse_principal_record,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.password_policy import (
    PolicyRefusal,
    parse_policy_wishes,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.password_policy_plan import PolicyState
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal_plan import PlanRefusal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal_state import PrincipalState
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal_wish import parse_wishes
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.realm_contents import (
    EMPTY,
    ContentsState,
    ContentsWish,
    plan_contents,
)

POLICY = parse_policy_record('"users"\t0\t0\t8\t1\t1\t0\t0\t0\t0\t-')
ALICE = parse_principal_record(
    '"alice@R"\t0\t1\t0\t36000\t"x@R"\t1\t0\t3\t1\t"users"\t604800\t0\t0\t0\t2\t1\t3\t18\t0\t1\t2\t23\t0'
)
OLD = {"name": "old", "state": "absent"}


def asked(policies=(), principals=()):
    return ContentsWish(tuple(parse_policy_wishes(policies)), parse_wishes(principals, "R"))


def found(users=(), known=()):
    """A realm with alice, and with the policy `old` that ``users`` have."""
    old = dataclasses.replace(POLICY, name="old")
    policies = PolicyState({"users": POLICY, "old": old}, {"old": tuple(users)})
    return ContentsState(policies, PrincipalState({ALICE.name.identity: ALICE}), frozenset(known))


def commands(plan):
    return [[step.command.split()[0] for step in batch] for batch in plan.batches]


def test_policies_come_before_the_principals_and_go_behind_them():
    wish = asked([OLD, {"name": "new", "min_length": 9}], [{"name": "alice", "policy": "new"}])
    plan = plan_contents(found(["alice@R"]), wish)
    assert commands(plan) == [["addpol"], ["modprinc"], ["delpol"]]
    assert [(one.name, one.action) for one in plan.policies.changes] == [("old", "deleted"), ("new", "created")]
    assert [one.action for one in plan.principals.changes] == ["changed"]


def test_nothing_to_do_makes_no_batch():
    wish = asked([{"name": "users", "min_length": 8}], [{"name": "alice", "policy": "users"}])
    assert plan_contents(found(known=["users"]), wish).batches == ()


def test_an_empty_realm_gets_all_and_has_nothing_to_delete():
    plan = plan_contents(EMPTY, asked([OLD, {"name": "users"}], [{"name": "alice", "policy": "users"}]))
    assert commands(plan) == [["addpol"], ["addprinc"]]


def test_a_policy_that_nobody_brings_is_refused():
    for policies in ([], [{"name": "users", "state": "absent"}]):
        with pytest.raises(PlanRefusal, match="policy 'users': does not exist in the realm; create it first"):
            plan_contents(EMPTY, asked(policies, [{"name": "alice", "policy": "users"}]))
    with pytest.raises(PlanRefusal, match="policy 'users'"):
        plan_contents(found(known=["old"]), asked([], [{"name": "alice", "policy": "users"}]))


@pytest.mark.parametrize(
    ("users", "principals", "named"),
    [
        (["bob@R"], [{"name": "alice", "policy": ""}], "bob@R"),
        (["bob@R", "alice@R"], [{"name": "alice", "policy": ""}], "bob@R"),
        ([], [{"name": "alice", "policy": "old"}], "alice@R"),
        (["alice@R"], [{"name": "alice", "max_life": "1h"}], "alice@R"),
    ],
)
def test_a_policy_goes_only_when_nobody_will_have_it(users, principals, named):
    with pytest.raises(PolicyRefusal, match=f"^policy 'old': is the policy of {named}, for whom any password would do"):
        plan_contents(found(users, ["old"]), asked([OLD], principals))


@pytest.mark.parametrize("change", [{"policy": ""}, {"state": "absent"}])
def test_a_policy_goes_with_its_last_principal(change):
    assert commands(plan_contents(found(["alice@R"]), asked([OLD], [{"name": "alice", **change}])))[-1] == ["delpol"]


def test_the_policy_named_default_is_every_new_principals():
    state = ContentsState(
        PolicyState({"default": dataclasses.replace(POLICY, name="default")}, {"default": ()}),
        PrincipalState({ALICE.name.identity: ALICE}),
    )
    gone = [{"name": "default", "state": "absent"}]
    assert commands(plan_contents(state, asked(gone, [{"name": "alice"}]))) == [["delpol"]]
    assert commands(plan_contents(state, asked(gone, [{"name": "bob", "policy": ""}]))) == [["addprinc"], ["delpol"]]
    with pytest.raises(PolicyRefusal, match="is the policy of bob@R, for whom"):
        plan_contents(state, asked(gone, [{"name": "bob"}]))


@pytest.mark.parametrize(
    "principal",
    [{"name": "bob"}, {"name": "bob", "state": "absent"}, {"name": "b", "policy": "old", "state": "absent"}],
)
def test_who_does_not_get_a_policy_keeps_none(principal):
    assert commands(plan_contents(found(), asked([OLD], [principal])))[-1] == ["delpol"]


def test_the_policies_that_principals_are_to_have():
    some = [{"name": "a", "policy": "x"}, {"name": "b", "policy": ""}, {"name": "c"}]
    gone = [{"name": "d", "policy": "y", "state": "absent"}]
    assert asked([{"name": "z"}], [*some, *gone]).named_policies == {"x"}


@pytest.mark.parametrize("value", [asked(), found(), plan_contents(EMPTY, asked())])
def test_values_stay_as_they_are(value):
    with pytest.raises(dataclasses.FrozenInstanceError):
        value.principals = None


def test_warnings_of_both_are_told():
    users = PolicyState({"old": POLICY}, {"old": None}, "grant it")
    plan = plan_contents(ContentsState(users, PrincipalState({})), asked([OLD]))
    assert len(plan.warnings) == 1 and "policy 'old': nobody can tell which principals have it" in plan.warnings[0]
    doubted = PrincipalState({ALICE.name.identity: ALICE}, doubts={ALICE.name.identity: "why"})
    wish = asked([], [{"name": "alice", "password": "x", "update_password": "always"}])
    plan = plan_contents(ContentsState(PolicyState({}), doubted), wish)
    assert plan.warnings == plan.principals.warnings != ()
