# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Merging two large keytabs: one command of Ansible, and the module alone, against ktutil."""

from __future__ import annotations

import collections.abc
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import typing

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import KeytabEntry, parse, serialize
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import PrincipalName
from ansible_collections.mailrealm.kerberos.tests.integration import ladder

from .figure import Memory, memory
from .playbook import PING, BenchError, must, own, play, warm
from .process import run
from .ratio import Pair, Ratio, ratio

ENTRIES = 5000  # ktutil looks through the whole file for each entry that it adds: one merge takes it half a minute
AES256 = 18


def measure(pairs: int) -> collections.abc.Iterator[Ratio | Memory]:
    """The whole command and the module's own time against ktutil, and the module's memory."""
    timed: dict[typing.Callable[[pathlib.Path, list[pathlib.Path]], float], list[float]]
    timed = {_command: [], _module: [], _ktutils: []}
    megabytes = []
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        folder = pathlib.Path(scratch)
        sources = write_sources(folder, ENTRIES)
        for number in range(pairs):
            # Each goes first in turn: the others find the machine warmer.
            for side in timed if number % 2 else reversed(timed):
                timed[side].append(side(folder, sources))
            options = wish(folder / "process.keytab", sources)
            megabytes.append(run("keytab", options, folder, {}).megabytes)
            (folder / "process.keytab").unlink()
    work = f"2 x {ENTRIES} entries"
    for name, side, ours in (
        ("keytab-merge-against-ktutil", _command, f"ansible -m keytab with {work}"),
        ("keytab-merge-module-against-ktutil", _module, f"1 task for {work} less ping"),
    ):
        against: list[Pair] = list(zip(timed[side], timed[_ktutils], strict=True))
        yield ratio(name, ours, "ktutil", against)
    yield memory("keytab-merge-memory", megabytes)


def write_sources(folder: pathlib.Path, count: int) -> list[pathlib.Path]:
    """Two keytabs of so many entries each, none of which is in both."""
    sources = []
    for letter in "ab":
        source = folder / f"{letter}{count}.keytab"
        source.write_bytes(serialize(_entries(letter, count)))
        source.chmod(0o600)
        sources.append(source)
    return sources


def wish(target: pathlib.Path, sources: list[pathlib.Path]) -> dict[str, typing.Any]:
    """Options of the module `keytab` for merging the sources into the target."""
    return {"path": str(target), "sources": [{"remote_src": str(source)} for source in sources]}


def _entries(letter: str, count: int) -> list[KeytabEntry]:
    return [
        KeytabEntry(
            PrincipalName((b"smtp", f"{letter}{number:05}.example.test".encode()), b"EXAMPLE.TEST"),
            1_700_000_000,
            number % 7 + 1,
            AES256,
            number.to_bytes(32, "big"),
        )
        for number in range(count)
    ]


def _command(folder: pathlib.Path, sources: list[pathlib.Path]) -> float:
    """The seconds of a whole `ansible` command, from its start to its end."""
    target = folder / "command.keytab"
    target.unlink(missing_ok=True)
    words = [ladder.program("ansible"), "localhost", "-m", "mailrealm.kerberos.keytab"]
    words += ["-a", json.dumps(wish(target, sources)), "-e", f"ansible_python_interpreter={sys.executable}"]
    environment = ladder.environment(folder, ANSIBLE_PIPELINING="true")
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
    _must_hold_all(target)
    return seconds


def _module(folder: pathlib.Path, sources: list[pathlib.Path]) -> float:
    target = folder / "module.keytab"
    target.unlink(missing_ok=True)
    merge = {"mailrealm.kerberos.keytab": wish(target, sources)}
    done = play([*PING, warm({"mailrealm.kerberos.keytab": wish(target, [])}), {"name": "merge", **merge}], folder, {})
    _must_hold_all(target)
    return own(done, "merge")


def _ktutils(folder: pathlib.Path, sources: list[pathlib.Path]) -> float:
    target = folder / "ktutil.keytab"
    target.unlink(missing_ok=True)
    commands = [*(f"rkt {source}" for source in sources), f"wkt {target}", "quit"]
    since = time.monotonic()
    subprocess.run(["ktutil"], input="\n".join(commands) + "\n", text=True, check=True, stdout=subprocess.DEVNULL)
    seconds = time.monotonic() - since
    _must_hold_all(target)
    return seconds


def _must_hold_all(target: pathlib.Path) -> None:
    held = len(set(parse(target.read_bytes(), str(target))))
    must(held == 2 * ENTRIES, f"{target.name} holds {held} entries instead of {2 * ENTRIES}")
