# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What libkrb5 reads from a profile and the files that it includes, and what of it shadows a setting.

An included file's relations count from where its line stands; of a relation that has one value, the first
counts, of a list all of them, in that order (prof_parse.c, profile_get_string() and profile_get_values()).

Final markers, measured: of several files of KRB5_CONFIG, a later one's sections of a name do not count where one
of an earlier file is final. Within a file and what it includes, releases up to 1.21 read them and do nothing;
1.22 reads no section and no relation of a name again once one is final, and no such relation in a later file.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Callable, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple

from .profile import BLANKS, Directive, Item, Profile, Relation, Section
from .profile_settings import Settings

Path = Tuple[str, ...]  # section, subsections, relation
YES = ("y", "yes", "true", "t", "1", "on")  # profile_get_boolean() of MIT's prof_get.c, in any case


@dataclass(frozen=True)
class Marker:
    """A final marker, and whether each release of libkrb5 heeds it, or those from 1.22 on alone."""

    path: Path
    source: str
    line: int
    always: bool = False


@dataclass(frozen=True)
class Reading:
    """One relation that libkrb5 reads: where it is set (file and line) and to what.

    ``behind`` is the final marker because of which libkrb5, or its releases from 1.22 on, do not read it.
    """

    path: Path
    value: str
    source: str
    line: int
    behind: Optional[Marker] = None


@dataclass(frozen=True)
class Included:
    """A file that an include or includedir line brings in."""

    source: str
    profile: Profile


Including = Callable[[Directive], Sequence[Included]]


def readings(profile: Profile, source: str, including: Including) -> Iterator[Reading]:
    """All relations in the order in which libkrb5 meets them; ``including`` gives the files of an include line."""
    return readings_of([Included(source, profile)], including)


def readings_of(files: Sequence[Included], including: Including) -> Iterator[Reading]:
    """Those of several files, as KRB5_CONFIG lists them."""
    relations: Dict[Path, Marker] = {}
    earlier: Dict[Path, Marker] = {}
    for file in files:
        markers = _Markers(relations, {}, earlier, {})
        yield from _readings(file.profile.items, (), file.source, including, markers)
        earlier = {**markers.own, **earlier}


@dataclass(frozen=True)
class _Markers:
    """The markers that were met: final relations, final sections, those of earlier files, and those for later ones."""

    relations: Dict[Path, Marker]
    sections: Dict[Path, Marker]
    earlier: Dict[Path, Marker]
    own: Dict[Path, Marker]


def _readings(
    items: Sequence[Item],
    path: Path,
    source: str,
    including: Including,
    markers: _Markers,
    closed: Optional[Marker] = None,
    behind: Optional[Marker] = None,
) -> Iterator[Reading]:
    """``closed`` and ``behind``: the marker of an earlier file, or of this one, behind which all of this stands."""
    for item in items:
        if isinstance(item, Directive):
            for included in including(item):
                yield from _readings(included.profile.items, (), included.source, including, markers)
        elif isinstance(item, Relation):
            here = (*path, item.name)
            held = behind or markers.sections.get(here) or markers.relations.get(here)
            yield Reading(here, item.value, source, item.line, closed or held)
            if item.final and held is None:
                markers.relations[here] = Marker(here, source, item.line)
        elif isinstance(item, Section):
            here = (*path, item.name)
            held = behind or markers.sections.get(here)
            if item.final:
                markers.own.setdefault(here, Marker(here, source, item.line, True))
            if item.final and held is None and not _closing_final(item):
                markers.sections.setdefault(here, Marker(here, source, item.line))
            shut = closed or markers.earlier.get(here)
            yield from _readings(item.items, here, source, including, markers, shut, held)
            if item.final and held is None:
                markers.sections.setdefault(here, Marker(here, source, item.line))


def _closing_final(section: Section) -> bool:
    """Whether the marker stands behind the closing brace, and so counts from there only."""
    return section.tail.lstrip(BLANKS).startswith("}*") and "*" not in section.head.partition("=")[0]


def no_includes(dummy: Directive) -> Sequence[Included]:
    """For readings(): the file alone."""
    return ()


def by_path(found: Iterable[Reading]) -> Dict[Path, List[Reading]]:
    """The readings of each relation, in order."""
    grouped: Dict[Path, List[Reading]] = {}
    for reading in found:
        grouped.setdefault(reading.path, []).append(reading)
    return grouped


def first_by_path(found: Iterable[Reading]) -> Dict[Path, Reading]:
    """The first reading of each relation, which is the one that counts where it has one value."""
    return {path: read[0] for path, read in by_path(found).items()}


def is_true(value: str) -> bool:
    """Whether libkrb5 takes a relation's value for true; what is neither true nor false counts as false."""
    return value.lower() in YES


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
    differing = (Profile(items) for items in _differing(before.items, after.items))
    was, will_be = (by_path(readings(profile, "", no_includes)) for profile in differing)
    return [
        Change(path, old, new)
        for path in {**was, **will_be}
        for old, new in [(_values(was, path), _values(will_be, path))]
        if old != new
    ]


def _differing(before: Sequence[Item], after: Sequence[Item]) -> Tuple[Tuple[Item, ...], Tuple[Item, ...]]:
    """Both without the items of those names that an edit left alone: all of them are the same objects still."""
    was, will_be = _by_name(before), _by_name(after)
    left: Tuple[List[Item], List[Item]] = ([], [])
    for name in {**was, **will_be}:
        old, new = was.get(name, []), will_be.get(name, [])
        if len(old) == len(new) == 1 and isinstance(old[0], Section) and isinstance(new[0], Section):
            if old[0] is not new[0]:
                inner = _differing(old[0].items, new[0].items)
                left[0].append(replace(old[0], items=inner[0]))
                left[1].append(replace(new[0], items=inner[1]))
        elif list(map(id, old)) != list(map(id, new)):
            left[0].extend(old)
            left[1].extend(new)
    return tuple(left[0]), tuple(left[1])


def _by_name(items: Sequence[Item]) -> Dict[str, List[Item]]:
    found: Dict[str, List[Item]] = {}
    for item in items:
        if isinstance(item, (Relation, Section)):
            found.setdefault(item.name, []).append(item)
    return found


def _values(grouped: Dict[Path, List[Reading]], path: Path) -> Tuple[str, ...]:
    return tuple(reading.value for reading in grouped.get(path, []))
