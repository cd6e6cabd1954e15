# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names, passwords and policies of any kind through kadmin: kept as asked or refused beforehand, never a command."""

from __future__ import annotations

import pathlib
import string
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.kadmin_access import KadminAccess
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.kadmin_command import principal_word, quoted
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import unparse
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal_plan import plan_principals
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal_state import PrincipalState
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal_wish import (
    PrincipalWish,
    parse_wishes,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.refusal import Refusal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.kadmin import Kadmin
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.kadmin_policies import known_policies
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.kadmin_principals import read_state
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.kadmin_steps import carry_out
from ansible_collections.mailrealm.kerberos.tests.integration.realm import Realm, configure
from hypothesis import example, given, settings
from hypothesis import strategies as st

BATCH = 15  # principals of one conversation with kadmin, of which there are EXAMPLES
EXAMPLES = 12
PIECES = st.one_of(
    st.sampled_from(string.ascii_letters),
    st.sampled_from('""\\\\ -$\'`;#@/&|<>*?[]{}()!~\t\n'),
    st.sampled_from(["\ndelprinc -force root/admin\n", '" -randkey "', "-policy", "+allow_tix", "ü", "日本", "\u200b"]),
    st.characters(exclude_categories=("Cs",)),
)
SHORT = st.lists(PIECES, min_size=1, max_size=8).map("".join)
LONG = st.integers(900, 9000).map(lambda size: "long" * (size // 4))
NAMES = st.one_of(SHORT, SHORT, st.tuples(st.sampled_from(["a", "-", '"', "$", "#", "ü"]), LONG).map("".join))
ITEMS = st.fixed_dictionaries(
    {"name": NAMES}, optional={"password": st.one_of(SHORT, SHORT, LONG), "policy": st.one_of(SHORT, st.just(""))}
)
NASTY = [
    {"name": "-terse", "password": "-randkey", "policy": "-x"},
    {"name": 'quo"te', "password": '"', "policy": 'po"licy'},
    {"name": '""', "password": '" -policy "x', "policy": '"'},
    {"name": "back\\\\slash", "password": "\\", "policy": "back\\slash"},
    {"name": "$HOME", "password": "$(id)", "policy": "`id`"},
    {"name": "#comment", "password": "# no comment", "policy": "#"},
    {"name": "a\\ b", "password": " ", "policy": " two  words "},
    {"name": "ü/ö", "password": "pässwörd", "policy": "Richtlinie für €"},
    {"name": "line", "password": "x\nlistprincs"},
    {"name": "line\ndelprinc -force root/admin"},
    {"name": "tab", "policy": "a\tb"},
    {"name": "x" * 9000},
    {"name": "longword", "password": "y" * 9000},
]


@pytest.fixture(scope="module")
def realm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Realm]:
    made = configure(pathlib.Path(tmp_path_factory.mktemp("realm")))
    made.create_database()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in made.variables.items():
            patch.setenv(name, value)
        yield made


def listed(realm: Realm, what: str = "listprincs") -> set[str]:
    """kadmin.local's own list, of a process of its own."""
    return {line for line in realm.run("kadmin.local", "-r", realm.name, "-q", what).split("\n")[1:] if line}


def acceptable(items: list[dict[str, Any]], there: set[str]) -> list[PrincipalWish]:
    """Those of the items that are not refused by the floor that knows no kadmin, each name once."""
    found: dict[Any, PrincipalWish] = {}
    for item in items:
        try:
            (wish,) = parse_wishes([item], "REALM.TEST")
            plan_principals(PrincipalState({}), [wish])
        except Refusal as refusal:
            assert "\n" not in str(refusal)
            continue
        if unparse(wish.name) not in there:
            found.setdefault(wish.name.identity, wish)
    return list(found.values())


@settings(deadline=None, max_examples=EXAMPLES)
@given(st.lists(ITEMS, min_size=5, max_size=BATCH))
@example(NASTY)
def test_any_value_is_kept_as_asked_or_refused(realm: Realm, items: list[dict[str, Any]]) -> None:
    principals, policies = listed(realm), listed(realm, "listpols")
    wishes = acceptable(items, principals)
    asked = {wish.policy for wish in wishes if wish.policy}
    realm.kadmin_local(*(f"addpol {quoted(policy)}" for policy in sorted(asked)))
    with Kadmin(KadminAccess("local", realm.name)) as kadmin:
        there = known_policies(kadmin, asked)
        assert there == asked & listed(realm, "listpols")
        wishes = [wish for wish in wishes if not wish.policy or wish.policy in there]
        carry_out(kadmin, plan_principals(read_state(kadmin, wishes), wishes).steps)
        assert plan_principals(read_state(kadmin, wishes), wishes).steps == ()
        # exactly these are there besides, and each under the policy that was asked for
        assert listed(realm) == principals | {unparse(wish.name) for wish in wishes}
        assert listed(realm, "listpols") - policies == there - policies
        for wish in wishes:
            (answer,) = kadmin.ask([f"getprinc {principal_word(wish.name)}"])
            assert f"Principal: {unparse(wish.name)}" in answer.lines
            assert wish.policy is None or f"Policy: {wish.policy or '[none]'}" in answer.lines
        away = parse_wishes([{"name": unparse(wish.name), "state": "absent"} for wish in wishes], realm.name)
        carry_out(kadmin, plan_principals(read_state(kadmin, away), away).steps)
    assert listed(realm) == principals
