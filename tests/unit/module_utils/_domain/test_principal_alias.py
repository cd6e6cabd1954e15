# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.kadmin_output import parse_principal_record
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import parse_principal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal_alias import (
    AliasRefusal,
    check_known,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal_change import describe
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal_plan import plan_principals
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal_state import PrincipalState
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal_wish import WishRefusal, parse_wishes

LINE = '"{}@R"\t0\t1\t0\t36000\t"x@R"\t1\t0\t3\t1\t"[none]"\t604800\t0\t0\t0\t1\t1\t3\t18\t0'
ALICE, BOB = (parse_principal_record(LINE.format(name)) for name in ("alice", "bob"))


def planned(item, **there):
    """``there``: what getprinc shows under each name."""
    records = {parse_principal(name, "R").identity: record for name, record in there.items()}
    plan = plan_principals(PrincipalState(records), parse_wishes([{"name": "alice", **item}], "R"))
    return plan, [step.command for step in plan.steps]


def test_aliases_are_made_behind_the_principal():
    plan, commands = planned({"aliases": ["al", "ally@R", "al@R"]})
    assert commands == ['addprinc -randkey "alice@R"', 'add_alias "al@R" "alice@R"', 'add_alias "ally@R" "alice@R"']
    assert [step.follows for step in plan.steps] == [False, True, True]
    before, after = describe(plan)
    assert before == "alice@R:\n  absent\n  alias al@R: absent\n  alias ally@R: absent\n"
    assert after.endswith("  alias al@R: present\n  alias ally@R: present\n")


def test_only_lacking_aliases_are_made():
    plan, commands = planned({"aliases": ["al", "ally"]}, alice=ALICE, al=ALICE)
    assert commands == ['add_alias "ally@R" "alice@R"']
    assert describe(plan) == ("alice@R:\n  alias ally@R: absent\n", "alice@R:\n  alias ally@R: present\n")
    assert planned({"aliases": ["al"]}, alice=ALICE, al=ALICE)[1] == []
    assert planned({}, alice=ALICE, al=ALICE)[1] == []


def test_deletion_takes_the_listed_aliases_along():
    asked = {"state": "absent", "aliases": ["al", "bob", "none"]}
    plan, commands = planned(asked, alice=ALICE, al=ALICE, bob=BOB)
    assert commands == ['delprinc -force "al@R"', 'delprinc -force "alice@R"']
    assert describe(plan) == (
        "alice@R:\n  present\n  alias al@R: present\n", "alice@R:\n  absent\n  alias al@R: absent\n",
    )  # fmt: skip


def test_deletion_of_an_alias_says_what_it_is():
    plan, commands = planned({"state": "absent"}, alice=BOB)
    assert commands == ['delprinc -force "alice@R"']
    assert describe(plan) == ("alice@R:\n  alias of bob@R\n", "alice@R:\n  absent\n")


@pytest.mark.parametrize(
    ("there", "words"),
    [
        ({"alice": ALICE, "bob": BOB}, "principal alice@R: aliases: bob@R is a principal of its own; delete it first"),
        ({"bob": BOB}, "principal alice@R: aliases: bob@R is a principal of its own; delete it first"),
        ({"alice": BOB}, "principal alice@R: is an alias of bob@R; name that one instead"),
    ],
)
def test_names_that_are_taken(there, words):
    with pytest.raises(AliasRefusal) as refused:
        planned({"aliases": ["bob"]}, **there)
    assert str(refused.value).startswith(words)


def test_alias_of_another_principal():
    with pytest.raises(AliasRefusal, match=r"aliases: al@R is an alias of bob@R; delete it first"):
        planned({"aliases": ["al"]}, alice=ALICE, al=BOB)


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([{"name": "alice", "aliases": ["alice"]}], "principal alice@R: aliases: alice@R is the principal itself"),
        ([{"name": "alice", "aliases": ["a@S"]}], "principal alice@R: aliases: a@S names another realm"),
        ([{"name": "alice", "aliases": ["b"]}, {"name": "b"}], "principal alice@R: aliases: b@R is listed elsewhere"),
        ([{"name": "a", "aliases": ["x"]}, {"name": "b", "aliases": ["x"]}], "principal b@R: aliases: x@R is listed"),
    ],
)
def test_wishes_that_are_refused(items, words):
    with pytest.raises(WishRefusal) as refused:
        parse_wishes(items, "R")
    assert str(refused.value).startswith(words)


def test_kadmin_that_knows_none():
    check_known("usage: add_alias alias_principal target_principal", "kadmin")
    with pytest.raises(AliasRefusal, match=r"^aliases: kadmin on this host is older than MIT Kerberos 1\.22"):
        check_known('kadmin: Unknown request "add_alias".  Type "?" for a request list.', "kadmin")
