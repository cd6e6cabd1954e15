# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of the lab that logs in once a second while keys change, and the count of its logins."""

from __future__ import annotations

import collections
import collections.abc
import contextlib
import dataclasses
import json
import pathlib
import subprocess
import time

from . import inventory
from .failure import LabError
from .podman import Podman
from .state import State

JUDGE = pathlib.Path(__file__).resolve().parent / "judges" / "login_loop.py"
KINDS = ("fresh", "kept")  # with tickets of its own, and with tickets from before
FEWEST = 20  # logins of each kind, or the loop has proved little


@dataclasses.dataclass(frozen=True)
class Logins:
    """The logins of the loop: how many succeeded of each kind, and a sentence for each that failed."""

    succeeded: collections.Counter[str]
    failures: tuple[str, ...]


class Loop:
    """The client that logs in, on a workstation."""

    def __init__(self, state: State, podman: Podman, logins: collections.abc.Sequence[tuple[str, str, str]]) -> None:
        """``logins``: protocol, host, and the name to be there; empty for the one of the ticket."""
        (workstation,) = state.site.members("workstations")
        self._order = {
            "user": state.site.user,
            "password": inventory.passwords(state)["alice"],
            "logins": [{"protocol": protocol, "host": host, "named": named} for protocol, host, named in logins],
        }
        # The judge is an argument, since the password takes standard input.
        argv = podman.argv("exec", "-i", state.lab.container(workstation.name), "python3", "-c", JUDGE.read_text())
        self._log = state.logs / "login_loop.jsonl"
        self._errors = state.logs / "login_loop.log"
        with self._log.open("wb") as output, self._errors.open("wb") as errors:
            self._process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=output, stderr=errors, text=True)
        self._say(json.dumps(self._order))

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()

    def renew(self) -> None:
        """Have the tickets from before made anew, as a client does when they have ended."""
        self._say("renew")

    def wait(self, more: int) -> None:
        """Until that many more logins have been told; LabError where the loop has ended or they do not come."""
        want, limit = len(self._lines()) + more, time.monotonic() + 60
        while len(self._lines()) < want:
            if self._process.poll() is not None or time.monotonic() > limit:
                raise LabError(f"the client's loop of logins does not go on: see {self._errors} and {self._log}")
            time.sleep(0.2)

    def _lines(self) -> list[str]:
        return self._log.read_text().splitlines()

    def end(self) -> Logins:
        """Stops it and counts."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            status = self._process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        told = tally(self._lines())
        if status:
            return dataclasses.replace(
                told, failures=(*told.failures, f"the loop of logins failed: see {self._errors}")
            )
        return told


def tally(lines: collections.abc.Iterable[str]) -> Logins:
    """What the judge's lines say."""
    succeeded: collections.Counter[str] = collections.Counter()
    failures = []
    for line in lines:
        login = json.loads(line)
        if login["failure"]:
            failures.append(
                f"{login['kind']} {login['protocol']} login to {login['host']} at {login['second']}: {login['failure']}"
            )
        else:
            succeeded[login["kind"]] += 1
    return Logins(succeeded, tuple(failures))


def judged(logins: Logins) -> list[str]:
    """Prints how many logins there were; a sentence for each that failed, and for too few."""
    counted = ", ".join(f"{number} {kind}" for kind, number in sorted(logins.succeeded.items()))
    print(f"\nlogins while the keys changed: {counted}, {len(logins.failures)} failed")
    return [
        *(f"a login failed: {sentence}" for sentence in logins.failures[:5]),
        *(f"only {logins.succeeded[kind]} {kind} logins" for kind in KINDS if logins.succeeded[kind] < FEWEST),
    ]
