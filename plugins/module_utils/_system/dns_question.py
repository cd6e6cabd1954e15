# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks the name servers of /etc/resolv.conf themselves, past /etc/hosts, on hosts that have no library for it."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import time
from typing import Any, Dict, List, Optional, Sequence, Tuple

from .._domain.dns_message import DnsRefusal, UnaskableName, dns_answers, dns_query, is_truncated, reverse_name
from .._domain.host_names import DnsView
from .files import read_state
from .name_service import SRV

RESOLV_CONF = "/etc/resolv.conf"
PORT = 53
PATIENCE = 1.5  # seconds for one answer
MOST_SERVERS = 3  # resolv.conf(5): MAXNS
LARGEST_DATAGRAM = 65535  # bytes


class SilentDns(DnsRefusal):
    """No name server answers."""


def dns_seen(names: Sequence[str], addresses: Sequence[str], realm: Optional[str]) -> DnsView:
    """What DNS says of names, addresses and a realm's records; the view's ``error`` where no name server answers."""
    try:
        servers = name_servers()
        found = {name: _all(servers, name, "A", "AAAA") for name in names}
        known = dict.fromkeys([*addresses, *(one for many in found.values() for one in many)])
        pointers = {one: _all(servers, reverse_name(one), "PTR") for one in known}
        return DnsView(found, pointers, _records(servers, realm))
    except SilentDns as silence:
        return DnsView(error=str(silence))


def hurry() -> None:
    """Let libc wait no longer for name servers than this room does, from its first question in this process on."""
    os.environ.setdefault("RES_OPTIONS", "timeout:1 attempts:2")  # resolv.conf(5)


def name_servers(path: str = RESOLV_CONF) -> Tuple[str, ...]:
    """The addresses of the file's nameserver lines; SilentDns where there is none."""
    text = (read_state(path).content or b"").decode("utf-8", "replace")
    words = [line.split() for line in text.splitlines()]
    servers = tuple(line[1] for line in words if len(line) > 1 and line[0] == "nameserver")[:MOST_SERVERS]
    if not servers:
        raise SilentDns(f"{path}: names no nameserver; add one")
    return servers


def _records(servers: Sequence[str], realm: Optional[str]) -> Dict[str, Tuple[str, ...]]:
    if not realm:
        return {}
    found = {f"{service}.{realm.lower()}": "SRV" for service in SRV}
    found[f"_kerberos.{realm.lower()}"] = "TXT"
    return {name: _all(servers, name, kind) for name, kind in found.items()}


def _all(servers: Sequence[str], name: str, *kinds: str) -> Tuple[str, ...]:
    """The records of these kinds; none for a name that cannot be asked for. SilentDns as in `_asked`."""
    found: List[str] = []
    for kind in kinds:
        with contextlib.suppress(UnaskableName):
            found += _asked(servers, name, kind)
    return tuple(found)


def _asked(servers: Sequence[str], name: str, kind: str) -> Tuple[str, ...]:
    """The records by the first name server that answers; SilentDns where none does."""
    query = dns_query(secrets.randbits(16), name, kind)
    said: List[str] = []
    for server in servers:
        answer = _answer(server, query, said)
        with contextlib.suppress(DnsRefusal):
            if answer:
                return dns_answers(answer, query, kind)
    raise SilentDns(f"no name server of {RESOLV_CONF} answers ({'; '.join(said)}); correct it, or start them")


def _answer(server: str, query: bytes, said: List[str]) -> bytes:
    """What the name server answers; empty where it does not, of which the words go into ``said``."""
    try:
        answer = _by_udp(server, query)
        return _by_tcp(server, query) if is_truncated(answer) else answer
    except OSError as error:
        words = "no answer" if isinstance(error, socket.timeout) else error.strerror or str(error)
        said.append(f"{server}: {words}")
        return b""


def _place(server: str) -> Tuple[int, Any]:
    found = socket.getaddrinfo(server, PORT, 0, socket.SOCK_DGRAM, 0, socket.AI_NUMERICHOST)[0]
    return found[0], found[4]


def _by_udp(server: str, query: bytes) -> bytes:
    family, address = _place(server)
    with contextlib.closing(socket.socket(family, socket.SOCK_DGRAM)) as link:
        link.settimeout(PATIENCE)
        link.connect(address)
        link.send(query)
        return link.recv(LARGEST_DATAGRAM)


def _by_tcp(server: str, query: bytes) -> bytes:
    give_up = time.monotonic() + PATIENCE
    family, address = _place(server)
    with contextlib.closing(socket.socket(family, socket.SOCK_STREAM)) as link:
        link.settimeout(PATIENCE)
        link.connect(address)
        link.sendall(len(query).to_bytes(2, "big") + query)
        received = b""
        while len(received) < 2 or len(received) < 2 + int.from_bytes(received[:2], "big"):
            link.settimeout(max(give_up - time.monotonic(), 0.001))
            part = link.recv(LARGEST_DATAGRAM)
            if not part:
                raise OSError(0, "it closed the connection in the middle of its answer")
            received += part
        return received[2:]
