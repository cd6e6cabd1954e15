# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A drift report as a text file of Prometheus' metrics, for the textfile collector of its node_exporter."""

from __future__ import annotations

import calendar
import collections
import time
from typing import Any, Counter, Dict, Iterable, List, Mapping, Tuple

from .drift_report import CLEAN, DRIFT, INCOMPLETE, UNKNOWN
from .refusal import printable

_DAY = 86400  # seconds

Labels = Tuple[Tuple[str, str], ...]
Samples = Iterable[Tuple[Labels, int]]

_HELP = {
    "mailrealm_drift_report_info": "The schema of the report; always 1.",
    "mailrealm_drift_created_timestamp_seconds": "When the report was made.",
    "mailrealm_drift_status": "1 for the status that the report has, 0 for the others.",
    "mailrealm_drift_hosts": "Hosts by status.",
    "mailrealm_drift_host_known": "Whether the host was looked at to the end.",
    "mailrealm_drift_host_findings": "Findings of a host that nobody waived, by role and severity.",
    "mailrealm_drift_findings": "Different findings that nobody waived, by severity.",
    "mailrealm_drift_findings_waived": "Different findings that a waiver excepts.",
    "mailrealm_drift_waivers": "Waivers by state.",
    "mailrealm_drift_waiver_expiry_timestamp_seconds": "When the waiver has expired: the end of its last day (UTC).",
}


def metrics(document: Mapping[str, Any]) -> str:
    """The report of `drift_report.document` in Prometheus' text format, to be written as UTF-8.

    Nothing in it depends on when it is read: times are time stamps, to be compared with `time()`.
    """
    summary = document["summary"]
    found: Dict[str, Samples] = {
        "mailrealm_drift_report_info": [((("schema", document["schema"]),), 1)],
        "mailrealm_drift_created_timestamp_seconds": [((), _seconds(document["created"], "%Y-%m-%dT%H:%M:%SZ"))],
        "mailrealm_drift_status": _states("status", (CLEAN, DRIFT, INCOMPLETE), document["status"]),
        "mailrealm_drift_hosts": _by("status", summary["hosts"]),
        "mailrealm_drift_host_known": [
            ((("host", host["host"]),), int(host["status"] != UNKNOWN)) for host in document["hosts"]
        ],
        "mailrealm_drift_host_findings": _of_hosts(document["findings"]).items(),
        "mailrealm_drift_findings": _by("severity", summary["findings"]),
        "mailrealm_drift_findings_waived": [((), summary["waived"])],
        "mailrealm_drift_waivers": _by("state", summary["waivers"]),
        "mailrealm_drift_waiver_expiry_timestamp_seconds": _expiries(document["waivers"]).items(),
    }
    return "".join(_family(name, samples) for name, samples in found.items())


def _of_hosts(findings: Iterable[Mapping[str, Any]]) -> Counter[Labels]:
    return collections.Counter(
        (("host", host), ("role", finding["role"]), ("severity", finding["severity"]))
        for finding in findings
        if not finding["waived_by"]
        for host in finding["hosts"]
    )


def _expiries(waivers: Iterable[Mapping[str, Any]]) -> Dict[Labels, int]:
    """By name and owner, the earliest: a series that is there twice would void the whole file."""
    found: Dict[Labels, int] = {}
    for waiver in waivers:
        labels = (("name", waiver["name"]), ("owner", waiver["owner"]))
        end = _seconds(waiver["expires"], "%Y-%m-%d") + _DAY
        found[labels] = min(end, found.get(labels, end))
    return found


def _states(label: str, states: Iterable[str], state: str) -> Samples:
    return [(((label, one),), int(one == state)) for one in states]


def _by(label: str, counts: Mapping[str, int]) -> Samples:
    return [(((label, name),), counts[name]) for name in sorted(counts)]


def _family(name: str, samples: Samples) -> str:
    lines: List[str] = [f"# HELP {name} {_HELP[name]}", f"# TYPE {name} gauge"]
    lines += [f"{name}{_shown(labels)} {value}" for labels, value in sorted(samples)]
    return "".join(f"{line}\n" for line in lines)


def _shown(labels: Labels) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels) + "}" if labels else ""


def _escaped(value: str) -> str:
    return printable(value).replace("\\", r"\\").replace('"', r"\"")


def _seconds(stamp: str, form: str) -> int:
    return calendar.timegm(time.strptime(stamp, form))
