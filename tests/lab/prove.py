# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proof: hosts up, `site`, real logins, `site` again without a change; recorded, and summed up."""

from __future__ import annotations

import collections.abc
import dataclasses
import datetime
import json
import os
import pathlib
import shutil
import time

from . import command, failover, lifecycle, mails, proof
from .failure import LabError
from .podman import Podman
from .progress import Progress
from .state import State, write

HERE = pathlib.Path(__file__).resolve().parent


@dataclasses.dataclass(frozen=True)
class Play:
    """One playbook of the proof: the phase's name, and what `ansible-playbook` is given."""

    name: str
    playbook: str


SITE = Play("site", "mailrealm.kerberos.site")
VERIFY = Play("verify", "mailrealm.kerberos.verify")
LOGIN = Play("login", str(HERE / "playbooks" / "login.yml"))
FAILOVER = Play("failover", str(HERE / "playbooks" / "failover.yml"))
AGAIN = Play("site again", "mailrealm.kerberos.site")


def prove(state: State, progress: Progress) -> int:
    """Runs everything, writes proof.json, prints the summary; 0 when everything was proved."""
    started = time.monotonic()
    record = proof.Proof(state.lab.instance, datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"))
    state.proof.unlink(missing_ok=True)
    try:
        running = lifecycle.up(state, progress)
        for step in (_site, _logins, _mails, _failover, _again):
            record = step(state, progress, running.podman, record)
            if not record.ok:
                break
    except LabError as error:
        record = _without(record, [str(error)])
    except BaseException:
        record = _without(record, ["the run was interrupted"])
        raise
    finally:
        record = dataclasses.replace(record, phases=tuple(progress.phases))
        write(state.proof, record.as_json())
        print(proof.summary(record, str(state.logs), time.monotonic() - started), flush=True)
    return 0 if record.ok else 1


def _without(record: proof.Proof, sentences: collections.abc.Sequence[str]) -> proof.Proof:
    return dataclasses.replace(record, unproved=(*record.unproved, *sentences))


def _site(state: State, progress: Progress, _podman: Podman, record: proof.Proof) -> proof.Proof:
    return _without(record, _play(state, progress, SITE)[1])


def _logins(state: State, progress: Progress, _podman: Podman, record: proof.Proof) -> proof.Proof:
    """The collection's own verification, then alice as a user with a password."""
    for play in (VERIFY, LOGIN):
        runs, unproved = _play(state, progress, play)
        record = dataclasses.replace(_without(record, unproved), logins=(*record.logins, *proof.logins(runs)))
    return _without(record, proof.missing_logins(record.logins))


def _mails(state: State, progress: Progress, podman: Podman, record: proof.Proof) -> proof.Proof:
    """A ticket by kinit and a mail by smtplib, without the collection; the mail hosts' logs say who that was."""
    with progress.phase("mail") as phase:
        sent = mails.send(state, podman, proof.USER)
        phase.said = sent.failure or f"{len(sent.tickets)} lines of klist, {len(sent.logged)} logins in the logs"
    return dataclasses.replace(_without(record, mails.unproved(sent, proof.USER)), mails=sent)


def _failover(state: State, progress: Progress, podman: Podman, record: proof.Proof) -> proof.Proof:
    """Alice logs in while the first KDC is stopped, with a ticket that a replica's log must have."""
    with failover.first_kdc_stopped(state, podman) as since:
        runs, sentences = _play(state, progress, FAILOVER)
        made = failover.with_kdc(state, podman, proof.logins(runs), since)
    record = dataclasses.replace(record, logins=(*record.logins, *made))
    return _without(record, sentences or failover.unproved(made))


def _again(state: State, progress: Progress, _podman: Podman, record: proof.Proof) -> proof.Proof:
    """A run over configured hosts; where the first one found them so and changed nothing, it was that run."""
    if any(phase.name == SITE.name and phase.changes == 0 for phase in progress.phases):
        return record
    runs, unproved = _play(state, progress, AGAIN)
    return _without(record, [*unproved, *proof.second_changes(runs)])


def _play(state: State, progress: Progress, play: Play) -> tuple[list[proof.TaskRun], list[str]]:
    """Runs a playbook with its output in a log; gives what its tasks did, and why it failed if it did."""
    environment = {**os.environ, **json.loads(state.environment.read_text())}
    name = play.name.replace(" ", "-")
    log, record = state.logs / f"{name}.log", state.logs / f"{name}.jsonl"
    program = shutil.which("ansible-playbook", path=environment["PATH"])
    if program is None:
        raise LabError("ansible-playbook is not there: `make venv` installs it below .cache")
    record.unlink(missing_ok=True)
    environment |= {
        "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback_plugins"),
        "ANSIBLE_CALLBACKS_ENABLED": "lab_record",
        "LAB_RECORD": str(record),
    }
    with progress.phase(play.name, f"output in {log}") as phase:
        argv = [*command.DIE_WITH_PARENT, program, play.playbook]
        status = command.run_logged(argv, log, environment=environment)
        runs = proof.read_record(record.read_text()) if record.exists() else []
        phase.tasks, phase.changes = len(runs), sum(run.changed for run in runs)
        phase.said = f"{phase.tasks} tasks, {phase.changes} changes" if status == 0 else f"failed, status {status}"
    if status == 0:
        return runs, []
    print(command.tail(log), f"    (all of it: {log})", sep="\n", flush=True)
    told = [f"{run.host}: {run.task}: {run.message}" for run in runs if run.outcome in ("failed", "unreachable")]
    return runs, [f"{play.playbook} failed: {told[0] if told else f'see {log}'}"]
