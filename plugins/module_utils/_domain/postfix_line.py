# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logical lines of Postfix's main.cf and master.cf, kept to the byte.

The rules are those of postconf(5) and master(5), as Postfix's own reader (util/readlline.c) carries them out:
a line that starts with white space continues the logical line before it; blank lines and lines whose first
visible character is `#` are left out wherever they stand, also between a line and its continuation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import List, Tuple

from .refusal import Refusal

BLANK = " \t\n\v\f\r"  # C's isspace(): Python's own would take Unicode's blanks too, which Postfix does not
_PHYSICAL = re.compile(r"[^\n]*\n|[^\n]+")
_BLANKS = re.compile(f"[{BLANK}]+")


class PostfixRefusal(Refusal):
    """What of main.cf, master.cf or of the wishes for them cannot be, and how to mend it."""


@dataclass(frozen=True)
class Piece:
    """One logical line with the comments inside it, or (``logical`` False) the comments and blank lines between two.

    ``number`` is that of its first physical line, from 1.
    """

    raw: str
    logical: bool
    number: int


def _left_out(line: str) -> bool:
    visible = line.strip(BLANK)
    return not visible or visible.startswith("#")


def split(text: str) -> Tuple[Piece, ...]:
    """``text`` as pieces; joined, their ``raw`` is ``text`` again.

    A continuation of nothing at the head of the file counts as left out: Postfix warns of it and reads on.
    """
    pieces: List[Piece] = []
    waiting: List[str] = []  # left-out lines that belong to the logical line only if a continuation follows
    start = 1
    for number, line in enumerate(_PHYSICAL.findall(text), 1):
        if not _left_out(line) and line[0] not in BLANK:
            if waiting:
                pieces.append(Piece("".join(waiting), False, start))
                waiting = []
            pieces.append(Piece(line, True, number))
        elif _left_out(line) or not pieces:
            start = start if waiting else number
            waiting.append(line)
        else:
            pieces[-1] = Piece(pieces[-1].raw + "".join(waiting) + line, True, pieces[-1].number)
            waiting = []
    if waiting:
        pieces.append(Piece("".join(waiting), False, start))
    return tuple(pieces)


def visible(raw: str) -> str:
    """``raw`` as Postfix joins it, but of the same length: comments inside and line ends are blanks."""
    lines = (" " * len(line) if _left_out(line) else line for line in _PHYSICAL.findall(raw))
    return "".join(lines).replace("\n", " ")


def comments(raw: str) -> str:
    """The left-out lines of ``raw``, whole."""
    return "".join(line for line in _PHYSICAL.findall(raw) if _left_out(line))


def replace(raw: str, start: int, end: int, text: str) -> str:
    """``raw`` with ``text`` in place of ``raw[start:end]``; comments that stood inside follow it."""
    head, gone, rest = raw[:start], raw[start:end], raw[end:]
    # Only whole lines inside the span are comments: its first line holds the span's start, its last the end.
    inside = "".join("\n" + line for line in gone.split("\n")[1:-1] if _left_out(line))
    if inside and rest.partition("\n")[0].strip(BLANK):
        inside += "\n"  # what follows on the line must not become part of the comment
    return head + text + inside + rest


def normal(value: str) -> str:
    """``value`` with each run of white space as one blank: the form in which values are compared."""
    return _BLANKS.sub(" ", value).strip(" ")


def with_line_end(text: str) -> str:
    """``text`` ready for another line after it."""
    return text if not text or text.endswith("\n") else text + "\n"
