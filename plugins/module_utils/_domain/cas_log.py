# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of CAS's logs and of its unit's journal: when, and their lines. What leaves this room is without secrets.

CAS's own are log4j2's (`2026-01-31 12:00:00,123 ERROR [category] - <text>`, and a stack trace below), Tomcat's begin
with `31-Jan-2026 12:00:00.123`; both tell the host's own time. In the journal each line of a stack trace is an entry
with a time of its own. Debug logs hold tokens and keys, as base64 and as dumps in hexadecimal.
"""

from __future__ import annotations

import datetime
import re
from typing import Iterable, Iterator, Optional, Tuple

from .dialogue import text as readable
from .log_entries import MONTHS, Entry, Stamped, grouped

LONGEST = 300  # characters of a line that is shown
MOST_LINES = 60  # of an entry that are looked at: a stack trace has its causes among them
MOST_CHARACTERS = 4000  # of a line that are looked at
HIDDEN = "(hidden)"
_ISO = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:[,.]\d+)?(Z|[+-]\d\d:?\d\d)? ?")
_TOMCAT = re.compile(r"(\d\d)-([A-Z][a-z]{2})-(\d{4}) (\d\d:\d\d:\d\d)\.\d+ ")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_GOES_ON = re.compile(r"\s|Caused by: |Suppressed: |\.\.\. \d+ |[\w.$/@]+(?:Exception|Error)\b")
_SCHEME = re.compile(r"\b(Negotiate|NTLM|Basic|Bearer)(:?\s+)(?=\S*[A-Z0-9+/=])[A-Za-z0-9+/=_.-]{8,}")
_TICKET = re.compile(r"\b(TGT|ST|PGT|PGTIOU|PT|TST|TGC|RT|AT|OC)-[\w.*-]{8,}")
_DUMP = re.compile(r"(?:\b[0-9A-Fa-f]{2}[ :-]+){4}.*")  # its bytes stand behind it again, as characters
_RUN = re.compile(r"[A-Za-z0-9+/_=]{24,}")
_PATH = re.compile(r"(?:/[a-z0-9_+]+)+/?\Z")
LONGEST_NAME = 80  # letters without a digit that may be the name of a class


def stamp(line: str, now: datetime.datetime) -> Stamped:
    """The time of a line and what stands behind it; None and all of it for one without. ``now`` has the host's zone."""
    line = _COLOUR.sub("", line)
    try:
        match = _ISO.match(line)
        if match:
            zone = (match[3] or "").replace("Z", "+00:00").replace(":", "")
            found = datetime.datetime.strptime(
                f"{match[1]} {match[2]}{zone}", f"%Y-%m-%d %H:%M:%S{'%z' if zone else ''}"
            )
            return found if zone else found.replace(tzinfo=now.tzinfo), line[match.end() :]
        match = _TOMCAT.match(line)
        if match and match[2] in MONTHS:
            text = f"{match[3]}-{MONTHS.index(match[2]) + 1}-{match[1]} {match[4]}"
            found = datetime.datetime.strptime(text, "%Y-%m-%d %H:%M:%S")
            return found.replace(tzinfo=now.tzinfo), line[match.end() :]
    except ValueError:  # a 31st of June
        pass
    return None, line


def of_file(
    log: str, lines: Iterable[str], since: Optional[datetime.datetime], now: datetime.datetime
) -> Iterator[Entry]:
    """The entries of a file from ``since`` on (None: all); a line without a time belongs to the one before it."""
    return _grouped(log, (stamp(line.rstrip("\r\n"), now) for line in lines), since)


def of_journal(log: str, lines: Iterable[Tuple[datetime.datetime, str]], now: datetime.datetime) -> Iterator[Entry]:
    """The entries of a journal, which are one where their lines are those of a stack trace."""

    def timed() -> Iterator[Stamped]:
        for time, line in lines:
            own, rest = stamp(line.rstrip("\r\n"), now)
            yield (None if own is None and _GOES_ON.match(rest) else time), rest

    return _grouped(log, timed(), None)


def _grouped(log: str, lines: Iterable[Stamped], since: Optional[datetime.datetime]) -> Iterator[Entry]:
    return grouped(log, lines, since, MOST_LINES, lambda line: line[:MOST_CHARACTERS])


def shown(line: str) -> str:
    """A line as it may be seen: printable, not too long, without tokens, tickets of CAS and dumps of bytes."""
    text = readable(line.encode("utf-8", "replace"))
    text = _SCHEME.sub(rf"\1\2{HIDDEN}", text)
    text = _TICKET.sub(rf"\1-{HIDDEN}", text)
    text = _RUN.sub(_hidden, _DUMP.sub(HIDDEN, text))
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def _hidden(match: re.Match[str]) -> str:
    word = match[0]
    letters = not any(character.isdigit() or character in "+/=" for character in word)
    return word if _PATH.match(word) or (letters and len(word) <= LONGEST_NAME) else HIDDEN
