# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The profile format of krb5.conf, kdc.conf and krb5.ini, read without losing a byte.

Every item owns its text (white space, quotes, line end); joining the texts gives the file again. What the
items mean is what MIT's libkrb5 reads (src/util/profile/prof_parse.c), measured against release 1.20:
a heading counts from the first ``[`` at the start of a line, everything before it is ignored; sections and
subsections of one name are merged; an include line counts at the start of any line.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field
from typing import List, Optional, Tuple, Union

from .refusal import Refusal

BLANKS = " \t\n\v\f\r"  # isspace() of the C locale
LONGEST = 2047  # bytes of a line with its end; libkrb5 reads more as a second line (BUF_SIZE in prof_parse.c)
DEEPEST = 100  # sections within sections; libkrb5 has no limit, but what goes through them here is recursive
DIRECTIVES = ("include", "includedir", "module")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_WORD = re.compile(rf"[^{BLANKS}]+")  # str.split() would split at Unicode's blanks, too
_ESCAPED = {"n": "\n", "t": "\t", "b": "\b"}


class ProfileRefusal(Refusal):
    """A file that libkrb5 would not read, or not as it looks: file, line, column and what to write instead."""


@dataclass(frozen=True)
class Remark:
    """A line that sets nothing: blank, a comment, or anything before the first section."""

    text: str
    line: int = 0


@dataclass(frozen=True)
class Directive:
    """An ``include``, ``includedir`` or ``module`` line; ``target`` is what follows, trailing blanks included.

    ``source`` is the file in which it stands.
    """

    text: str
    kind: str
    target: str
    line: int = 0
    source: str = field(default="", compare=False)


@dataclass(frozen=True)
class Relation:
    """``name = value``. Its text is ``lead`` (through the blanks after =), ``written`` (with quotes) and ``tail``."""

    lead: str
    written: str
    tail: str
    name: str
    value: str
    final: bool = False
    line: int = 0

    @property
    def text(self) -> str:
        return self.lead + self.written + self.tail


@dataclass(frozen=True)
class Section:
    """``[name]`` with all up to the next heading (``tail`` is empty), or ``name = {`` ... ``}``."""

    head: str
    name: str
    items: Tuple[Item, ...] = ()
    tail: str = ""
    final: bool = False
    line: int = 0

    @property
    def text(self) -> str:
        return self.head + "".join(item.text for item in self.items) + self.tail


Item = Union[Remark, Directive, Relation, Section]


@dataclass(frozen=True)
class Profile:
    """A whole file: what stands before the first section, then the sections."""

    items: Tuple[Item, ...] = ()

    @property
    def text(self) -> str:
        return "".join(item.text for item in self.items)


def decode(content: bytes, source: str) -> str:
    """The file's text; bytes that are not UTF-8 survive as surrogates. ProfileRefusal where libkrb5 is misled."""
    if content.startswith(b"\xef\xbb\xbf"):
        raise refusal_at(
            source,
            1,
            1,
            "starts with a byte order mark, for which libkrb5 ignores its section; save the file as UTF-8 without one",
        )
    before, nul, dummy = content.partition(b"\0")
    if nul:
        text = before.decode("utf-8", "surrogateescape")
        raise refusal_at(
            source,
            text.count("\n") + 1,
            column_of(text, len(text)),
            "holds a NUL byte; restore the file or remove the byte",
        )
    return content.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """The bytes of a text from decode()."""
    return text.encode("utf-8", "surrogateescape")


def refusal_at(source: str, line: int, column: int, what: str) -> ProfileRefusal:
    """The one sentence of a refusal; line and column (in characters) count from 1."""
    return ProfileRefusal(f"{source}: line {line}, column {column}: {what}")


def column_of(text: str, at: int) -> int:
    """The column of the character at index ``at``, in the last of the text's lines up to there."""
    return at - text.rfind("\n", 0, at)


@functools.lru_cache(maxsize=8)  # a module reads the same text when it plans, reports and compares
def parse(text: str, source: str) -> Profile:
    """The items of ``text``; ``source`` is the file's name in a ProfileRefusal."""
    reader = _Reader(source)
    for number, line in enumerate(_LINE.findall(text), 1):
        reader.take(line, number)
    return reader.finish()


def unquote(text: str) -> Tuple[str, int]:
    """The value of ``text``, which starts with a double quote, and where it ends (parse_quoted_string())."""
    value: List[str] = []
    at = 1
    while at < len(text) and text[at] != '"':
        if text[at] == "\\" and at + 1 < len(text):
            at += 1
            value.append(_ESCAPED.get(text[at], text[at]))
        else:
            value.append(text[at])
        at += 1
    return "".join(value), min(at + 1, len(text))


@dataclass
class _Open:
    """A section whose end has not been read."""

    head: str
    name: str
    final: bool
    line: int
    column: int
    items: List[Item]

    def closed(self, tail: str = "", final: bool = False) -> Section:
        return Section(self.head, self.name, tuple(self.items), tail, self.final or final, self.line)


class _Reader:
    """The cursor over the lines: MIT's struct parse_state, with the sections that are open, outermost first."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.top: List[Item] = []
        self.open: List[_Open] = []
        self.brace_due = False

    def finish(self) -> Profile:
        if len(self.open) > 1:
            opened = self.open[-1]
            raise self._refusal_of(opened, f"'{opened.name}' is never closed; add a line with '}}' where it ends")
        self._close_top()
        return Profile(tuple(self.top))

    def take(self, line: str, number: int) -> None:
        if len(line) > LONGEST // 4 and len(encode(line)) > LONGEST:
            column = len(encode(line)[:LONGEST].decode("utf-8", "ignore")) + 1
            raise self._refusal(
                number, column, f"is beyond {LONGEST} bytes, where libkrb5 reads another line; write it as several"
            )
        directive = self._directive(line, number) if line[0] in "im" else None
        if directive:
            self._add(directive)
        elif not self.open and line[0] != "[":
            self._add(Remark(line, number))
        elif self.brace_due:
            self._brace(line)
        else:
            self._standard(line, number)

    def _refusal(self, number: int, column: int, what: str) -> ProfileRefusal:
        return refusal_at(self.source, number, column, what)

    def _refusal_of(self, opened: _Open, what: str) -> ProfileRefusal:
        return self._refusal(opened.line, opened.column, what)

    def _add(self, item: Item) -> None:
        (self.open[-1].items if self.open else self.top).append(item)

    def _close_top(self) -> None:
        if self.open:
            self.top.append(self.open.pop().closed())

    def _directive(self, line: str, number: int) -> Optional[Directive]:
        for kind in DIRECTIVES:
            if line.startswith(kind) and line[len(kind) : len(kind) + 1].strip(BLANKS) == "" != line[len(kind) :]:
                if kind == "module" and self.open:
                    return None  # libkrb5 looks for it before the first section only
                if self.brace_due:
                    raise self._refusal(number, 1, f"stands between '{self.open[-1].name} =' and its '{{'; move it")
                return Directive(line, kind, line[len(kind) :].lstrip(BLANKS).rstrip("\r\n"), number, self.source)
        return None

    def _brace(self, line: str) -> None:
        opened = self.open[-1]
        if not line.lstrip(BLANKS).startswith("{"):
            raise self._refusal_of(
                opened,
                f"'{opened.name} =' has no value and no '{{' on the next line; "
                'write the value, "" for an empty one, or the brace',
            )
        opened.head += line
        self.brace_due = False

    def _standard(self, line: str, number: int) -> None:
        bare = line.lstrip(BLANKS)
        body, column = bare.rstrip("\r\n"), len(line) - len(bare) + 1
        if not body or body[0] in ";#":
            self._add(Remark(line, number))
        elif body[0] == "[":
            self._heading(line, body, number, column)
        elif body[0] == "}":
            self._closing(line, body, number, column)
        else:
            self._relation(line, body, number, column)

    def _heading(self, line: str, body: str, number: int, column: int) -> None:
        if len(self.open) > 1:
            opened = self.open[-1]
            raise self._refusal(
                number,
                column,
                f"a section starts inside '{opened.name} = {{' of line {opened.line}; close that with '}}' first",
            )
        name, bracket, rest = body[1:].partition("]")
        final = rest.startswith("*")
        if not bracket:
            raise self._refusal(number, column, "a section's name has no ']'; write it as '[name]'")
        junk = rest[final:].strip(BLANKS)
        if junk:
            column += len(name) + 2 + rest.index(junk, final)
            raise self._refusal(number, column, f"'{junk}' follows ']'; move it to a line of its own")
        self._close_top()
        self.open.append(_Open(line, name, final, number, column, []))

    def _closing(self, line: str, body: str, number: int, column: int) -> None:
        if len(self.open) < 2:
            raise self._refusal(
                number, column, "'}' closes nothing; remove it, or write the 'name = {' that it belongs to"
            )
        subsection = self.open.pop().closed(line, body.startswith("}*"))
        self._add(subsection)

    def _relation(self, line: str, body: str, number: int, column: int) -> None:
        tag, equals, value = body.partition("=")
        words = _WORD.findall(tag)
        if not equals or len(words) != 1:
            raise self._refusal(
                number,
                column,
                "is neither 'name = value' nor a section, brace or comment; mend it, or put '#' before it",
            )
        name, final = words[0].partition("*")[0], "*" in words[0]
        value = value.lstrip(BLANKS)
        if value[:1] in ("", "{") and not value[1:].strip(BLANKS):
            if len(self.open) > DEEPEST:
                raise self._refusal(
                    number, column, f"is deeper than {DEEPEST} subsections; close some with '}}' before it"
                )
            self.brace_due = not value
            self.open.append(_Open(line, name, final, number, column, []))
            return
        if value[0] == '"':
            meaning, length = unquote(value)
        else:
            meaning = value.rstrip(BLANKS)
            length = len(meaning)
        start = line.rindex(value)
        end = start + length
        self._add(Relation(line[:start], line[start:end], line[end:], name, meaning, final, number))
