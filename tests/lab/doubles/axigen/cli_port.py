# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CLI's port: sessions over TCP, one thread each."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from typing import Callable

from .commands import run
from .console import Console
from .running import Running
from .variants import Variants

LIMITS = ("maxErrors", "maxAuthErrors", "maxAuthCommands")
LONGEST_LINE = 65536  # bytes
PAUSE = 0.02  # seconds between two segments of a reply that is cut


def serve(connection: socket.socket, console: Console, idle: float) -> None:
    """Talk with a client until one of the two has enough; a client that says nothing for `idle` seconds is let go."""
    variants = console.variants
    pending = b""
    connection.settimeout(variants.idle_close or idle or None)
    with contextlib.suppress(OSError), connection:
        _send(connection, console.greeting(), variants)
        while not console.closed:
            while b"\n" not in pending:
                received = connection.recv(4096)
                if not received or len(pending) > LONGEST_LINE:
                    return
                pending += received
            raw, dummy, pending = pending.partition(b"\n")
            line = raw.rstrip(b"\r").decode("utf-8", errors="replace")
            reply = console.line(line)
            if _is(variants.break_reply_to, line):
                connection.sendall(reply.encode()[: len(reply.encode()) // 2])
                return
            _send(connection, reply, variants)


def _is(start: str, line: str) -> bool:
    return bool(start) and " ".join(line.split()).casefold().startswith(start.casefold())


def _send(connection: socket.socket, text: str, variants: Variants) -> None:
    data = text.encode()
    if variants.segments != "cut" or len(data) < 4:
        connection.sendall(data)
        return
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    half = len(data) // 2
    for part in (data[:half], data[half:-3], data[-3:]):
        connection.sendall(part)
        time.sleep(PAUSE)


def accept(listener: socket.socket, server: Running, variants: Callable[[], Variants]) -> None:
    """Serve clients of a listening socket until it is closed. The limits are those of the configuration in force."""
    while True:
        try:
            connection, dummy = listener.accept()
        except OSError:
            return
        threading.Thread(target=session, args=(connection, server, variants()), daemon=True).start()


def session(
    connection: socket.socket, server: Running, variants: Variants, tls: ssl.SSLContext | None = None, idle: float = 0
) -> None:
    """One client, under TLS from its first byte where there is a context; `idle` 0: what the first listener says."""
    service = server.config["cli"]
    limits = {name: int(service.get(name, 0)) for name in LIMITS}
    idle = idle or float(service["listeners"][0]["idleTimeout"])
    with contextlib.suppress(OSError):
        serve(
            tls.wrap_socket(connection, server_side=True) if tls else connection,
            Console(server, variants, limits, run),
            idle,
        )
