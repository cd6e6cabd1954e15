# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor's document: all that was diagnosed on a fleet, as JSON has it, and what is said of it in one sentence."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Mapping, Sequence

from .doctor import BROKEN, DEGRADED, GRADES, UNTESTED, Check, Diagnosis, Evidence, Fleet, diagnose

SCHEMA = "mailrealm.kerberos.doctor/1"
HEALTHY = "healthy"
STATUSES = (BROKEN, DEGRADED, UNTESTED, HEALTHY)
SHOWN_ALONE = "login."  # who reads the sentence knows of these
SAID_AT_MOST = 3  # causes in one sentence

Document = Dict[str, Any]


def evidence_of(result: Mapping[str, Any], logins: Mapping[str, Any]) -> Evidence:
    """The evidence of a host from the results of `doctor_info`, and of `sso_probe` on the prober (elsewhere empty)."""
    found = result.get("evidence")
    evidence = {"host": {"untested": _words(result)}} if found is None else dict(found)
    if "services" in logins:
        evidence["logins"] = {"services": list(logins["services"])}
    elif logins and not logins.get("skipped"):
        evidence["logins"] = {"untested": _words(logins)}
    return evidence


def _words(result: Mapping[str, Any]) -> str:
    """Why a task has no result of its own."""
    return str(result.get("msg") or "the task that looks at it did not run").strip().rstrip(".")


def document(fleet: Fleet, checks: Sequence[Check], created: str) -> Document:
    """The document of a fleet. ``created``: the time as RFC 3339 has it."""
    found = diagnose(fleet, checks)
    grades = {host: _worst([one for one in found if one.host == host]) for host in sorted(fleet)}
    return {
        "schema": SCHEMA,
        "created": created,
        "status": _worst(found),
        "summary": {
            "hosts": {status: list(grades.values()).count(status) for status in STATUSES},
            "causes": {grade: sum(_is_cause(one, grade) for one in found) for grade in GRADES},
        },
        "hosts": [{"host": host, "status": status} for host, status in grades.items()],
        "diagnoses": [one.as_result() for one in found],
    }


def _worst(found: Sequence[Diagnosis]) -> str:
    grades = {one.trouble.grade for one in found}
    return next((status for status in STATUSES if status in grades), HEALTHY)


def _is_cause(one: Diagnosis, grade: str) -> bool:
    return one.trouble.grade == grade and not one.because


def as_text(document: Document) -> str:
    """The document as a file: the same evidence gives the same bytes, but for the time."""
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=True) + "\n"


def sentence(document: Document) -> str:
    """The first causes in one sentence, worst first; empty where there are none, or none but logins that fail."""
    causes = [one for one in document["diagnoses"] if not one["because"] and one["grade"] != UNTESTED]
    causes = [one for one in causes if not one["check"].startswith(SHOWN_ALONE)]
    said: List[str] = []
    for one in causes:
        text = f"{one['check']} on {one['host']}: {one['subject']}: {one['cause']} ({one['evidence']}); {one['remedy']}"
        if text not in said:
            said.append(text)
    more = f"; and {len(said) - SAID_AT_MOST} more" if len(said) > SAID_AT_MOST else ""
    return "; ".join(said[:SAID_AT_MOST]) + more
