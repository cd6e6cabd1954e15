# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What libkrb5 reads on this host, all files of a KRB5_CONFIG and their includes together."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Dict, List, Optional, Tuple

from .._domain.profile_reading import Included, Path, Reading, by_path, readings_of
from .profile_files import IncludedFiles


@dataclass(frozen=True)
class EffectiveProfile:
    """Each relation with its values in order, the files that they come from, and sentences on what is not read.

    ``problems``: of included files, and files to begin from that are not there; ``damaged``: of those that are no
    profile, so that libkrb5 does not begin at all.
    """

    relations: Dict[Path, List[Reading]]
    sources: Tuple[str, ...]
    problems: Tuple[str, ...]
    damaged: Tuple[str, ...]

    def values(self, *path: str) -> List[str]:
        """What libkrb5 makes of a relation: none of what stands behind a final marker that every release heeds."""
        heeded = (one for one in self.relations.get(path, []) if one.behind is None or not one.behind.always)
        return [one.value for one in heeded]

    def first(self, *path: str) -> Optional[str]:
        """The value of a relation that has one."""
        return next(iter(self.values(*path)), None)


def effective_profile(krb5_config: str) -> EffectiveProfile:
    """The profile of a KRB5_CONFIG: paths parted by colons."""
    files = IncludedFiles()
    begun: List[Included] = []
    damaged: List[str] = []
    for path in krb5_config.split(":"):
        read = files.begin(path)
        begun += read
        if not read and os.path.lexists(path):
            damaged.append(files.problems.pop())
    found = list(readings_of(begun, files))
    sources = dict.fromkeys([*(one.source for one in begun), *(one.source for one in found)])
    return EffectiveProfile(by_path(found), tuple(sources), tuple(files.problems), tuple(damaged))
