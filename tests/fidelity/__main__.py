# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python tests/fidelity`: promises 1, 2 and 4 measured over the lab; one closing line; exit 1 unless clean."""

from __future__ import annotations

import argparse
import dataclasses
import os
import subprocess
import sys

import labour  # makes what the lab and the collection have importable
import steady
import table
from canaries import ProcessList
from cas_drifts import REFUSALS as CAS_REFUSALS
from cas_drifts import ROUNDS as CAS_ROUNDS
from directory_drifts import REFUSALS as DIRECTORY_REFUSALS
from directory_drifts import ROUNDS as DIRECTORY_ROUNDS
from drifts import ROUNDS, Drift, Refusal
from events import changed, failures
from lab import commands, key_change
from lab.failure import LabError
from lab.progress import Progress
from rounds import Outcome, Tally, drifted, measured, refused, run_site, unchanging
from zimbra_drifts import REFUSALS as ZIMBRA_REFUSALS
from zimbra_drifts import ROUNDS as ZIMBRA_ROUNDS

LABS = ("lab", "lab-ad", "lab-zimbra", "lab-cas")
LOGS = labour.STATE.top / "logs"
INSTANCES = ("fidelity", "fidelity-ad", "fidelity-zimbra", "fidelity-cas")
# Rounds by site: of drifts, and of what the run refuses to mend.
DRIFTS: dict[str, tuple[tuple[Drift, ...], ...]] = {
    "mit": ROUNDS,
    "ad": DIRECTORY_ROUNDS,
    "zimbra": ZIMBRA_ROUNDS,
    "cas": CAS_ROUNDS,
}
REFUSED: dict[str, tuple[tuple[Refusal, ...], ...]] = {
    "mit": (),
    "ad": DIRECTORY_REFUSALS,
    "zimbra": ZIMBRA_REFUSALS,
    "cas": CAS_REFUSALS,
}


# How many rounds of faults the doctor is tried with.
FAULTS = {"mit": 8, "ad": 6, "zimbra": 8, "cas": 6}


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python tests/fidelity", description=__doc__)
    arguments.add_argument("--steady", type=int, metavar="N", help="N drift runs over the hosts of a lab that is up")
    arguments.add_argument("--table", action="store_true", help="print what the last runs came to on all sites")
    arguments.add_argument("--keep", action="store_true", help="leave the lab as it is afterwards, to look into it")
    chosen = arguments.parse_args()
    if chosen.table:
        return 0 if table.show(LOGS, tuple(DRIFTS)) else 1
    if "LAB" not in os.environ:
        statuses = [_on(instance) for instance in (LABS if chosen.steady else INSTANCES)]
        return max(*statuses, 0 if chosen.steady or table.show(LOGS, tuple(DRIFTS)) else 1)
    if chosen.steady:
        return steady.run(chosen.steady)
    tally = Tally()
    try:
        labour.command("up")
        labour.command("blank")
        with ProcessList() as processes:
            _measure(tally)
        found = labour.shown(labour.canaries(), processes.seen)
        if not chosen.keep:
            labour.command("down")
    except (labour.FidelityError, LabError) as error:
        print(f"fidelity: {error}", file=sys.stderr)
        return 1
    return _report(tally, found)


def _on(instance: str) -> int:
    """This program on an instance of the lab, whose name chooses the site."""
    print(f"fidelity on the hosts of {instance}", flush=True)
    return subprocess.run([sys.executable, *sys.argv], env={**os.environ, "LAB": instance}, check=False).returncode


def _measure(tally: Tally) -> None:
    site = labour.STATE.site.name
    blank = Outcome("blank hosts", "all")
    tally.outcomes.append(blank)
    first = measured(tally, "blank", strict=False)
    blank.complaints += first.complaints
    if failures(first.run):
        return  # what follows would only say the same of hosts that are no realm
    converged = Outcome("converged hosts", "all")
    tally.outcomes.append(converged)
    converged.complaints += unchanging(tally, "converged")
    for number, drifts in enumerate(DRIFTS[site], 1):
        drifted(tally, f"drift{number}", drifts)
    for number, refusals in enumerate(REFUSED[site], 1):
        refused(tally, f"refusal{number}", refusals)
    # A run after all of them changes nothing, and everything that `make lab` proves holds.
    proof = Outcome("a further run, and real logins", "all")
    tally.outcomes.append(proof)
    try:
        labour.command("prove", "--converged")
    except labour.FidelityError as error:
        proof.complaints.append(str(error))
        return
    # Before keys change, after which the hosts are no more what their inventory says.
    doctor = Outcome("faults, whose causes the doctor names", "all")
    tally.outcomes.append(doctor)
    try:
        labour.command("faults", "--rounds", str(FAULTS[site]), "--no-site")
    except labour.FidelityError as error:
        doctor.complaints.append(str(error))
    left = Outcome("hosts after all drifts and faults", "all")
    tally.outcomes.append(left)
    left.complaints += unchanging(tally, "left")
    if site in commands.KEY_CHANGES:
        _keys(tally, commands.KEY_CHANGES[site])


def _keys(tally: Tally, change: key_change.Change) -> None:
    """The keys of a fleet in use change: each step is a round like the others, while a client logs in."""
    logins = Outcome("logins while keys change", "all")

    def site(step: key_change.Step) -> list[str]:
        outcome = Outcome(step.name, "all")
        tally.outcomes.append(outcome)
        name = step.name.replace(" ", "-")
        if step.changes:
            outcome.complaints += measured(tally, name, True, *step.options).complaints
        else:
            recorded = run_site(name, *step.options)
            outcome.complaints += [f"it changed {one}" for one in changed(recorded)]
            outcome.complaints += [f"failed: {one}" for one in failures(recorded)]
        return outcome.complaints

    logins.complaints += key_change.run(labour.STATE, Progress(), change, site)
    tally.outcomes.append(logins)


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
    table.keep(LOGS, labour.STATE.site.name, [dataclasses.asdict(outcome) for outcome in tally.outcomes])
    exact = sum(1 for outcome in tally.outcomes if not outcome.complaints)
    scenarios, missed, false = len(tally.outcomes), len(tally.missed), len(tally.false)
    print(
        f"\nfidelity: {scenarios} scenarios, {exact} exact, {missed} missed, {false} false, {len(found)} secrets found"
    )
    return 0 if exact == scenarios and not missed and not false and not found else 1


if __name__ == "__main__":
    sys.exit(main())
