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
import typing

from ansible_collections.mailrealm.kerberos.tests.integration.realm import Realm, configure

from .figure import Memory, memory
from .playbook import PING, Task, Timed, as_root, must, own, play, warm
from .process import Spent, run
from .ratio import Pair, Ratio, ratio

MANY = 1000
FEW = 50  # of the loop, whose seconds are scaled to MANY: whole, it would take minutes
CREATE, RECHECK, LOOP_CREATE, LOOP_RECHECK = "create", "re-check", "create one by one", "re-check one by one"


def measure(pairs: int) -> collections.abc.Iterator[Ratio | Memory]:
    """Creating and re-checking, each against both peers, and their memory."""
    as_root()
    ours: list[dict[str, Timed]] = []
    fed: list[tuple[float, float]] = []
    spent: list[tuple[Spent, Spent]] = []
    for number in range(pairs):
        # Both go first in turn: the second finds the machine warmer.
        steps = [lambda: ours.append(_ours()), lambda: fed.append(_fed())]
        for step in steps if number % 2 else reversed(steps):
            step()
        spent.append(_processes())
    scale = MANY / FEW
    task = f"1 task for {MANY}"
    # Whoever creates and reads back has both to do; against addprinc alone is a further figure, without a limit.
    bare = {
        "principals-create-against-addprinc-alone": (CREATE, f"{MANY} addprinc", lambda theirs: theirs[0]),
        "principals-create-against-kadmin.local": (CREATE, f"{MANY} addprinc and {MANY} getprinc", sum),
        "principals-re-check-against-kadmin.local": (RECHECK, f"{MANY} getprinc", lambda theirs: theirs[1]),
    }
    for name, (step, commands, seconds_of) in bare.items():
        against: list[Pair] = [(own(done, step), seconds_of(theirs)) for done, theirs in zip(ours, fed, strict=True)]
        yield ratio(name, f"{task} less ping", f"kadmin.local fed {commands}", against)
    for at, name in enumerate((CREATE, RECHECK)):
        seconds = [done[name].seconds for done in ours]
        looped = [done[f"{name} one by one"].seconds * scale for done in ours]
        yield ratio(
            f"principals-{name}-against-loop",
            task,
            f"loop of {FEW} scaled to {MANY}",
            zip(seconds, looped, strict=True),
        )
        yield memory(f"principals-{name}-memory", (both[at].megabytes for both in spent))


def names(prefix: str, count: int) -> list[str]:
    return [f"{prefix}/host{number:04}.example.test" for number in range(count)]


def wishes(realm: Realm, count: int) -> dict[str, typing.Any]:
    """Options of the module `principal` for so many principals with random keys."""
    principals = [{"name": name} for name in names("smtp", count)]
    return {"principals": principals, "kadmin": {"mode": "local", "realm": realm.name}}


def _tasks(realm: Realm) -> list[Task]:
    task = {"mailrealm.kerberos.principal": wishes(realm, MANY)}

    def loop(name: str, *query: str) -> Task:
        command = ["kadmin.local", "-r", realm.name, *query, "{{ item }}"]
        module = {"argv": command}
        return {"name": name, "ansible.builtin.command": module, "loop": names("imap", FEW), "changed_when": False}

    return [
        *PING,
        warm({"mailrealm.kerberos.principal": wishes(realm, 1)}),
        {"name": CREATE, **task},
        {"name": RECHECK, **task},
        loop(LOOP_CREATE, "addprinc", "-randkey"),
        loop(LOOP_RECHECK, "getprinc", "-terse"),
    ]


def _ours() -> dict[str, Timed]:
    with Database() as realm:
        done = play(_tasks(realm), realm.folder, {**realm.variables, "PATH": realm.environment["PATH"]})
        must(done[CREATE].changed, "the task that was to create principals changed nothing")
        must(not done[RECHECK].changed, "the task that was to re-check principals changed some")
        _must_hold(realm, "smtp", MANY)
        _must_hold(realm, "imap", FEW)
        return done


def _processes() -> tuple[Spent, Spent]:
    with Database() as realm:
        options = wishes(realm, MANY)
        created, checked = (run("principal", options, realm.folder, realm.variables) for dummy in range(2))
        must(created.changed and not checked.changed, "the module did not create the principals and keep them")
        return created, checked


def _fed() -> tuple[float, float]:
    with Database() as realm:
        seconds = []
        for command in ("addprinc -randkey", "getprinc -terse"):
            lines = [f"{command} {name}" for name in names("smtp", MANY)]
            since = time.monotonic()
            realm.kadmin_local(*lines)
            seconds.append(time.monotonic() - since)
        _must_hold(realm, "smtp", MANY)
        return seconds[0], seconds[1]


def _must_hold(realm: Realm, prefix: str, count: int) -> None:
    held = realm.kadmin_local(f"listprincs {prefix}/*").count(f"\n{prefix}/")
    must(held == count, f"the realm holds {held} principals {prefix}/* instead of {count}")


class Database:
    """A new, empty realm in a folder that goes with the block; no KDC runs, kadmin.local needs none."""

    def __enter__(self) -> Realm:
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="bench-"))
        realm = configure(self._folder, "EXAMPLE.TEST")
        realm.create_database()
        return realm

    def __exit__(self, *_exception: object) -> None:
        shutil.rmtree(self._folder)
