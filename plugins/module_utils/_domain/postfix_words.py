# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of a Postfix parameter that is a list, and how more are appended to it."""

from __future__ import annotations

from typing import List, Sequence, Tuple

from .postfix_line import BLANK

# Their words are NAME or NAME=value, and a name given twice makes no sense; in other lists it may.
_ENVIRONMENTS = ("export_environment", "import_environment")
_SEPARATORS = BLANK + ","


def words(value: str) -> List[Tuple[str, int, int]]:
    """Each word of ``value`` with its start and end; braces, where they pair, protect blanks and commas."""
    found = []
    start = -1
    inside = _inside_braces(value)
    for position, character in enumerate(value + " "):
        if character in _SEPARATORS and not inside[position]:
            if start >= 0:
                found.append((value[start:position], start, position))
            start = -1
        elif start < 0:
            start = position
    return found


def _inside_braces(value: str) -> List[bool]:
    inside = []
    depth = 0
    for character in value + " ":
        depth = max(0, depth + (character == "{") - (character == "}"))
        inside.append(depth > 0)
    return inside if depth == 0 else [False] * len(inside)


def joined(name: str, value: str, wanted: Sequence[str]) -> str:
    """``value`` of the parameter ``name`` with each of ``wanted`` in it, those that are missing at its end.

    An item of several words counts as there when they follow one another. In a list of environment variables a
    variable that is there with another value gets the new one in its place.
    """
    for item in wanted:
        value = _with(name, value, item.strip(_SEPARATORS))
    return value


def _with(name: str, value: str, item: str) -> str:
    there = words(value)
    asked = [text for text, dummy, dummy in words(item)]
    texts = [text for text, dummy, dummy in there]
    if not asked or any(texts[at : at + len(asked)] == asked for at in range(len(texts))):
        return value
    if name in _ENVIRONMENTS:
        for text, start, end in reversed(there):
            if _variable(text) == _variable(item):
                return value[:start] + item + value[end:]
    if not there:
        return item
    return value + (", " if "," in value else " ") + item


def _variable(word: str) -> str:
    return word.strip("{} ").partition("=")[0].strip()
