# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One command over a light fleet, and all that it took: on the controller, on the network, at the KDC."""

from __future__ import annotations

import collections.abc
import dataclasses
import json
import os
import pathlib
import subprocess
import tempfile
import time

from lab import images, network
from lab.podman import Podman
from lab.state import State

from .playbook import CALLBACKS, BenchError

ROOT = pathlib.Path(__file__).resolve().parents[2]
REQUESTS = "journalctl --quiet --unit krb5-kdc --output cat | grep -cE '^(AS|TGS)_REQ'; true"
SESSIONS = f"wc -l < {images.SESSIONS}; true"
MEGABYTE = 1e6


@dataclasses.dataclass(frozen=True)
class Taken:
    """What a command took. Seconds; megabytes of the largest process; bytes between the controller and the hosts;
    requests to the KDC; sessions of kadmin.local; by play and host the tasks, and those that ran on the host."""

    command: str
    hosts: int
    wall: float
    cpu: float
    memory: float
    bytes: int
    requests: int
    sessions: int
    changed: int = 0
    tasks: tuple[tuple[str, str, int, int], ...] = ()

    @property
    def per_host(self) -> float:
        """Seconds of wall clock a mail host."""
        return self.wall / self.hosts

    def most(self, on_host: bool) -> int:
        """The most tasks of one play on one host."""
        return max((counted[3 if on_host else 2] for counted in self.tasks), default=0)


@dataclasses.dataclass(frozen=True)
class Bench:
    """A light fleet that is up, with the environment for Ansible."""

    state: State
    podman: Podman
    environment: dict[str, str]

    def taken(self, command: str, hosts: int, argv: collections.abc.Sequence[str], *fine: int) -> Taken:
        """Run a command on the first ``hosts`` mail hosts; BenchError with its output for a status not 0 or `fine`."""
        with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
            record, log = pathlib.Path(scratch, "tasks.json"), pathlib.Path(scratch, "output")
            more = {
                "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
                "ANSIBLE_CALLBACKS_ENABLED": "fleet_tasks",
                "FLEET_TASKS": str(record),
                "ANSIBLE_INVENTORY": str(inventory(self.state, hosts)),
            }
            before = self._counters()
            since = time.monotonic()
            with log.open("wb") as output:
                process = subprocess.Popen(
                    argv,
                    cwd=ROOT,
                    env={**self.environment, **more},
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                )
                # Reaped here, for only so the kernel tells what this process and those that it waited for took.
                dummy, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
            wall = time.monotonic() - since
            if process.returncode not in (0, *fine):
                raise BenchError(f"{' '.join(argv)} ended with {process.returncode}:\n{log.read_text()[-4000:]}")
            after = self._counters()
            told = json.loads(record.read_text()) if record.exists() else {"counted": [], "changed": 0}
        return Taken(
            command=command,
            hosts=hosts,
            wall=wall,
            cpu=usage.ru_utime + usage.ru_stime,
            memory=usage.ru_maxrss * 1024 / MEGABYTE,
            bytes=after[0] - before[0],
            requests=after[1] - before[1],
            sessions=after[2] - before[2],
            changed=told["changed"],
            tasks=_tasks(told["counted"]),
        )

    def _counters(self) -> tuple[int, int, int]:
        """Bytes that passed the controller's end of the lab's bridge, the KDC's requests, sessions of kadmin.local."""
        found = network.find(self.state, self.podman)
        if found is None:
            raise BenchError("the fleet's network is gone")
        counters = pathlib.Path("/sys/class/net", found.interface, "statistics")
        passed = sum(int((counters / name).read_text()) for name in ("rx_bytes", "tx_bytes"))
        return passed, self._number(REQUESTS), self._number(SESSIONS)

    def _number(self, script: str) -> int:
        told = self.podman.attempt("exec", self.state.lab.container("kdc1"), "sh", "-c", script).stdout
        return int(told.strip() or 0)


def inventory(state: State, hosts: int) -> pathlib.Path:
    """The inventory of the first mail hosts of a fleet."""
    return state.home / f"inventory-{hosts}.yml"


def _tasks(counted: collections.abc.Sequence[dict[str, object]]) -> tuple[tuple[str, str, int, int], ...]:
    found: dict[tuple[str, str], list[int]] = {}
    for one in counted:
        sums = found.setdefault((str(one["play"]), str(one["host"])), [0, 0])
        sums[0] += int(str(one["tasks"]))
        sums[1] += int(str(one["tasks"])) if one["on_host"] else 0
    return tuple((play, host, sums[0], sums[1]) for (play, host), sums in sorted(found.items()))
