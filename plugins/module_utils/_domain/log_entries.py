# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of a log: a line with a time, and those below it without one, such as a stack trace."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Callable, Iterable, Iterator, List, Optional, Tuple

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# A line's own time, None where it has none, and what stands behind it.
Stamped = Tuple[Optional[datetime.datetime], str]


@dataclass(frozen=True)
class Entry:
    """A line with a time and those that belong to it, their times left out; ``log`` is where it stood."""

    time: datetime.datetime
    log: str
    lines: Tuple[str, ...]


def grouped(
    log: str, lines: Iterable[Stamped], since: Optional[datetime.datetime], most: int, kept: Callable[[str], str]
) -> Iterator[Entry]:
    """The entries from ``since`` on (None: all), each with at most ``most`` lines, as ``kept`` has them."""
    time: Optional[datetime.datetime] = None
    held: List[str] = []
    for found, text in lines:
        if found is not None:
            if time is not None:
                yield Entry(time, log, tuple(held))
            time, held = (found if since is None or found >= since else None), [kept(text)]
        elif time is not None and len(held) < most:
            held.append(kept(text))
    if time is not None:
        yield Entry(time, log, tuple(held))
