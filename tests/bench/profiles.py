# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Editing a long krb5.conf: one task of krb5_conf against one of ansible.builtin.lineinfile on the same file."""

from __future__ import annotations

import collections.abc
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import typing

from ansible_collections.mailrealm.kerberos.tests.integration import ladder

from .playbook import BenchError, Task, must, play
from .ratio import Pair, Ratio, ratio

LINES = 2000
MANY = 200  # settings of one task, most of them in sections of their own
PEER = "lineinfile"
OURS = {"krb5_conf of 1": 1, f"krb5_conf of {MANY}": MANY}
REALM = "NEW.TEST"
ROUNDS = 5  # of the tasks in one play: a task alone is short enough for the machine's whims


def measure(pairs: int) -> collections.abc.Iterator[Ratio]:
    """The tasks within one ansible-playbook, and the whole `ansible` commands."""
    tasks: dict[str, list[Pair]] = {name: [] for name in OURS}
    commands: dict[str, list[Pair]] = {name: [] for name in OURS}
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        folder = pathlib.Path(scratch)
        for number in range(pairs):
            # Each goes first in turn: the others find the machine warmer.
            order = list([*OURS, PEER] if number % 2 else [PEER, *OURS])
            rounds = _played(folder, order)
            spent = {name: _commanded(folder, name) for name in order}
            for name in OURS:
                tasks[name] += [(seconds[name], seconds[PEER]) for seconds in rounds]
                commands[name].append((spent[name], spent[PEER]))
    for name, count in OURS.items():
        settings = f"{count} setting{'s' if count > 1 else ''} in {LINES} lines"
        yield ratio(
            f"krb5-conf-{count}-against-lineinfile", f"1 task for {settings}", "1 task of lineinfile", tasks[name]
        )
        yield ratio(
            f"krb5-conf-{count}-command-against-lineinfile",
            f"ansible -m krb5_conf with {settings}",
            "ansible -m lineinfile",
            commands[name],
        )


def text() -> str:
    """A krb5.conf of so many lines, with comments and many realms."""
    lines = ["[libdefaults]", "\tdefault_realm = OLD.TEST", "\trdns = false", "", "[realms]"]
    for number in range((LINES - len(lines)) // 5):
        lines += [f"\tREALM{number:03}.TEST = {{", f"\t\tkdc = kdc1.realm{number:03}.test", "\t\t# kept by hand"]
        lines += [f"\t\tadmin_server = kdc1.realm{number:03}.test", "\t}"]
    return "\n".join(lines) + "\n"


def settings(count: int) -> dict[str, typing.Any]:
    """So many settings: the default realm, and of each further realm its KDC."""
    realms = {f"REALM{number:03}.TEST": {"kdc": "kdc2.new.test"} for number in range(count - 1)}
    return {"libdefaults": {"default_realm": REALM}, **({"realms": realms} if realms else {})}


def _options(name: str, path: pathlib.Path) -> tuple[str, dict[str, typing.Any]]:
    """The module of a task or command and its options."""
    if name == PEER:
        line = f"\tdefault_realm = {REALM}"
        return "ansible.builtin.lineinfile", {"path": str(path), "regexp": "^\\tdefault_realm =", "line": line}
    return "mailrealm.kerberos.krb5_conf", {"path": str(path), "settings": settings(OURS[name])}


def _played(folder: pathlib.Path, order: collections.abc.Sequence[str]) -> list[dict[str, float]]:
    """The seconds of each task, round for round of one play, in which both modules have been packed before."""
    tasks: list[Task] = []
    for name in (PEER, next(iter(OURS))):
        module, options = _options(name, _fresh(folder, f"pack {name}"))
        tasks.append({"name": f"pack {name}", module: options, "check_mode": True})
    for number in range(ROUNDS):
        for name in order:
            module, options = _options(name, _fresh(folder, f"{name} {number}"))
            tasks.append({"name": f"{name} {number}", module: options})
    done = play(tasks, folder, {})
    for task in tasks[2:]:
        must(done[task["name"]].changed, f"the task '{task['name']}' changed nothing")
        _must_be_edited(folder, task["name"])
    return [{name: done[f"{name} {number}"].seconds for name in order} for number in range(ROUNDS)]


def _commanded(folder: pathlib.Path, name: str) -> float:
    """The seconds of a whole `ansible` command, from its start to its end."""
    module, options = _options(name, _fresh(folder, f"{name} alone"))
    words = [ladder.program("ansible"), "localhost", "-m", module, "-a", json.dumps(options)]
    words += ["-e", f"ansible_python_interpreter={sys.executable}"]
    environment = ladder.environment(folder, ANSIBLE_PIPELINING="true", ANSIBLE_DIFF_ALWAYS="false")
    since = time.monotonic()
    done = subprocess.run(
        words,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - since
    if done.returncode:
        raise BenchError(f"ansible ended with {done.returncode}:\n{done.stdout}")
    _must_be_edited(folder, f"{name} alone")
    return seconds


def _fresh(folder: pathlib.Path, name: str) -> pathlib.Path:
    path = folder / f"{name}.conf"
    path.write_text(text())
    return path


def _must_be_edited(folder: pathlib.Path, name: str) -> None:
    held = (folder / f"{name}.conf").read_text()
    expected = OURS.get(name.rpartition(" ")[0], 1)
    changed = sum(one != other for one, other in zip(held.splitlines(), text().splitlines(), strict=True))
    must(changed == expected, f"'{name}' changed {changed} lines instead of {expected}")
