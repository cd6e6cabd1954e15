# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A profile is a file that others write: whatever its bytes, it is a tree of the same bytes or one sentence."""

from __future__ import annotations

import random
import re
import time
from typing import Callable, Iterator, Optional, Sequence

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.profile import (
    LONGEST,
    Profile,
    ProfileRefusal,
    decode,
    encode,
    parse,
)
from ansible_collections.mailrealm.kerberos.tests.unit.module_utils._domain.profile_samples import SAMPLES

CHUNKS = 10
MUTANTS = 10_000  # in each chunk
REFUSAL = re.compile(r"file: line (\d+), column (\d+): [^\n]+; [^\n]+")
LONGEST_SENTENCE = 250 + LONGEST  # a refusal quotes a name of the line at most
# Pieces on which a line's meaning turns, whole lines among them.
PIECES = (
    *(b"[", b"]", b"{", b"}", b"=", b"*", b'"', b"\\", b"#", b";", b"\n", b"\r\n", b"\r", b"\t", b" ", b"\0", b"\v"),
    *(b"\xef\xbb\xbf", b"\xff", b"\xc3", b"\xc3\xa9", b"\xe2\x80\xa8", b"\xc2\x85", b"\xed\xa0\x80"),
    *(b"\ninclude /x\n", b"\nincludedir /x\n", b"\nmodule /x:y\n", b"\nmodule", b"\n[a]\n", b"\n[a]*\n", b"\n}\n"),
    *(
        b"\n}*\n",
        b"\nb = {\n",
        b"\nb =\n{\n",
        b"\nb =\n",
        b'\nb = "\\',
        b"b* = c",
        b"\nb = { c = d }\n",
        b"[]",
        b"\n=\n",
    ),
    *(b"x" * LONGEST, b"\nb = {" * 101),
)
# The shorter samples, so that a hundred thousand take seconds; each kind of line is in them.
CHOSEN = ("Ubuntu", "Samba", "Java", "Zimbra", "RHEL 7", "kdc.conf")
WHOLE = (
    *(SAMPLES[name].encode() for name in CHOSEN),
    b'; a\nincludedir /d/\n[a]*\r\n b* = "c\\n" d\r\ns =\r\n\t{\ninclude /e\nt = { u }\n }* v\n\n# w\n [x]\ny = z',
)

Change = Callable[[random.Random, bytearray], None]


def flip(chance: random.Random, content: bytearray) -> None:
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)


def cut(chance: random.Random, content: bytearray) -> None:
    del content[chance.randrange(len(content)) :]


def put(chance: random.Random, content: bytearray) -> None:
    at = chance.randint(0, len(content))
    content[at:at] = chance.choice(PIECES)


def overwrite(chance: random.Random, content: bytearray) -> None:
    piece = chance.choice(PIECES)
    at = chance.randrange(len(content))
    content[at : at + len(piece)] = piece


def remove(chance: random.Random, content: bytearray) -> None:
    at = chance.randrange(len(content))
    del content[at : at + chance.randint(1, 30)]


def move(chance: random.Random, content: bytearray) -> None:
    start, at = chance.randrange(len(content)), chance.randrange(len(content))
    content[at:at] = content[start : start + chance.randint(1, 60)]


def swap_lines(chance: random.Random, content: bytearray) -> None:
    lines = content.splitlines(keepends=True)
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    content[:] = b"".join(lines)


def noise(chance: random.Random, content: bytearray) -> None:
    at = chance.randrange(len(content))
    content[at : at + chance.randint(1, 9)] = bytes(chance.getrandbits(8) for dummy in range(chance.randint(1, 9)))


CHANGES: Sequence[Change] = (flip, cut, put, put, overwrite, remove, move, swap_lines, noise)


def mutants(seed: int, count: int) -> Iterator[bytes]:
    chance = random.Random(seed)
    for dummy in range(count):
        content = bytearray(chance.choice(WHOLE))
        for _time in range(chance.choice((1, 1, 1, 2, 3))):
            if content:
                chance.choice(CHANGES)(chance, content)
        yield bytes(content)


def read_or_refused(content: bytes, told: str) -> Optional[Profile]:
    """The tree; None where the bytes are refused in one sentence that names a character of the file."""
    try:
        return parse(decode(content, "file"), "file")
    except ProfileRefusal as refusal:
        sentence = str(refusal)
    place = REFUSAL.fullmatch(sentence)
    assert place, f"{told}: {sentence}"
    assert len(sentence) <= LONGEST_SENTENCE, f"{told}: {sentence}"
    line, column = map(int, place.groups())
    lines = re.findall("[^\n]*\n|[^\n]+", content.decode("utf-8", "surrogateescape"))
    assert 1 <= line <= len(lines), f"{told}: {sentence}"
    assert 1 <= column <= len(lines[line - 1]), f"{told}: {sentence}"
    return None


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_mutant_is_a_tree_of_its_bytes_or_refused_with_line_and_column(chunk: int) -> None:
    read = 0
    for number, content in enumerate(mutants(chunk, MUTANTS)):
        told = f"seed {chunk}, number {number}: {content!r}"
        profile = read_or_refused(content, told)
        if profile is not None:
            read += 1
            assert encode(profile.text) == content, told
    # the mutants are near enough to profiles that both ways are walked
    assert MUTANTS // 10 < read < MUTANTS - MUTANTS // 10


LINES = {
    "relations": "b = c\n",
    "comments": "# b = c\n",
    "sections": "[a]\n",
    "subsections": "b = {\n}\n",
    "subsections' braces": "b =\n{\n}\n",
    "quotes": 'b = "' + "\\" * 900 + "\n",
    "include lines": "include /b\n",
    "blanks": " " * 1000 + "b" + " " * 900 + "= c\n",
    "no sections": "b\n",
}


@pytest.mark.parametrize("kind", LINES)
def test_eight_times_the_lines_take_no_more_than_some_eight_times_the_time(kind: str) -> None:
    """Quadratic, they would take sixty-four times."""
    start = "" if kind == "no sections" else "[a]\n"
    count = 200_000 // len(LINES[kind])
    small, large = (_seconds(start + LINES[kind] * many) for many in (count // 8, count))
    assert large < 24 * small + 0.05


def _seconds(text: str) -> float:
    best = float("inf")
    for dummy in range(3):
        parse.cache_clear()
        since = time.process_time()
        assert parse(text, "file").text == text
        best = min(best, time.process_time() - since)
    return best
