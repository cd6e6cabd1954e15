# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exporting a fleet's keytabs: one task against kadmin.local that writes the same keys into as many files."""

from __future__ import annotations

import collections.abc
import shutil
import time

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import parse
from ansible_collections.mailrealm.kerberos.tests.integration.realm import Realm

from .figure import Memory, memory
from .playbook import PING, as_root, must, own, play, warm
from .principals import Database, names
from .process import run
from .ratio import Pair, Ratio, ratio

KEYTABS = 200
SERVICES = ("smtp", "imap", "pop", "HTTP")  # principals of each keytab
ENCTYPES = 2  # that the realm gives to each principal


def measure(pairs: int) -> collections.abc.Iterator[Ratio | Memory]:
    """The task's own time against `ktadd -norandkey`, and the module's memory."""
    as_root()
    found: list[Pair] = []
    megabytes = []
    with Database() as realm:
        realm.kadmin_local(*(f"addprinc -randkey {name}" for keytab in _shares() for name in keytab["principals"]))
        for number in range(pairs):
            # Both go first in turn: the second finds the machine warmer.
            seconds = {side: side(realm) for side in ((_ours, _ktadds) if number % 2 else (_ktadds, _ours))}
            found.append((seconds[_ours], seconds[_ktadds]))
            options = {"keytabs": _shares(), "kadmin": {"mode": "local", "realm": realm.name}}
            megabytes.append(run("keytab_export", options, realm.folder, realm.variables).megabytes)
    work = f"{KEYTABS} keytabs of {len(SERVICES)} principals"
    yield ratio("keytab-export-against-ktadd", f"1 task for {work} less ping", "kadmin.local fed ktadd", found)
    yield memory("keytab-export-memory", megabytes)


def _shares() -> list[dict[str, object]]:
    hosts = names("", KEYTABS)
    return [{"name": host, "principals": [f"{service}{host}" for service in SERVICES]} for host in hosts]


def _ours(realm: Realm) -> float:
    export = {"keytabs": _shares(), "kadmin": {"mode": "local", "realm": realm.name}}
    tasks = [
        *PING,
        warm({"mailrealm.kerberos.keytab_export": {**export, "keytabs": _shares()[:1]}}),
        {"name": "export", "mailrealm.kerberos.keytab_export": export, "register": "export"},
        {
            "name": "count",
            "ansible.builtin.assert": {
                "that": f"export.keytabs | map(attribute='entries') "
                f"| flatten | length == {KEYTABS * len(SERVICES) * ENCTYPES}"
            },
            "no_log": True,
        },
    ]
    done = play(tasks, realm.folder, {**realm.variables, "PATH": realm.environment["PATH"]})
    return own(done, "export")


def _ktadds(realm: Realm) -> float:
    folder = realm.folder / "keytabs"
    folder.mkdir()
    commands = [
        f"ktadd -norandkey -k {folder}/{at} {name}" for at, one in enumerate(_shares()) for name in one["principals"]
    ]
    since = time.monotonic()
    realm.kadmin_local(*commands)
    seconds = time.monotonic() - since
    held = sum(len(parse(path.read_bytes(), path.name)) for path in folder.iterdir())
    shutil.rmtree(folder)
    must(held == len(commands) * ENCTYPES, f"ktadd wrote {held} keys instead of {len(commands) * ENCTYPES}")
    return seconds
