# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module's main() in a child forked from this process, where Python is already up: hundreds of runs in seconds.

The child waits at a gate, so that many start at the same moment, or that strace is attached before the
module's first call: what strace counts is the module's, and nothing of Python's start.
"""

from __future__ import annotations

import ctypes
import dataclasses
import gc
import importlib
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import traceback
from typing import Any, Mapping, NamedTuple, NoReturn, Sequence

from ansible.module_utils.testing import patch_module_args
from ansible_collections.mailrealm.kerberos.tests.integration.module_process import PATIENCE, Outcome
from ansible_collections.mailrealm.kerberos.tests.integration.returned import COLLECTION, check_returned
from ansible_collections.mailrealm.kerberos.tests.integration.watched import snapshot

PR_SET_PTRACER = 0x59616D61  # prctl(2): lets strace attach where Yama allows it to parents alone
ANYBODY = ctypes.c_ulong(-1)
MODULES = "ansible_collections.mailrealm.kerberos.plugins.modules."


@dataclasses.dataclass
class Running:
    """A child at its gate or beyond."""

    pid: int
    gate: int
    output: int
    strace: subprocess.Popen[bytes] | None = None

    def go(self) -> None:
        # Closing alone opens no gate: children forked later have copies of this end.
        os.write(self.gate, b"!")
        os.close(self.gate)

    def finish(self) -> Outcome:
        """How the module ended; a negative status is the signal that killed it."""
        dummy, status = os.waitpid(self.pid, 0)
        if self.strace:
            self.strace.wait(PATIENCE)
        os.lseek(self.output, 0, os.SEEK_SET)
        with os.fdopen(self.output, "rb") as stream:
            text = stream.read().decode()
        last = next((line for line in reversed(text.splitlines()) if line.startswith("{")), None)
        return Outcome(json.loads(last) if last else None, os.waitstatus_to_exitcode(status), text)


def start(
    name: str,
    options: Mapping[str, Any],
    folder: pathlib.Path,
    *,
    check: bool = False,
    strace: Sequence[str] = (),
    variables: Mapping[str, str] | None = None,
) -> Running:
    """A child that will run the module once it may `go`.

    ``strace``: arguments of the strace that is attached to it; ``variables``: more of its environment.
    """
    module = importlib.import_module(MODULES + name)
    output = os.memfd_create("output", 0)
    waiting, gate = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(gate)
        os.environ.update(variables or {})
        given = {**options, "_ansible_check_mode": check, "_ansible_diff": True, "_ansible_remote_tmp": str(folder)}
        given["_ansible_module_name"] = f"{COLLECTION}{name}"
        _run(module, given, waiting, output)
    os.close(waiting)
    running = Running(pid, gate, output)
    if strace:
        command = ["strace", "-qq", *strace, "-p", str(pid)]
        running.strace = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=output)
        _wait_for_tracer(running)
    return running


def run(name: str, options: Mapping[str, Any], folder: pathlib.Path, **more: Any) -> Outcome:
    running = start(name, options, folder, **more)
    running.go()
    return running.finish()


def of_task(task: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The module and the options of a task of a playbook that is nothing but a module of the collection."""
    ((action, options),) = task.items()
    assert action.startswith(COLLECTION)
    return action.removeprefix(COLLECTION), options


def climb(
    name: str,
    options: Mapping[str, Any],
    folder: pathlib.Path,
    changes: bool = True,
    watch: pathlib.Path | None = None,
) -> dict[str, Any]:
    """Climb the ladder: check, run, check, run, the first two changing and showing the same; what the run returned.

    Only the first run touches what is watched: what is at the option `path`, unless another place is named.
    """
    watched = str(watch or options.get("path", os.devnull))
    ran, seen = [], [snapshot(watched)]
    for check in (True, False, True, False):
        ran.append(run(name, options, folder, check=check))
        seen.append(snapshot(watched))
    told = [outcome.result or {} for outcome in ran]
    assert [one.get("changed") for one in told] == [changes, changes, False, False], [one.output for one in ran]
    shown = [(one["diff"], one.get("warnings")) for one in told]
    assert shown[0] == shown[1]
    assert shown[2] == shown[3] == ([], None)
    assert seen[0] == seen[1] and seen[2] == seen[3] == seen[4]
    check_returned(COLLECTION + name, told[1])
    return told[1]


class Call(NamedTuple):
    """A system call that the module made: the how-many-th of its name, and strace's line with the files' paths."""

    name: str
    number: int
    line: str


def calls(name: str, options: Mapping[str, Any], folder: pathlib.Path) -> list[Call]:
    """Run the module and say which system calls it made."""
    record = folder / "calls"
    outcome = run(name, options, folder, strace=["-y", "-o", str(record)])
    assert outcome.status == 0, outcome.output
    made: dict[str, int] = {}
    found = []
    for match in re.finditer(r"^(\w+)\(.*$", record.read_text(), re.MULTILINE):
        made[match[1]] = made.get(match[1], 0) + 1
        found.append(Call(match[1], made[match[1]], match[0]))
    return found


def faults(*given: tuple[str, int, str]) -> list[str]:
    """strace's arguments for faults (`error=EIO`, `signal=KILL`) in place of the n-th call of a name; 0: of all."""
    names = ",".join(name for name, dummy, dummy in given)
    found = ["-o", "/dev/null", "-e", f"trace={names}"]
    for name, number, fault in given:
        found += ["-e", f"inject={name}:{fault}" + (f":when={number}" if number else "")]
    return found


def _run(module: Any, given: Mapping[str, Any], waiting: int, output: int) -> NoReturn:
    status = 1
    gc.disable()  # a collection would copy every page that this child shares with its parent
    try:
        ctypes.CDLL(None).prctl(PR_SET_PTRACER, ANYBODY, 0, 0, 0)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for stream in (1, 2):
            os.dup2(output, stream)
        sys.stdout, sys.stderr = (io.TextIOWrapper(io.FileIO(stream, "w", closefd=False)) for stream in (1, 2))
        os.read(waiting, 1)
        # Where a test has imported a plugin, Ansible takes this process for a controller, which returns no warnings.
        importlib.import_module("ansible.module_utils._internal").is_controller = False
        with patch_module_args(dict(given)):
            module.main()
    except SystemExit as end:
        status = int(end.code or 0)
    except BaseException:
        traceback.print_exc()
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status)


def _wait_for_tracer(running: Running) -> None:
    give_up = time.monotonic() + PATIENCE
    while "TracerPid:\t0\n" in pathlib.Path(f"/proc/{running.pid}/status").read_text():
        if time.monotonic() > give_up or (running.strace and running.strace.poll() is not None):
            os.kill(running.pid, 9)
            raise AssertionError(f"strace did not attach: {running.finish().output}")
        time.sleep(0.002)
