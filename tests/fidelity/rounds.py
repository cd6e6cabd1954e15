# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One round of the measurement: hosts looked at, a check run, a run, and everything that the two must agree on."""

from __future__ import annotations

import dataclasses
import re
import typing

import labour
import reports
import states
from drifts import Drift, Refusal
from events import Event, changed, disagreements, failures
from lab import calls


@dataclasses.dataclass
class Outcome:
    """What one scenario came to; no complaint means exact."""

    title: str
    host: str
    setting: str = ""  # of a drift: what the drift report must name
    complaints: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Tally:
    """All scenarios, and the (host, task) pairs that a check run missed or called falsely."""

    outcomes: list[Outcome] = dataclasses.field(default_factory=list)
    missed: list[str] = dataclasses.field(default_factory=list)
    false: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Rounded:
    """A check run, its drift report, the run after it, and what of it concerns the whole round."""

    check: list[Event]
    report: reports.Document
    run: list[Event]
    complaints: list[str]


def drifted(tally: Tally, name: str, drifts: typing.Sequence[Drift]) -> list[Outcome]:
    """One round of drifts: made, checked, run; each drift is judged for itself."""
    sound = [_look(drift) for drift in drifts]
    for drift in drifts:
        labour.on(drift.host, drift.make)
    outcomes = [Outcome(drift.title, drift.place, drift.setting) for drift in drifts]
    tally.outcomes += outcomes
    for drift, was, outcome in zip(drifts, sound, outcomes, strict=True):
        if _look(drift) == was:
            outcome.complaints.append("the drift could not be made")
    rounded = measured(tally, name, strict=True)
    for drift, was, outcome in zip(drifts, sound, outcomes, strict=True):
        host = labour.STATE.site.host(drift.place).fqdn
        for title, recorded in (("check", rounded.check), ("run", rounded.run)):
            names = [event.task for event in recorded if event.changed and event.host == host]
            if not any(re.search(drift.task, task, re.IGNORECASE) for task in names):
                outcome.complaints.append(f"no task like '{drift.task}' changed in the {title}, only {names}")
        missed = reports.unnamed(rounded.report, host, drift.setting)
        outcome.complaints += [missed] if missed else []
        if _look(drift) != was:
            outcome.complaints.append("the run did not mend it")
        outcome.complaints += rounded.complaints
    return outcomes


def _look(drift: Drift) -> str:
    told = labour.on(*drift.told) if drift.told else ""
    return labour.on(drift.looked_at or drift.place, drift.look, stdin=told)


def refused(tally: Tally, name: str, refusals: typing.Sequence[Refusal]) -> None:
    """Faults of different hosts that check mode and the run must both refuse in the same words, without a change."""
    outcomes = [Outcome(refusal.title, refusal.host) for refusal in refusals]
    tally.outcomes += outcomes
    made: list[Refusal] = []
    try:
        for refusal in refusals:
            made.append(refusal)
            labour.command(*refusal.make)
        before = labour.census()
        for title, options in (("check", ("--check", "--diff")), ("run", ("--diff",))):
            recorded = run_site(f"{name}-{title}", *options)
            for refusal, outcome in zip(refusals, outcomes, strict=True):
                host = labour.STATE.site.host(refusal.host).fqdn
                said = [event.message for event in recorded if event.host == host and event.status == "failed"]
                if len(said) != 1 or not re.search(refusal.says, said[0]):
                    outcome.complaints.append(f"the {title} does not end in '{refusal.says}', but in {said}")
                outcome.complaints += [f"the {title} changed {one}" for one in changed(recorded)]
        touched = [f"{one.host} {one.what} ({one.how})" for one in states.touched(before, labour.census())]
        for outcome in outcomes:
            outcome.complaints += touched
    finally:
        for refusal in made:
            labour.command(*refusal.unmake)


def _checked(name: str, *options: str) -> tuple[list[Event], dict[str, typing.Any], list[str]]:
    """A check run, the state of the hosts after it, and a complaint for everything that it touched."""
    before = labour.census()
    check = run_site(f"{name}-check", "--check", "--diff", *options)
    after = labour.census()
    return check, after, [f"--check touched {one.host} {one.what} ({one.how})" for one in states.touched(before, after)]


def unchanging(tally: Tally, name: str) -> list[str]:
    """The playbook drift over hosts that are as they should be, which it leaves as they are, to the byte.

    That a run changes nothing either, the proof shows later.
    """
    before = labour.census()
    recorded, report = labour.drift(f"{name}-drift")
    after = labour.census()
    print(f"  {name + '-drift':<18} {report['status']}, {len(recorded)} results", flush=True)
    complaints = [f"drift touched {one.host} {one.what} ({one.how})" for one in states.touched(before, after)]
    for one in changed(recorded):
        tally.false.append(f"{name}: {one}")
        complaints.append(f"drift would change {one}")
    return complaints + reports.complaints(report)


def measured(tally: Tally, name: str, strict: bool, *options: str) -> Rounded:
    """Check, run, and all comparisons. ``strict``: every touched file is accounted for by a task's diff.

    On blank hosts packages bring hundreds of files, for which one task stands.
    """
    check, unchanged, complaints = _checked(name, *options)
    called = calls.count(labour.STATE, labour.PODMAN)
    run = run_site(f"{name}-run", "--diff", *options)
    complaints += _called(called, run)
    after = labour.census()
    for one in disagreements(check, run):
        if one.kind != "diff":
            (tally.missed if one.kind == "missed" else tally.false).append(f"{name}: {one.host}: {one.task}")
        complaints.append(f"{one.kind}: {one.host}: {one.task} {one.detail}")
    changes = states.touched(unchanged, after)
    for change in states.unexplained(changes, run) if strict else []:
        tally.missed.append(f"{name}: {change.host}: {change.what}")
        complaints.append(f"nothing reported that {change.host} {change.what} changed ({change.how})")
    complaints += states.untrue(after, run)
    complaints += [f"failed: {one}" for one in failures(check) + failures(run)]
    return Rounded(check, labour.report(f"{name}-check"), run, complaints)


def _called(before: calls.Counted, run: typing.Sequence[Event]) -> list[str]:
    """What a run called too often, where there are servers of Zimbra's."""
    if not before:
        return []
    hosts = {event.host for event in run if event.changed}
    return calls.unproved(labour.STATE.site, calls.between(before, calls.count(labour.STATE, labour.PODMAN), hosts))


def run_site(title: str, *options: str) -> list[Event]:
    """One run of site, summed up in a line; what its tasks did."""
    print(f"  {title:<18}", end=" ", flush=True)
    recorded, seconds = labour.play(title, *options)
    hosts = len({event.host for event in recorded})
    summary = f"{len(recorded)} results on {hosts} hosts, {len(changed(recorded))} changed"
    print(f"{seconds:5.0f} s  {summary}" + "".join(f"\n    {one}" for one in failures(recorded)), flush=True)
    return recorded
