# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A playbook on this machine, and what each of its tasks took."""

from __future__ import annotations

import collections.abc
import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import typing

from ansible_collections.mailrealm.kerberos.tests.integration import ladder

CALLBACKS = pathlib.Path(__file__).resolve().parent / "callback_plugins"
Task = dict[str, typing.Any]


class BenchError(Exception):
    """What was to be measured did not do its work."""


@dataclasses.dataclass(frozen=True)
class Timed:
    """One task of one host: its seconds from its start to its result."""

    seconds: float
    changed: bool


def timing(record: pathlib.Path) -> dict[str, str]:
    """Environment in which ansible-playbook writes the seconds of its tasks into `record`."""
    return {
        "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
        "ANSIBLE_CALLBACKS_ENABLED": "task_seconds",
        "TASK_SECONDS": str(record),
    }


def lines(record: pathlib.Path) -> list[dict[str, typing.Any]]:
    return [json.loads(line) for line in record.read_text().splitlines()]


def play(tasks: collections.abc.Sequence[Task], folder: pathlib.Path, variables: dict[str, str]) -> dict[str, Timed]:
    """Run tasks, each with a name of its own, once: name -> what it took. BenchError with the output of a failure.

    `variables`: environment of the tasks.
    """
    given = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    head = {"name": "Bench", "hosts": "localhost", "gather_facts": False, "environment": variables, "vars": given}
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        playbook, record = pathlib.Path(scratch, "playbook.yml"), pathlib.Path(scratch, "record.jsonl")
        playbook.write_text(json.dumps([{**head, "tasks": list(tasks)}]))
        more = {**timing(record), "ANSIBLE_DIFF_ALWAYS": "false", "ANSIBLE_PIPELINING": "true"}
        done = subprocess.run(
            [ladder.program("ansible-playbook"), str(playbook)],
            env=ladder.environment(pathlib.Path(scratch), **more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise BenchError(f"ansible-playbook ended with {done.returncode}:\n{done.stdout}")
        return {line["task"]: Timed(line["seconds"], line["changed"]) for line in lines(record) if "task" in line}


PING: tuple[Task, ...] = tuple({"name": name, "ansible.builtin.ping": {}} for name in ("warm", "ping"))


def own(done: collections.abc.Mapping[str, Timed], name: str) -> float:
    """A task's seconds less those of Ansible's ping in the same play, which began with `PING`: what the module took."""
    return done[name].seconds - done["ping"].seconds


def warm(task: Task) -> Task:
    """The module once on next to nothing and in check mode: Ansible packs a module the first time a play calls it, and
    `PING` is timed the second time too."""
    return {"name": "pack", "check_mode": True, **task}


def must(truth: bool, sentence: str) -> None:
    """BenchError unless it is so: the seconds of work that was not done mean nothing."""
    if not truth:
        raise BenchError(sentence)


def as_root() -> None:
    must(os.geteuid() == 0, "the tools need root: leave out --here, so that the toolbox is used")
