# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A JAAS login configuration (login.conf) as the JDK reads it: its entries, and where in the text each of them stands.

The form is that of the documentation of `javax.security.auth.login.Configuration`; the tokens are those of
`java.io.StreamTokenizer` as the JDK's own reader sets it up, which the JDK itself judges in the integration tests:
a word begins with a letter, `$`, `_` or `*`; what begins with a digit, `-` or `.` is a number and refused as a value;
a `/` outside of quotes begins a comment, and where it ends its line, the next line belongs to the comment; `#` and
the backslash mean nothing; a quoted string ends at its line's end at the latest. `${property}` is left as it is: only
the virtual machine knows its properties.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Dict, Iterator, List, Mapping, NoReturn, Optional, Tuple

from .refusal import Refusal

FLAGS = ("required", "requisite", "sufficient", "optional")
WORD, QUOTED, APOSTROPHE, SIGN, END = "word", "quoted", "apostrophe", "sign", "end"
_LETTER = "A-Za-z$_*\u00a0-\U0010ffff"
_TRIVIA = re.compile(
    r"(?P<blank>[\x00-\x20]+)|(?P<open>/\*(?!.*?\*/))|(?P<block>/\*.*?\*/)|(?P<line>//[^\n\r]*)|(?P<slash>/.?[^\n\r]*)",
    re.DOTALL,
)
_TOKENS = (
    (WORD, re.compile(f"[{_LETTER}][{_LETTER}0-9.-]*")),
    (QUOTED, re.compile(r'"((?:[^"\\\n\r]|\\.)*)"?', re.DOTALL)),
    (APOSTROPHE, re.compile(r"'((?:[^'\\\n\r]|\\.)*)'?", re.DOTALL)),
    (SIGN, re.compile(".", re.DOTALL)),
)
_ESCAPE = re.compile(r"\\(?:([0-3][0-7]{0,2}|[4-7][0-7]?)|(.))", re.DOTALL)
_LETTERS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_BREAK = re.compile(r"\r\n|\r|\n")
# What stands in the way: what to do about it.
_REMEDIES = {
    "\\": "a backslash continues no line, so join the lines and take it out",
    "#": "comments begin with '//', so write that in place of '#'",
    "'": "put the value into double quotes",
    **dict.fromkeys("0123456789.-", "what begins with a digit, '.' or '-' needs double quotes"),
    **dict.fromkeys("@:+&?!%,()[]~|<>^`", "a value with such a character needs double quotes"),
}
_SHOWN = {WORD: "a word", QUOTED: "a quoted string", APOSTROPHE: "a string in single quotes", END: "the file's end"}
_FORM = "write entries as 'name { class required option=\"value\"; };'"


class JaasRefusal(Refusal):
    """What of a login configuration, or of the wishes for it, cannot be, and how to mend it."""


@dataclass(frozen=True)
class LoginModule:
    """A login module of an entry: its class, its flag in lower case, its options (the last of repeated ones)."""

    name: str
    flag: str
    options: Mapping[str, str]


@dataclass(frozen=True)
class Entry:
    """What an application's name stands for: login modules in the order in which they are asked."""

    name: str
    modules: Tuple[LoginModule, ...]


@dataclass(frozen=True)
class Token:
    """``kind``: one of WORD, QUOTED, APOSTROPHE, SIGN, END; ``value``: as Java has it; positions in the text."""

    kind: str
    value: str
    start: int
    end: int


@dataclass(frozen=True)
class OptionText:
    key: Token
    value: Token


@dataclass(frozen=True)
class ModuleText:
    """``end``: its `;`."""

    name: Token
    flag: Token
    options: Tuple[OptionText, ...]
    end: Token

    @property
    def meaning(self) -> LoginModule:
        options = {option.key.value: option.value.value for option in self.options}
        return LoginModule(self.name.value, self.flag.value.upper().lower(), options)


@dataclass(frozen=True)
class EntryText:
    """``opened`` and ``closed``: its braces; ``end``: its `;`."""

    name: Token
    opened: Token
    modules: Tuple[ModuleText, ...]
    closed: Token
    end: Token

    @property
    def meaning(self) -> Entry:
        return Entry(self.name.value, tuple(module.meaning for module in self.modules))


def entries(text: str, path: str = "login.conf") -> Tuple[EntryText, ...]:
    """The entries of a file in their order; JaasRefusal with line and column where the JDK would not read it."""
    cursor = _Cursor(text, path)
    found: Dict[str, EntryText] = {}
    while cursor.token.kind != END:
        entry = _entry(cursor)
        if entry.name.value in found:
            first = place_of(text, found[entry.name.value].name.start)
            cursor.refuse(entry.name, f"the entry '{entry.name.value}' is there a second time ({first})", "keep one")
        found[entry.name.value] = entry
    return tuple(found.values())


def value_of(quoted: str) -> str:
    """What stands between quotes, with its escapes read as `java.io.StreamTokenizer` does."""
    return _ESCAPE.sub(lambda one: chr(int(one[1], 8)) if one[1] else _LETTERS.get(one[2], one[2]), quoted)


