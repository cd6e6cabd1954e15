# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Creating and re-checking many principals: one task, kadmin.local fed the commands, a loop of one command each."""

from __future__ import annotations

import collections.abc
import pathlib
import shutil
import tempfile
import time

from ansible_collections.mailrealm.kerberos.tests.integration.realm import Realm, configure

from .playbook import Task, Timed, as_root, must, play
from .ratio import Pair, Ratio, ratio

MANY = 1000
FEW = 50  # of the loop, whose seconds are scaled to MANY: whole, it would take minutes
CREATE, RECHECK, LOOP_CREATE, LOOP_RECHECK = "create", "re-check", "create one by one", "re-check one by one"


def measure(pairs: int) -> collections.abc.Iterator[Ratio]:
    """Four ratios: creating and re-checking, each against both peers."""
    as_root()
    ours: list[dict[str, Timed]] = []
    fed: list[tuple[float, float]] = []
    for number in range(pairs):
        # Both go first in turn: the second finds the machine warmer.
        steps = [lambda: ours.append(_ours()), lambda: fed.append(_fed())]
        for step in steps if number % 2 else reversed(steps):
            step()
    scale = MANY / FEW
    task = f"1 task for {MANY}"
    for at, name in enumerate((CREATE, RECHECK)):
        seconds = [done[name].seconds for done in ours]
        against: list[Pair] = [(mine, theirs[at]) for mine, theirs in zip(seconds, fed, strict=True)]
        yield ratio(f"principals-{name}-against-kadmin.local", task, f"kadmin.local fed {MANY}", against)
        looped = [done[f"{name} one by one"].seconds * scale for done in ours]
        yield ratio(
            f"principals-{name}-against-loop",
            task,
            f"loop of {FEW} scaled to {MANY}",
            zip(seconds, looped, strict=True),
        )


def _names(prefix: str, count: int) -> list[str]:
    return [f"{prefix}/host{number:04}.example.test" for number in range(count)]


def _tasks(realm: Realm) -> list[Task]:
    principals = [{"name": name} for name in _names("smtp", MANY)]
    task = {
        "mailrealm.kerberos.principal": {"principals": principals, "kadmin": {"mode": "local", "realm": realm.name}}
    }

    def loop(name: str, *query: str) -> Task:
        command = ["kadmin.local", "-r", realm.name, *query, "{{ item }}"]
        module = {"argv": command}
        return {"name": name, "ansible.builtin.command": module, "loop": _names("imap", FEW), "changed_when": False}

    return [
        {"name": CREATE, **task},
        {"name": RECHECK, **task},
        loop(LOOP_CREATE, "addprinc", "-randkey"),
        loop(LOOP_RECHECK, "getprinc", "-terse"),
    ]


def _ours() -> dict[str, Timed]:
    with _Database() as realm:
        done = play(_tasks(realm), realm.folder, {**realm.variables, "PATH": realm.environment["PATH"]})
        must(done[CREATE].changed, "the task that was to create principals changed nothing")
        must(not done[RECHECK].changed, "the task that was to re-check principals changed some")
        _must_hold(realm, "smtp", MANY)
        _must_hold(realm, "imap", FEW)
        return done


def _fed() -> tuple[float, float]:
    with _Database() as realm:
        seconds = []
        for command in ("addprinc -randkey", "getprinc -terse"):
            lines = [f"{command} {name}" for name in _names("smtp", MANY)]
            since = time.monotonic()
            realm.kadmin_local(*lines)
            seconds.append(time.monotonic() - since)
        _must_hold(realm, "smtp", MANY)
        return seconds[0], seconds[1]


def _must_hold(realm: Realm, prefix: str, count: int) -> None:
    held = realm.kadmin_local(f"listprincs {prefix}/*").count(f"\n{prefix}/")
    must(held == count, f"the realm holds {held} principals {prefix}/* instead of {count}")


class _Database:
    """A new, empty realm in a folder that goes with the block; no KDC runs, kadmin.local needs none."""

    def __enter__(self) -> Realm:
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="bench-"))
        realm = configure(self._folder, "EXAMPLE.TEST")
        realm.create_database()
        return realm

    def __exit__(self, *_exception: object) -> None:
        shutil.rmtree(self._folder)
