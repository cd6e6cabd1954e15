# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Durations and times in the forms that kadmin takes, as seconds and as seconds since 1970."""

from __future__ import annotations

import datetime
import re

from .refusal import Refusal

LONGEST = 2**31 - 1  # seconds: krb5_deltat is a signed 32-bit number
UTC = datetime.timezone.utc
# The 32-bit krb5_timestamp, read as unsigned since MIT 1.16, ends in 2106; but kadmin 1.20 stores another day than it
# is told from 2100 on (getdate.y)
LAST = int(datetime.datetime(2099, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp())

# krb5_string_to_deltat(3): 'N', 'NdNhNmNs', 'h:m[:s]', 'd-h:m[:s]'; and words as getdate takes and getprinc prints them
UNITS = {
    "s": 1, "sec": 1, "second": 1,
    "m": 60, "min": 60, "minute": 60,
    "h": 3600, "hour": 3600,
    "d": 86400, "day": 86400,
    "w": 604800, "week": 604800,
}  # fmt: skip
CLOCK = re.compile(
    r"(?:(?P<days>\d+)(?:-| days? ))?(?P<hours>\d+):(?P<minutes>\d{1,2})(?::(?P<seconds>\d{1,2}))?", re.ASCII
)
COUNTED = re.compile(r"(\d+) ?([a-z]+?)s?(?![a-z]) ?", re.ASCII)
DURATION_FORMS = "write it as '10h', '1d 12h', '10:00:00', '2 days' or a number of seconds"

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
CLOCK_OF_DAY = r"(?:(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2}))?)"
ZONE = r"(?: ?(?P<zone>z|utc|gmt|[+-]\d{2}:?\d{2}))"
TIMES = tuple(
    re.compile(form, re.ASCII)
    for form in (
        rf"(?P<y>\d{{4}})-(?P<mo>\d{{1,2}})-(?P<d>\d{{1,2}})(?:[ t]{CLOCK_OF_DAY}{ZONE}?)?",  # ISO 8601
        rf"(?P<mo>\d{{1,2}})/(?P<d>\d{{1,2}})/(?P<y>\d{{4}})(?: {CLOCK_OF_DAY}{ZONE}?)?",  # getdate
        # as getprinc prints it
        rf"[a-z]{{3}} (?P<month>[a-z]{{3}}) +(?P<d>\d{{1,2}}) {CLOCK_OF_DAY} (?P<zone>utc|gmt|z) (?P<y>\d{{4}})",
    )
)
TIME_FORMS = "write it as '2030-12-31', '2030-12-31 23:59:59 UTC' or 'never'"


class TimeRefusal(Refusal):
    """A text that is not a duration or not a fixed time."""


def parse_duration(text: str, option: str) -> int:
    """Seconds of a duration as krb5_string_to_deltat and kadmin's getdate take it, 0 to 2**31 - 1.

    TimeRefusal names ``option``. Months and years are refused, for they have no fixed length.
    """
    word = " ".join(text.lower().split())
    seconds = _clock(word)
    if seconds is None:
        seconds = _counted(word)
    if seconds is None:
        raise TimeRefusal(f"{option}: '{text}' is not a duration; {DURATION_FORMS}")
    if seconds > LONGEST:
        raise TimeRefusal(
            f"{option}: '{text}' is longer than the {LONGEST} seconds that Kerberos can store; shorten it"
        )
    return seconds


def _clock(word: str) -> int | None:
    found = CLOCK.fullmatch(word)
    if found is None:
        return None
    days, hours, minutes, seconds = (int(found[name] or 0) for name in ("days", "hours", "minutes", "seconds"))
    # MIT takes hours beyond 23 without days only
    if minutes > 59 or seconds > 59 or (found["days"] and hours > 23):
        return None
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def _counted(word: str) -> int | None:
    if word.isascii() and word.isdigit():
        return int(word)
    total, at = 0, 0
    for found in COUNTED.finditer(word):
        unit = UNITS.get(found[2])
        if found.start() != at or unit is None:
            return None
        total += int(found[1]) * unit
        at = found.end()
    return total if at == len(word) and at else None


def duration_text(seconds: int) -> str:
    """A duration for people: '1d 12h', '90s', '0s'."""
    parts = []
    for letter in ("d", "h", "m", "s"):
        count, seconds = divmod(seconds, UNITS[letter])
        if count:
            parts.append(f"{count}{letter}")
    return " ".join(parts) or "0s"


def duration_word(seconds: int) -> str:
    """A duration as every kadmin reads it: older ones know getdate's words only, newer ones both."""
    return f"{seconds} seconds"


def parse_time(text: str, option: str) -> int:
    """Seconds since 1970 of a fixed time; 0 for 'never'. Without a zone it is the host's local time, as for kadmin.

    TimeRefusal names ``option``; relative times ('2 days', 'tomorrow') are refused, for they would move with
    every run.
    """
    word = " ".join(text.lower().split())
    if word == "never":
        return 0
    for form in TIMES:
        found = form.fullmatch(word)
        if found is not None:
            return _seconds(found, text, option)
    raise TimeRefusal(f"{option}: '{text}' is not a fixed time; {TIME_FORMS}")


def _seconds(found: re.Match[str], text: str, option: str) -> int:
    named = found.groupdict()
    try:
        month = MONTHS.index(named["month"]) + 1 if "month" in named else int(named["mo"])
        hour, minute, second = (int(named.get(part) or 0) for part in ("h", "mi", "s"))
        moment = datetime.datetime(int(named["y"]), month, int(named["d"]), hour, minute, second)
        zone = named.get("zone")
        seconds = int((moment if zone is None else moment.replace(tzinfo=_zone(zone))).timestamp())
    except (ValueError, OverflowError, OSError) as error:
        raise TimeRefusal(f"{option}: '{text}' is no date of the calendar; {TIME_FORMS}") from error
    if not 0 < seconds <= LAST:
        raise TimeRefusal(
            f"{option}: '{text}' lies outside 1970 to 2099, which is what kadmin can store; "
            "write another time, or 'never'"
        )
    return seconds


def _zone(name: str) -> datetime.timezone:
    if name in ("z", "utc", "gmt"):
        return UTC
    digits = name.replace(":", "")
    offset = datetime.timedelta(hours=int(digits[1:3]), minutes=int(digits[3:5]))
    return datetime.timezone(-offset if digits[0] == "-" else offset)


def time_text(seconds: int) -> str:
    """A time for people and for kadmin: '2030-12-31 23:59:59 UTC', or 'never' for 0."""
    if not seconds:
        return "never"
    return datetime.datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
