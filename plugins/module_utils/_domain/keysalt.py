# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Key/salt types: which keys a principal is to have, as kadmin's `-e` and kdc.conf's supported_enctypes write them."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Dict, Iterable, Optional, Tuple, Union

from .enctypes import EnctypeRefusal, enctype_name, enctype_number, expand_enctypes
from .principal import PrincipalName
from .refusal import Refusal

NORMAL, NOREALM, ONLYREALM, SPECIAL = 0, 2, 3, 4
SALT_TYPES: Dict[str, int] = {"normal": NORMAL, "norealm": NOREALM, "onlyrealm": ONLYREALM, "special": SPECIAL}
SALT_NAMES = {number: name for name, number in SALT_TYPES.items()}


@dataclass(frozen=True)
class KeySalt:
    """An enctype's number with the way in which a password is salted for it (kdb.h, KRB5_KDB_SALTTYPE_*)."""

    enctype: int
    salt_type: int = NORMAL

    def __str__(self) -> str:
        name = enctype_name(self.enctype)
        return name if self.salt_type == NORMAL else f"{name}:{salt_name(self.salt_type)}"


class KeySaltRefusal(Refusal):
    """A salt type that nobody knows. kadmin ignores such an entry silently and then uses its defaults."""


def salt_name(number: int) -> str:
    """The name of a salt type, or ``salt 9`` for a number that this table does not know."""
    return SALT_NAMES.get(number, f"salt {number}")


def parse_keysalts(texts: Iterable[str], option: str = "enctypes") -> Tuple[KeySalt, ...]:
    """The keys that a list of ``enctype`` or ``enctype:salt`` asks for, in its order, each once; families are opened.

    EnctypeRefusal or KeySaltRefusal for an unknown name.
    """
    found: Dict[KeySalt, None] = {}
    for text in texts:
        enctypes, colon, salt = text.strip().partition(":")
        number = SALT_TYPES.get(salt.lower()) if colon else NORMAL
        if number is None:
            near = difflib.get_close_matches(salt.lower(), SALT_TYPES, n=1)
            remedy = f"did you mean '{near[0]}'?" if near else f"write one of {', '.join(SALT_TYPES)}"
            raise KeySaltRefusal(f"{option}: '{text}' names no salt type that MIT Kerberos knows; {remedy}")
        found.update(dict.fromkeys(KeySalt(enctype, number) for enctype in expand_enctypes([enctypes], option)))
    return tuple(found)


def read_keysalts(text: str) -> Tuple[Union[KeySalt, str], ...]:
    """The entries of a list as a password policy holds it, in its order.

    An entry that nobody knows stays text: kadmin takes any, and its library passes over what it does not know.
    """
    return tuple(_read_keysalt(entry.strip()) for entry in text.split(",") if entry.strip())


def _read_keysalt(entry: str) -> Union[KeySalt, str]:
    enctype, colon, salt = entry.partition(":")
    number = SALT_TYPES.get(salt.lower()) if colon else NORMAL
    try:
        return entry if number is None else KeySalt(enctype_number(enctype), number)
    except EnctypeRefusal:
        return entry


def keysalt_word(keysalts: Iterable[KeySalt]) -> str:
    """The list as `-e` takes it, salt types always written out: without one kadmin takes it for 'normal' since 1.13."""
    return ",".join(map(keysalt_text, keysalts))


def keysalt_text(keysalt: KeySalt) -> str:
    """As kdc.conf writes it and `-e` takes it, with the salt type also where it is the usual one."""
    return f"{enctype_name(keysalt.enctype)}:{salt_name(keysalt.salt_type)}"


def password_salt(principal: PrincipalName, salt_type: int) -> Optional[bytes]:
    """The salt from which a password's key was made (MIT's principal2salt), or None where only the KDC knows it."""
    name = b"".join(principal.components)
    return {NORMAL: principal.realm + name, NOREALM: name, ONLYREALM: principal.realm}.get(salt_type)
