# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks a KDC for the salt with which an account's password becomes its keys; nobody logs in, no attempt is counted."""

from __future__ import annotations

import contextlib
import secrets
import socket
import time
from typing import Sequence

from .._domain.as_request import NO_KEY, KdcSalt, SaltRefusal, as_request, parse_answer
from .._domain.enctypes import FAMILIES

PORT = 88
LARGEST_ANSWER = 1024 * 1024  # bytes
AES = FAMILIES["aes"][:2]


def kdc_salt(
    kdc: str, realm: str, account: str, enctypes: Sequence[int] = AES, timeout: float = 10.0, port: int = PORT
) -> KdcSalt:
    """The salts of ``account`` (a sAMAccountName: a computer's ends with ``$``) for the enctypes of these numbers.

    ``kdc``: its name or address; ``timeout``: seconds for each answer. SaltRefusal where none can be had. Windows names
    all enctypes at once and Samba the strongest alone, so that the others are asked for until it knows no more.
    """
    found = _stated(kdc, realm, account, enctypes, timeout, port)
    while True:
        others = [number for number in enctypes if number not in found.enctypes]
        if not others:
            return found
        try:
            more = _stated(kdc, realm, account, others, timeout, port)
        except SaltRefusal as refusal:
            if refusal.symptom != NO_KEY:
                raise
            return found
        found = KdcSalt((*found.parameters, *more.parameters))


def _stated(kdc: str, realm: str, account: str, enctypes: Sequence[int], timeout: float, port: int) -> KdcSalt:
    question = as_request(account, realm, enctypes, secrets.randbits(31))
    try:
        answer = ask_by_tcp(kdc, port, question, timeout)
    except (OSError, UnicodeError) as error:
        words = getattr(error, "strerror", None) or ("timed out" if isinstance(error, socket.timeout) else str(error))
        raise SaltRefusal(
            f"server: no KDC answers on TCP port {port} of {kdc} ({words}); see that it runs and that no firewall is "
            "in between",
            "kdc_unreachable",
        ) from error
    return parse_answer(answer, account, realm, enctypes)


def ask_by_tcp(kdc: str, port: int, question: bytes, timeout: float) -> bytes:
    """The answer over TCP (RFC 4120 section 7.2.2), which every KDC must serve and where no answer is too long."""
    give_up = time.monotonic() + timeout
    with contextlib.closing(socket.create_connection((kdc, port), timeout)) as link:
        link.sendall(len(question).to_bytes(4, "big") + question)
        length = int.from_bytes(_received(link, 4, give_up), "big")
        if length > LARGEST_ANSWER:
            raise OSError(0, f"it announces an answer of {length} bytes")
        return _received(link, length, give_up)


def _received(link: socket.socket, count: int, give_up: float) -> bytes:
    found = b""
    while len(found) < count:
        link.settimeout(max(give_up - time.monotonic(), 0.001))
        part = link.recv(count - len(found))
        if not part:
            raise OSError(0, "it closed the connection in the middle of its answer")
        found += part
    return found
