# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings that libkrb5 does not use as asked. libkrb5 itself judges in tests/integration/test_profile_trees.py."""

from __future__ import annotations

from typing import Any, Dict, List, Sequence, Tuple

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.profile import Directive, parse
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.profile_reading import (
    Included,
    by_path,
    readings_of,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.profile_settings import settings_from
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.profile_shadows import (
    Shadow,
    found,
    unread_sentence,
)

Files = Dict[str, str]


def shadows(
    files: Files, asked: Dict[str, Any], removing: bool = False, mains: Sequence[str] = ("/m",)
) -> List[Shadow]:
    def file(name: str) -> Included:
        return Included(name, parse(files[name], name))

    def including(directive: Directive) -> List[Included]:
        return [file(directive.target)]

    effective = by_path(readings_of([file(name) for name in mains], including))
    return found(settings_from(asked, removing), effective, "/own", removing)


K = {"a": {"k": "ours"}}
BOTH = {"a": {"k": ["ours", "too"]}}
OWN = "[a]\nk = ours\n"
Place = Tuple[str, str, int]
CASES: Dict[str, Tuple[Files, Dict[str, Any], List[Place]]] = {
    "alone": ({"/m": "include /own\n", "/own": OWN}, K, []),
    "an earlier drop-in": (
        {"/m": "include /x\ninclude /own\n", "/x": "\n[a]\nk = theirs\n", "/own": OWN},
        K,
        [("theirs", "/x", 3)],
    ),
    "an earlier drop-in that says the same": (
        {"/m": "include /x\ninclude /own\n", "/x": OWN, "/own": OWN},
        K,
        [],
    ),
    "the including file before its line": (
        {"/m": "[a]\nk = theirs\ninclude /own\n", "/own": OWN},
        K,
        [("theirs", "/m", 2)],
    ),
    "the including file behind its line": ({"/m": "include /own\n[a]\nk = theirs\n", "/own": OWN}, K, []),
    "a list beside another": (
        {"/m": "include /own\n[a]\nk = theirs\n", "/own": OWN + "k = too\n"},
        BOTH,
        [("theirs", "/m", 3)],
    ),
    "a final relation before a list's second value": (
        {"/m": "include /own\n", "/own": "[a]\nk* = ours\nk = too\n"},
        BOTH,
        [("too", "/own", 2)],
    ),
    "a final last value": ({"/m": "include /own\n", "/own": "[a]\nk = ours\nk* = too\n"}, BOTH, []),
    "a final section of an earlier file": (
        {"/m": "include /x\ninclude /own\n", "/x": "[b]\n[a]*\nz = 1\n", "/own": OWN},
        K,
        [("ours", "/x", 2)],
    ),
    "a final subsection that is closed behind the line": (
        {"/m": "[a]\ns = {\ninclude /own\n}*\n", "/own": "[a]\ns = {\nk = ours\n}\n"},
        {"a": {"s": {"k": "ours"}}},
        [],
    ),
    "a final subsection that is opened before the line": (
        {"/m": "[a]\ns* = {\ninclude /own\n}\n", "/own": "[a]\ns = {\nk = ours\n}\n"},
        {"a": {"s": {"k": "ours"}}},
        [("ours", "/m", 2)],
    ),
    "what is hidden in the same words elsewhere": (
        {"/m": "[a]*\nk = ours\ninclude /own\n", "/own": OWN},
        K,
        [],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_shadows(case: str) -> None:
    files, asked, expected = CASES[case]
    told = shadows(files, asked)
    assert [(one.value, one.source, one.line) for one in told] == expected
    for one in told:
        assert f"{one.source} line {one.line} " in one.sentence
        assert one.sentence.count("; ") == 1


def test_a_final_section_of_an_earlier_file_of_a_list_counts_for_every_release() -> None:
    files = {"/m": "[a]*\nz = 1\n", "/own": "# x\n" + OWN}
    (shadow,) = shadows(files, K, mains=("/m", "/own"))
    assert shadow.sentence == (
        "libkrb5 does not read a / k = 'ours' in line 3, because /m line 1 makes a final; "
        "remove that '*', or set the value there"
    )
    assert shadows(files, K, mains=("/own", "/m")) == []
    assert (
        shadows({**files, "/m": "[a]*\n", "/own": "[b]\nk = ours\n"}, {"b": {"k": "ours"}}, mains=("/m", "/own")) == []
    )


def test_what_a_final_section_hides_shadows_nothing() -> None:
    files = {"/m": "[a]*\nz = 1\n", "/x": "[a]\nk = theirs\n", "/own": OWN}
    (shadow,) = shadows(files, K, mains=("/m", "/x", "/own"))
    assert (shadow.source, shadow.line) == ("/m", 1)


def test_a_marker_within_a_file_counts_from_1_22_on() -> None:
    (shadow,) = shadows({"/m": "include /own\n", "/own": "[a]\nk* = ours\nk = too\n"}, BOTH)
    assert shadow.sentence.startswith(
        "libkrb5 1.22 and later do not read a / k = 'too' in line 3, because /own line 2 "
    )


REMOVED: Dict[str, Tuple[Dict[str, Any], List[str]]] = {
    "a relation": ({"a": {"k": None}}, ["x"]),
    "its value": ({"a": {"k": "x"}}, ["x"]),
    "another value": ({"a": {"k": "y"}}, []),
    "a subsection": ({"a": {"s": None}}, ["1", "2"]),
    "in a subsection": ({"a": {"s": {"k": None}}}, ["1"]),
    "a section": ({"a": None}, ["x", "1", "2"]),
    "a section that is only here": ({"b": None}, []),
}


@pytest.mark.parametrize("case", REMOVED)
def test_what_another_file_still_sets(case: str) -> None:
    asked, expected = REMOVED[case]
    files = {"/m": "include /own\n[a]\nk = x\ns = {\nk = 1\nj = 2\n}\n", "/own": "[b]\nk = own\n"}
    told = shadows(files, asked, removing=True)
    assert [one.value for one in told] == expected
    assert all("libkrb5 still reads a / " in one.sentence for one in told)


def test_a_file_that_is_not_read() -> None:
    assert "no include line of /m:/n leads to it; " in unread_sentence(["/m", "/n"], [])
    near = Directive("includedir /d\n", "includedir", "/d", 7, "/m")
    assert "in the directory that /m line 7 includes it reads names" in unread_sentence(["/m"], [near])
