# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The grammar of axigen.cfg, in which the CLI's SHOW CONFIG prints the running configuration, too.

`name = value`, one a line; a value is a word, a string in double quotes (`\\"` inside), a set or list in
parentheses, or an object in braces; `#` and `/* */` begin comments (vendor's page "axigen.cfg Definitions"). A saved
file begins with `Server {`, without the sign. Read only: it is Axigen itself that writes the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Iterator, List, Optional, Tuple, Union

from .refusal import Refusal

DEEPEST = 50  # objects within objects; a saved file has six
_BLANK = re.compile(r"(?:\s|#[^\n]*|/\*.*?\*/)*", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_][\w.-]*")
_STRING = re.compile(r'"((?:\\"|[^"])*)"', re.DOTALL)
_WORD = re.compile(r'[^\s(){}"]+')


class CfgRefusal(Refusal):
    """A text that is not axigen.cfg's: source, line and what is wrong."""


@dataclass(frozen=True)
class Block:
    """An object: its names with their values, in order. Axigen does not tell upper from lower case in names."""

    items: Tuple[Tuple[str, Value], ...] = ()

    def get(self, name: str) -> Optional[Value]:
        """The value of a name; of one that is there twice the last; None where there is none."""
        found = [value for key, value in self.items if key.lower() == name.lower()]
        return found[-1] if found else None

    def block(self, name: str) -> Optional[Block]:
        """The object of that name; None where there is none, or where it is something else."""
        found = self.get(name)
        return found if isinstance(found, Block) else None


Value = Union[str, Tuple["Value", ...], Block]


def parse(text: str, source: str) -> Block:
    """What the text says; CfgRefusal with ``source`` and the line where it breaks the grammar."""
    cursor = _Cursor(text, source)
    items = tuple(_items(cursor, 0))
    if not cursor.at_end:
        raise cursor.refusal("a closing bracket too many")
    return Block(items)


def server(text: str, source: str) -> Block:
    """The object `Server` of a text; the whole text where it is not wrapped into one."""
    whole = parse(text, source)
    return whole.block("Server") or whole


class _Cursor:
    """A place in the text; what it takes is taken from there, with blanks and comments around it left out."""

    def __init__(self, text: str, source: str) -> None:
        self._text, self._source, self._at = text, source, 0
        self._skip()

    @property
    def at_end(self) -> bool:
        return self._at == len(self._text)

    @property
    def next(self) -> str:
        return self._text[self._at : self._at + 1]

    def take(self, pattern: re.Pattern[str]) -> Optional[re.Match[str]]:
        match = pattern.match(self._text, self._at)
        if match:
            self._at = match.end()
            self._skip()
        return match

    def take_sign(self, sign: str) -> bool:
        if self.next != sign:
            return False
        self._at += 1
        self._skip()
        return True

    def take_equals(self) -> bool:
        """The sign of a relation; whether its value stands on the same line, or is an object or a list."""
        if self.next != "=":
            return self.next in ("{", "(")
        before = self._text.find("\n", self._at)
        self.take_sign("=")
        return self.next in ("{", "(") or (not self.at_end and (before < 0 or self._at < before))

    def refusal(self, what: str) -> CfgRefusal:
        line = self._text.count("\n", 0, self._at) + 1
        return CfgRefusal(
            f"{self._source}: line {line}: {what}; correct it, or let the running Axigen write it anew (SAVE CONFIG)"
        )

    def _skip(self) -> None:
        match = _BLANK.match(self._text, self._at)
        self._at = match.end() if match else self._at


def _items(cursor: _Cursor, depth: int) -> Iterator[Tuple[str, Value]]:
    """The relations up to a closing brace or the end."""
    while not cursor.at_end and cursor.next not in ("}", ")"):
        name = cursor.take(_NAME)
        if not name:
            raise cursor.refusal(f"a name is wanted, not '{cursor.next}'")
        signed = cursor.next in ("=", "{", "(")
        if not signed:
            raise cursor.refusal(f"'=' is wanted after '{name[0]}'")
        yield name[0], _value(cursor, depth) if cursor.take_equals() else ""


def _value(cursor: _Cursor, depth: int) -> Value:
    if depth > DEEPEST:
        raise cursor.refusal(f"more than {DEEPEST} objects within each other")
    if cursor.take_sign("{"):
        items = tuple(_items(cursor, depth + 1))
        if not cursor.take_sign("}"):
            raise cursor.refusal("a closing brace is missing")
        return Block(items)
    if cursor.take_sign("("):
        return _list(cursor, depth)
    string = cursor.take(_STRING)
    if string:
        return string[1].replace('\\"', '"')
    word = cursor.take(_WORD)
    if not word:
        raise cursor.refusal(f"a value cannot begin with '{cursor.next}'")
    return word[0]


def _list(cursor: _Cursor, depth: int) -> Value:
    found: List[Value] = []
    while not cursor.take_sign(")"):
        if cursor.at_end:
            raise cursor.refusal("a closing parenthesis is missing")
        found.append(_value(cursor, depth + 1))
    return tuple(found)
