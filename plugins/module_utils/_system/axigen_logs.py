# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The logins in Axigen's logs."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import List, Optional, Sequence

from .._domain.axigen_log import Login, entries, entry, logins, merged
from .log_tail import Tail


@dataclass(frozen=True)
class Logs:
    """``missing``: paths that are not there. ``cut``: whether there is more than was read that may be of interest."""

    logins: List[Login]
    missing: List[str]
    cut: bool


def read_logs(paths: Sequence[str], since: Optional[datetime.datetime], modules: Sequence[str]) -> Logs:
    """The logins in the logs of those paths; LogRefusal where one may not be read."""
    found, missing, cut = [], [], False
    for path in paths:
        log = Tail(path, since, _time_of)
        found.append(logins(entries(log.lines(), since, modules)))
        if not log.files:
            missing.append(path)
        cut = cut or log.cut
    return Logs(merged(found), missing, cut)


def _time_of(line: str) -> Optional[datetime.datetime]:
    found = entry(line)
    return found.time if found else None
