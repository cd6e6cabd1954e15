# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of Zimbra's directory: what is read, what is planned, and that a plan carried out wants nothing more."""

from __future__ import annotations

from typing import Any, Dict, List

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import zimbra_entries, zimbra_entries_report
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_asked import EntriesRefusal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_description import described
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_wishes import wish_from
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zmprov_batch import batch, blocks
from ansible_collections.mailrealm.kerberos.tests.unit.module_utils._domain.zimbra_recordings import zmprov_steps
from ansible_collections.mailrealm.kerberos.tests.unit.modules.zmprov_store import ZmprovStore
from hypothesis import assume, given
from hypothesis import strategies as st

MECHS = "zimbraMtaSaslSmtpdMechList"
HOST = "zimbra1.example.test"


def read(store: ZmprovStore, wish: Any) -> zimbra_entries.State:
    wanted = zimbra_entries.readings(wish)
    with store.private_file(batch([one.words for one in wanted])) as path:
        ran = store.run("bin/zmprov", "-f", path)
    state, missing = zimbra_entries.state_from(wanted, blocks(ran.stdout))
    assert missing == []
    return state


def write(store: ZmprovStore, plan: zimbra_entries.Plan) -> None:
    with store.private_file(batch(plan.commands())) as path:
        assert store.run("bin/zmprov", "-f", path).stderr == ""


def test_what_is_read() -> None:
    """The global configuration once, own values before those that count, and descriptions last."""
    wish = wish_from(
        [
            {"type": "server", "name": HOST, "remove": {MECHS: "PLAIN"}, "attributes": {"zimbraNotes": "x"}},
            {"type": "account", "name": "u@example.test", "add": {"zimbraForeignPrincipal": "x"}},
            {"type": "config", "attributes": {"zimbraSpnegoAuthEnabled": True}},
            {"type": "cos", "name": "default", "attributes": {"zimbraNotes": "x"}},
        ]
    )
    assert [one.words for one in zimbra_entries.readings(wish)] == [
        ("gacf", MECHS, "zimbraSpnegoAuthEnabled"),
        ("gs", "-e", HOST, "zimbraNotes", MECHS),
        ("gs", HOST, "zimbraNotes", MECHS),
        ("ga", "-e", "u@example.test", "zimbraForeignPrincipal"),
        ("gc", "default", "zimbraNotes"),
        ("desc", "-a", "zimbraNotes"),
    ]


def test_recorded_descriptions() -> None:
    found = {
        step["args"][2]: described(step["args"][2], step["stdout"])
        for step in zmprov_steps()
        if step["args"][:2] == ["desc", "-a"]
    }
    assert found["zimbraNoSuchAttribute"] == {"zimbranosuchattribute": None}
    gssapi = found["zimbraImapSaslGssapiEnabled"]["zimbraimapsaslgssapienabled"]
    assert gssapi is not None
    assert (gssapi.type, gssapi.multiple, gssapi.restart) == ("boolean", False, "mailbox")
    assert (gssapi.scopes, gssapi.heirs) == ({"server", "config"}, {"server"})
    options = found["zimbraMtaSmtpdSaslSecurityOptions"]["zimbramtasmtpdsaslsecurityoptions"]
    assert options is not None
    assert options.choices == ("noplaintext", "noactive", "nodictionary", "noanonymous", "mutual_auth")
    assert (options.multiple, options.restart, options.since) == (True, "mta", "8.5.0")


def test_an_old_zmprov_describes_nothing() -> None:
    assert described("zimbraNotes", "usage:  describe(desc) ...\n") == {}


def test_values_that_zimbra_does_not_show() -> None:
    wish = wish_from([{"type": "account", "name": "u@example.test", "attributes": {"userSecret": "x"}}])
    printed = ["# name u@example.test\nuserSecret: VALUE-BLOCKED\n\n", "# name u@example.test\n\n"]
    state, dummy = zimbra_entries.state_from(zimbra_entries.readings(wish), printed)
    with pytest.raises(EntriesRefusal, match="Zimbra does not show userSecret; set it with zmprov itself"):
        zimbra_entries.plan(state, wish)


def test_the_case_of_an_only_safeguarded_value() -> None:
    store = ZmprovStore()
    store.entries[("server", HOST)] = {"zimbraServiceEnabled": ["Mailbox"]}
    wish = wish_from([{"type": "server", "name": HOST, "attributes": {"zimbraServiceEnabled": "mailbox"}}])
    with pytest.raises(EntriesRefusal, match="zmprov cannot change the case of its only value; remove it first"):
        zimbra_entries.plan(read(store, wish), wish).commands()


MECHANISMS = st.lists(st.sampled_from(["PLAIN", "LOGIN", "GSSAPI", "a b"]), unique=True, max_size=4)
ANY_CASE = st.lists(
    st.sampled_from(["PLAIN", "LOGIN", "GSSAPI", "a b", "plain", "Login", "A B"]), unique_by=str.lower, max_size=4
)


@st.composite
def wishes(draw: Any) -> List[Dict[str, Any]]:
    found = []
    for one in draw(st.permutations([{"type": "config"}, {"type": "server", "name": HOST}])):
        if draw(st.booleans()):
            found.append({**one, "attributes": {MECHS: draw(ANY_CASE)}})
        elif draw(st.booleans()):
            add, remove = draw(ANY_CASE), draw(ANY_CASE)
            gone = {value.lower() for value in add}
            found.append({**one, "add": {MECHS: add}, "remove": {MECHS: [v for v in remove if v.lower() not in gone]}})
    return found


@given(wishes(), MECHANISMS, ANY_CASE)
def test_a_plan_carried_out_wants_nothing_more(wished: List[Dict[str, Any]], above: List[str], own: List[str]) -> None:
    """Whatever the global configuration and the server hold, and whichever of them the task names first."""
    store = ZmprovStore()
    store.entries[("config", "")] = {MECHS: above} if above else {}
    store.entries[("server", HOST)] = {MECHS: own} if own else {}
    wish = wish_from(wished)
    try:
        plan = zimbra_entries.plan(read(store, wish), wish)
    except EntriesRefusal as refusal:
        assert "what is inherited counts again" in str(refusal)
        assume(False)
    write(store, plan)
    assert zimbra_entries.plan(read(store, wish), wish).changes == ()
    counts = store.own("server", HOST, MECHS) or store.own("config", "", MECHS)
    for one in wished:
        held = counts if one["type"] == "server" else store.own("config", "", MECHS)
        for value in one.get("add", {}).get(MECHS, []):
            assert value in held
        for value in one.get("remove", {}).get(MECHS, []):
            assert value.lower() not in [each.lower() for each in held]
        if "attributes" in one and one["type"] == "server":
            assert sorted(store.own("server", HOST, MECHS)) == sorted(one["attributes"][MECHS])


@given(wishes(), MECHANISMS, ANY_CASE)
def test_the_diff_is_the_difference(wished: List[Dict[str, Any]], above: List[str], own: List[str]) -> None:
    """What the diff says of after is what the entry holds of its own then."""
    store = ZmprovStore()
    store.entries[("config", "")] = {MECHS: above} if above else {}
    store.entries[("server", HOST)] = {MECHS: own} if own else {}
    wish = wish_from(wished)
    try:
        plan = zimbra_entries.plan(read(store, wish), wish)
    except EntriesRefusal:
        assume(False)
    parts = zimbra_entries_report.diff(plan)
    assert len(parts) == len(plan.entries())
    write(store, plan)
    for change in plan.changes:
        kind, name = change.entry.key
        assert sorted(store.own(kind, name, MECHS)) == sorted(change.after)
