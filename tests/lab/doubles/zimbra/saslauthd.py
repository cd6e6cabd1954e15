# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The MTA's saslauthd, which lets a mailstore judge a password: Zimbra's asks its SOAP service, this one its IMAP.

Cyrus SASL's protocol (saslauthd/saslauthd-unix.c): login, password, service and realm, each behind its length in two
bytes; the answer in the same form begins with OK or NO.
"""

from __future__ import annotations

import contextlib
import imaplib
import pathlib
import socketserver
import ssl
import struct
from typing import Callable, Protocol

from .installation import MAILBOX_PORTS, Installation

SOCKET = "data/sasl2/state/mux"
PATIENCE = 15.0  # seconds


class Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...


def read(stream: Stream) -> tuple[str, str]:
    """The whole login name and the password of a request."""
    parts = []
    for dummy in range(4):
        (size,) = struct.unpack(">H", stream.read(2))
        parts.append(stream.read(size).decode("utf-8", "surrogateescape"))
    login, password, _service, realm = parts
    return (f"{login}@{realm}" if realm else login), password


def answer(good: bool) -> bytes:
    word = b"OK" if good else b"NO"
    return struct.pack(">H", len(word)) + word


def judge(place: Installation, login: str, password: str) -> bool:
    """Whether a mailstore takes the password."""
    context = ssl._create_unverified_context()
    for host in place.mailstores():
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            box = imaplib.IMAP4_SSL(host, MAILBOX_PORTS["imap"][1], ssl_context=context, timeout=PATIENCE)
            with box:
                return box.login(login, password)[0] == "OK"
    return False


def serve(place: Installation, judge: Callable[[Installation, str, str], bool] = judge) -> None:
    """Answer for ever; smtpd reaches the socket as postfix."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            good = False
            with contextlib.suppress(OSError, struct.error):
                good = judge(place, *read(self.rfile))
            self.wfile.write(answer(good))

    path = pathlib.Path(place.home / SOCKET)
    path.unlink(missing_ok=True)
    with socketserver.ThreadingUnixStreamServer(str(path), Handler) as server:
        path.chmod(0o777)
        server.serve_forever()
