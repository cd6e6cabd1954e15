# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Encryption types: their numbers (IANA's registry), their names as MIT writes and takes them, their families."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Dict, Iterable, Tuple

from .refusal import Refusal


@dataclass(frozen=True)
class Enctype:
    """One encryption type.

    ``name`` is the canonical one that MIT's klist prints; ``aliases`` are what MIT's configuration files
    accept besides; ``weak`` ones need allow_weak_crypto; ``deprecated`` ones still work but are on their way out.
    """

    number: int
    name: str
    aliases: Tuple[str, ...] = ()
    weak: bool = False
    deprecated: bool = False


class EnctypeRefusal(Refusal):
    """An enctype name that nobody knows. MIT ignores such a name silently and then uses its defaults."""


ENCTYPES = (
    Enctype(1, "des-cbc-crc", weak=True),
    Enctype(2, "des-cbc-md4", weak=True),
    Enctype(3, "des-cbc-md5", ("des",), weak=True),
    Enctype(16, "des3-cbc-sha1", ("des3-hmac-sha1", "des3-cbc-sha1-kd"), deprecated=True),
    Enctype(17, "aes128-cts-hmac-sha1-96", ("aes128-cts", "aes128-sha1")),
    Enctype(18, "aes256-cts-hmac-sha1-96", ("aes256-cts", "aes256-sha1")),
    Enctype(19, "aes128-cts-hmac-sha256-128", ("aes128-sha2",)),
    Enctype(20, "aes256-cts-hmac-sha384-192", ("aes256-sha2",)),
    Enctype(23, "arcfour-hmac", ("rc4-hmac", "arcfour-hmac-md5"), deprecated=True),
    Enctype(24, "arcfour-hmac-exp", ("rc4-hmac-exp", "arcfour-hmac-md5-exp"), weak=True),
    Enctype(25, "camellia128-cts-cmac", ("camellia128-cts",)),
    Enctype(26, "camellia256-cts-cmac", ("camellia256-cts",)),
)
# In the order in which MIT puts them in a list of preferences (krb5's init_ctx.c); `des` until 1.17.
FAMILIES: Dict[str, Tuple[int, ...]] = {
    "aes": (18, 17, 20, 19),
    "camellia": (26, 25),
    "des": (1, 3, 2),
    "des3": (16,),
    "rc4": (23,),
}
BY_NUMBER = {enctype.number: enctype for enctype in ENCTYPES}
BY_NAME = {name: enctype for enctype in ENCTYPES for name in (enctype.name, *enctype.aliases)}


def enctype_name(number: int) -> str:
    """The canonical name, or ``enctype 99`` for a number that this table does not know (keytabs may hold any)."""
    known = BY_NUMBER.get(number)
    return known.name if known else f"enctype {number}"


def enctype_number(name: str, option: str = "enctypes") -> int:
    """The number of a canonical name or alias, in upper or lower case as MIT takes them.

    EnctypeRefusal names ``option`` and the nearest known name; a family is no single enctype.
    """
    known = BY_NAME.get(name.strip().lower())
    if known is None:
        raise _unknown(name, option, BY_NAME)
    return known.number


def expand_enctypes(names: Iterable[str], option: str = "enctypes") -> Tuple[int, ...]:
    """The numbers of names and families, in their order, each once; EnctypeRefusal for an unknown name."""
    numbers: Dict[int, None] = {}
    for name in names:
        word = name.strip().lower()
        if word in FAMILIES:
            numbers.update(dict.fromkeys(FAMILIES[word]))
        elif word in BY_NAME:
            numbers[BY_NAME[word].number] = None
        else:
            raise _unknown(name, option, (*BY_NAME, *FAMILIES))
    return tuple(numbers)


def _unknown(name: str, option: str, known: Iterable[str]) -> EnctypeRefusal:
    word = name.strip().lower()
    if ":" in word:
        remedy = "write it without the salt type"
    elif word in FAMILIES:
        remedy = f"it is a family, so name one of {', '.join(enctype_name(number) for number in FAMILIES[word])}"
    else:
        near = difflib.get_close_matches(word, sorted(known), n=1)
        remedy = f"did you mean '{near[0]}'?" if near else "write for instance 'aes256-cts-hmac-sha1-96'"
    return EnctypeRefusal(f"{option}: '{name}' is not the name of an encryption type; {remedy}")
