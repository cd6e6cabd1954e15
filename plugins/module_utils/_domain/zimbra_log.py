# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of Zimbra's logs: when, and their lines as they may be seen. No secret leaves this room.

mailbox.log is log4j's (`2026-01-31 12:00:00,123 WARN  [thread] [ip=...;] category - text`, and a stack trace below),
nginx.log is nginx's (`2026/01/31 12:00:00 [error] 1#0: text`), and zimbra.log is syslog's, in its old form without a
year or in that of RFC 3339. The first three tell the host's own time.
"""

from __future__ import annotations

import datetime
import re
from typing import Iterable, Iterator, Optional, Tuple

from .dialogue import text as readable
from .log_entries import MONTHS, Entry, grouped

LONGEST = 300  # characters of a line that is shown
MOST_LINES = 40  # of an entry that are looked at: a stack trace has its causes among them
_FORMS = (
    (re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)[,.]\d+ "), "%Y-%m-%d %H:%M:%S"),
    (re.compile(r"(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d) "), "%Y/%m/%d %H:%M:%S"),
)
_SYSLOG = re.compile(r"([A-Z][a-z]{2}) ( ?\d{1,2}) (\d\d:\d\d:\d\d) ")
_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d) ")
_TOKEN = re.compile(r"[A-Za-z0-9+/_=]{24,}")  # base64, and the tokens of the proxy's look-up, which are hexadecimal
_PATH = re.compile(r"(?:/[a-z0-9_+=]+)+\Z")
SHOWN_OF_TOKEN = 8  # characters


def stamp(line: str, now: datetime.datetime) -> Tuple[Optional[datetime.datetime], str]:
    """The time of a line and what stands behind it; None and all of it for one without. ``now`` has the host's zone."""
    try:
        for pattern, form in _FORMS:
            match = pattern.match(line)
            if match:
                found = datetime.datetime.strptime(match[1], form)
                return found.replace(tzinfo=now.tzinfo), line[match.end() :]
        match = _RFC3339.match(line)
        if match:
            zone = match[2].replace("Z", "+00:00").replace(":", "")
            return datetime.datetime.strptime(match[1] + zone, "%Y-%m-%dT%H:%M:%S%z"), line[match.end() :]
        match = _SYSLOG.match(line)
        if match and match[1] in MONTHS:
            return _of_this_year(match, now), line[match.end() :]
    except ValueError:  # a 31st of June
        pass
    return None, line


def _of_this_year(match: re.Match[str], now: datetime.datetime) -> datetime.datetime:
    """The last such day: in January a line of December is last year's. A day ahead may be another zone's."""
    month, clock = MONTHS.index(match[1]) + 1, datetime.datetime.strptime(match[3], "%H:%M:%S").time()
    date = datetime.date(now.year, month, int(match[2]))
    if date > now.date() + datetime.timedelta(days=1):
        date = datetime.date(now.year - 1, month, int(match[2]))
    return datetime.datetime.combine(date, clock, now.tzinfo)


def entries(
    log: str, lines: Iterable[str], since: Optional[datetime.datetime], now: datetime.datetime
) -> Iterator[Entry]:
    """The entries of a log from ``since`` on (None: all), with lines as they may be seen."""
    stamped = (stamp(line.rstrip("\r\n"), now) for line in lines)
    return grouped(log, stamped, since, MOST_LINES, shown)


def shown(text: str) -> str:
    """A line as it may be seen: printable, not too long, and with tokens cut."""
    text = _TOKEN.sub(_cut, readable(text.encode("utf-8", "replace")))
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def _cut(match: re.Match[str]) -> str:
    word = match[0]
    if _PATH.match(word) or not any(character.isdigit() for character in word):
        return word
    return f"{word[:SHOWN_OF_TOKEN]}...({len(word)} characters)"
