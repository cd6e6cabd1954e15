# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CAS's logs and the journal of its unit, from some time on."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any, Dict, List, Sequence

from .._domain.cas_log import of_file, of_journal, stamp
from .._domain.cas_symptoms import symptoms_of
from .._domain.cas_unit import unit_name
from .._domain.log_entries import Entry
from . import journal
from .log_tail import Tail

MOST = 20000  # lines of the journal that are read


@dataclass(frozen=True)
class Logs:
    """``missing``: paths that are not there, and a journal that cannot be read. ``cut``: whether there is more."""

    symptoms: List[Dict[str, Any]]
    missing: List[str]
    cut: bool


def read_logs(unit: str, paths: Sequence[str], since: datetime.datetime, now: datetime.datetime) -> Logs:
    """What the journal of a unit (empty: none) and the logs of those paths tell; LogRefusal, UnitRefusal."""
    tails = {path: Tail(path, since, lambda line: stamp(line, now)[0]) for path in dict.fromkeys(paths)}
    found: List[Entry] = []
    missing, cut = [], False
    if unit:
        whole = unit_name(unit)
        name = f"journal of {whole}"
        read = journal.lines(whole, since, MOST)
        lines = list(read or ())
        found += of_journal(name, lines, now)
        missing += [] if read is not None else [name]
        cut = len(lines) >= MOST
    for path, tail in tails.items():
        found += of_file(path, tail.lines(), since, now)
    missing += [path for path, tail in tails.items() if not tail.files]
    return Logs(symptoms_of(found), missing, cut or any(tail.cut for tail in tails.values()))
