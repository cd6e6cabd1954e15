# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attributes of a principal: their bits and all the spellings that kadmin takes."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Dict, Iterable, Tuple

from .refusal import Refusal


@dataclass(frozen=True)
class Attribute:
    """One attribute: the name under which kadmin lists it, its bit in the database, and whether a set bit means '-'.

    ``same`` are other spellings with the same sense, ``opposite`` those with the opposite one
    (MIT's lib/krb5/krb/str_conv and lib/kadm5/str_conv.c).
    """

    name: str
    bit: int
    inverted: bool
    same: Tuple[str, ...] = ()
    opposite: Tuple[str, ...] = ()


@dataclass(frozen=True)
class AttributeWish:
    """An attribute that is to be on ('+name') or off ('-name')."""

    attribute: Attribute
    on: bool

    def __str__(self) -> str:
        return f"{'+' if self.on else '-'}{self.attribute.name}"

    def holds(self, bits: int) -> bool:
        """Whether a principal with these bits is as wished."""
        return bool(bits & self.attribute.bit) != (self.on == self.attribute.inverted)


class AttributeRefusal(Refusal):
    """An attribute that kadmin does not know, or two that contradict each other."""


LOCKDOWN_KEYS = 0x800000  # kdb.h, KRB5_KDB_LOCKDOWN_KEYS: kadmind hands out no key, whoever asks

ATTRIBUTES = (
    Attribute("allow_postdated", 0x1, True, ("postdateable",), ("disallow_postdated",)),
    Attribute("allow_forwardable", 0x2, True, ("forwardable",), ("disallow_forwardable",)),
    Attribute("allow_tgs_req", 0x4, True, ("tgt_based",), ("disallow_tgt_based",)),
    Attribute("allow_renewable", 0x8, True, ("renewable",), ("disallow_renewable",)),
    Attribute("allow_proxiable", 0x10, True, ("proxiable",), ("disallow_proxiable",)),
    Attribute("allow_dup_skey", 0x20, True, ("dup_skey",), ("disallow_dup_skey",)),
    Attribute("allow_tix", 0x40, True, ("allow_tickets",), ("disallow_all_tix",)),
    Attribute("requires_preauth", 0x80, False, ("preauth", "requires_pre_auth")),
    Attribute("requires_hwauth", 0x100, False, ("hwauth", "requires_hw_auth")),
    Attribute("needchange", 0x200, False, ("pwchange", "requires_pwchange")),
    Attribute("allow_svr", 0x1000, True, ("service",), ("disallow_svr",)),
    Attribute("password_changing_service", 0x2000, False, ("pwchange_service", "pwservice")),
    Attribute("ok_as_delegate", 0x100000, False),
    Attribute("ok_to_auth_as_delegate", 0x200000, False),
    Attribute("no_auth_data_required", 0x400000, False),
    Attribute("lockdown_keys", LOCKDOWN_KEYS, False),
)
SPELLINGS: Dict[str, Tuple[Attribute, bool]] = {
    **{word: (attribute, False) for attribute in ATTRIBUTES for word in (attribute.name, *attribute.same)},
    **{word: (attribute, True) for attribute in ATTRIBUTES for word in attribute.opposite},
}
NEEDCHANGE = SPELLINGS["needchange"][0]
ALLOW_TIX = AttributeWish(SPELLINGS["allow_tix"][0], True)


def parse_attributes(texts: Iterable[str]) -> Tuple[AttributeWish, ...]:
    """What ``attributes`` asks for, each attribute once; upper case and dashes are taken as kadmin takes them.

    AttributeRefusal: no sign, an unknown name, or the same attribute both on and off.
    """
    wishes: Dict[str, AttributeWish] = {}
    for text in texts:
        wish = _parse(text.strip())
        if wishes.setdefault(wish.attribute.name, wish) != wish:
            raise AttributeRefusal(
                f"attributes: '{text}' contradicts '{wishes[wish.attribute.name]}'; keep one of the two"
            )
    return tuple(wishes.values())


def _parse(text: str) -> AttributeWish:
    word = text[1:].lower().replace("-", "_")
    if text[:1] not in ("+", "-"):
        raise AttributeRefusal(f"attributes: '{text}' has no sign; write '+{text}' to set it or '-{text}' to clear it")
    if word not in SPELLINGS:
        near = difflib.get_close_matches(word, sorted(SPELLINGS), n=1)
        remedy = f"did you mean '{text[0]}{near[0]}'?" if near else "kadmin's manual lists the attributes"
        raise AttributeRefusal(f"attributes: '{text}' is not an attribute that kadmin knows; {remedy}")
    attribute, opposite = SPELLINGS[word]
    return AttributeWish(attribute, (text[0] == "+") != opposite)


def attribute_texts(bits: int) -> Tuple[str, ...]:
    """The attributes of a principal that differ from a plain one, as '+name' or '-name'; unknown bits as '+0x...'."""
    known = tuple(
        f"{'-' if attribute.inverted else '+'}{attribute.name}" for attribute in ATTRIBUTES if bits & attribute.bit
    )
    rest = bits & ~sum(attribute.bit for attribute in ATTRIBUTES)
    return (*known, f"+{rest:#x}") if rest else known
