# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the playbooks take on light fleets of 1, 10, 30 and 100 mail hosts, beside Ansible's own ping."""

from __future__ import annotations

import collections.abc
import json
import os
import pathlib

from lab import fleet, inventory, lifecycle
from lab.identity import Lab
from lab.progress import Progress
from lab.state import State, write

from .figure import Figure, figure
from .fleet_run import Bench, Taken
from .fleet_run import inventory as inventory_file
from .playbook import BenchError

ROOT = pathlib.Path(__file__).resolve().parents[2]
SIZES = (1, 10, 30, 100)
INSTANCE = "bench-fleet{count}"
SITE = ("ansible-playbook", "mailrealm.kerberos.site")
# In which the report of a drift run is left, for it is written too
REPORT = ROOT / ".cache" / "bench-drift"
# By the name of what is measured: the command, and the exit statuses beside 0 that are none of a failure.
PLAYS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("site, first run", SITE),
    ("site, steady", SITE),
    ("check", (*SITE, "--check")),
    ("drift", ("ansible-playbook", "mailrealm.kerberos.drift", "-e", f"kerberos_drift_folder={REPORT}")),
    ("verify", ("ansible-playbook", "mailrealm.kerberos.verify")),
    ("ping", ("ansible", "all", "-m", "ansible.builtin.ping")),
)
FIRST, STEADY, CHECK, DRIFT, VERIFY, PING = (name for name, dummy in PLAYS)
UNCHANGING = (STEADY, CHECK, DRIFT, VERIFY)
HEAD = f"{'command':<16} {'hosts':>5} {'s':>7} {'s/host':>7} {'CPU s':>7} {'tasks':>6} {'on host':>7} "
HEAD += f"{'kB/host':>8} {'KDC':>5} {'kadmin':>6} {'MB':>6}"


def measure(count: int) -> collections.abc.Iterator[str | Figure]:
    """A row for each command and size as soon as it is known, then the figures that have limits."""
    state = State(Lab(str(ROOT), INSTANCE.format(count=count)))
    running = lifecycle.up(state, Progress())
    bench = Bench(state, running.podman, {**os.environ, **json.loads(state.environment.read_text())})
    rows: dict[tuple[str, int], Taken] = {}
    yield HEAD
    for size in sizes(count):
        write(inventory_file(state, size), inventory.of(state, fleet.light(size), running.subnet))
        lifecycle.blank(state, Progress(), [host.name for host in fleet.light(size).hosts])
        for name, argv in PLAYS:
            taken = bench.taken(name, size, argv)
            if name in UNCHANGING and taken.changed:
                raise BenchError(f"{name} on {size} hosts changed {taken.changed}, and should nothing")
            rows[name, size] = taken
            yield row(taken)
    yield from figures(rows, sizes(count))


def sizes(count: int) -> tuple[int, ...]:
    """The sizes up to that of the fleet, which is the last."""
    return (*(size for size in SIZES if size < count), count)


def row(taken: Taken) -> str:
    """One line of the table."""
    return (
        f"{taken.command:<16} {taken.hosts:>5} {taken.wall:>7.1f} {taken.per_host:>7.2f} {taken.cpu:>7.1f} "
        f"{taken.most(False):>6} {taken.most(True):>7} {taken.bytes / taken.hosts / 1000:>8.0f} {taken.requests:>5} "
        f"{taken.sessions:>6} {taken.memory:>6.1f}"
    )


def figures(
    rows: collections.abc.Mapping[tuple[str, int], Taken], measured: collections.abc.Sequence[int]
) -> collections.abc.Iterator[Figure]:
    """What must not grow with the number of hosts, from the rows by command and size."""
    last, small = measured[-1], measured[-2] if len(measured) > 1 else measured[-1]
    check, ping = rows[CHECK, last], rows[PING, last]
    yield figure("fleet-tasks-of-a-product", "tasks", check.most(True))
    yield figure("fleet-check-against-ping", "times", check.per_host / ping.per_host)
    tenth = 10 if 10 in measured else small
    yield figure("fleet-check-per-host-growth", "times", check.per_host / rows[CHECK, tenth].per_host)
    sessions = [rows[CHECK, size].sessions for size in measured]
    yield figure("fleet-kadmin-sessions", "sessions", max(sessions))
    yield figure("fleet-kadmin-sessions-growth", "sessions", max(sessions) - min(sessions))
    if last > small:
        grown = max(rows[name, last].memory - rows[name, small].memory for name in (STEADY, CHECK, DRIFT))
        yield figure("fleet-memory-of-a-host", "MB", grown / (last - small))
