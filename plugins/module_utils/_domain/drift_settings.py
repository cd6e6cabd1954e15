# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From two texts of one thing to the settings that differ between them."""

from __future__ import annotations

import collections
import difflib
from dataclasses import dataclass
from typing import Dict, List, Optional, Tuple

from .drift_secrets import MASK, is_secret, masked, without_secrets
from .drift_values import PRESENT, named_values

ANOTHER = "(another, not shown)"
_ABSENT = "absent"  # which modules of the collection say of a whole thing, and then nothing of what is in it


@dataclass(frozen=True)
class Setting:
    """``found``: what is, ``should``: what should be; None where it is not there."""

    name: str
    found: Optional[str]
    should: Optional[str]

    def as_json(self) -> Dict[str, Optional[str]]:
        return {"name": self.name, "is": self.found, "should": self.should}

    @property
    def text(self) -> str:
        """As a clause: ``rdns is 'true', should be 'false'``."""
        if self.found is None:
            wanted = "" if self.should in (PRESENT, None) else f", should be '{self.should}'"
            return f"{self.name} is missing{wanted}"
        if self.should is None:
            value = "there" if self.found == PRESENT else f"'{self.found}'"
            return f"{self.name} is {value}, should not be"
        return f"{self.name} is '{self.found}', should be '{self.should}'"


def settings_of(module: str, before: str, after: str) -> Tuple[Setting, ...]:
    """What differs between two texts that ``module`` shows, each setting once, in the order of their first lines.

    Values of one name that both have are left out, and those left are joined by commas. Where nothing but comments,
    blank lines or the order of settings differs, there is none. Secrets are masked.
    """
    found, wanted = _by_name(module, before), _by_name(module, after)
    settings = []
    for name in dict.fromkeys([*found, *wanted]):
        values = _left(found.get(name, []), wanted.get(name, []))
        if values[0] != values[1]:
            settings.append(Setting(name, *_shown(name, *(", ".join(each) if each else None for each in values))))
    return tuple(settings)


def unified(label: str, before: str, after: str) -> str:
    """Two texts as a unified diff of three lines of context, without secrets; empty where both are the same."""
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), f"{label} (is)", f"{label} (should be)", lineterm=""
    )
    return masked("".join(f"{line}\n" for line in lines))


def _by_name(module: str, text: str) -> Dict[str, List[str]]:
    named: Dict[str, List[str]] = {}
    for name, value in named_values(module, text):
        named.setdefault(name, []).append(value)
    return named


def _left(found: List[str], wanted: List[str]) -> Tuple[List[str], List[str]]:
    """The values of a repeated setting that the other side lacks; all of them where the order alone differs."""
    if [_ABSENT] in (found, wanted):
        return found or [PRESENT], wanted or [PRESENT]
    ours, theirs = collections.Counter(found), collections.Counter(wanted)
    if ours == theirs:
        return found, wanted
    return list((ours - theirs).elements()), list((theirs - ours).elements())


def _shown(name: str, found: Optional[str], should: Optional[str]) -> Tuple[Optional[str], Optional[str]]:
    if not any(value is not None and is_secret(name, value) for value in (found, should)):
        return found and without_secrets(found), should and without_secrets(should)
    return (
        None if found is None else MASK,
        None if should is None else MASK if found is None else ANOTHER,
    )
