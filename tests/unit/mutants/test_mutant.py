# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mutator itself: what it changes, what it leaves alone, and that no mutant is counted twice."""

from __future__ import annotations

import ast
import pathlib
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TESTS))

from mutants.mutant import mutants, mutated  # noqa: E402

ROOM = TESTS.parent / "plugins" / "module_utils" / "_domain" / "principal_pattern.py"


def variants(source: str) -> set[str]:
    """What the source becomes, one mutant each, but for deletions, which have a test of their own."""
    return {ast.unparse(mutated(source, one)) for one in mutants(source) if one.operator != "deletion"}


@pytest.mark.parametrize(
    ("source", "becomes"),
    [
        ("a < b", {"a <= b", "a >= b"}),
        ("a == b", {"a != b"}),
        ("a is None", {"a is not None"}),
        ("a not in b", {"a in b"}),
        ("a + b", {"a - b"}),
        ("a >> b", {"a << b"}),
        ("a += b", {"a -= b"}),
        ("a and b", {"a or b", "a", "b"}),
        ("a or b or c", {"a and b and c", "a or b", "a or c", "b or c"}),
        ("not a", {"a"}),
        ("-a", {"a"}),
        ("a if b else c", {"a if not b else c"}),
        ("while a:\n    b", {"while not a:\n    b"}),
        ("[a for a in b if c]", {"[a for a in b]"}),
        ("True", {"False"}),
        ("a(7)", {"a(8)", "a(6)"}),
        ("a('b')", {"a('XXbXX')"}),
        ("a(b'b')", {"a(b'XXbXX')"}),
        ("f'a{b}c'", {"f'XXaXX{b}c'", "f'a{b}XXcXX'"}),
        ("pack('>IB')", {"pack('<IB')", "pack('>ib')", "pack('>HH')"}),
        ("a[b:c]", {"a[:c]", "a[b:]"}),
        ("a(b=c, d=e)", {"a(d=e)", "a(b=c)"}),
        ("a = ()", {"a = (None,)"}),
        ("any(a)", {"all(a)"}),
        ("max(a)", {"min(a)"}),
        ("raise AnyRefusal(a)", {"raise RuntimeError(a)"}),
        ("def a(b, c=d):\n    pass", {"def a(b, c):\n    pass"}),
        ("def a():\n    return b", {"def a():\n    return None"}),
        ("def a():\n    return None", set()),
        ("while a():\n    break", {"while not a():\n    break", "while a():\n    continue"}),
        (
            "try:\n    a\nexcept (B, C):\n    d",
            {"try:\n    a\nexcept (C,):\n    d", "try:\n    a\nexcept (B,):\n    d"},
        ),
        ("try:\n    a\nexcept B:\n    c", {"try:\n    a\nexcept ():\n    c"}),
    ],
)
def test_each_operator_makes_its_small_changes(source: str, becomes: set[str]) -> None:
    assert variants(source) == becomes


def test_each_statement_is_deleted_once() -> None:
    source = "import a\n\ndef b():\n    c = d\n    if c:\n        raise e\n    return f"
    deletions = [one.change for one in mutants(source) if one.operator == "deletion"]
    assert deletions == ["[c = d -> pass]", "[if c: -> pass]", "[raise e -> pass]"]


@pytest.mark.parametrize(
    "source",
    [
        "from __future__ import annotations",
        '"""A docstring with 1 number."""',
        "def a():\n    '''What it does.'''\n    pass",
        "def a(b: C[1]) -> D['e']:\n    pass",
        "class A:\n    b: C[1]",
    ],
)
def test_what_no_test_can_see_is_left_alone(source: str) -> None:
    assert mutants(source) == []


def test_a_mutant_is_told_by_its_definition_and_not_by_its_line() -> None:
    source = "class A:\n    def b(self):\n        return c + 1"
    first, *dummy = mutants(source)
    (moved, *dummy) = mutants(f"import d\n\n\n{source}")
    assert (first.where, first.change, first.line) == ("A.b", "return [c + 1 -> None]", 3)
    assert moved.key == first.key
    assert moved.line == first.line + 3


def test_equal_changes_of_one_definition_are_numbered() -> None:
    keys = [one.change for one in mutants("a(x)\na(x)")]
    assert keys == ["[a(x) -> pass]", "[a(x) -> pass] #2"]


def test_every_mutant_of_a_room_is_another_program_that_compiles() -> None:
    source = ROOM.read_text(encoding="utf-8")
    made = mutants(source)
    texts = {ast.unparse(mutated(source, one)) for one in made}
    assert len(texts) == len(made)
    assert ast.unparse(ast.parse(source)) not in texts
    assert len({one.key for one in made}) == len(made)
    for one in made:
        compile(mutated(source, one), "room", "exec")
