# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which order keytabs are merged, and which one into which, says nothing about the keys that come of it."""

from __future__ import annotations

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import KeytabEntry, parse, serialize
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.merge import (
    Source,
    Wanted,
    count,
    plan_keytab,
    planned_content,
    slot,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import PrincipalName
from hypothesis import given
from hypothesis import strategies as st

# Few names, kvnos and keys, so that slots meet often
ENTRIES = st.lists(
    st.builds(
        KeytabEntry,
        st.sampled_from([PrincipalName((b"smtp", b"mx1"), b"R"), PrincipalName((b"HTTP", b"mail"), b"R")]),
        st.integers(1, 3),
        st.integers(1, 3),
        st.sampled_from([17, 18]),
        st.sampled_from([b"a" * 16, b"b" * 16]),
    ),
    max_size=6,
)
# Each slot once, as an export has it; a file may hold two keys for one
APART = ENTRIES.map(lambda found: list({slot(entry): entry for entry in found}.values()))


def merged(held, *sources, on_conflict="source"):
    wanted = Wanted(sources=tuple(Source("source", tuple(one)) for one in sources), on_conflict=on_conflict)
    return plan_keytab(None if held is None else serialize(held), "file", wanted)


def keys(entries):
    """What a keytab is worth: each slot's keys, whatever the order and the timestamps."""
    return {(slot(entry), entry.key) for entry in entries}


@given(st.none() | ENTRIES, st.lists(ENTRIES.filter(bool), min_size=1, max_size=3))
def test_merging_one_source_after_another_is_merging_all_at_once(held, sources):
    entries = held
    for one in sources:
        entries = parse(planned_content(merged(entries, one)), "file")
    assert keys(entries) == keys(merged(held, *sources).after)


@given(st.none() | ENTRIES, APART.filter(bool), APART)
def test_the_order_of_sources_changes_the_order_of_entries_alone(held, one, other):
    there = {slot(entry) for entry in one}
    other = [entry for entry in other if slot(entry) not in there]
    sources = [source for source in (one, other) if source]
    plans = [merged(held, *sources), merged(held, *reversed(sources))]
    assert keys(plans[0].after) == keys(plans[1].after)
    assert count(plans[0]) == count(plans[1])


@given(APART.filter(bool), APART.filter(bool))
def test_into_which_of_two_says_nothing_where_the_same_one_wins(one, other):
    assert keys(merged(other, one).after) == keys(merged(one, other, on_conflict="file").after)


@given(st.none() | ENTRIES, ENTRIES.filter(bool), st.sampled_from(["source", "file"]))
def test_merging_twice_is_merging_once(held, source, on_conflict):
    content = planned_content(merged(held, source, on_conflict=on_conflict))
    again = merged(parse(content, "file"), source, on_conflict=on_conflict)
    assert planned_content(again) == content


@given(ENTRIES, ENTRIES.filter(bool), st.sampled_from(["source", "file"]))
def test_a_merge_holds_what_it_was_given_and_nothing_else(held, source, on_conflict):
    after = keys(merged(held, source, on_conflict=on_conflict).after)
    brought = {slot(entry) for entry in source}
    assert {one for one in after if one[0] not in brought} == {one for one in keys(held) if one[0] not in brought}
    assert after <= keys(held) | keys(source)
    assert {one for one, dummy in after} == {slot(entry) for entry in (*held, *source)}
