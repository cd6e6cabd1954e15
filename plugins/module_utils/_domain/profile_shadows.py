# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of one file that libkrb5 does not use as asked, because of the other files that it reads, or of a marker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Iterator, List, Optional, Sequence

from .profile import Directive
from .profile_reading import Path, Reading, leaves, shadow_sentence, shadows
from .profile_settings import Settings
from .refusal import Refusal

Effective = Dict[Path, List[Reading]]


class ShadowedRefusal(Refusal):
    """A setting that libkrb5 would not use as asked."""


@dataclass(frozen=True)
class Shadow:
    """What libkrb5 reads instead or besides: setting, value, file and line; ``sentence`` says so and how to mend."""

    path: Path
    value: str
    source: str
    line: int
    sentence: str


def found(settings: Settings, effective: Effective, own: str, removing: bool) -> List[Shadow]:
    """The shadows over ``settings`` of the file ``own``; ``effective`` are the readings of all files, by relation."""
    if removing:
        return [_kept(reading) for reading in _still_set(settings, effective, own, ())]
    foreign = [
        Shadow(one.path, one.value, one.source, one.line, shadow_sentence(one))
        for one in shadows(settings, _heeded(effective), own)
    ]
    told = {shadow.path for shadow in foreign}
    hidden = (_hidden(path, wanted, effective.get(path, ()), own) for path, wanted in leaves(settings))
    return foreign + [shadow for shadow in hidden if shadow and shadow.path not in told]


def _heeded(effective: Effective) -> Effective:
    """Without what no release of libkrb5 reads, unless it is the file's own."""
    return {path: [one for one in read if not _never_read(one)] for path, read in effective.items()}


def _never_read(reading: Reading) -> bool:
    return reading.behind is not None and reading.behind.always


def _hidden(path: Path, wanted: Sequence[str], read: Sequence[Reading], own: str) -> Optional[Shadow]:
    """A value of the file itself that a final marker keeps from being read, where that makes a difference."""
    left = [reading.value for reading in read if reading.behind is None]
    if left == list(wanted) or (len(wanted) == 1 and left[:1] == list(wanted)):
        return None
    for reading in read:
        if reading.source == own and reading.behind:
            marker = reading.behind
            who = "libkrb5 does" if marker.always else "libkrb5 1.22 and later do"
            sentence = (
                f"{who} not read {' / '.join(path)} = '{reading.value}' in line {reading.line}, because "
                f"{marker.source} line {marker.line} makes {' / '.join(marker.path)} final; "
                "remove that '*', or set the value there"
            )
            return Shadow(path, reading.value, marker.source, marker.line, sentence)
    return None


def _kept(reading: Reading) -> Shadow:
    sentence = (
        f"libkrb5 still reads {' / '.join(reading.path)} = '{reading.value}', because {reading.source} "
        f"line {reading.line} sets it; remove it there too"
    )
    return Shadow(reading.path, reading.value, reading.source, reading.line, sentence)


def _still_set(unwanted: Settings, effective: Effective, own: str, path: Path) -> Iterator[Reading]:
    for name, value in unwanted.items():
        here = (*path, name)
        if isinstance(value, dict):
            yield from _still_set(value, effective, own, here)
            continue
        for place, read in effective.items():
            if place == here or (value is None and place[: len(here)] == here):
                left = (one for one in read if one.source != own and not _never_read(one))
                yield from (one for one in left if value is None or one.value in value)


def unread_sentence(mains: Sequence[str], near: Sequence[Directive]) -> str:
    """That libkrb5 does not read a file, beginning from ``mains``; ``near`` are lines that include its directory."""
    named = ":".join(mains)
    if near:
        return (
            f"libkrb5 does not read this file, as in the directory that {near[0].source} line {near[0].line} includes "
            "it reads names of letters, digits, - and _ only, and those that end in .conf; rename it"
        )
    return (
        f"libkrb5 does not read this file, because no include line of {named} leads to it; "
        "add one there, or edit a file that is read"
    )
