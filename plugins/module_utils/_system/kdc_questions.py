# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks every KDC of a realm over UDP and over TCP, all at once: whether it answers, and what its clock says."""

from __future__ import annotations

import concurrent.futures
import contextlib
import functools
import secrets
import socket
import time
from dataclasses import dataclass
from typing import Callable, Dict, Optional, Tuple

from .._domain.as_request import as_request
from .._domain.enctypes import FAMILIES
from .._domain.kdc_answer import (
    FOREIGN,
    NOBODY,
    UNKNOWN_CLIENT,
    WRONG_REALM,
    AnswerRefusal,
    parse_kdc_answer,
    place_of,
)
from .dns_question import hurry
from .kdc_salt import ask_by_tcp

PATIENCE = 2.0  # seconds for an answer over TCP, and for both attempts over UDP together
ATTEMPTS = 2  # datagrams may be lost
LARGEST_DATAGRAM = 65535  # bytes


@dataclass(frozen=True)
class Heard:
    """What came of one question. ``words``: why there was no answer; ``offset``: seconds of the KDC ahead of us."""

    answered: bool
    words: str = ""
    code: Optional[int] = None
    offset: Optional[float] = None


@dataclass(frozen=True)
class Questioned:
    """A KDC and what it said. ``kind``: MIT, DOMAIN or FOREIGN, empty where it did not answer."""

    kdc: str
    port: int
    addresses: Tuple[str, ...]
    udp: Heard
    tcp: Heard
    kind: str

    @property
    def answered(self) -> bool:
        return self.udp.answered or self.tcp.answered


@functools.lru_cache(maxsize=None)
def question(kdcs: Tuple[str, ...], realm: str) -> Tuple[Questioned, ...]:
    """What each KDC answers; asked once in the life of a process, as several look at it."""
    if not kdcs:
        return ()
    hurry()
    with concurrent.futures.ThreadPoolExecutor(max_workers=2 * len(kdcs)) as pool:
        waiting = {
            (kdc, way): pool.submit(_ask, way, *place_of(kdc), realm, NOBODY[0][0]) for kdc in kdcs for way in WAYS
        }
        heard = {key: future.result() for key, future in waiting.items()}
    return tuple(_told(kdc, realm, heard[(kdc, "udp")], heard[(kdc, "tcp")]) for kdc in kdcs)


def _told(kdc: str, realm: str, udp: Heard, tcp: Heard) -> Questioned:
    host, port = place_of(kdc)
    way, heard = ("tcp", tcp) if tcp.answered else ("udp", udp)
    return Questioned(kdc, port, _addresses(host, port), udp, tcp, _kind(way, host, port, realm, heard))


def _kind(way: str, host: str, port: int, realm: str, heard: Heard) -> str:
    """Whose KDC it is, by the first of NOBODY that it knows; ``heard``: what it said of the very first."""
    for name, kind in NOBODY:
        if name != NOBODY[0][0]:
            heard = _ask(way, host, port, realm, name)
        if not heard.answered:
            return ""
        if heard.code == WRONG_REALM:
            return FOREIGN
        if heard.code != UNKNOWN_CLIENT:
            return kind
    return FOREIGN


def _addresses(host: str, port: int) -> Tuple[str, ...]:
    try:
        found = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    return tuple(dict.fromkeys(str(one[4][0]) for one in found))


def _ask(way: str, host: str, port: int, realm: str, name: Tuple[str, str]) -> Heard:
    message = as_request(name[0], realm, FAMILIES["aes"], secrets.randbits(31), name[1])
    try:
        answer, sent, received = WAYS[way](host, port, message)
        found = parse_kdc_answer(answer)
    except (OSError, UnicodeError) as error:
        silent = isinstance(error, socket.timeout)
        return Heard(False, "no answer" if silent else getattr(error, "strerror", None) or str(error))
    except AnswerRefusal as refusal:
        return Heard(False, str(refusal))
    return Heard(True, "", found.code, None if found.clock is None else found.clock - (sent + received) / 2)


Said = Tuple[bytes, float, float]  # the answer, and by our clock when the question went and the answer came


def _by_udp(host: str, port: int, message: bytes) -> Said:
    family, kind, protocol, dummy, address = socket.getaddrinfo(host, port, 0, socket.SOCK_DGRAM)[0]
    with contextlib.closing(socket.socket(family, kind, protocol)) as link:
        link.connect(address)
        link.settimeout(PATIENCE / ATTEMPTS)
        for attempt in range(ATTEMPTS):
            sent = time.time()
            link.send(message)
            try:
                return link.recv(LARGEST_DATAGRAM), sent, time.time()
            except socket.timeout:
                if attempt == ATTEMPTS - 1:
                    raise
    raise AssertionError("ATTEMPTS is not positive")


def _by_tcp(host: str, port: int, message: bytes) -> Said:
    sent = time.time()
    return ask_by_tcp(host, port, message, PATIENCE), sent, time.time()


WAYS: Dict[str, Callable[[str, int, bytes], Said]] = {"udp": _by_udp, "tcp": _by_tcp}
