# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words, strings and braces of a Gradle build file, and the statements that they make; nothing is evaluated.

From the grammars of Groovy and Kotlin, as far as it tells code from comments and strings: a string may hold `${...}`,
in which code stands again, and in Groovy `/` begins a string too where no value stands before it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Iterator, List, Tuple

from .cas_release import CasRefusal

WORD, STRING, MARK, OPEN, CLOSE, NEWLINE = "word", "string", "mark", "{", "}", "newline"
DEEPEST = 60  # braces in braces: far beyond any build file
_WORD = re.compile(r"[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*")
_PLAIN = re.compile(r"""[^"'\\$/{}\r\n]+""")
_BEFORE_SLASHY = frozenset("(,=[~:!?&|<>+-*;{}")
_WORDS_BEFORE_SLASHY = frozenset(("return", "case", "in", "assert"))


class GradleRefusal(CasRefusal):
    """A build file whose code cannot be told from its strings."""


@dataclass(frozen=True)
class Token:
    """A piece of code from ``start`` to ``end``; ``text`` of a string is what stands between its quotes."""

    kind: str
    text: str
    start: int
    end: int


@dataclass
class Statement:
    """The tokens of a statement and the blocks in it, in the order in which they stand."""

    tokens: List[Token] = field(default_factory=list)
    blocks: List[Block] = field(default_factory=list)

    @property
    def start(self) -> int:
        return self.tokens[0].start

    @property
    def end(self) -> int:
        return self.tokens[-1].end

    @property
    def word(self) -> str:
        """The word that it begins with, such as the name of the method that it calls; empty for none."""
        return self.tokens[0].text if self.tokens[0].kind == WORD else ""


@dataclass
class Block:
    """What stands between two braces, which are at ``open`` and ``close``."""

    open: int
    close: int
    statements: List[Statement] = field(default_factory=list)


def statements(text: str, where: str, kotlin: bool = False) -> List[Statement]:
    """The statements of a build file; GradleRefusal names ``where`` and the line of what is never closed."""
    found = list(_tokens(text, where, kotlin))
    parsed, rest = _block(found, 0, 0, text, where)
    if rest < len(found):
        raise _refusal(text, found[rest].start, where, "a brace is closed that was not opened")
    return parsed


def _block(tokens: List[Token], at: int, depth: int, text: str, where: str) -> Tuple[List[Statement], int]:
    """The statements from the token ``at`` up to a closing brace or the end, and the number of the token there."""
    if depth > DEEPEST:
        raise _refusal(text, tokens[at - 1].start, where, "braces stand too deep in one another")
    found: List[Statement] = []
    current = Statement()
    parentheses = 0

    def ended() -> Statement:
        if current.tokens:
            found.append(current)
        return Statement()

    while at < len(tokens) and tokens[at].kind != CLOSE:
        token = tokens[at]
        if token.kind == OPEN:
            inner, last = _block(tokens, at + 1, depth + 1, text, where)
            if last >= len(tokens):
                raise _refusal(text, token.start, where, "a brace is never closed")
            current.blocks.append(Block(token.start, tokens[last].start, inner))
            current.tokens += [token, tokens[last]]
            at = last + 1
            continue
        goes_on = bool(current.tokens) and current.tokens[-1].text == "," and current.tokens[-1].kind == MARK
        if token.kind == NEWLINE:
            if parentheses <= 0 and not goes_on:
                current = ended()
        elif token.kind == MARK and token.text == ";":
            current, parentheses = ended(), 0
        else:
            parentheses += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token.text, 0) if token.kind == MARK else 0
            current.tokens.append(token)
        at += 1
    ended()
    return found, at


def _tokens(text: str, where: str, kotlin: bool) -> Iterator[Token]:
    at = 0
    before = Token(NEWLINE, "", 0, 0)
    while at < len(text):
        end = _passed(text, at, where)
        if end > at:
            at = end
            continue
        token = _token(text, at, where, _slashy(before) and not kotlin)
        yield token
        before, at = token, token.end


def _passed(text: str, at: int, where: str) -> int:
    """Where blanks and comments that begin at ``at`` end."""
    if text[at] in " \t\r\f":
        return at + 1
    if text.startswith("//", at) or (at == 0 and text.startswith("#!")):
        end = text.find("\n", at)
        return len(text) if end < 0 else end
    if text.startswith("/*", at):
        end = text.find("*/", at + 2)
        if end < 0:
            raise _refusal(text, at, where, "a comment is never closed")
        return end + 2
    return at


def _slashy(before: Token) -> bool:
    """Whether a `/` behind this token begins a string, since there is nothing to divide."""
    if before.kind == WORD:
        return before.text in _WORDS_BEFORE_SLASHY
    return before.kind in (NEWLINE, OPEN, CLOSE) or (before.kind == MARK and before.text in _BEFORE_SLASHY)


def _token(text: str, at: int, where: str, slashy: bool) -> Token:
    character = text[at]
    if character in "\"'":
        quote = character * 3 if text.startswith(character * 3, at) else character
        end = _string_end(text, at + len(quote), quote, where, 0)
        return Token(STRING, text[at + len(quote) : end - len(quote)], at, end)
    if character == "\n":
        return Token(NEWLINE, character, at, at + 1)
    if character in "{}":
        return Token(character, character, at, at + 1)
    if character == "/" and slashy:
        line = re.compile(r"/(?:[^/\\\n]|\\.)+/").match(text, at)
        if line:
            return Token(STRING, line[0][1:-1], at, line.end())
    word = _WORD.match(text, at)
    if word:
        return Token(WORD, word[0], at, word.end())
    return Token(MARK, character, at, at + 1)


def _string_end(text: str, at: int, quote: str, where: str, depth: int) -> int:
    """Where the string ends, whose content begins at ``at``; a `${` in double quotes holds code with strings again."""
    begun = at
    while at < len(text):
        if text.startswith(quote, at):
            return at + len(quote)
        if text[at] == "\\":
            at += 2
        elif text.startswith("${", at) and quote[0] == '"' and depth < DEEPEST:
            at = _code_end(text, at + 2, where, depth + 1)
        elif text[at] == "\n" and len(quote) == 1:
            break
        else:
            plain = _PLAIN.match(text, at)
            at = plain.end() if plain else at + 1
    raise _refusal(text, begun, where, "a string is never closed")


def _code_end(text: str, at: int, where: str, depth: int) -> int:
    """Behind the brace that closes the code which begins at ``at``."""
    begun, open_braces = at, 1
    while at < len(text):
        character = text[at]
        if character in "\"'":
            quote = character * 3 if text.startswith(character * 3, at) else character
            at = _string_end(text, at + len(quote), quote, where, depth)
            continue
        open_braces += {"{": 1, "}": -1}.get(character, 0)
        at += 1
        if not open_braces:
            return at
    raise _refusal(text, begun, where, "code in a string is never closed")


def _refusal(text: str, at: int, where: str, what: str) -> GradleRefusal:
    line = text.count("\n", 0, at) + 1
    return GradleRefusal(f"{where}: line {line}: {what}, so its dependencies cannot be told; mend the build file there")
