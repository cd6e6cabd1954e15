# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON as a text with places: every value with where it begins and ends, so that an editor touches nothing else.

The grammar is RFC 8259's. Chromium reads more in its policy files (seen with release 156): comments, a comma behind the
last member, and a byte order mark at the beginning.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, List, Optional, Tuple

from .refusal import Refusal

DEEPEST = 100  # levels; Chromium's reader stops at 200
BYTE_ORDER_MARK = "\ufeff"
_SPACE = re.compile(r"[ \t\r\n]+")
_COMMENT = re.compile(r"//[^\r\n]*|/\*.*?\*/", re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*"')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_LITERAL = re.compile(r"true|false|null")
_WORD = re.compile(r"[\w.+-]+|.", re.DOTALL)


class JsonRefusal(Refusal):
    """A text that is no JSON object as a browser reads one."""


@dataclass(frozen=True)
class Node:
    """A value and its place in the text, ``start`` to ``end`` (behind it).

    ``kind``: object, array or scalar. ``value``: as Python has it. ``members``: those of an object or array.
    ``commas``: where theirs stand.
    """

    kind: str
    value: Any
    start: int
    end: int
    members: Tuple[Member, ...] = ()
    commas: Tuple[int, ...] = ()

    def member(self, key: str) -> Optional[Member]:
        """An object's member of that name."""
        return next((one for one in self.members if self.kind == "object" and one.key == key), None)


@dataclass(frozen=True)
class Member:
    """A member of an object, or an item of an array, which has no ``key`` and starts where its value does."""

    key: str
    start: int
    key_end: int
    node: Node


def place(text: str, at: int) -> Tuple[int, int]:
    """Line and column, both from 1."""
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def decoded(content: bytes, where: str) -> str:
    """The text; JsonRefusal with the place of the first byte that is no UTF-8."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        line, column = place(before, len(before))
        raise JsonRefusal(
            f"{where}: line {line} column {column} is no UTF-8, so that the browser cannot read the file; save it as "
            "UTF-8"
        ) from None


def parse(text: str, where: str, lenient: bool) -> Node:
    """The object that the text is; JsonRefusal with line and column where it is none.

    ``lenient``: comments, a comma behind the last member and a byte order mark are taken as Chromium takes them.
    """
    reader = _Reader(text, where, lenient)
    if lenient:
        reader.take(BYTE_ORDER_MARK)
    reader.skip()
    found = reader.value(1)
    reader.skip()
    if reader.at < len(text):
        raise reader.refusal("stands behind the end of the object", reader.at)
    if found.kind != "object":
        line, column = place(text, found.start)
        raise JsonRefusal(
            f"{where}: line {line} column {column}: is no JSON object, which holds policies by their names; "
            'write {"name": value}'
        )
    return found


class _Reader:
    """A cursor over the text."""

    def __init__(self, text: str, where: str, lenient: bool) -> None:
        self.text = text
        self.at = 0
        self._where = where
        self._lenient = lenient

    def refusal(self, why: str, at: int) -> JsonRefusal:
        line, column = place(self.text, at)
        word = _WORD.match(self.text, at)
        shown = f"'{word.group(0)[:30]}'" if word else "the end of the file"
        return JsonRefusal(
            f"{self._where}: line {line} column {column}: {shown} {why}, so that the browser cannot read the file; "
            "correct it"
        )

    def skip(self) -> None:
        """Goes to what is no white space and, where they are taken, no comment."""
        while True:
            found = _SPACE.match(self.text, self.at)
            if found is None and self._lenient:
                found = _COMMENT.match(self.text, self.at)
            if found is None:
                return
            self.at = found.end()

    def take(self, mark: str) -> bool:
        if not self.text.startswith(mark, self.at):
            return False
        self.at += len(mark)
        return True

    def value(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise self.refusal(f"begins level {depth}, deeper than any policy", self.at)
        start = self.at
        if self.take("{"):
            return self._container("object", "}", start, depth)
        if self.take("["):
            return self._container("array", "]", start, depth)
        for pattern in (_STRING, _NUMBER, _LITERAL):
            found = pattern.match(self.text, start)
            if found:
                self.at = found.end()
                return Node("scalar", _scalar(found.group(0)), start, self.at)
        raise self.refusal("is no JSON value", start)

    def _container(self, kind: str, closing: str, start: int, depth: int) -> Node:
        members: List[Member] = []
        commas: List[int] = []
        self.skip()
        while not self.take(closing):
            if len(members) > len(commas):
                raise self.refusal(f"stands where ',' or '{closing}' should", self.at)
            members.append(self._member(kind, members, depth))
            self.skip()
            if self.take(","):
                commas.append(self.at - 1)
                self.skip()
                if self.text.startswith(closing, self.at) and not self._lenient:
                    raise self.refusal("stands behind the last member", commas[-1])
        values = [one.node.value for one in members]
        whole = {one.key: one.node.value for one in members} if kind == "object" else values
        return Node(kind, whole, start, self.at, tuple(members), tuple(commas))

    def _member(self, kind: str, before: List[Member], depth: int) -> Member:
        start = self.at
        if kind == "array":
            return Member("", start, start, self.value(depth + 1))
        found = _STRING.match(self.text, start)
        if not found:
            raise self.refusal("is no name in double quotes", start)
        key = str(json.loads(found.group(0)))
        if any(one.key == key for one in before):
            line, column = place(self.text, start)
            raise JsonRefusal(
                f"{self._where}: line {line} column {column}: {found.group(0)[:60]} is the second of that name, "
                "of which browsers take one alone; remove one of them"
            )
        self.at = found.end()
        self.skip()
        if not self.take(":"):
            raise self.refusal("stands where ':' should", self.at)
        self.skip()
        return Member(key, start, found.end(), self.value(depth + 1))


def _scalar(token: str) -> Any:
    try:
        return json.loads(token)
    except ValueError:  # a whole number of more digits than Python converts
        return float(token)
