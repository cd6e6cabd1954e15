# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of Zimbra's attributes that are removed by a pattern."""

from __future__ import annotations

from typing import Any, Sequence

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_asked import EntriesRefusal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_entries import (
    Plan,
    nothing,
    plan,
    readings,
    state_from,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_patterns import (
    PatternRefusal,
    matching,
    patterns_from,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_wishes import wish_from

ENVIRONMENT = "zimbraMtaImportEnvironment"
FOREIGN = "zimbraForeignPrincipal"
NEW, OLD = "KRB5_KTNAME=/new", "KRB5_KTNAME=/old"


def planned(entry: dict[str, Any], own: list[str], inherited: Sequence[str] = ()) -> Plan:
    """The plan for one attribute of an entry with these values."""
    wish = wish_from([entry])
    read = readings(wish)
    (name,) = {asked.name for one in wish.entries for asked in one.asked}

    def block(values: Sequence[str]) -> str:
        return "".join(f"{name}: {value}\n" for value in values)

    shown = []
    for one in read:
        if one.type == "config":
            shown.append(block(inherited))
        else:
            shown.append(f"# name {one.name}\n{block(own if one.own else own or inherited)}\n")
    state, missing = state_from(read, shown)
    assert not missing
    return plan(state, wish)


def server(**more: Any) -> dict[str, Any]:
    return {"type": "server", "name": "zimbra1.example.test", **{k: {ENVIRONMENT: v} for k, v in more.items()}}


def account(**more: Any) -> dict[str, Any]:
    return {"type": "account", "name": "bob@example.test", **{k: {FOREIGN: v} for k, v in more.items()}}


def test_another_keytab_takes_the_place_of_the_one_before() -> None:
    (change,) = planned(server(add=[NEW], remove_matching=["KRB5_KTNAME=*"]), ["TZ", OLD]).changes
    assert set(change.after) == {"TZ", NEW}


def test_what_is_as_it_should_be_stays() -> None:
    assert planned(server(add=[NEW], remove_matching=["KRB5_KTNAME=*"]), ["TZ", NEW]).changes == ()
    assert planned(account(add=["kerberos5:b@R"], remove_matching="kerberos5:*"), ["kerberos5:b@R"]).changes == ()


def test_an_inherited_value_is_left_out_of_the_own_list() -> None:
    (change,) = planned(server(add=[NEW], remove_matching=["krb5_ktname=*"]), [], ["TZ", OLD]).changes
    assert set(change.after) == {"TZ", NEW} and change.inherited


def test_values_of_others_stay_and_case_does_not_count() -> None:
    (change,) = planned(
        account(remove_matching=["kerberos5:*"]), ["Kerberos5:x@R", "ad:bob", "cert:kerberos5:x"]
    ).changes
    assert change.after == ("ad:bob", "cert:kerberos5:x")


def test_all_values_of_an_account_may_go() -> None:
    (change,) = planned(account(remove_matching=["kerberos5:*"]), ["kerberos5:x@R"]).changes
    assert change.after == ()
    assert planned(account(remove_matching=["kerberos5:*"]), []).changes == ()


def test_an_inheriting_server_cannot_be_left_with_nothing() -> None:
    with pytest.raises(EntriesRefusal, match=r"without KRB5_KTNAME=\* no value of zimbraMtaImportEnvironment is left"):
        planned(server(remove_matching=["KRB5_KTNAME=*"]), [], [OLD])


def test_beside_exact_values_it_makes_no_sense() -> None:
    with pytest.raises(EntriesRefusal, match="is named under attributes and under remove_matching; leave one"):
        planned(server(attributes=[NEW], remove_matching=["KRB5_KTNAME=*"]), [])


@pytest.mark.parametrize("pattern", ["*", "", "**", "?", "[*]"])
def test_a_pattern_that_means_every_value(pattern: str) -> None:
    with pytest.raises(PatternRefusal, match="would take every value; "):
        patterns_from([pattern])
    with pytest.raises(EntriesRefusal, match=r"entries\[0\] .*zimbraMtaImportEnvironment: the pattern "):
        wish_from([server(remove_matching=pattern)])


def test_patterns() -> None:
    assert patterns_from("a*") == patterns_from(["a*"]) == ("a*",)
    assert matching(["a*", "?c"], ["abc", "BC", "b"]) == ["abc", "BC"]
    assert matching([], ["a"]) == []


def test_a_zimbra_that_is_to_come() -> None:
    wish = wish_from([server(add=[NEW], remove_matching=["KRB5_KTNAME=*"])])
    (change,) = plan(nothing(wish), wish).changes
    assert change.after == (NEW,)
