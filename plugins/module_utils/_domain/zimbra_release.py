# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release of Zimbra, as `zmcontrol -v` tells it and as a user writes it.

The line is made by zmcontrol (zm-core-utils) from the package's version, in which releases before 9 have underscores
where later ones have dots (8.8.15_GA_3869, 10.0.8.GA.4518), and from the last patch where there is one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Optional, Tuple

from .refusal import Refusal

_NUMBERS = r"(?P<major>\d{1,4})(?:\.(?P<minor>\d{1,4}))?(?:\.(?P<micro>\d{1,4}))?"
_LINE = re.compile(r"Release\s+" + _NUMBERS + r"(?![\d])")
_WRITTEN = re.compile(_NUMBERS + r"(?:[._](?:GA|RC\d*|BETA\d*)(?:[._].*)?)?\Z", re.IGNORECASE)


class ReleaseRefusal(Refusal):
    """What should be a release is none."""


@dataclass(frozen=True, order=True)
class Release:
    """Three numbers, which is what releases are compared by; `str` is 10.0.8."""

    major: int
    minor: int = 0
    micro: int = 0

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.micro}"

    @property
    def legacy(self) -> bool:
        """Whether the MTA's settings are keys of localconfig, as before 8.5.0, and not attributes in LDAP."""
        return self < IN_LDAP


IN_LDAP = Release(8, 5, 0)


def told(output: str) -> Tuple[Optional[Release], str]:
    """The release in what `zmcontrol -v` printed, and the line that tells it; None and no line where none does."""
    for line in output.splitlines():
        match = _LINE.match(line.strip())
        if match:
            return _release(match), line.strip()
    return None, ""


def written(text: str, where: str) -> Release:
    """The release that a user wrote (10.0.8, 8.8.15_GA_3869); ``where``: the option. ReleaseRefusal for none."""
    match = _WRITTEN.match(text.strip())
    if not match:
        raise ReleaseRefusal(f"{where}: '{text}' is no release of Zimbra; write it as 10.0.8, as zmcontrol -v shows it")
    return _release(match)


def _release(match: re.Match[str]) -> Release:
    return Release(int(match["major"]), int(match["minor"] or 0), int(match["micro"] or 0))
