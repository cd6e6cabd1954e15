# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Postfix's main.cf: parameters found, set and removed with everything else kept to the byte."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Dict, Iterator, List, Tuple

from .postfix_line import BLANK, Piece, PostfixRefusal, comments, replace, split, visible, with_line_end

_ASSIGNMENT = re.compile(rf"([^{BLANK}=]+)[{BLANK}]*=[{BLANK}]*")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\Z")  # a service's name may be part of one, a map's too
_REFERENCE = re.compile(r"\$(?:\$|([A-Za-z0-9_]+)|[({](?:([A-Za-z0-9_]+)|(?=\{)))")
_CLOSING = {"(": ")", "{": "}"}


@dataclass(frozen=True)
class Parameter:
    """A parameter of a logical line; its value stands at ``start`` to ``end`` of the line's raw text."""

    name: str
    value: str
    start: int
    end: int


def parameters(text: str) -> Iterator[Tuple[Piece, Parameter]]:
    """Each assignment of ``text`` in order. PostfixRefusal where Postfix could not read the line."""
    for piece in split(text):
        if piece.logical:
            yield piece, _parameter(piece)


def _parameter(piece: Piece) -> Parameter:
    seen = visible(piece.raw)
    match = _ASSIGNMENT.match(seen)
    if match is None:
        raise PostfixRefusal(
            f"main.cf: line {piece.number} is not of the form 'name = value', so Postfix cannot start; correct it"
        )
    end = max(len(seen.rstrip(BLANK)), match.end())
    if not seen[match.end() : end].strip(BLANK):
        start = end = seen.index("=") + 1
        return Parameter(match.group(1), "", start, end)
    return Parameter(match.group(1), seen[match.end() : end], match.end(), end)


def values(text: str) -> Dict[str, str]:
    """What ``text`` sets: the last of repeated assignments is the one in force (postconf(5))."""
    return {parameter.name: parameter.value for dummy, parameter in parameters(text)}


def with_value(text: str, name: str, value: str) -> str:
    """``text`` with ``name`` set to ``value`` where it is set last, or at the end where it is not set."""
    pieces: List[str] = []
    last = -1
    found = None
    for piece in split(text):
        if piece.logical and (parameter := _parameter(piece)).name == name:
            last, found = len(pieces), parameter
        pieces.append(piece.raw)
    if found is None:
        return with_line_end(text) + f"{name} = {value}".rstrip(" ") + "\n"
    first = pieces[last].index("=") + 1
    if value.startswith("#") and "\n" in pieces[last][first : found.start]:
        # The value stood on a line of its own, where this one would be a comment
        emptied = replace(pieces[last], found.start, found.end, "")
        pieces[last] = f"{emptied[:first]} {value}{emptied[first:]}"
        return "".join(pieces)
    spacing = " " if found.start == found.end and value else ""
    pieces[last] = replace(pieces[last], found.start, found.end, spacing + value)
    return "".join(pieces)


def without(text: str, name: str) -> str:
    """``text`` without any assignment of ``name``; comments inside one stay."""
    return "".join(
        comments(piece.raw) if piece.logical and _parameter(piece).name == name else piece.raw for piece in split(text)
    )


def check_name(name: str, where: str) -> None:
    """PostfixRefusal where ``name`` cannot be a parameter's."""
    if not _NAME.match(name):
        raise PostfixRefusal(
            f"{where}: '{name}' cannot be the name of a parameter; it takes letters, digits and '_', "
            "the value belongs behind the colon"
        )


def check_value(name: str, value: str, where: str) -> None:
    """PostfixRefusal where Postfix could not expand ``value``, or where it would end the line."""
    if any(character < " " and character not in BLANK for character in value) or "\x7f" in value:
        raise PostfixRefusal(f"{where}: {name}: the value holds a control character; remove it")
    position = value.find("$")
    while position >= 0:
        match = _REFERENCE.match(value, position)
        if match is None or not _closed(value, position):
            raise PostfixRefusal(
                f"{where}: {name}: '{value[position : position + 12]}' is no $name, ${{name}} or $(name); "
                "write $$ for the character itself"
            )
        position = value.find("$", match.end())


def _closed(value: str, position: int) -> bool:
    opening = value[position + 1 : position + 2]
    if opening not in _CLOSING:
        return True
    depth = 0
    for character in value[position + 1 :]:
        depth += (character == opening) - (character == _CLOSING[opening])
        if depth == 0:
            return True
    return False


def references(value: str) -> Iterator[str]:
    """Names that ``value`` refers to as $name, ${name} or $(name), those inside ${name?...} too."""
    for match in _REFERENCE.finditer(value):
        name = match.group(1) or match.group(2)
        if name:
            yield name
