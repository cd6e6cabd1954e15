# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python tests/fidelity`: promises 1, 2 and 4 measured over the lab; one closing line; exit 1 unless clean."""

from __future__ import annotations

import argparse
import dataclasses
import os
import re
import subprocess
import sys
import typing

import states
from canaries import ProcessList
from directory_drifts import REFUSALS as DIRECTORY_REFUSALS
from directory_drifts import ROUNDS as DIRECTORY_ROUNDS
from drifts import ROUNDS, Drift, Refusal
from events import Event, changed, disagreements, failures
from labour import STATE, FidelityError, canaries, census, command, on, play, shown
from zimbra_drifts import REFUSALS as ZIMBRA_REFUSALS
from zimbra_drifts import ROUNDS as ZIMBRA_ROUNDS


@dataclasses.dataclass
class Outcome:
    """What one scenario came to; no complaint means exact."""

    title: str
    host: str
    complaints: list[str] = dataclasses.field(default_factory=list)


INSTANCES = ("fidelity", "fidelity-ad", "fidelity-zimbra")
# Rounds of drifts by site, and what the run refuses to mend.
DRIFTS = {"mit": ROUNDS, "ad": DIRECTORY_ROUNDS, "zimbra": ZIMBRA_ROUNDS}
REFUSED: dict[str, tuple[Refusal, ...]] = {
    "mit": (),
    "ad": DIRECTORY_REFUSALS,
    "zimbra": ZIMBRA_REFUSALS,
}
# The site asks for something else: title, name of the round, options. Later ones go on from the earlier. That a
# run after it changes nothing is seen by `python tests/lab rollover`.
REKEY = ("-e", "kerberos_enctype_policy=sha2_only", "-e", "kerberos_rekey=when_enctypes_differ")
POLICIES: dict[str, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    "mit": (
        ("new encryption types, and new keys", "rekey", REKEY),
        ("old keys and types go", "purge", (*REKEY, "-e", "kerberos_tickets_end_after=1s")),
    ),
    "ad": (("new passwords for all accounts", "rotate", ("-e", "kerberos_ad_max_age=1s")),),
    "zimbra": (),
}


@dataclasses.dataclass
class Tally:
    """All scenarios, and the (host, task) pairs that a check run missed or called falsely."""

    outcomes: list[Outcome] = dataclasses.field(default_factory=list)
    missed: list[str] = dataclasses.field(default_factory=list)
    false: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Rounded:
    """A check run and the run after it, and what of it concerns the whole round."""

    check: list[Event]
    run: list[Event]
    complaints: list[str]


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python tests/fidelity", description=__doc__)
    arguments.add_argument("--keep", action="store_true", help="leave the lab as it is afterwards, to look into it")
    chosen = arguments.parse_args()
    if "LAB" not in os.environ:
        return max([_on(instance) for instance in INSTANCES])
    tally = Tally()
    try:
        command("up")
        command("blank")
        with ProcessList() as processes:
            _measure(tally)
        found = shown(canaries(), processes.seen)
        if not chosen.keep:
            command("down")
    except FidelityError as error:
        print(f"fidelity: {error}", file=sys.stderr)
        return 1
    return _report(tally, found)


def _on(instance: str) -> int:
    """This program on an instance of the lab, whose name chooses the site."""
    print(f"fidelity on the hosts of {instance}", flush=True)
    return subprocess.run([sys.executable, *sys.argv], env={**os.environ, "LAB": instance}, check=False).returncode


def _measure(tally: Tally) -> None:
    blank = Outcome("blank hosts", "all")
    tally.outcomes.append(blank)
    first = _round(tally, "blank", strict=False)
    blank.complaints += first.complaints
    if failures(first.run):
        return  # what follows would only say the same of hosts that are no realm
    converged = Outcome("converged hosts", "all")
    tally.outcomes.append(converged)
    still = _round(tally, "converged", strict=True)
    converged.complaints += still.complaints
    converged.complaints += [f"the second run changed {one}" for one in changed(still.run)]
    for number, drifts in enumerate(DRIFTS[STATE.site.name], 1):
        _drifted(tally, f"drift{number}", drifts)
    for number, refusal in enumerate(REFUSED[STATE.site.name], 1):
        _refused(tally, f"refusal{number}", refusal)
    for title, name, options in POLICIES[STATE.site.name]:
        outcome = Outcome(title, "all")
        tally.outcomes.append(outcome)
        outcome.complaints += _round(tally, name, True, *options).complaints


