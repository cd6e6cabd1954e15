# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbooks on the lab's hosts: their output in a log, what their tasks did in a record."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import shutil

from . import command, proof
from .failure import LabError
from .progress import Progress
from .state import State

HERE = pathlib.Path(__file__).resolve().parent


@dataclasses.dataclass(frozen=True)
class Play:
    """A playbook: the phase's name, and what `ansible-playbook` is given."""

    name: str
    playbook: str
    arguments: tuple[str, ...] = ()


SITE = Play("site", "mailrealm.kerberos.site")
VERIFY = Play("verify", "mailrealm.kerberos.verify")


def run(state: State, progress: Progress, play: Play) -> tuple[list[proof.TaskRun], list[str]]:
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
        argv = [*command.DIE_WITH_PARENT, program, play.playbook, *play.arguments]
        status = command.run_logged(argv, log, environment=environment)
        runs = proof.read_record(record.read_text()) if record.exists() else []
        phase.tasks, phase.changes = len(runs), sum(run.changed for run in runs)
        phase.said = f"{phase.tasks} tasks, {phase.changes} changes" if status == 0 else f"failed, status {status}"
    if status == 0:
        return runs, []
    print(command.tail(log), f"    (all of it: {log})", sep="\n", flush=True)
    told = [f"{run.host}: {run.task}: {run.message}" for run in runs if run.outcome in ("failed", "unreachable")]
    return runs, [f"{play.playbook} failed: {told[0] if told else f'see {log}'}"]
