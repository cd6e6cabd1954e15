# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The syntax of axigen.cfg, which SHOW CONFIG prints too.

A value is a `str` (bare), a `Quoted`, a `tuple` of words (a set), a `dict` (an object) or a `list` of objects.
Comments are read and, as by the real server, not kept.
"""

from __future__ import annotations

import re
from typing import Any, Mapping, Union

Value = Union[str, "tuple[str, ...]", "dict[str, Any]", "list[dict[str, Any]]"]
TOKEN = re.compile(
    r"""(?P<space>\s+|\#[^\n]*|/\*.*?\*/)
    |"(?P<quoted>(?:[^"\\\n]|\\.)*)"
    |(?P<mark>[={}()])
    |(?P<bare>[^\s"\#={}()]+)""",
    re.VERBOSE | re.DOTALL,
)
INDENT = "    "


class Quoted(str):
    """A value that stands in double quotes."""

    __slots__ = ()


class Mark(str):
    """One of = { } ( )."""

    __slots__ = ()


class SyntaxTrouble(ValueError):
    """The file is not in axigen.cfg's syntax; the text says where."""


def parse(text: str) -> dict[str, Any]:
    """The object `Server` of a file's text. SyntaxTrouble where it is none."""
    reader = _Reader(_tokens(text))
    name = reader.name()
    if name.casefold() != "server":
        raise SyntaxTrouble(f"the first word is {name!r}, not Server")
    reader.skip("=")
    value = reader.value()
    if not isinstance(value, dict) or reader.tokens:
        raise SyntaxTrouble("the file is more or less than one object Server { }")
    return value


def render(server: Mapping[str, Any]) -> str:
    """The file of an object `Server`, as the server saves it."""
    return "".join(f"{line}\n" for line in ["Server {", *_members(server, INDENT), "}"])


def render_value(value: Value) -> str:
    """A value that stands on one line: a word, a string, a set."""
    if isinstance(value, Quoted):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, tuple):
        return f"({' '.join(value)})"
    return str(value)


def key_of(members: Mapping[str, Any], name: str) -> str:
    """A name as the mapping writes it, whatever its case; as given where it is not there."""
    return next((key for key in members if key.casefold() == name.casefold()), name)


def _members(members: Mapping[str, Any], margin: str) -> list[str]:
    lines: list[str] = []
    for name, value in members.items():
        if isinstance(value, dict):
            lines += [f"{margin}{name} = {{", *_members(value, margin + INDENT), f"{margin}}}"]
        elif isinstance(value, list):
            inside = [
                line
                for one in value
                for line in (
                    f"{margin}{INDENT}{{",
                    *_members(one, margin + 2 * INDENT),
                    f"{margin}{INDENT}}}",
                )
            ]
            lines += [f"{margin}{name} = (", *inside, f"{margin})"] if inside else [f"{margin}{name} = ()"]
        else:
            lines.append(f"{margin}{name} = {render_value(value)}")
    return lines


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    at = 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            raise SyntaxTrouble(f"line {text.count(chr(10), 0, at) + 1}: a string without its end")
        if match["quoted"] is not None:
            tokens.append(Quoted(re.sub(r"\\(.)", r"\1", match["quoted"], flags=re.DOTALL)))
        elif match["mark"]:
            tokens.append(Mark(match["mark"]))
        elif match["bare"]:
            tokens.append(match["bare"])
        at = match.end()
    return tokens


class _Reader:
    """A cursor over tokens."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens[::-1]

    def next(self) -> str:
        if not self.tokens:
            raise SyntaxTrouble("the file ends too early")
        return self.tokens.pop()

    def skip(self, mark: str) -> bool:
        """Whether the mark came next; then it is behind us."""
        there = bool(self.tokens) and isinstance(self.tokens[-1], Mark) and self.tokens[-1] == mark
        if there:
            self.tokens.pop()
        return there

    def name(self) -> str:
        token = self.next()
        if isinstance(token, (Mark, Quoted)):
            raise SyntaxTrouble(f"{token!r} stands where a name should")
        return token

    def value(self) -> Any:
        if self.skip("{"):
            return self.object()
        if self.skip("("):
            return self.sequence()
        token = self.next()
        if isinstance(token, Mark):
            raise SyntaxTrouble(f"{token!r} stands where a value should")
        return token

    def object(self) -> dict[str, Any]:
        members: dict[str, Any] = {}
        while not self.skip("}"):
            name = self.name()
            if not self.skip("="):
                raise SyntaxTrouble(f"{name} has no =")
            members[key_of(members, name)] = self.value()
        return members

    def sequence(self) -> Any:
        objects: list[dict[str, Any]] = []
        words: list[str] = []
        while not self.skip(")"):
            if self.skip("{"):
                objects.append(self.object())
                continue
            word = self.next()
            if isinstance(word, Mark):
                raise SyntaxTrouble(f"{word!r} stands in a set")
            words.append(word)
        if objects and words:
            raise SyntaxTrouble("a list holds both objects and words")
        return objects or tuple(words)
