# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Merging two large keytabs: one task against ktutil."""

from __future__ import annotations

import collections.abc
import pathlib
import subprocess
import tempfile
import time

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import KeytabEntry, parse, serialize
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import PrincipalName

from .playbook import must, play
from .ratio import Pair, Ratio, ratio

ENTRIES = 5000
MOST_PAIRS = 2  # ktutil looks through the whole file for each entry that it adds: one merge takes it a minute
AES256 = 18


def measure(pairs: int) -> collections.abc.Iterator[Ratio]:
    """One ratio."""
    found: list[Pair] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        folder = pathlib.Path(scratch)
        sources = [folder / "a.keytab", folder / "b.keytab"]
        for letter, source in zip("ab", sources, strict=True):
            source.write_bytes(serialize(_entries(letter)))
            source.chmod(0o600)
        for number in range(min(pairs, MOST_PAIRS)):
            # Both go first in turn: the second finds the machine warmer.
            first, second = (_ours, _ktutils) if number % 2 else (_ktutils, _ours)
            seconds = {side: side(folder, sources) for side in (first, second)}
            found.append((seconds[_ours], seconds[_ktutils]))
    yield ratio("keytab-merge-against-ktutil", f"1 task for 2 x {ENTRIES} entries", "ktutil", found)


def _entries(letter: str) -> list[KeytabEntry]:
    return [
        KeytabEntry(
            PrincipalName((b"smtp", f"{letter}{number:04}.example.test".encode()), b"EXAMPLE.TEST"),
            1_700_000_000,
            number % 7 + 1,
            AES256,
            number.to_bytes(32, "big"),
        )
        for number in range(ENTRIES)
    ]


def _ours(folder: pathlib.Path, sources: list[pathlib.Path]) -> float:
    target = folder / "ours.keytab"
    target.unlink(missing_ok=True)
    module = {"path": str(target), "sources": [{"remote_src": str(source)} for source in sources]}
    done = play([{"name": "merge", "mailrealm.kerberos.keytab": module}], folder, {})
    _must_hold_all(target)
    return done["merge"].seconds


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
