# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The symptoms of logins in Zimbra's logs."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Iterator, List, Optional, Sequence

from .._domain.heard import Heard
from .._domain.log_entries import Entry
from .._domain.zimbra_log import entries, stamp
from .._domain.zimbra_symptoms import heard_in
from .log_tail import Tail


@dataclass(frozen=True)
class Logs:
    """``missing``: paths that are not there. ``cut``: whether there is more than was read that may be of interest."""

    heard: List[Heard]
    missing: List[str]
    cut: bool


def read_logs(paths: Sequence[str], since: Optional[datetime.datetime], now: datetime.datetime) -> Logs:
    """What the logs of those paths tell of logins; LogRefusal where one may not be read."""
    tails = {path: Tail(path, since, lambda line: stamp(line, now)[0], by_stem=False) for path in paths}

    def found() -> Iterator[Entry]:
        for path, tail in tails.items():
            yield from entries(path, tail.lines(), since, now)

    heard = heard_in(found())
    missing = [path for path, tail in tails.items() if not tail.files]
    return Logs(heard, missing, any(tail.cut for tail in tails.values()))
