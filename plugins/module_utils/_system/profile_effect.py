# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What libkrb5 will make of a profile that is to be written, beginning from the files that it reads first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Sequence

from .._domain.profile import decode, parse
from .._domain.profile_reading import Included, by_path, doubts, readings_of
from .._domain.profile_settings import Settings
from .._domain.profile_shadows import Shadow, found, unread_sentence
from .profile_files import IncludedFiles


@dataclass(frozen=True)
class Effect:
    """What becomes of the settings.

    ``included``: whether libkrb5 gets to the file. ``waits``: a file from which it begins is not there, so that a
    later task may bring it. ``problems`` name their own files; ``unread`` and ``doubts`` lack this one's name.
    """

    included: bool
    waits: bool
    shadowed: List[Shadow]
    unread: List[str]
    problems: List[str]
    doubts: List[str]


def effect(path: str, content: bytes, settings: Settings, removing: bool, mains: Sequence[str]) -> Effect:
    """The effect of ``settings`` in ``path`` once it holds ``content``; ``mains`` as KRB5_CONFIG lists them."""
    text = decode(content, path)
    profile = parse(text, path)
    if list(mains) == [path] and "include" not in text and "*" not in text:
        return Effect(True, False, [], [], [], doubts(profile))  # nothing can shadow anything
    files = IncludedFiles(Included(path, profile))
    begun = [included for main in mains for included in files.begin(main)]
    effective = by_path(readings_of(begun, files))
    return Effect(
        files.seen,
        files.lacking and not files.seen,
        found(settings, effective, path, removing),
        [] if files.seen else [unread_sentence(mains, files.near)],
        files.problems,
        doubts(profile),
    )
