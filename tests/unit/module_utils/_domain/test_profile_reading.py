# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts of a profile with its included files, and what shadows a setting."""

from __future__ import annotations

from typing import Sequence

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.profile import Directive, parse
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.profile_reading import (
    Included,
    Reading,
    by_path,
    doubts,
    leaves,
    no_includes,
    readings,
    shadow_sentence,
    shadows,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.profile_settings import settings_from

FILES = {
    "/first": "[a]\nk = first\n[r]\nR = {\nkdc = i1\n}\ninclude /deeper\n",
    "/deeper": "[a]\nx = deep\n",
    "/same": "[a]\nk = ours\n",
}
PATH = ("a", "k")
FIRST, SAME = Reading(PATH, "first", "/first", 2), Reading(PATH, "ours", "/same", 2)


def including(directive: Directive) -> Sequence[Included]:
    return [Included(directive.target, parse(FILES[directive.target], directive.target))]


def test_an_included_file_counts_where_its_line_stands() -> None:
    text = "[a]\nk = 1\ns = {\ninclude /first\nk = 2\n}\nk = 3\n"
    found = by_path(readings(parse(text, "f"), "f", including))
    assert {path: [one.value for one in read] for path, read in found.items()} == {
        ("a", "k"): ["1", "first", "3"],
        ("r", "R", "kdc"): ["i1"],
        ("a", "x"): ["deep"],
        ("a", "s", "k"): ["2"],
    }
    assert found["a", "x"] == [Reading(("a", "x"), "deep", "/deeper", 2)]
    assert list(by_path(readings(parse(text, "f"), "f", no_includes))) == [("a", "k"), ("a", "s", "k")]


SHADOWS = {
    "an include before": (
        "include /first\n[a]\nk = ours\n",
        {"a": {"k": "ours"}},
        [FIRST],
    ),
    "an include behind": ("[a]\nk = ours\ninclude /first\n", {"a": {"k": "ours"}}, []),
    "an include before with the same value": ("include /same\n[a]\nk = ours\n", {"a": {"k": "ours"}}, []),
    "the same list": ("include /same\n[a]\nk = x\n", {"a": {"k": ["ours", "x"]}}, []),
    "an include behind a list": (
        "[a]\nk = ours\nk = x\ninclude /same\n",
        {"a": {"k": ["ours", "x"]}},
        [SAME],
    ),
    "an include that sets what shall not be": (
        "include /same\n",
        {"a": {"k": []}},
        [SAME],
    ),
    "another relation": ("include /first\n[a]\nz = 1\n", {"a": {"z": 1}}, []),
    "a subsection": (
        "include /first\n[r]\nR = {\nkdc = ours\n}\n",
        {"r": {"R": {"kdc": "ours"}}},
        [Reading(("r", "R", "kdc"), "i1", "/first", 5)],
    ),
    "nothing set": ("[a]\n", {"a": {"k": []}}, []),
}


@pytest.mark.parametrize("case", SHADOWS)
def test_shadows(case: str) -> None:
    text, asked, expected = SHADOWS[case]
    effective = by_path(readings(parse(text, "f"), "f", including))
    assert shadows(settings_from(asked, False), effective, "f") == expected


def test_the_sentence_names_file_and_line() -> None:
    sentence = shadow_sentence(Reading(("r", "R.S", "kdc"), "i1", "/first", 5))
    assert "r / R.S / kdc" in sentence
    assert "/first line 5 sets it to 'i1'; " in sentence


def test_leaves() -> None:
    settings = settings_from({"a": {"b": 1, "s": {"c": [2, 3], "t": {}}}, "z": {}}, False)
    assert list(leaves(settings)) == [(("a", "b"), ("1",)), (("a", "s", "c"), ("2", "3"))]


def test_doubts() -> None:
    text = "module /lib/x.so:y\n[a]\nr = { kdc = x }\nb = {x}\nc = %{uid}\n[domain_realm]\n.x = Y\n.X.test = Y\n"
    module, one_line, capitals = doubts(parse(text, "f"))
    assert module.startswith("line 1 hands the profile to the module /lib/x.so:y")
    assert one_line.startswith("line 3 has a whole subsection on one line")
    assert capitals.startswith("line 8 names '.X.test' in capitals")
