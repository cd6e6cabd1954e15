# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Postfix's master.cf: services found, changed, added and removed with everything else kept to the byte."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from typing import Dict, Iterator, List, Mapping, Optional, Tuple

from .postfix_line import BLANK, Piece, PostfixRefusal, comments, normal, replace, split, visible, with_line_end

FIELDS = ("private", "unprivileged", "chroot", "wakeup", "maxproc")  # in the file's order, after name and type
TYPES = ("inet", "unix", "unix-dgram", "fifo", "pass")
# What '-' stands for (master(5)). Not so for chroot, whose default depends on compatibility_level, nor for
# maxproc, where it is $default_process_limit.
_MEANINGS = {"private": "y", "unprivileged": "y", "wakeup": "0"}
_NEW = {"private": "-", "unprivileged": "-", "chroot": "n", "wakeup": "-", "maxproc": "-"}
_FORMS = {"wakeup": re.compile(r"(\d+\??|-)\Z"), "maxproc": re.compile(r"(\d+|-)\Z")}
_BUNDLED = re.compile(r"-[^o]*o")
_WIDTHS = (9, 5, 7, 7, 7, 7, 7)


@dataclass(frozen=True)
class Token:
    """A word of a service's line, or a group in braces, and where it stands in the raw text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Override:
    """One `-o name=value`: what it says, where the option begins and where its value stands."""

    name: str
    value: str
    start: int
    word: Token


@dataclass(frozen=True)
class Service:
    """An entry of master.cf. ``words`` are the command's own options and arguments, without overrides."""

    piece: Piece
    tokens: Tuple[Token, ...]
    overrides: Tuple[Override, ...]
    words: Tuple[Token, ...]

    @property
    def key(self) -> str:
        """Name and type as postconf writes them: smtp/inet."""
        return f"{self.tokens[0].text}/{self.tokens[1].text}"

    @property
    def fields(self) -> Dict[str, str]:
        """The five fields between type and command, as written."""
        return {name: token.text for name, token in zip(FIELDS, self.tokens[2:7])}

    @property
    def command(self) -> str:
        """Program and arguments without overrides, single blanks between."""
        return " ".join([self.tokens[7].text] + [word.text for word in self.words])

    @property
    def options(self) -> Dict[str, str]:
        """Overrides in force: the last of repeated ones."""
        return {override.name: override.value for override in self.overrides}


@dataclass(frozen=True)
class ServiceWish:
    """What an entry is to be. ``fields`` and ``options`` name only what is asked for; None leaves the command."""

    name: str
    type: str
    fields: Mapping[str, str] = field(default_factory=dict)
    command: Optional[str] = None
    options: Mapping[str, str] = field(default_factory=dict)
    options_absent: Tuple[str, ...] = ()
    present: bool = True

    @property
    def key(self) -> str:
        return f"{self.name}/{self.type}"


def services(text: str) -> Iterator[Service]:
    """Each entry of ``text`` in order. PostfixRefusal where Postfix could not read the line."""
    for piece in split(text):
        if piece.logical:
            yield _service(piece)


def find(text: str, key: str) -> Optional[Service]:
    """The entry in force: of entries with the same name and type the last (master(5))."""
    found = None
    for service in services(text):
        if service.key == key:
            found = service
    return found


def _service(piece: Piece) -> Service:
    tokens = tuple(_tokens(visible(piece.raw)))
    if len(tokens) < 8 or tokens[1].text not in TYPES:
        raise PostfixRefusal(
            f"master.cf: line {piece.number} is not 'name type private unprivileged chroot wakeup maxproc command' "
            "with a type of inet, unix, fifo or pass, so Postfix cannot start; correct it"
        )
    overrides, words = _arguments(tokens[8:])
    return Service(piece, tokens, tuple(overrides), tuple(words))


def _tokens(seen: str) -> Iterator[Token]:
    """Words of ``seen`` as Postfix's mystrtokq() cuts them: braces protect blanks."""
    start, depth = -1, 0
    for position, character in enumerate(seen):
        if character in BLANK and depth == 0:
            if start >= 0:
                yield Token(normal(seen[start:position]), start, position)
            start = -1
            continue
        if start < 0:
            start = position
        depth = max(0, depth + (character == "{") - (character == "}"))
    if start >= 0:
        end = len(seen.rstrip(BLANK))
        yield Token(normal(seen[start:end]), start, end)


def _arguments(tokens: Tuple[Token, ...]) -> Tuple[List[Override], List[Token]]:
    """Overrides and the other words. As postconf reads them: options end at the first word without a dash."""
    overrides: List[Override] = []
    words: List[Token] = []
    position = 0
    while position < len(tokens) and tokens[position].text.startswith("-") and tokens[position].text != "--":
        token = tokens[position]
        position += 1
        bundled = _BUNDLED.match(token.text)
        if bundled is None:
            words.append(token)
            continue
        value = Token(token.text[bundled.end() :], token.start + bundled.end(), token.end)
        if not value.text and position < len(tokens):
            value = tokens[position]
            position += 1
        if bundled.end() > 2:  # -vo name=value: the switches before the o are words of their own
            words.append(Token(token.text[: bundled.end() - 1], token.start, token.start + bundled.end() - 1))
        start = token.start if bundled.end() == 2 else token.start + bundled.end() - 1
        inner = value.text[1:-1] if value.text.startswith("{") and value.text.endswith("}") else value.text
        name, dummy, setting = inner.partition("=")
        overrides.append(Override(normal(name), normal(setting), start, value))
    words.extend(tokens[position:])
    return overrides, words


