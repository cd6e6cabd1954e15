# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `zimbra_attributes` is asked for, as values: entries of Zimbra's directory and what each is to hold."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Optional, Tuple

from .refusal import Refusal
from .zimbra_catalogue import ACCOUNT, CONFIG, DOMAIN, SERVER, Attribute

# Not whether something is allowed, nor what is public or looks for words.
_SECRET = re.compile(r"^(?!.*(allow|public|tokenize)).*(password|passwd|secret|keys?|tokens?)$", re.IGNORECASE)
MASK = "********"


class EntriesRefusal(Refusal):
    """The option `entries` asks for something that Zimbra does not take."""


@dataclass(frozen=True)
class Asked:
    """One attribute of one entry: either its exact values, or values to add and to remove."""

    name: str
    attribute: Optional[Attribute]  # None where the catalogue does not know it
    exact: Optional[Tuple[str, ...]] = None
    add: Tuple[str, ...] = ()
    remove: Tuple[str, ...] = ()
    matching: Tuple[str, ...] = ()  # patterns of further values to remove

    @property
    def key(self) -> str:
        return self.name.lower()

    @property
    def secret(self) -> bool:
        return is_secret(self.name)

    def may_inherit(self, entry_type: str) -> bool:
        """Whether an entry without own values may show those of another."""
        if self.attribute is None:
            return entry_type in (SERVER, DOMAIN, ACCOUNT)
        return entry_type in self.attribute.heirs

    @property
    def undescribed(self) -> bool:
        """Whether zmprov can tell what the catalogue does not: of Zimbra's own attributes it knows all."""
        return self.attribute is None and self.key.startswith("zimbra")


@dataclass(frozen=True)
class EntryWish:
    """What one entry of the directory is to hold."""

    type: str
    name: str  # empty for the global configuration
    asked: Tuple[Asked, ...]

    @property
    def key(self) -> Tuple[str, str]:
        return self.type, self.name.lower()

    @property
    def place(self) -> str:
        return place(self.type, self.name)


@dataclass(frozen=True)
class Wish:
    entries: Tuple[EntryWish, ...]
    warnings: Tuple[str, ...] = field(default=())


def place(entry_type: str, name: str) -> str:
    """An entry as sentences name it."""
    return "the global configuration" if entry_type == CONFIG else f"{entry_type} {name}"


def is_secret(attribute: str) -> bool:
    """Whether an attribute's name tells that its value must not be shown."""
    return bool(_SECRET.match(attribute))
