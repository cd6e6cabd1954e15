# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What libkrb5 reads from a profile and the files that it includes, and what of it shadows a setting.

An included file's relations count from where its line stands; of a relation that has one value, the first
counts, of a list all of them, in that order (prof_parse.c, profile_get_string() and profile_get_values()).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Dict, Iterator, List, Sequence, Tuple

from .profile import Directive, Item, Profile, Relation, Section
from .profile_settings import Settings

Path = Tuple[str, ...]  # section, subsections, relation


@dataclass(frozen=True)
class Reading:
    """One relation that libkrb5 reads: where it is set (file and line) and to what."""

    path: Path
    value: str
    source: str
    line: int


@dataclass(frozen=True)
class Included:
    """A file that an include or includedir line brings in."""

    source: str
    profile: Profile


Including = Callable[[Directive], Sequence[Included]]


def readings(profile: Profile, source: str, including: Including) -> Iterator[Reading]:
    """All relations in the order in which libkrb5 meets them; ``including`` gives the files of an include line."""
    return _readings(profile.items, (), source, including)


def _readings(items: Sequence[Item], path: Path, source: str, including: Including) -> Iterator[Reading]:
    for item in items:
        if isinstance(item, Relation):
            yield Reading((*path, item.name), item.value, source, item.line)
        elif isinstance(item, Section):
            yield from _readings(item.items, (*path, item.name), source, including)
        elif isinstance(item, Directive):
            for included in including(item):
                yield from readings(included.profile, included.source, including)


def no_includes(dummy: Directive) -> Sequence[Included]:
    """For readings(): the file alone."""
    return ()


def by_path(found: Iterator[Reading]) -> Dict[Path, List[Reading]]:
    """The readings of each relation, in order."""
    grouped: Dict[Path, List[Reading]] = {}
    for reading in found:
        grouped.setdefault(reading.path, []).append(reading)
    return grouped


def leaves(settings: Settings, path: Path = ()) -> Iterator[Tuple[Path, Tuple[str, ...]]]:
    """Each relation of ``settings`` with its values."""
    for name, value in settings.items():
        if isinstance(value, tuple):
            yield (*path, name), value
        elif isinstance(value, dict):
            yield from leaves(value, (*path, name))


def shadows(settings: Settings, effective: Dict[Path, List[Reading]], source: str) -> List[Reading]:
    """The readings, from other files than ``source``, that keep a setting from being what libkrb5 uses.

    For one value that is an earlier one that differs; for several, any that is read beside them.
    """
    found: List[Reading] = []
    for path, wanted in leaves(settings):
        read = effective.get(path, [])
        foreign = [reading for reading in read if reading.source != source]
        if not foreign or [reading.value for reading in read] == list(wanted):
            continue
        if len(wanted) != 1:
            found.append(foreign[0])
        elif read[0].source != source and read[0].value != wanted[0]:
            found.append(read[0])
    return found


def shadow_sentence(reading: Reading) -> str:
    """What a reading of shadows() means, without the file's name."""
    return (
        f"libkrb5 does not use {' / '.join(reading.path)} as written here, because {reading.source} "
        f"line {reading.line} sets it to '{reading.value}'; remove it there, or edit that file instead"
    )


def doubts(profile: Profile) -> List[str]:
    """Lines that libkrb5 reads otherwise than they look, one sentence each, without the file's name."""
    found = [
        f"line {item.line} hands the profile to the module {item.target}, and libkrb5 reads nothing else of this file; "
        "remove that line, or edit the module's own source"
        for item in profile.items
        if isinstance(item, Directive) and item.kind == "module"
    ]
    own = list(readings(profile, "", no_includes))
    found += [
        f"line {reading.line} has a whole subsection on one line, which libkrb5 reads as the value of "
        f"'{reading.path[-1]}'; break the line behind '{{' and before '}}'"
        for reading in own
        if reading.value.startswith("{") and reading.value.endswith("}") and "=" in reading.value
    ]
    found += [
        f"line {reading.line} names '{reading.path[-1]}' in capitals, which matches no host, as libkrb5 looks for "
        "host names in small letters; write it so"
        for reading in own
        if reading.path[0] == "domain_realm" and len(reading.path) == 2 and reading.path[1] != reading.path[1].lower()
    ]
    return found


@dataclass(frozen=True)
class Change:
    """What an edit does to one relation: its values in the file before and after."""

    path: Path
    before: Tuple[str, ...]
    after: Tuple[str, ...]


def changes(before: Profile, after: Profile) -> List[Change]:
    """The relations whose values differ between two readings of one file (includes left aside)."""
    was, will_be = (by_path(readings(profile, "", no_includes)) for profile in (before, after))
    return [
        Change(path, old, new)
        for path in {**was, **will_be}
        for old, new in [(_values(was, path), _values(will_be, path))]
        if old != new
    ]


def _values(grouped: Dict[Path, List[Reading]], path: Path) -> Tuple[str, ...]:
    return tuple(reading.value for reading in grouped.get(path, []))
