# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trials of mutants, and what is concluded from them."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TESTS))

from mutants.commands import owner  # noqa: E402
from mutants.mutant import mutants  # noqa: E402
from mutants.verdict import Verdict, percent, summary  # noqa: E402

MADE = tuple(mutants("def a():\n    b(1)\n    return c"))
DELETED, MORE, LESS, NOTHING = MADE

# In an interpreter of its own, as `make mutants` runs: this one has the rooms imported already.
TRIAL = """
import ast, sys
sys.path.insert(0, sys.argv[1])
from mutants import commands, trial
trial.LEAST = 1
room, tests = commands.DOMAIN / "principal_pattern.py", commands.tests_of("principal_pattern")
source = room.read_text()
trees = [
    lambda: ast.parse(source),
    lambda: ast.parse(source.replace("not WILDCARDS", "WILDCARDS")),
    lambda: ast.parse(source.replace("if not patterns:", "while True:\\n            pass\\n        if not patterns:")),
    lambda: ast.parse("raise ImportError"),
    lambda: ast.parse(source + "\\nheld = [bytearray(1 << 34)]"),
]
print(sorted(trial.killed(room, trees, tests, usual=0.1)))
"""


def test_a_wrong_room_is_killed_and_the_right_one_lives() -> None:
    run = subprocess.run([sys.executable, "-c", TRIAL, str(TESTS)], capture_output=True, text=True, check=True)
    assert run.stdout == "[(0, False), (1, True), (2, True), (3, True), (4, True)]\n"


@pytest.mark.parametrize(
    ("test", "room"),
    [
        ("test_keytab", "keytab"),
        ("test_keytab_bytes", "keytab"),
        ("test_keytab_export", "keytab_export"),
        ("test_keytab_export_shares", "keytab_export"),
        ("test_keytabs", ""),
    ],
)
def test_a_test_file_is_for_the_room_of_its_name(test: str, room: str) -> None:
    assert owner(test, ("keytab", "keytab_export", "key")) == room


def test_what_lives_counts_against_the_tests() -> None:
    found = Verdict("room.py", MADE, (MORE,))
    assert (found.counted, found.killed) == (4, 3)
    assert found.good_enough(75)
    assert not found.good_enough(76)
    assert summary([found], 76).splitlines() == [
        "room.py:2: a: b([1 -> 2])",
        "room.py: 4 made, 3 killed, 75 % (0 equivalent ones aside)",
        "mutants: 4 made, 3 killed, 75 %, limit 76 %",
    ]


def test_equivalent_ones_stand_aside() -> None:
    found = Verdict("room.py", MADE, (MORE,), {MORE.key: "why"})
    assert (found.counted, found.killed, found.alive) == (3, 3, [])
    assert found.good_enough(100)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (LESS.key, "room.py: a: b([1 -> 0]): is listed as equivalent, but a test kills it"),
        (("a", "gone"), "room.py: a: gone: is listed as equivalent, but is not made any more"),
    ],
)
def test_an_untrue_list_of_equivalents_fails_the_run(key: tuple[str, str], said: str) -> None:
    found = Verdict("room.py", MADE, (), {key: "why"})
    assert not found.good_enough(0)
    assert said in summary([found], 0).splitlines()


def test_a_limit_is_not_reached_by_rounding() -> None:
    assert percent(899, 1000) == 89
    assert percent(900, 1000) == 90
