# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A line of a batch, as zmprov reads it and cuts it into words."""

from __future__ import annotations

import re
from typing import Iterator

ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}  # any other escaped character stands for itself
BLANKS = " \t\r\n"


def lines(text: str) -> Iterator[str]:
    """The lines of a batch; one that ends in a backslash goes on in the next."""
    pending: str | None = None
    for line in _ended(text):
        if line.endswith("\\"):
            pending = (pending or "") + line[:-1]
            continue
        yield (pending or "") + line
        pending = None
    if pending is not None:
        yield pending


def _ended(text: str) -> list[str]:
    """What stands between line ends of any kind; a last line needs none."""
    found = re.split(r"\r\n|\n|\r", text)
    return found[:-1] if found[-1] == "" else found


def words(line: str) -> list[str]:
    """The words of a line. Quotes count at the start of a word only, and end it."""
    found: list[str] = []
    position = 0
    while position < len(line):
        if line[position] in BLANKS:
            position += 1
            continue
        quote = line[position] if line[position] in "'\"" else ""
        word, position, closed = _word(line, position + len(quote), quote)
        if word or closed:
            found.append(word)
    return found


def _word(line: str, position: int, quote: str) -> tuple[str, int, bool]:
    """A word from its first character on, where the next may begin, and whether a closing quote ended it."""
    word = ""
    while position < len(line):
        character = line[position]
        position += 1
        if character == "\\" and position < len(line):
            word += ESCAPES.get(line[position], line[position])
            position += 1
        elif quote and character == quote:
            return word, position, True
        elif not quote and character in BLANKS:
            break
        else:
            word += character
    return word, position, False
