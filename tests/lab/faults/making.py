# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Making faults on the lab's hosts, and taking them away again whatever came between."""

from __future__ import annotations

import collections.abc
import concurrent.futures
import contextlib
import dataclasses
import time

from ..podman import Podman
from ..state import State
from . import Fault

SECONDS = 300  # for one script: a JVM may take a minute to start, and several start at the same time


@dataclasses.dataclass(frozen=True)
class Made:
    """Faults that are there at the same time. ``begun``: the second since 1970 when the first was made.

    ``failures``: a sentence for each script that failed; those of taking them away join when that is over.
    """

    begun: float
    failures: list[str]


@contextlib.contextmanager
def made(state: State, podman: Podman, faults: collections.abc.Sequence[Fault]) -> collections.abc.Iterator[Made]:
    """The faults while this lasts, hosts at the same time and one after another on each. Every one is taken away, also
    where the making of one failed half-way."""
    now = Made(time.time(), [])
    try:
        now.failures.extend(_everywhere(state, podman, faults, "make"))
        yield now
    finally:
        now.failures.extend(_everywhere(state, podman, faults[::-1], "unmake"))


def _everywhere(state: State, podman: Podman, faults: collections.abc.Sequence[Fault], script: str) -> list[str]:
    """Runs one script of each fault; a sentence for each that failed."""
    by_place: dict[str, list[Fault]] = {}
    for fault in faults:
        by_place.setdefault(fault.place, []).append(fault)
    with concurrent.futures.ThreadPoolExecutor(max_workers=len(by_place)) as pool:
        told = pool.map(lambda place: _on(state, podman, by_place[place], script), by_place)
        return [sentence for sentences in told for sentence in sentences]


def _on(state: State, podman: Podman, faults: collections.abc.Sequence[Fault], script: str) -> list[str]:
    sentences = []
    for fault in faults:
        shell = ("timeout", str(SECONDS), "sh", "-e", "-c", getattr(fault, script))
        done = podman.attempt("exec", state.lab.container(fault.place), *shell)
        if done.returncode:
            words = (done.stderr or done.stdout).strip()[-400:] or f"exit status {done.returncode}"
            sentences.append(f"{fault.place}: {script} of '{fault.name}' failed: {words}")
    return sentences
