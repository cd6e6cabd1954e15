# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The drift report of a fleet: hosts, findings and waivers as one document, and several of them as one.

A report holds what was seen; what follows from it (groups, states, counts) is worked out when it becomes a document,
so that the document of merged reports is the one that a single run would have made.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterable, List, Mapping, Sequence, Tuple

from .drift_finding import Finding
from .drift_severity import SEVERITIES, WAIVER, judgement

SCHEMA = "mailrealm.kerberos.drift/1"

# What became of a host, from what is known least to what counts most where slices disagree
UNREACHABLE, UNFINISHED, CHECKED, FAILED = "unreachable", "unfinished", "checked", "failed"
STATES = (UNREACHABLE, UNFINISHED, CHECKED, FAILED)

CLEAN, DRIFT, UNKNOWN, INCOMPLETE = "clean", "drift", "unknown", "incomplete"
HOST_STATUSES = (CLEAN, DRIFT, UNKNOWN)
ACTIVE, EXPIRED, UNMATCHED = "active", "expired", "unmatched"
WAIVER_STATES = (ACTIVE, EXPIRED, UNMATCHED)

Document = Dict[str, Any]
Judge = Callable[[str, Mapping[str, Any]], bool]


@dataclass(frozen=True)
class HostRecord:
    """What one run saw of a host. ``state``: one of STATES; ``reason``: why it is not known; ``roles``: what ran."""

    host: str
    state: str
    reason: str
    roles: Tuple[str, ...]
    findings: Tuple[Finding, ...]


@dataclass(frozen=True, order=True)
class Waiver:
    """An exception. ``expression``: in JMESPath, true of a finding that it waives; ``expires``: the last day (of UTC,
    YYYY-MM-DD) on which it does."""

    name: str
    expression: str
    owner: str
    reason: str
    expires: str


@dataclass(frozen=True)
class Report:
    """``created``: in UTC, as 2026-11-27T02:00:00Z. In any order; `merged` puts it in order."""

    created: str
    hosts: Tuple[HostRecord, ...]
    waivers: Tuple[Waiver, ...]


def merged(reports: Iterable[Report]) -> Report:
    """One report of several, of any hosts and in any order; also the one report, in order and without repetitions.

    A host of several reports is known if one of them checked it and none of them failed on it. ValueError without any
    report.
    """
    listed = list(reports)
    records: Dict[str, List[HostRecord]] = {}
    for record in (record for report in listed for record in report.hosts):
        records.setdefault(record.host, []).append(record)
    return Report(
        max(report.created for report in listed),
        tuple(_one_host(records[host]) for host in sorted(records)),
        tuple(sorted({waiver for report in listed for waiver in report.waivers})),
    )


def _one_host(records: Sequence[HostRecord]) -> HostRecord:
    state = max((record.state for record in records), key=STATES.index)
    reasons = {record.reason for record in records if record.state == state}
    findings = {finding.id: finding for record in records for finding in record.findings}
    return HostRecord(
        records[0].host,
        state,
        min(reasons, key=lambda reason: (not reason, reason)),
        tuple(sorted({role for record in records for role in record.roles})),
        tuple(findings[one] for one in sorted(findings)),
    )


def document(report: Report, matches: Judge) -> Document:
    """The report as JSON has it: schema mailrealm.kerberos.drift/1.

    ``matches`` says whether a waiver's expression is true of a finding, which it gets as the document has it, with
    ``host`` for the one host in question and without ``hosts`` and ``waived_by``.
    """
    whole = merged([report])
    waivers, waived_by = _judged(whole, matches)
    findings = _grouped(whole, waived_by) + [_of_waiver(waiver) for waiver in waivers if waiver["state"] != ACTIVE]
    hosts = [_host(record, waived_by) for record in whole.hosts]
    return {
        "schema": SCHEMA,
        "created": whole.created,
        "status": _status(hosts, findings),
        "summary": _summary(hosts, findings, waivers),
        "hosts": hosts,
        "findings": sorted(findings, key=_rank),
        "waivers": waivers,
    }


