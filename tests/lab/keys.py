# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's SSH keys: one for the hosts, so that they are known before they exist, and one to log in with."""

from __future__ import annotations

import ipaddress
import pathlib

from . import command
from .state import State, write

HOST_KEY = "ssh_host_ed25519_key"


def ensure(state: State, subnet: ipaddress.IPv4Network) -> None:
    """Makes both keys once, and the file of known hosts; puts into the seed what the hosts take over."""
    login = state.home / "ssh" / "id_ed25519"
    host = state.seed / HOST_KEY
    for key in (login, host):
        if not (key.exists() and key.with_name(key.name + ".pub").exists()):
            key.parent.mkdir(parents=True, exist_ok=True)
            key.unlink(missing_ok=True)
            argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", state.lab.prefix, "-f", str(key)]
            command.run(argv, f"making the key {key}")
    write(state.seed / "authorized_keys", _public(login))
    pattern = str(subnet.network_address).rpartition(".")[0] + ".*"
    write(state.home / "ssh" / "known_hosts", f"{pattern},*.{state.site.domain} {_public(host)}")


def _public(key: pathlib.Path) -> str:
    return key.with_name(key.name + ".pub").read_text()
