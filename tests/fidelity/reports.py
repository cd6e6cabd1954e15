# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drift reports as the harness reads them, and hosts in an order by chance. Pure."""

from __future__ import annotations

import random
import re
import typing

Document = typing.Mapping[str, typing.Any]


def named(report: Document, host: str) -> list[str]:
    """What a report says of a host, as `resource: setting`; the resource alone where it names no setting."""
    found = []
    for finding in report["findings"]:
        if host in finding["hosts"]:
            found += [f"{finding['resource']}: {setting['name']}" for setting in finding["settings"] or [{"name": ""}]]
    return found


def unnamed(report: Document, host: str, setting: str) -> str:
    """A complaint where the report does not name the setting of the host, which ``setting`` matches; else empty."""
    lines = named(report, host)
    if any(re.search(setting, line) for line in lines):
        return ""
    return f"the drift report does not name '{setting}', only {lines}"


def complaints(report: Document) -> list[str]:
    """Why a report is not clean, as sentences."""
    found = [f"{one['sentence']} {one['hosts']}" for one in report["findings"] if not one["waived_by"]]
    found += [f"{one['host']} is not known: {one['reason']}" for one in report["hosts"] if one["status"] == "unknown"]
    return [f"the drift report says {one}" for one in found or [report["status"]] if one != "clean"]


def shuffled(inventory: typing.Any, seed: int) -> typing.Any:
    """An inventory as YAML holds it, its hosts in another order in each group."""
    chance = random.Random(seed)

    def walked(value: typing.Any) -> typing.Any:
        if not isinstance(value, dict):
            return value
        found = {key: walked(inner) for key, inner in value.items() if key != "hosts"}
        if isinstance(value.get("hosts"), dict):
            hosts = list(value["hosts"].items())
            chance.shuffle(hosts)
            found["hosts"] = dict(hosts)
        return found

    return walked(inventory)