def as_text(whole: Document) -> str:
    """The document as the file has it: the same bytes for the same document."""
    return json.dumps(whole, indent=1, sort_keys=True) + "\n"


Waived = Dict[Tuple[str, str], str]  # (host, the finding's id): the waiver's name


def _judged(report: Report, matches: Judge) -> Tuple[List[Document], Waived]:
    today = report.created[:10]
    # Fleets of thousands of hosts have few different findings: their JSON and ids are worked out once
    found = {finding.id: {"id": finding.id, **finding.as_json()} for finding in _all(report)}
    places = [(record.host, finding.id) for record in report.hosts for finding in record.findings]
    waivers: List[Document] = []
    waived_by: Waived = {}
    for waiver in report.waivers:
        matched = [place for place in places if matches(waiver.expression, {**found[place[1]], "host": place[0]})]
        state = EXPIRED if waiver.expires < today else ACTIVE if matched else UNMATCHED
        if state == ACTIVE:
            waived_by.update({place: waiver.name for place in matched if place not in waived_by})
        waivers.append({**_waiver_json(waiver), "state": state, "findings": len({one for dummy, one in matched})})
    return waivers, waived_by


def _all(report: Report) -> Iterable[Finding]:
    return {finding for record in report.hosts for finding in record.findings}


def _waiver_json(waiver: Waiver) -> Document:
    return {
        "name": waiver.name,
        "expression": waiver.expression,
        "owner": waiver.owner,
        "reason": waiver.reason,
        "expires": waiver.expires,
    }


def _of_waiver(waiver: Document) -> Document:
    words = {
        EXPIRED: f"expired on {waiver['expires']}; mend what it waives, or give it another date",
        UNMATCHED: "waives nothing; delete it, or correct its expression",
    }
    sentence = f"the waiver {waiver['name']} of {waiver['owner']} {words[waiver['state']]}"
    severity, basis = judgement(WAIVER, "", "", "", ())
    finding = Finding(WAIVER, "", "", "", f"waiver {waiver['name']}", (), "", severity, basis, sentence)
    return {"id": finding.id, "hosts": [], "waived_by": "", **finding.as_json()}


def _grouped(report: Report, waived_by: Waived) -> List[Document]:
    groups: Dict[Tuple[str, str], Document] = {}
    for record in report.hosts:
        for finding in record.findings:
            one = finding.id
            by = waived_by.get((record.host, one), "")
            if (one, by) not in groups:
                groups[one, by] = {"id": one, "hosts": [], "waived_by": by, **finding.as_json()}
            groups[one, by]["hosts"].append(record.host)
    return list(groups.values())


def _host(record: HostRecord, waived_by: Waived) -> Document:
    drifts = any((record.host, finding.id) not in waived_by for finding in record.findings)
    return {
        "host": record.host,
        "status": UNKNOWN if record.state != CHECKED else DRIFT if drifts else CLEAN,
        "state": record.state,
        "reason": record.reason,
        "roles": list(record.roles),
    }


def _status(hosts: Sequence[Document], findings: Sequence[Document]) -> str:
    if not hosts or any(host["status"] == UNKNOWN for host in hosts):
        return INCOMPLETE
    return DRIFT if any(not finding["waived_by"] for finding in findings) else CLEAN


def _summary(hosts: Sequence[Document], findings: Sequence[Document], waivers: Sequence[Document]) -> Document:
    unwaived = [finding["severity"] for finding in findings if not finding["waived_by"]]
    statuses = [host["status"] for host in hosts]
    states = [waiver["state"] for waiver in waivers]
    return {
        "hosts": {status: statuses.count(status) for status in HOST_STATUSES},
        "findings": {severity: unwaived.count(severity) for severity in SEVERITIES},
        "waived": len(findings) - len(unwaived),
        "waivers": {state: states.count(state) for state in WAIVER_STATES},
    }


def _rank(finding: Document) -> Tuple[Any, ...]:
    severity = SEVERITIES.index(finding["severity"])
    return (severity, finding["role"], finding["resource"], finding["id"], finding["waived_by"])
