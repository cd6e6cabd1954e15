# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the double's parts talk with each other: a JSON line for a call, a JSON line for its answer.

{"call": METHOD, "args": [...]}  ->  {"result": ...} or {"error": {"code", "message", "cause"}}
"""

from __future__ import annotations

import contextlib
import json
import socket
import socketserver
from typing import Any, Callable

from .errors import ServiceError, rebuilt

PATIENCE = 60.0  # seconds for one answer
Dispatch = Callable[[str, list[Any]], Any]


class Caller:
    """A connection that is opened at once (OSError) and kept until `close`."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self._socket = socket.create_connection((host, port), PATIENCE)
        self._stream = self._socket.makefile("rwb")

    def call(self, method: str, *args: Any) -> Any:
        """What the other end answers; its refusal is raised, a connection that ends is a ConnectionError."""
        self._stream.write(json.dumps({"call": method, "args": args}).encode() + b"\n")
        self._stream.flush()
        line = self._stream.readline()
        if not line:
            raise ConnectionResetError("the other end has closed the connection")
        answer = json.loads(line)
        if "error" in answer:
            raise rebuilt(answer["error"])
        return answer["result"]

    def close(self) -> None:
        """Hang up."""
        with contextlib.suppress(OSError):  # of what could not be sent
            self._stream.close()
        self._socket.close()


class Steady:
    """A line that is taken up anew when the other end was started again. Not for two threads at once."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self._caller: Caller | None = None

    def call(self, method: str, *args: Any) -> Any:
        """As Caller's; OSError where nothing answers."""
        if self._caller:
            try:
                return self._caller.call(method, *args)
            except OSError:
                self._caller.close()
                self._caller = None
        self._caller = Caller(self.host, self.port)
        return self._caller.call(method, *args)


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        for line in self.rfile:
            request = json.loads(line)
            try:
                answer: dict[str, Any] = {"result": server.dispatch(request["call"], request["args"])}
            except ServiceError as refusal:
                answer = {"error": refusal.told()}
            self.wfile.write(json.dumps(answer).encode() + b"\n")


class Server(socketserver.ThreadingTCPServer):
    """Answers calls at an address; one thread a connection."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, address: tuple[str, int], dispatch: Dispatch) -> None:
        self.dispatch = dispatch
        super().__init__(address, _Handler)
