# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of enctypes as MIT's configuration files write them: names, families, DEFAULT, each with + or - before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, FrozenSet, Iterable, List, Tuple

from .enctypes import BY_NAME, FAMILIES, EnctypeRefusal, enctype_name, expand_enctypes

# default_enctype_list[] of MIT's init_ctx.c, releases 1.15 to 1.22, with the two that are on their way out
DEFAULT = (18, 17, 20, 19, 16, 23, 25, 26)


@dataclass(frozen=True)
class EnctypeList:
    """What a list comes to: ``numbers`` in its order, each once; ``named``: those that have a word of their own."""

    numbers: Tuple[int, ...]
    named: FrozenSet[int]


def parse_enctype_list(words: Iterable[str], option: str = "enctypes") -> EnctypeList:
    """The list that ``words`` come to, read from left to right as MIT does: + or nothing adds, - takes away.

    EnctypeRefusal for a word that nobody knows, which MIT would pass over in silence.
    """
    numbers: Dict[int, None] = {}
    named: Dict[int, None] = {}
    for word in _split(words):
        sign, body = (word[0], word[1:]) if word[:1] in ("+", "-") else ("+", word)
        if body.upper() == "DEFAULT":
            found: Tuple[int, ...] = DEFAULT
        else:
            found = expand_enctypes([body], option)
        single = body.lower() in BY_NAME and body.lower() not in FAMILIES
        for number in found:
            if sign == "-":
                numbers.pop(number, None)
                named.pop(number, None)
                continue
            numbers[number] = None
            if single:
                named[number] = None
    return EnctypeList(tuple(numbers), frozenset(named))


def read_enctype_list(text: str) -> Tuple[Tuple[int, ...], Tuple[str, ...]]:
    """The enctypes of a list as it stands in a file, salt types passed over, and the words of it that nobody knows."""
    known: List[str] = []
    unknown: List[str] = []
    for word in _split([text]):
        bare = word.partition(":")[0]
        try:
            parse_enctype_list([bare])
        except EnctypeRefusal:
            unknown.append(word)
        else:
            known.append(bare)
    return parse_enctype_list(known).numbers, tuple(unknown)


def enctype_words(numbers: Iterable[int]) -> str:
    """The list as it is written to a file: canonical names, parted by blanks."""
    return " ".join(enctype_name(number) for number in numbers)


def _split(words: Iterable[str]) -> List[str]:
    return [word for words_of_one in words for word in words_of_one.replace(",", " ").split()]
