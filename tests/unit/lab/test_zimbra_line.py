# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of a batch's lines, against what the real reader makes of them."""

from __future__ import annotations

import json

import pytest
from ansible_collections.mailrealm.kerberos.tests.unit.lab.zimbra_recorded import DATA
from lab.doubles.zimbra import line

CASES = json.loads((DATA / "zmprov_line_tokens.json").read_text(encoding="utf-8"))["lines"]


@pytest.mark.parametrize("case", CASES, ids=[f"{number}" for number in range(len(CASES))])
def test_words(case):
    assert line.words(case["line"]) == case["tokens"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("a", ["a"]),
        ("a\n", ["a"]),
        ("a\r\nb\rc\n", ["a", "b", "c"]),
        ("\n\n", ["", ""]),
        ("a \\\n b\n", ["a  b"]),
        ("a\\\\\nb", ["a\\b"]),  # StringUtil.readLine looks at the last character only
        ("a\\", ["a"]),
    ],
)
def test_lines(text, lines):
    assert list(line.lines(text)) == lines
