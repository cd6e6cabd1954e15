# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal of a unit, line by line with their times."""

from __future__ import annotations

import datetime
import json
from typing import Any, Iterator, Optional, Tuple

from . import systemctl


def lines(unit: str, since: datetime.datetime, most: int) -> Optional[Iterator[Tuple[datetime.datetime, str]]]:
    """The lines of the last entries, ``most`` at most; None where the journal cannot be read."""
    text = systemctl.journal(unit, since, most)
    return None if text is None else _lines(text)


def _lines(journal: str) -> Iterator[Tuple[datetime.datetime, str]]:
    """The lines of a journal's entries in JSON, of which each stands in a line of its own."""
    for row in journal.splitlines():
        try:
            entry = json.loads(row)
            time = datetime.datetime.fromtimestamp(int(entry["__REALTIME_TIMESTAMP"]) / 1e6).astimezone()
        except (ValueError, KeyError, TypeError):
            continue
        for line in _message(entry.get("MESSAGE")).splitlines():
            yield time, line


def _message(value: Any) -> str:
    """The message, which is a list of bytes where it holds what is not printable, as the colours of CAS's log."""
    if isinstance(value, list) and all(isinstance(one, int) and 0 <= one < 256 for one in value):
        return bytes(value).decode("utf-8", "replace")
    return value if isinstance(value, str) else ""
