# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a module's seconds and memory grow from a thousand to twenty thousand entries or principals."""

from __future__ import annotations

import collections.abc
import pathlib
import tempfile

from .figure import Growth, growth
from .keytabs import wish, write_sources
from .playbook import as_root, must
from .principals import Database, names, wishes
from .process import Spent, run

SIZES = (1000, 2000, 5000, 10_000, 20_000)


def measure(pairs: int) -> collections.abc.Iterator[Growth]:
    """Exponents of merging keytabs and of re-checking principals, in the processor's seconds and in memory.

    Of several runs the smallest counts: the machine can only make it more. Of the memory, what Python and Ansible hold
    before the module begins is taken off, for beside that constant no growth would show.
    """
    as_root()
    for name, spent in (("keytab-merge", _merges(pairs)), ("principals-re-check", _checks(pairs))):
        seconds = {size: min(one.seconds for one in of_size) for size, of_size in spent.items()}
        megabytes = {size: min(one.grown for one in of_size) for size, of_size in spent.items()}
        yield growth(f"{name}-growth", "s", seconds.items())
        yield growth(f"{name}-memory-growth", "MB", megabytes.items())


def _merges(runs: int) -> dict[int, list[Spent]]:
    """Two keytabs with half of the entries each into a new one."""
    spent: dict[int, list[Spent]] = {size: [] for size in SIZES}
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        folder = pathlib.Path(scratch)
        target = folder / "target.keytab"
        for size in SIZES * runs:
            spent[size].append(run("keytab", wish(target, write_sources(folder, size // 2)), folder, {}))
            must(spent[size][-1].changed, "the merge changed nothing")
            target.unlink()
    return spent


def _checks(runs: int) -> dict[int, list[Spent]]:
    spent: dict[int, list[Spent]] = {size: [] for size in SIZES}
    with Database() as realm:
        realm.kadmin_local(*(f"addprinc -randkey {name}" for name in names("smtp", max(SIZES))))
        for size in SIZES * runs:
            spent[size].append(run("principal", wishes(realm, size), realm.folder, realm.variables))
            must(not spent[size][-1].changed, "the re-check changed principals")
    return spent
