# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Symptoms as a log has them: each once, with how often, where and when it was heard."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, Iterable, List, Tuple

from .symptoms import Finding


@dataclass(frozen=True)
class Heard:
    """A symptom with how many entries had it, in which ``places`` (services or logs), and when the last was (ISO 8601).

    ``cause`` and ``remedy`` are those of the last.
    """

    symptom: str
    cause: str
    remedy: str
    count: int
    places: Tuple[str, ...]
    last: str


def counted(findings: Iterable[Tuple[Finding, str, str]]) -> List[Heard]:
    """The symptoms of findings, each with its place and time, the oldest first; what happens most often comes first."""
    heard: Dict[str, Heard] = {}
    for found, place, time in findings:
        before = heard.get(found.symptom, Heard(found.symptom, "", "", 0, (), ""))
        heard[found.symptom] = replace(
            before,
            cause=found.cause,
            remedy=found.remedy,
            count=before.count + 1,
            places=tuple(dict.fromkeys((*before.places, place))),
            last=time,
        )
    return sorted(heard.values(), key=lambda one: -one.count)


def report(heard: Heard, places: str) -> Dict[str, Any]:
    """A symptom as a module returns it, whose key for the places is ``places``."""
    return {
        "symptom": heard.symptom,
        "cause": heard.cause,
        "remedy": heard.remedy,
        "count": heard.count,
        places: list(heard.places),
        "last": heard.last,
    }
