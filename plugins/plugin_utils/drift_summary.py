# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a drift run in plain sentences, and its exit status."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

# As Ansible's own: 2 is a failed host, 4 one that could not be reached.
EXIT = {"clean": 0, "drift": 2, "incomplete": 4}
SAID = {
    "clean": "clean: every host is as its roles want it.",
    "drift": "drift: some hosts are not as their roles want them.",
    "incomplete": "incomplete: not every host could be looked at, and nobody knows whether they are as they should be.",
}
SOON = 30  # days before its end in which a waiver is mentioned
MOST_HOSTS = 8  # named in one line of a finding
MOST_SETTINGS = 6


def summary(document: Mapping[str, Any], folder: str = "") -> list[str]:
    """The lines of the closing summary: status, hosts, findings (the worst first), waivers, the report's place."""
    return [
        f"Drift report: {SAID[document['status']]}",
        _counted(document["summary"]),
        *_unknown(document["hosts"]),
        *_findings(document["findings"]),
        *_waivers(document["waivers"], document["created"][:10]),
        *([f"The report lies in {folder}: drift.html to read, drift.json, drift.xml, drift.prom."] if folder else []),
    ]


def _counted(counts: Mapping[str, Any]) -> str:
    hosts, findings = counts["hosts"], counts["findings"]
    return (
        f"Hosts: {hosts['clean']} clean, {hosts['drift']} with drift, {hosts['unknown']} not known. "
        f"Findings: {findings['critical']} critical, {findings['major']} major, {findings['minor']} minor, "
        f"{counts['waived']} waived."
    )


def _unknown(hosts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for host in hosts:
        if host["status"] == "unknown":
            reason = f": {' '.join(host['reason'].split())}" if host["reason"] else ""
            yield f"  not known: {host['host']} ({host['state']}){reason}"


def _findings(findings: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for finding in findings:
        if finding["waived_by"]:
            continue
        hosts = finding["hosts"]
        shown = ", ".join(hosts[:MOST_HOSTS]) + (
            f" and {len(hosts) - MOST_HOSTS} more" if len(hosts) > MOST_HOSTS else ""
        )
        told = finding["sentence"]
        about = "" if finding["resource"] in told else f"{finding['resource']}: "
        yield f"  {finding['severity']}: {about}{told}" + (f" [{shown}]" if shown else "")
        settings = finding["settings"]
        for setting in settings[:MOST_SETTINGS] if len(settings) > 1 else ():
            yield f"      {setting['name']}: {_value(setting['is'])} -> {_value(setting['should'])}"
        if len(settings) > MOST_SETTINGS:
            yield f"      and {len(settings) - MOST_SETTINGS} more settings, in drift.html"


def _value(value: str | None) -> str:
    return "(absent)" if value is None else value


def _waivers(waivers: Sequence[Mapping[str, Any]], today: str) -> Iterator[str]:
    """Of waivers that hold, those that soon end; what has ended or matches nothing is among the findings."""
    for waiver in waivers:
        left = (datetime.date.fromisoformat(waiver["expires"]) - datetime.date.fromisoformat(today)).days
        if waiver["state"] == "active" and left <= SOON:
            days = "today" if left == 0 else f"in {left} day{'s' if left != 1 else ''}"
            name = f"waiver '{waiver['name']}' of {waiver['owner']}"
            yield f"  {name} ends {days} ({waiver['expires']}): {waiver['reason']}"
