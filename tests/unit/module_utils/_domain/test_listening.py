# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports out of the kernel's tables."""

from __future__ import annotations

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.listening import listening
from hypothesis import given
from hypothesis import strategies as st

HEADER = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"
REST = "00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0"
HOSTS = ("00000000", "0100007F", "00000000000000000000000000000000", "B80D01200000000067452301EFCDAB89")


def table(rows: list[tuple[str, int, str]]) -> str:
    """A table as /proc/net/tcp has it: a local address, its port, the state."""
    lines = [
        f"{at:4}: {host}:{port:04X} {'0' * len(host)}:0000 {state} {REST}"
        for at, (host, port, state) in enumerate(rows)
    ]
    return "".join(f"{line}\n" for line in (HEADER, *lines))


def test_who_waits_for_others_is_told_from_who_talks() -> None:
    tcp = table([("00000000", 88, "0A"), ("0100007F", 40000, "01")])
    udp = table([("00000000", 464, "07"), ("0100007F", 123, "01")])
    assert listening([("tcp", tcp), ("tcp", ""), ("udp", udp)]) == {("tcp", 88), ("udp", 464)}


@given(st.lists(st.tuples(st.sampled_from(HOSTS), st.integers(0, 65535), st.sampled_from(("01", "06", "07", "0A")))))
def test_every_port_that_waits_is_found(rows: list[tuple[str, int, str]]) -> None:
    text = table(rows)
    found = listening([("tcp", text), ("udp", text)])
    assert found == {("tcp", port) for dummy, port, state in rows if state == "0A"} | {
        ("udp", port) for dummy, port, state in rows if state == "07"
    }
