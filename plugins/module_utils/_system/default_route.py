# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The address from which this host speaks to hosts of other networks, as Ansible's fact `default_ipv4` has it."""

from __future__ import annotations

import socket

# An address of no host (RFC 5737), to which only the default route leads; a datagram's socket sends nothing to it.
ELSEWHERE = ("192.0.2.1", 9)


def default_address() -> str:
    """The address; empty without a default route."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(ELSEWHERE)
        except OSError:
            return ""
        return str(asking.getsockname()[0])
