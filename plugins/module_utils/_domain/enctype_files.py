# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A policy of encryption types in krb5.conf and kdc.conf: the text with it, and the relations that change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

from . import profile_edit
from .enctype_policy import LISTS, SWITCHES, PolicyRefusal, Resolved, relations
from .enctypes import enctype_name
from .keysalt import KeySalt, KeySaltRefusal, keysalt_text, parse_keysalts
from .profile import parse
from .profile_reading import Change, Path, Reading, changes, first_by_path, is_true, no_includes, readings
from .profile_settings import settings_from

DEFAULTS = "libdefaults"
Nested = Mapping[str, Any]  # as `settings_from` takes it


@dataclass(frozen=True)
class ProfileChange:
    """One profile file: its text before and after (None: there is no file), and the relations that differ."""

    path: str
    before: Optional[str]
    after: Optional[str]
    changes: Tuple[Change, ...]

    @property
    def changed(self) -> bool:
        return self.before != self.after


def krb5_conf_change(path: str, text: Optional[str], resolved: Resolved, crypto_policies: bool) -> ProfileChange:
    """``path`` with the policy in [libdefaults]; what it does not need of `LISTS` goes, and of `SWITCHES` what is on.

    With ``crypto_policies`` the list of permitted types is kept there and not in this file.
    """
    wanted = relations(resolved)
    if crypto_policies:
        wanted.pop("permitted_enctypes")
    there = by_relation(path, text)
    unwanted = [name for name in LISTS if name not in wanted]
    unwanted += [name for name in SWITCHES if name not in wanted and _is_on(there.get((DEFAULTS, name)))]
    return _edited(path, text, {DEFAULTS: wanted}, {DEFAULTS: dict.fromkeys(unwanted)})


def kdc_conf_change(
    path: str, text: Optional[str], realm: str, resolved: Resolved, salts: Sequence[str], newborn: bool
) -> ProfileChange:
    """``path`` with the types of new keys for ``realm``, each with each of ``salts`` (normal, special, ...).

    ``newborn``: the realm has no database yet, so that the type of its master key can still be said; else that line
    stays as it is, for it must be that of the key. KeySaltRefusal for an unknown salt type.
    """
    own = {"supported_enctypes": " ".join(map(keysalt_text, supported_keysalts(resolved, salts)))}
    if newborn and ("realms", realm, "master_key_type") not in by_relation(path, text):
        own["master_key_type"] = enctype_name(resolved.enctypes[0])
    return _edited(path, text, {"realms": {realm: own}}, {})


def supported_keysalts(resolved: Resolved, salts: Sequence[str]) -> Tuple[KeySalt, ...]:
    """Which keys a new principal gets: by enctype, then by salt."""
    if not salts:
        raise KeySaltRefusal("salt_types: is empty, so that no key could be made; write [normal]")
    words = [f"{enctype_name(number)}:{salt}" for number in resolved.enctypes for salt in salts]
    return parse_keysalts(words, "salt_types")


def by_relation(path: str, text: Optional[str]) -> Dict[Path, Reading]:
    """The first reading of each relation of the file itself, which is the one that counts."""
    return first_by_path(readings(parse(text or "", path), path, no_includes))


def check_effective(change: ProfileChange, read: Iterable[Reading], crypto_policies: bool = False) -> None:
    """PolicyRefusal where another file's relation counts instead of one that ``change`` writes.

    ``read``: all that libkrb5 reads, includes among them, with the change in place. ``crypto_policies``: the list of
    permitted types is theirs.
    """
    own = by_relation(change.path, change.after)
    first = first_by_path(read)
    for name in (*LISTS, *SWITCHES):
        path = (DEFAULTS, name)
        if crypto_policies and name == "permitted_enctypes":
            continue
        found = first.get(path)
        if found is None or found.source == change.path:
            continue
        if path in own and found.value.split() == own[path].value.split():
            continue
        if path not in own and name in SWITCHES and not _is_on(found):
            continue
        raise PolicyRefusal(
            f"{found.source}: line {found.line} sets {name} = {found.value}, which libkrb5 reads before {change.path}; "
            "remove that line, or where crypto-policies writes it set crypto_policies to true"
        )


def change_lines(found: Sequence[Change]) -> Tuple[str, str]:
    """The relations before and after, a line each, for a diff."""
    before: List[str] = []
    after: List[str] = []
    for change in found:
        name = " / ".join(change.path)
        before += [f"{name} = {value}" for value in change.before] or [f"{name}: not set"]
        after += [f"{name} = {value}" for value in change.after] or [f"{name}: not set"]
    return "".join(f"{line}\n" for line in before), "".join(f"{line}\n" for line in after)


def _edited(path: str, text: Optional[str], wanted: Nested, unwanted: Nested) -> ProfileChange:
    before = text or ""
    after = profile_edit.present(before, settings_from(wanted, False), path) if _leaves(wanted) else before
    if after and _leaves(unwanted):
        after = profile_edit.absent(after, settings_from(unwanted, True), path)
    found = changes(parse(before, path), parse(after, path))
    return ProfileChange(path, text, after if after or text is not None else None, tuple(found))


def _leaves(wanted: Nested) -> bool:
    return any(not isinstance(inner, Mapping) or _leaves(inner) for inner in wanted.values())


def _is_on(reading: Optional[Reading]) -> bool:
    return reading is not None and is_true(reading.value)
