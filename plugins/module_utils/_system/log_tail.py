# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a log and of the files into which it was rotated, without holding more of them than is asked for."""

from __future__ import annotations

import datetime
import os
import stat
from typing import Callable, Iterator, List, Optional

from .._domain.log_time import LogRefusal

MOST = 8 * 1024 * 1024  # bytes that are read of one log, its rotated files included
BLOCK = 65536
LONGEST_LINE = 65536  # bytes; the rest of a longer line is passed over
TimeOf = Callable[[str], Optional[datetime.datetime]]


class Tail:
    """The last MOST bytes of a log, oldest first, or less where they begin before ``since``.

    ``time_of`` tells the time of a line, None for one that has none. ``files``: the log and those into which it was
    rotated (see `rotated`), none where there is no log. ``cut``: whether there is more than was read that may be of
    interest.
    """

    def __init__(self, path: str, since: Optional[datetime.datetime], time_of: TimeOf, by_stem: bool = True) -> None:
        self.files = rotated(path, by_stem)
        self.cut = False
        self._since = since
        self._time_of = time_of

    def lines(self) -> Iterator[str]:
        parts = []
        left = MOST
        for path in self.files:  # the newest first
            size = _status(path).st_size
            start = max(0, size - left)
            parts.append((path, start, size))
            left -= size - start
            if self._reaches_back(path, start):
                break
            if start or left <= 0:
                self.cut = True
                break
        for path, start, size in reversed(parts):
            yield from _lines(path, start, size)

    def _reaches_back(self, path: str, start: int) -> bool:
        if self._since is None:
            return False
        for line in _lines(path, start, start + BLOCK):
            found = self._time_of(line.rstrip("\r\n"))
            if found:
                return found < self._since
        return False


def rotated(path: str, by_stem: bool = True) -> List[str]:
    """The log and its siblings whose name is its own with more behind it, the last changed first.

    `everything.txt.1` is one, and ``by_stem`` also `everything-1.txt`; packed ones are not taken.
    """
    folder, name = os.path.split(path)
    stem, extension = os.path.splitext(name)
    try:
        names = os.listdir(folder or ".")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _refusal(path, error) from error
    found = []
    for one in names:
        sibling = one.startswith((f"{name}.", f"{name}-", f"{name}_"))
        if by_stem and one.endswith(extension):
            sibling = sibling or one.startswith((f"{stem}.", f"{stem}-", f"{stem}_"))
        if one == name or (sibling and not one.endswith((".gz", ".bz2", ".xz", ".zip"))):
            full = os.path.join(folder, one)
            status = _status(full)
            if stat.S_ISREG(status.st_mode):
                found.append((one == name, status.st_mtime, full))
    return [row[2] for row in sorted(found, reverse=True)]


def _lines(path: str, start: int, end: int) -> Iterator[str]:
    """The whole lines of a part of a file; a first one that began before it is left out."""
    try:
        with open(path, "rb") as stream:
            stream.seek(start)
            if start:
                stream.readline(LONGEST_LINE)
            while stream.tell() < end:
                line = stream.readline(LONGEST_LINE)
                if not line:
                    break
                yield line.decode("utf-8", "replace")
    except OSError as error:
        raise _refusal(path, error) from error


def _status(path: str) -> os.stat_result:
    try:
        return os.stat(path)
    except OSError as error:
        raise _refusal(path, error) from error


def _refusal(path: str, error: OSError) -> LogRefusal:
    return LogRefusal(f"paths: {path} may not be read ({error.strerror}); use become")
