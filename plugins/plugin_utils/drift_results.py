# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of tasks as a drift report sees them: plain values of Ansible's objects."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..module_utils._domain.drift_finding import Finding, findings_of


def findings(result: Any, items: Sequence[Mapping[str, str]], failed: bool = False) -> tuple[Finding, ...]:
    """What a task's result tells of drift. ``items``: the `options` of each item of a loop, as far as they are known;
    ``failed``: whether the task failed, which the result of one that did does not say."""
    task, told = result.task, result.result
    if not failed and not told.get("changed") and not ("services" in told or "principals" in told):
        return ()
    plain = json.loads(json.dumps({**options(result), **told}, default=str))
    if failed:
        plain["failed"] = True
    if items and len(items) == len(plain.get("results", ())):
        plain["results"] = [{**more, **one} for more, one in zip(items, plain["results"], strict=True)]
    found = findings_of(role(result), task.name or task.action, task.resolved_action or task.action, plain)
    where = task.delegate_to
    return tuple(_elsewhere(one, where) if where and where != result.host.name else one for one in found)


def place(result: Any) -> tuple[str, str]:
    """Which task on which host it is of."""
    return result.host.name, result.task._uuid


def options(result: Any) -> dict[str, str]:
    """Which file a task is about, of its options: builtin modules do not say it of one that is yet to come."""
    if result.task.no_log:
        return {}
    given = result.task.args
    refused = given.get(result.result.get("part"))  # of a task that does the work of several modules
    given = refused if isinstance(refused, Mapping) else given
    return {key: str(given[key]) for key in ("dest", "path") if given.get(key)}


def role(result: Any) -> str:
    """The role of the task, without the collection's name; empty where it is of none."""
    role = getattr(result.task, "_role", None)
    return role.get_name().removeprefix("mailrealm.kerberos.") if role is not None else ""


def message(told: dict[str, Any]) -> str:
    """Why a task failed; of a loop what its items say."""
    items = [one for one in told.get("results") or [] if isinstance(one, dict) and one.get("failed")]
    words = dict.fromkeys(str(one.get("msg") or "") for one in items or [told])
    return "; ".join(word for word in words if word) or "the task failed, and hides why"


def _elsewhere(finding: Finding, host: str) -> Finding:
    """A finding about something of another host than the one for which the task ran."""
    if not finding.resource.startswith("/"):
        return finding
    return dataclasses.replace(finding, resource=f"{host}:{finding.resource}", sentence=f"{host}:{finding.sentence}")
