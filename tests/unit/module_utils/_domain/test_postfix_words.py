# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of words in main.cf."""

from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.postfix_words import joined, words
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("name", "value", "items", "after"),
    [
        ("x", "", ["a"], "a"),
        ("x", "a", ["b"], "a b"),
        ("x", "a, b", ["c"], "a, b, c"),
        ("x", "a, b", ["b", "a"], "a, b"),
        ("x", "check x:y, reject", ["check x:y"], "check x:y, reject"),
        ("x", "check x:y, reject", ["check y"], "check x:y, reject, check y"),
        ("x", "{a b}, c", ["a"], "{a b}, c, a"),
        ("x", "z=1 z=2", ["z=3"], "z=1 z=2 z=3"),
        ("import_environment", "TZ LANG=C", ["LANG=de", "TZ"], "TZ LANG=de"),
        ("import_environment", "TZ KRB5_KTNAME", ["KRB5_KTNAME=/a"], "TZ KRB5_KTNAME=/a"),
        ("import_environment", "TZ", ["{ A = b c }"], "TZ { A = b c }"),
        ("import_environment", "TZ { A = b c }", ["A=d"], "TZ A=d"),
        ("x", "a", [" ", ","], "a"),
    ],
)
def test_joined(name: str, value: str, items: list[str], after: str) -> None:
    assert joined(name, value, items) == after
    assert joined(name, after, items) == after


@given(st.text(st.sampled_from("ab, {}=\n")), st.lists(st.sampled_from(["a", "b", "c d", "e=f"])))
def test_items_are_never_added_twice(value: str, items: list[str]) -> None:
    once = joined("x", value, items)
    assert joined("x", once, items) == once
    there = [word for word, dummy, dummy in words(value)]
    assert [word for word, dummy, dummy in words(once)][: len(there)] == there


@given(st.text(st.sampled_from("ab, {}\n")))
def test_words_are_cut_from_the_value(value: str) -> None:
    for word, start, end in words(value):
        assert value[start:end] == word != ""
