# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of a line of the CLI: bare with backslashes, 'literal', "with \\" inside", and sets in parentheses."""

from __future__ import annotations

import re

WORD = re.compile(
    r"""'(?P<literal>[^']*)'|"(?P<string>(?:[^"\\]|\\.)*)"|\((?P<set>[^()]*)\)|(?P<bare>(?:[^\s'"()\\]|\\.)+)""",
)


class WordTrouble(ValueError):
    """A line that has no such words."""


class Set(str):
    """What stood between parentheses."""

    __slots__ = ()


def split(line: str) -> list[str]:
    """The words of a line. WordTrouble where a quote or parenthesis is left open."""
    found: list[str] = []
    at = 0
    while True:
        at += len(line) - at - len(line[at:].lstrip())
        if at >= len(line):
            return found
        match = WORD.match(line, at)
        if not match:
            raise WordTrouble(f"no word begins at character {at + 1}")
        if match["literal"] is not None:
            found.append(match["literal"])
        elif match["set"] is not None:
            found.append(Set(match["set"]))
        else:
            found.append(re.sub(r"\\(.)", r"\1", match["string"] if match["string"] is not None else match["bare"]))
        at = match.end()
