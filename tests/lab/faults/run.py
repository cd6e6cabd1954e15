# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All faults of a site, made and taken away round by round: the doctor must name the cause of each, and nothing else.

The lab is one that `prove` has set up. The doctor must say nothing of it before and after; the logs are read only from
when the last fault had gone.
"""

from __future__ import annotations

import collections.abc
import json
import re
import types
import typing

from .. import fleet, lifecycle, plays
from ..failure import LabError
from ..podman import Podman
from ..progress import Progress
from ..state import State
from . import Fault, Pair, axigen, cas, database, directory, kerberos, making, postfix, rounds, workstation, zimbra

DOCTOR = "mailrealm.kerberos.doctor"
FEW_PAIRS = 2
# Seconds that a busy machine takes from the task until the host reads its logs
BEGINNING = 30
# Rooms with faults. Each has FAULTS and PAIRS by the name of a site.
ROOMS: tuple[types.ModuleType, ...] = (kerberos, database, directory, postfix, axigen, zimbra, cas, workstation)


def faults_of(site: fleet.Site, only: str = "") -> tuple[tuple[Fault, ...], tuple[Pair, ...]]:
    """The faults and pairs of a site; with ``only``, a regular expression, those whose names or checks match."""
    faults = tuple(fault for room in ROOMS for fault in getattr(room, "FAULTS", {}).get(site.name, ()))
    pairs = tuple(pair for room in ROOMS for pair in getattr(room, "PAIRS", {}).get(site.name, ()))
    return (
        tuple(one for one in faults if _asked(one, only)),
        tuple(pair for pair in pairs if any(_asked(one, only) for one in pair.faults)),
    )


def brief(
    faults: collections.abc.Sequence[Fault], pairs: collections.abc.Sequence[Pair], most: int
) -> tuple[tuple[Fault, ...], tuple[Pair, ...]]:
    """What ``most`` rounds have room for, those that a vendor's document names before all others, and some pairs."""
    named = frozenset(name for room in ROOMS for name in getattr(room, "OF_DOCUMENTS", ()))
    first = sorted(faults, key=lambda fault: fault.name not in named)
    return tuple(fault for round_ in rounds.rounds(first)[:most] for fault in round_), tuple(pairs[:FEW_PAIRS])


def _asked(fault: Fault, only: str) -> bool:
    return re.search(only, f"{fault.check} {fault.name}") is not None


def run(state: State, progress: Progress, only: str = "", *, most: int = 0, mend: bool = True) -> list[str]:
    """All rounds; a sentence for each fault that was not named, and for what was named without one.

    ``most``: of so many rounds alone, if not 0. ``mend``: whether `site` has its turn at the end, which must then find
    nothing left of them.
    """
    faults, pairs = faults_of(state.site, only)
    if most:
        faults, pairs = brief(faults, pairs, most)
    if not faults and not pairs:
        raise LabError(f"site {state.site.name} has no fault of that name")
    podman = lifecycle.up(state, progress).podman
    sentences = judged(state, progress, podman, faults, pairs)
    return sentences + (_mended(state, progress) if mend else [])


def judged(
    state: State,
    progress: Progress,
    podman: Podman,
    faults: collections.abc.Sequence[Fault],
    pairs: collections.abc.Sequence[Pair],
) -> list[str]:
    """Healthy, the rounds of single faults, the pairs, healthy again; prints the table."""
    sentences = rounds.unhealthy(_doctor(state, progress, "doctor healthy"))
    told: list[rounds.Judged] = []
    for number, round_ in enumerate(rounds.rounds(faults), 1):
        report, failures = _with(state, progress, podman, round_, f"doctor {number}")
        told += [rounds.judge(fault, report, _fqdn(state, fault.host)) for fault in round_]
        sentences += failures
    for number, pair in enumerate(pairs, 1):
        report, failures = _with(state, progress, podman, pair.faults, f"doctor pair {number}")
        told += rounds.judge_pair(pair, report, lambda host: _fqdn(state, host))
        sentences += failures
    sentences += rounds.unhealthy(_doctor(state, progress, "doctor after"))
    print(f"\n{rounds.table(told)}\n", flush=True)
    return [*(one.sentence for one in told if not one.right), *sentences]


def _with(
    state: State, progress: Progress, podman: Podman, faults: collections.abc.Sequence[Fault], name: str
) -> tuple[rounds.Report, list[str]]:
    """The doctor's report while the faults are there, and a sentence for each script that failed."""
    with making.made(state, podman, faults) as now:
        report = _doctor(state, progress, name, now.begun)
    return report, now.failures


def _fqdn(state: State, host: str) -> str:
    return state.site.host(host).fqdn


def _doctor(state: State, progress: Progress, name: str, begun: float | None = None) -> rounds.Report:
    """The doctor's report over the whole site, with the logs since then; LabError where there is none."""
    file = state.logs / f"{name.replace(' ', '-')}.json"
    file.unlink(missing_ok=True)
    words: dict[str, typing.Any] = {
        "doctor_report_file": str(file),
        "doctor_since": 1 if begun is None else _seconds_since(begun),
        "doctor_fail_on": [],
    }
    plays.run(state, progress, plays.Play(name, DOCTOR, ("-e", json.dumps(words))))
    if not file.exists():
        raise LabError(f"{DOCTOR} left no report in {file}: see the log beside it")
    report: rounds.Report = json.loads(file.read_text())
    return report


def _seconds_since(begun: float) -> str:
    """What Ansible takes for the seconds when it comes to the task, with those that a host needs to begin with it."""
    return f"{{{{ now(fmt='%s') | int - {int(begun)} + {BEGINNING} }}}}"


def _mended(state: State, progress: Progress) -> list[str]:
    """Site after the faults; a sentence where it failed or something was left for it."""
    runs, sentences = plays.run(state, progress, plays.Play("site after faults", plays.SITE.playbook))
    left = [f"{one.host}: {one.task}: changed something, so that a fault had left it" for one in runs if one.changed]
    return [*sentences, *left]
