# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the doctor checks of the units of a host's products, in the evidence of the section `running`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Callable, Iterator, Mapping, Tuple

from .doctor import BROKEN, DEGRADED, RUNNING, Check, Fleet, Trouble, section
from .running_units import variable_of

Unit = Mapping[str, Any]
_LOGINS = ("login.*", "log.*")


@dataclass(frozen=True)
class _State:
    """A state in which no unit should be. The clauses may name facts in braces: those of the evidence, ``files``,
    ``libraries`` and ``or_correct``, what else may be wrong."""

    id: str
    symptom: str
    holds: Callable[[Unit], Any]
    cause: str
    evidence: str
    remedy: str
    grade: str = DEGRADED
    explains: Tuple[str, ...] = ()


def _has_stopped(unit: Unit) -> bool:
    return bool(unit["installed"]) and not (unit["running"] or unit["skipped"] or unit["told_elsewhere"])


STATES = (
    _State(
        "running.missing",
        "nobody answers",
        lambda unit: not unit["installed"],
        "{unit} is not on this host, or is masked, though it belongs to {product}",
        "systemd calls it {state}",
        "run the playbook site (tag install){or_correct}",
        BROKEN,
        ("running.stopped", *_LOGINS),
    ),
    _State(
        "running.stopped",
        "nobody answers",
        _has_stopped,
        "{unit} does not run",
        "systemd calls it {state}",
        "read `journalctl -u {unit}` for the reason, and start it: systemctl start {unit}",
        BROKEN,
        ("cas.not_answering", "cas.not_offered", *_LOGINS),
    ),
    _State(
        "running.restart_pending",
        "a change has no effect, or not yet",
        lambda unit: unit["outdated"],
        "{unit} still runs with what {files} held before",
        "{files} is newer than the start of {unit}, which reads it once",
        "run the playbook site, or systemctl restart {unit}",
        explains=("log.*",),
    ),
    _State(
        "running.reload_pending",
        "a change of a unit has no effect",
        lambda unit: unit["installed"] and unit["stale"],
        "systemd runs {unit} by a unit file that has changed since",
        "systemd says NeedDaemonReload=yes",
        "systemctl daemon-reload, then systemctl restart {unit}",
    ),
    _State(
        "running.not_enabled",
        "nobody answers after the next boot",
        lambda unit: unit["installed"] and unit["enabled"] is False,
        "{unit} will not be there after the next boot",
        "systemd calls it disabled",
        "systemctl enable {unit}",
    ),
    _State(
        "running.library_replaced",
        "an update has no effect, or breaks logins",
        lambda unit: unit["replaced"],
        "{unit} runs with libraries whose package was replaced since its start",
        "deleted, and still loaded: {libraries}",
        "systemctl restart {unit}",
    ),
)


def _look(state: _State, host: str, fleet: Fleet) -> Iterator[Trouble]:
    for unit in section(fleet[host], "running").get("units") or ():
        if state.holds(unit):
            variable = variable_of(unit["product"])
            facts = {
                **unit,
                "files": ", ".join(unit["outdated"]),
                "libraries": ", ".join(unit["replaced"]),
                "or_correct": f", or correct {variable}" if variable else "",
            }
            cause, evidence, remedy = (text.format_map(facts) for text in (state.cause, state.evidence, state.remedy))
            yield Trouble(unit["unit"], cause, evidence, remedy, state.grade)


CHECKS: Tuple[Check, ...] = tuple(
    Check(state.id, RUNNING, state.symptom, partial(_look, state), state.explains) for state in STATES
)
