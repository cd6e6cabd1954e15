# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From when on lines of a log are wanted, as a user writes it."""

from __future__ import annotations

import datetime

from .refusal import Refusal


class LogRefusal(Refusal):
    """A log that cannot be read, or a time that is none."""


def moment(text: str, now: datetime.datetime) -> datetime.datetime:
    """What the option `since` means, as a time with a zone; ``now`` has the host's. LogRefusal for no time."""
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return now - datetime.timedelta(seconds=int(text))
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"):
        for zone in ("", "%z", " %z"):
            try:
                found = datetime.datetime.strptime(text.replace("T", " "), form + zone)
            except ValueError:
                continue
            return found if found.tzinfo else found.replace(tzinfo=now.tzinfo)
    raise LogRefusal(f"since: '{text}' is no time; give seconds before now, or a time as 2026-01-31T12:00:00Z")
