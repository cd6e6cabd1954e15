# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mutants on trial: each in a process of its own, in which the room's tests run against it.

The process is forked from one that has imported pytest and hypothesis but no room, so that it starts in no time and
still knows nothing of other mutants. Processor time and memory are bounded: a loop without an end is a kill.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import gc
import importlib
import importlib.abc
import importlib.machinery
import os
import pathlib
import resource
import shutil
import signal
import sys
import types
from collections.abc import Callable, Iterator, Sequence

import hypothesis
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOGS = ROOT / ".cache" / "logs" / "mutants"  # what pytest said of each mutant, by its place
PACKAGE = "ansible_collections.mailrealm.kerberos."
PROCESSES = max(2, os.cpu_count() or 2)
MEMORY = 2 << 30  # bytes of address space
PATIENCE = 5  # times the processor seconds of the tests on the room as it is
LEAST = 5  # processor seconds
HANGS = 600  # seconds on the clock; nothing in these rooms waits, so this is for a machine that does
PASSED, FAILED, INTERRUPTED, INTERNAL = 0, 1, 2, 3  # pytest's exit codes; an error on import interrupts it
# Any other end (no memory, a signal from elsewhere) may be the machine's doing: such a mutant is tried once more.
VERDICTS = frozenset([PASSED, FAILED, INTERRUPTED, -signal.SIGXCPU])
PLUGIN = importlib.import_module("_hypothesis_pytestplugin")  # the one plugin of pytest that these tests need

hypothesis.settings.register_profile(
    "mutants",
    derandomize=True,  # the same verdict in every run
    max_examples=25,
    database=None,
    deadline=None,
    phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),  # nobody reads a shrunk example here
    suppress_health_check=list(hypothesis.HealthCheck),
)


class TrialError(Exception):
    """The tests cannot tell anything: they fail, or cannot be run, on the room as it is."""


class _PlainFirst:
    """Of the collected tests those without generated examples come first: they take least."""

    @staticmethod
    def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: bool(hypothesis.is_hypothesis_test(getattr(item, "obj", None))))


class _Stand(importlib.abc.Loader):
    """Stands in for the room when it is imported; everything else comes from where it always does."""

    def __init__(self, room: pathlib.Path, code: types.CodeType) -> None:
        self.name = PACKAGE + ".".join(room.relative_to(ROOT).with_suffix("").parts)
        self.code = code

    def find_spec(
        self, fullname: str, _path: object = None, _target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        return importlib.machinery.ModuleSpec(fullname, self) if fullname == self.name else None

    def create_module(self, _spec: importlib.machinery.ModuleSpec) -> None:
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        exec(self.code, module.__dict__)


def seconds(room: pathlib.Path, tests: Sequence[pathlib.Path]) -> float:
    """Processor seconds of the tests on the room as it is; TrialError where they do not pass."""
    tree = ast.parse(room.read_text(encoding="utf-8"))
    ((dummy, status, used),) = _statuses([0], lambda dummy: _run(room, tree, tests, None), LEAST * 60)
    if status != PASSED:
        raise TrialError(f"{room.relative_to(ROOT)}: its tests do not pass before anything is changed")
    return used


def killed(
    room: pathlib.Path, trees: Sequence[Callable[[], ast.Module]], tests: Sequence[pathlib.Path], usual: float
) -> Iterator[tuple[int, bool]]:
    """The place of each mutant and whether a test failed on it, as they come. ``usual``: see `seconds`."""
    limit = max(LEAST, round(PATIENCE * usual))
    logs = LOGS / room.stem
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir(parents=True)

    def work(at: int) -> int:
        return _run(room, trees[at](), tests, logs / f"{at}.log")

    again = []
    for at, status, dummy in _statuses(range(len(trees)), work, limit):
        if status in VERDICTS:
            yield at, status != PASSED
        else:
            again.append(at)
    for at, status, dummy in _statuses(again, work, limit):
        yield at, status != PASSED


def _statuses(places: Sequence[int], work: Callable[[int], int], limit: int) -> Iterator[tuple[int, int, float]]:
    """Runs the work for each place in a fork of its own, some at a time: place, exit status, processor seconds."""
    gc.freeze()  # spares every fork the reading, and so the copying, of what this process holds
    waiting, running = list(reversed(places)), dict[int, int]()
    try:
        while waiting or running:
            while waiting and len(running) < PROCESSES:
                at = waiting.pop()
                running[_forked(functools.partial(work, at), limit)] = at
            pid, status, usage = os.wait4(-1, 0)
            yield running.pop(pid), os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime
    finally:
        for pid in running:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _forked(work: Callable[[], int], limit: int) -> int:
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    status = INTERNAL
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.alarm(HANGS)
        status = work()
        sys.stdout.flush()
    finally:
        os._exit(status)


def _run(room: pathlib.Path, tree: ast.Module, tests: Sequence[pathlib.Path], log: pathlib.Path | None) -> int:
    """Runs the tests with ``tree`` in the room's place; what pytest says goes to ``log``, or to the terminal."""
    sys.meta_path.insert(0, _Stand(room, compile(tree, str(room), "exec")))
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    # The addopts of this checkout but for --strict-config: without the cache, which the processes would share, its
    # option is unknown.
    words = ["-o", "addopts=--import-mode=importlib", "-p", "no:cacheprovider", "--hypothesis-profile=mutants"]
    words += ["-x", "-q", "--no-header", "--tb=line", "-W", "ignore::pytest.PytestConfigWarning"]
    words += ["--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml"), *map(str, tests)]
    with contextlib.ExitStack() as stack:
        if log:
            file = stack.enter_context(log.open("w", encoding="utf-8"))
            stack.enter_context(contextlib.redirect_stdout(file))
            stack.enter_context(contextlib.redirect_stderr(file))
        return pytest.main(words, [PLUGIN, _PlainFirst()])
