# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ports that a host listens on, out of the kernel's own tables."""

from __future__ import annotations

from typing import FrozenSet, Iterable, Tuple

LISTEN = "0A"  # TCP_LISTEN of include/net/tcp_states.h
UNCONNECTED = "07"  # what the same column says of a UDP socket that answers anybody
Port = Tuple[str, int]  # tcp or udp, and the number


def listening(tables: Iterable[Tuple[str, str]]) -> FrozenSet[Port]:
    """The ports in the texts of /proc/net/tcp, tcp6, udp and udp6 (proc(5)), each with its protocol, tcp or udp."""
    found = set()
    for protocol, text in tables:
        for line in text.splitlines()[1:]:
            fields = line.split()
            state = LISTEN if protocol == "tcp" else UNCONNECTED
            if len(fields) > 3 and fields[3] == state:
                found.add((protocol, int(fields[1].rpartition(":")[2], 16)))
    return frozenset(found)
