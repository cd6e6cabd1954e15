# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemon that owns the directory (slapd's place): the file data/ldap/directory.jsonl below Zimbra's home."""

from __future__ import annotations

import pathlib

from . import directory, store, wire

FILE = "data/ldap/directory.jsonl"


def server(home: str | pathlib.Path, port: int = directory.PORT, address: str = "") -> wire.Server:
    """The daemon with its port open; `serve_forever` runs it."""
    entries = store.Store.open(pathlib.Path(home) / FILE)
    return wire.Server((address, port), directory.Service(entries).dispatch)


def serve(home: str | pathlib.Path, port: int = directory.PORT, address: str = "") -> None:
    """Run in the foreground until the process is ended."""
    with server(home, port, address) as running:
        running.serve_forever()