def rendered(value: str, *, quoted: bool = False) -> str:
    """A name or value as it is written: a plain word where it may be one, and unless ``quoted``; else in quotes."""
    if not quoted and re.fullmatch("[A-Za-z_][A-Za-z0-9_.-]*", value):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def comments(text: str, start: int, end: int) -> Iterator[Tuple[str, int, int]]:
    """Kind (open, block, line, slash), start and end of the comments between two neighbouring tokens."""
    while start < end:
        trivia = _TRIVIA.match(text, start)
        if trivia is None:
            return
        if trivia.lastgroup != "blank":
            last = len(text) if trivia.lastgroup == "open" else trivia.end()
            yield str(trivia.lastgroup), start, last
            start = last
        else:
            start = trivia.end()


def open_at_end(text: str) -> Optional[Tuple[str, int]]:
    """Kind and start of the comment that reaches the end of a text, if one does."""
    tokens = _tokens(text)
    for kind, start, end in comments(text, tokens[-2].end if len(tokens) > 1 else 0, len(text)):
        if end == len(text) and kind != "block":
            return kind, start
    return None


def place_of(text: str, position: int) -> str:
    """A position for people: line and column, both from 1."""
    breaks = list(_BREAK.finditer(text, 0, position))
    return f"line {len(breaks) + 1}, column {position - (breaks[-1].end() if breaks else 0) + 1}"


def _tokens(text: str) -> List[Token]:
    """All tokens, an END as the last one."""
    tokens: List[Token] = []
    position = 0
    while position < len(text):
        trivia = _TRIVIA.match(text, position)
        if trivia is not None:
            position = len(text) if trivia.lastgroup == "open" else trivia.end()
            continue
        for kind, pattern in _TOKENS:
            match = pattern.match(text, position)
            if match is not None:
                value = value_of(match[1]) if kind in (QUOTED, APOSTROPHE) else match[0]
                tokens.append(Token(kind, value, position, match.end()))
                position = match.end()
                break
    return [*tokens, Token(END, "", len(text), len(text))]


class _Cursor:
    """The tokens of a file, one after another; what is not as expected is refused."""

    def __init__(self, text: str, path: str) -> None:
        self.text, self.path = text, path
        self._tokens = _tokens(text)
        self._at = 0

    @property
    def token(self) -> Token:
        return self._tokens[self._at]

    def sign(self, wanted: str, expected: str) -> Token:
        """The token, which has to be this sign."""
        return self._taken(self.token.kind == SIGN and self.token.value == wanted, expected)

    def text_of(self, expected: str, *kinds: str) -> Token:
        """The token, which has to be a word, a quoted string or of other ``kinds``."""
        return self._taken(self.token.kind in (WORD, QUOTED, *kinds), expected)

    def at(self, sign: str) -> bool:
        return self.token.kind == SIGN and self.token.value == sign

    def _taken(self, fits: bool, expected: str) -> Token:
        token = self.token
        if not fits:
            # Where something is missing, what is found may be a part of a password, so words are not shown.
            found = f"'{token.value}'" if token.kind == SIGN else _SHOWN[token.kind]
            self.refuse(token, f"{expected} is expected, and {found} is there", self._remedy(token))
        self._at += 1
        return token

    def _remedy(self, token: Token) -> str:
        before = self._tokens[self._at - 1].end if self._at else 0
        for kind, start, dummy in comments(self.text, before, token.start):
            if kind == "slash":
                where = place_of(self.text, start)
                return f"the '/' in {where} begins a comment, so put what it belongs to into double quotes"
        return _REMEDIES.get(self.text[token.start : token.start + 1], _FORM)

    def refuse(self, token: Token, what: str, remedy: str) -> NoReturn:
        where = place_of(self.text, token.start)
        raise JaasRefusal(f"{self.path}: {where}: {what}, so the JDK refuses the whole file; {remedy}")


def _entry(cursor: _Cursor) -> EntryText:
    name = cursor.text_of("an entry's name", APOSTROPHE)  # the JDK takes any token here, but finds no other one again
    opened = cursor.sign("{", "'{' behind the entry's name")
    modules: List[ModuleText] = []
    while not cursor.at("}"):
        modules.append(_module(cursor, name.value))
    closed = cursor.sign("}", "'}'")
    return EntryText(name, opened, tuple(modules), closed, cursor.sign(";", f"';' behind the entry '{name.value}'"))


def _module(cursor: _Cursor, entry: str) -> ModuleText:
    name = cursor.text_of(f"in the entry '{entry}' a login module's class or '}}'")
    if not name.value:
        cursor.refuse(name, "a login module's class is empty", "write the name of its class")
    flag = cursor.text_of("a flag behind the class")
    if flag.value.upper().lower() not in FLAGS:
        cursor.refuse(flag, "what stands behind the class is no flag", f"take one of {', '.join(FLAGS)}")
    options: List[OptionText] = []
    while not cursor.at(";"):
        key = cursor.text_of(f"in the entry '{entry}' an option or the ';' behind the options")
        cursor.sign("=", "'=' behind an option's name")
        options.append(OptionText(key, cursor.text_of("an option's value")))
    return ModuleText(name, flag, tuple(options), cursor.sign(";", "';'"))