def same_field(name: str, one: str, other: str) -> bool:
    """Whether two values of a field mean the same to Postfix."""
    return (_MEANINGS.get(name, one) if one == "-" else one) == (_MEANINGS.get(name, other) if other == "-" else other)


def override(name: str, value: str) -> str:
    """The argument of -o: braces where the value holds blanks (Postfix 3.0 on, master(5))."""
    return f"{{ {name} = {value} }}" if normal(value) != value or " " in value else f"{name}={value}"


def line(wish: ServiceWish) -> str:
    """A whole new entry for ``wish``, which names a command."""
    fields = new_fields(wish)
    columns = [wish.name, wish.type] + [fields[name] for name in FIELDS]
    program, dummy, words = normal(wish.command or "").partition(" ")
    head = " ".join(f"{column:<{width}}" for column, width in zip(columns, _WIDTHS))
    options = "".join(f"\n  -o {override(name, value)}" for name, value in wish.options.items())
    return f"{head} {program}{options}" + (f"\n  {words}" if words else "") + "\n"


def new_fields(wish: ServiceWish) -> Dict[str, str]:
    """All five fields of a new entry. A network service is never private (master(5))."""
    return {**_NEW, **({"private": "n"} if wish.type == "inet" else {}), **wish.fields}


def summary(fields: Mapping[str, str], command: str) -> str:
    """An entry's fields and command on one line, for people."""
    return " ".join([fields[name] for name in FIELDS] + [command])


def added(text: str, wish: ServiceWish) -> str:
    """``text`` with a new entry at its end."""
    return with_line_end(text) + line(wish)


def removed(text: str, key: str) -> str:
    """``text`` without any entry ``key``; comments inside one stay."""
    return "".join(
        comments(piece.raw) if piece.logical and _service(piece).key == key else piece.raw for piece in split(text)
    )


def _edited(text: str, service: Service, raw: str) -> str:
    pieces = split(text)
    return "".join(raw if piece == service.piece else piece.raw for piece in pieces)


def with_field(text: str, service: Service, name: str, value: str) -> str:
    """``text`` with the field ``name`` of ``service`` set to ``value``."""
    token = service.tokens[2 + FIELDS.index(name)]
    return _edited(text, service, replace(service.piece.raw, token.start, token.end, value))


def with_command(text: str, service: Service, command: str) -> str:
    """``text`` with program and arguments of ``service`` exchanged, its overrides kept."""
    wish = ServiceWish(service.tokens[0].text, service.tokens[1].text, service.fields, command, service.options)
    return _edited(text, service, line(wish) + comments(service.piece.raw))


def with_option(text: str, service: Service, name: str, value: str) -> str:
    """``text`` with the override ``name`` of ``service`` set to ``value``: where it stands, or after the others."""
    raw = service.piece.raw
    setting = override(name, value)
    for existing in reversed(service.overrides):
        if existing.name == name:
            gap = "" if raw[existing.word.start - 1] in BLANK else " "
            return _edited(text, service, replace(raw, existing.word.start, existing.word.end, gap + setting))
    switches = itertools.takewhile(lambda word: word.text.startswith("-") and word.text != "--", service.words)
    ends = [word.end for word in switches] + [existing.word.end for existing in service.overrides]
    position = max(ends, default=service.tokens[7].end)
    last = position == service.tokens[-1].end
    return _edited(text, service, raw[:position] + ("\n  " if last else " ") + f"-o {setting}" + raw[position:])


def without_option(text: str, service: Service, name: str) -> str:
    """``text`` without any override ``name`` of ``service``; a line that held nothing else goes with it."""
    raw = service.piece.raw
    for existing in reversed(service.overrides):
        if existing.name == name:
            raw = _cut(raw, existing.start, existing.word.end)
    return _edited(text, service, raw)


def _cut(raw: str, start: int, end: int) -> str:
    while raw[start - 1] in " \t":
        start -= 1
    if raw[start - 1] != "\n":
        return replace(raw, start, end, "")
    rest = len(raw[end:]) - len(raw[end:].lstrip(" \t\r"))
    kept = comments(raw[start:end])
    if raw[end + rest : end + rest + 1] in ("\n", ""):
        return raw[:start] + kept + raw[end + rest + 1 :]
    return raw[:start] + kept + raw[end:]


def check_wish(wish: ServiceWish) -> None:
    """PostfixRefusal where Postfix could not start with the entry."""
    where = f"services: {wish.key}"
    if not wish.name or any(character in BLANK + "{}#" for character in wish.name):
        raise PostfixRefusal(f"{where}: a service's name holds no blanks, braces or '#'; correct the name")
    for name, form in _FORMS.items():
        if not form.match(wish.fields.get(name, "-")):
            raise PostfixRefusal(
                f"{where}: {name}: '{wish.fields[name]}' is no number"
                + (" of seconds, with '?' behind it or not" if name == "wakeup" else " of processes")
                + "; give one, or '-' for the default"
            )
    if wish.type == "inet" and wish.fields.get("private", "n") != "n":
        raise PostfixRefusal(f"{where}: private: a service of type inet cannot be private; leave it out or say n")
    if wish.command is None:
        return
    words = wish.command.split()
    if not words or words[0].startswith("-") or any(word.startswith("-o") for word in _switches(words)):
        raise PostfixRefusal(
            f"{where}: command: '{wish.command}' is not a program and its arguments; overrides (-o) go into options"
        )


def _switches(words: List[str]) -> Iterator[str]:
    for word in words[1:]:
        if not word.startswith("-"):
            return
        yield word