def _drifted(tally: Tally, name: str, drifts: typing.Sequence[Drift]) -> None:
    """One round of drifts: made, checked, run, run again; each drift is judged for itself."""
    sound = [_look(drift) for drift in drifts]
    for drift in drifts:
        on(drift.host, drift.make)
    outcomes = [Outcome(drift.title, drift.place) for drift in drifts]
    tally.outcomes += outcomes
    for drift, was, outcome in zip(drifts, sound, outcomes, strict=True):
        if _look(drift) == was:
            outcome.complaints.append("the drift could not be made")
    rounded = _round(tally, name, strict=True)
    again = _play(f"{name}-again")
    for drift, was, outcome in zip(drifts, sound, outcomes, strict=True):
        host = STATE.site.host(drift.place).fqdn
        for title, recorded in (("check", rounded.check), ("run", rounded.run)):
            names = [event.task for event in recorded if event.changed and event.host == host]
            if not any(re.search(drift.task, task, re.IGNORECASE) for task in names):
                outcome.complaints.append(f"no task like '{drift.task}' changed in the {title}, only {names}")
        if _look(drift) != was:
            outcome.complaints.append("the run did not mend it")
        outcome.complaints += rounded.complaints
        outcome.complaints += [f"the run after it changed {one}" for one in changed(again)]


def _look(drift: Drift) -> str:
    told = on(*drift.told) if drift.told else ""
    return on(drift.looked_at or drift.place, drift.look, stdin=told)


def _refused(tally: Tally, name: str, refusal: Refusal) -> None:
    """A fault that check mode and the run must both refuse in the same words, without a change."""
    outcome = Outcome(refusal.title, refusal.host)
    tally.outcomes.append(outcome)
    command(*refusal.make)
    try:
        before = census()
        host = STATE.site.host(refusal.host).fqdn
        for title, options in (("check", ("--check", "--diff")), ("run", ("--diff",))):
            recorded = _play(f"{name}-{title}", *options)
            said = [event.message for event in recorded if event.host == host and event.status == "failed"]
            if len(said) != 1 or not re.search(refusal.says, said[0]):
                outcome.complaints.append(f"the {title} does not end in '{refusal.says}', but in {said}")
            outcome.complaints += [f"the {title} changed {one}" for one in changed(recorded)]
        outcome.complaints += [f"{one.host} {one.what} ({one.how})" for one in states.touched(before, census())]
    finally:
        command(*refusal.unmake)


def _round(tally: Tally, name: str, strict: bool, *options: str) -> Rounded:
    """Check, run, and all comparisons. ``strict``: every touched file is accounted for by a task's diff.

    On blank hosts packages bring hundreds of files, for which one task stands.
    """
    before = census()
    check = _play(f"{name}-check", "--check", "--diff", *options)
    unchanged = census()
    complaints = [f"--check touched {one.host} {one.what} ({one.how})" for one in states.touched(before, unchanged)]
    run = _play(f"{name}-run", "--diff", *options)
    after = census()
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
    return Rounded(check, run, complaints)


def _play(title: str, *options: str) -> list[Event]:
    print(f"  {title:<18}", end=" ", flush=True)
    recorded, seconds = play(title, *options)
    hosts = len({event.host for event in recorded})
    summary = f"{len(recorded)} results on {hosts} hosts, {len(changed(recorded))} changed"
    print(f"{seconds:5.0f} s  {summary}" + "".join(f"\n    {one}" for one in failures(recorded)), flush=True)
    return recorded


def _report(tally: Tally, found: list[str]) -> int:
    print(f"\n{'scenario':<46} {'host':<8} result")
    said: set[str] = set()
    for outcome in tally.outcomes:
        print(f"{outcome.title:<46} {outcome.host:<8} {'NOT EXACT' if outcome.complaints else 'exact'}")
        for complaint in outcome.complaints:
            if complaint not in said:
                print(f"    {complaint}")
                said.add(complaint)
    for one in found:
        print(f"secret found: {one}")
    exact = sum(1 for outcome in tally.outcomes if not outcome.complaints)
    scenarios, missed, false = len(tally.outcomes), len(tally.missed), len(tally.false)
    print(
        f"\nfidelity: {scenarios} scenarios, {exact} exact, {missed} missed, {false} false, {len(found)} secrets found"
    )
    return 0 if exact == scenarios and not missed and not false and not found else 1


if __name__ == "__main__":
    sys.exit(main())
