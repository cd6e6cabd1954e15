# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The public ladder of a module: check, run, check again, run again, through ansible-playbook on this machine.

Import it as ``ansible_collections.mailrealm.kerberos.tests.integration.ladder`` (the root conftest.py makes that
possible). Tasks are dictionaries as in YAML::

    steps = climb([{"mailrealm.kerberos.keytab": {"path": str(path), ...}}], tmp_path, watch=[path])
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert steps.check.watched_after == steps.check.watched_before   # check mode touched nothing

`play` runs tasks once, for failures, `-vvvv` output and the like.
"""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import sys
import uuid
from typing import Any, Mapping, Sequence

from ansible_collections.mailrealm.kerberos.tests.integration.returned import check_returned

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
PATIENCE = 120.0  # seconds for one ansible-playbook


@dataclasses.dataclass(frozen=True)
class Result:
    """One task's result; ``status`` is ok, failed, skipped or unreachable; ``data`` is all that the task returned."""

    name: str
    status: str
    data: dict[str, Any]

    @property
    def changed(self) -> bool:
        return bool(self.data.get("changed"))

    @property
    def diff(self) -> list[dict[str, str]]:
        """The diff as a list of parts, whether the module returned a list or one part."""
        diff = self.data.get("diff") or []
        return diff if isinstance(diff, list) else [diff]

    @property
    def msg(self) -> str:
        return str(self.data.get("msg", ""))


@dataclasses.dataclass(frozen=True)
class Step:
    """One pass over the tasks; ``watched_*`` map each watched path to what it was (see watched.py)."""

    results: tuple[Result, ...]
    watched_before: dict[str, Any]
    watched_after: dict[str, Any]

    @property
    def changed(self) -> bool:
        return any(result.changed for result in self.results)

    @property
    def diff(self) -> list[dict[str, str]]:
        return [part for result in self.results for part in result.diff]

    @property
    def failed(self) -> bool:
        return any(result.status in ("failed", "unreachable") for result in self.results)

    @property
    def last(self) -> Result:
        return self.results[-1]

    @property
    def only(self) -> Result:
        (result,) = self.results
        return result


@dataclasses.dataclass(frozen=True)
class Ladder:
    """The four steps; the output is ansible-playbook's own, standard output and error together."""

    check: Step
    run: Step
    check_again: Step
    run_again: Step
    output: str

    @property
    def changed(self) -> tuple[bool, bool, bool, bool]:
        return (self.check.changed, self.run.changed, self.check_again.changed, self.run_again.changed)


def climb(tasks: Sequence[Mapping[str, Any]], folder: pathlib.Path, **options: Any) -> Ladder:
    """Climb the ladder; AssertionError with the output where a task fails. Options as those of `play`."""
    plays = [_play(name, tasks, check) for name, check in (("a", True), ("b", False), ("c", True), ("d", False))]
    steps, status, output = _ansible_playbook(plays, folder, **options)
    assert status == 0 and len(steps) == 4, f"ansible-playbook ended with {status}:\n{output}"
    return Ladder(*steps, output=output)


def play(
    tasks: Sequence[Mapping[str, Any]], folder: pathlib.Path, *, check: bool = False, **options: Any
) -> tuple[Step, str]:
    """Run the tasks once: the step (failed or not) and ansible-playbook's output.

    ``watch``: paths of which snapshots are taken; ``verbosity``: 0 to 4; ``variables``: extra ones of the play;
    ``environment_more``, ``arguments``: more of ansible-playbook's; ``prefix``: a command to run
    it under; ``interpreter``: the module's Python.
    """
    steps, status, output = _ansible_playbook([_play("once", tasks, check)], folder, **options)
    assert len(steps) == 1, f"ansible-playbook ended with {status}:\n{output}"
    return steps[0], output


def _play(name: str, tasks: Sequence[Mapping[str, Any]], check: bool) -> dict[str, Any]:
    return {"name": name, "hosts": "localhost", "gather_facts": False, "check_mode": check, "tasks": list(tasks)}


def program(name: str) -> str:
    """A program of the Ansible that belongs to this Python, else the one on PATH."""
    beside = pathlib.Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    assert found, f"{name} is not on PATH"
    return found


def environment(folder: pathlib.Path, **more: str) -> dict[str, str]:
    """An environment in which Ansible finds the collection and leaves everything below ``folder``."""
    collections = folder / "collections" / "ansible_collections" / "mailrealm"
    collections.mkdir(parents=True, exist_ok=True)
    link = collections / "kerberos"
    if not link.is_symlink():
        link.symlink_to(ROOT, target_is_directory=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "KRB5"))}
    (folder / "ansible.cfg").write_text("[defaults]\n")
    return {
        **kept,
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_HOME": str(folder / "ansible-home"),
        "ANSIBLE_REMOTE_TMP": str(folder / "remote-tmp"),
        "ANSIBLE_COLLECTIONS_PATH": str(folder / "collections"),
        "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback_plugins"),
        "ANSIBLE_CALLBACKS_ENABLED": "ladder_record",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_DIFF_ALWAYS": "true",
        "LC_ALL": "C.UTF-8",
        **more,
    }


def _ansible_playbook(
    plays: Sequence[Mapping[str, Any]],
    folder: pathlib.Path,
    *,
    watch: Sequence[pathlib.Path] = (),
    verbosity: int = 0,
    variables: Mapping[str, Any] | None = None,
    environment_more: Mapping[str, str] | None = None,
    arguments: Sequence[str] = (),
    prefix: Sequence[str] = (),
    interpreter: str = sys.executable,
) -> tuple[list[Step], int, str]:
    number = uuid.uuid4().hex[:8]
    playbook, record = folder / f"playbook-{number}.yml", folder / f"record-{number}.jsonl"
    given = {"ansible_connection": "local", "ansible_python_interpreter": interpreter, **(variables or {})}
    playbook.write_text(json.dumps([{**one, "vars": given} for one in plays]))
    record.touch()
    loud = ["-" + "v" * verbosity] if verbosity else []
    command = [*prefix, program("ansible-playbook"), str(playbook), *arguments, *loud]
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment(
            folder,
            LADDER_RECORD=str(record),
            LADDER_WATCH=json.dumps([str(path) for path in watch]),
            **(environment_more or {}),
        ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return _steps([json.loads(line) for line in record.read_text().splitlines()]), done.returncode, done.stdout


def _steps(lines: Sequence[Mapping[str, Any]]) -> list[Step]:
    steps: list[Step] = []
    marks = [at for at, line in enumerate(lines) if line["kind"] in ("play", "end")]
    for line in lines:
        if line["kind"] == "task" and line["status"] == "ok":
            check_returned(line["action"], line["result"])
    for start, end in zip(marks, marks[1:]):
        results = tuple(Result(line["name"], line["status"], line["result"]) for line in lines[start + 1 : end])
        steps.append(Step(results, lines[start]["watched"], lines[end]["watched"]))
    return steps
