# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection to one of the double's mail listeners: between a client and the real server behind."""

from __future__ import annotations

import contextlib
import itertools
import pathlib
import re
import select
import socket
import ssl
import time
from typing import Protocol

from . import log, postfix, sasl_errors
from .protocols import PROTOCOLS, Policy, Step

SESSIONS = itertools.count(int(time.time()) & 0xFFFFFF)
# Seconds until a server's log must hold who has logged in, and why somebody has not.
PATIENCE, PATIENCE_WITH_REASONS = 10.0, 1.0
SETTLED = 0.05  # seconds in which a reason of several lines is complete
CLOSING = {"smtpIncoming": "closing session from", "imap": "Closing connection from", "pop3": "Closing connection from"}


class Place(Protocol):
    """What a session must know of the server it belongs to."""

    log: log.Log

    def policy(self, service: str, secure: bool) -> Policy: ...
    def level(self, service: str) -> int: ...
    def backend(self, service: str) -> tuple[str, int]: ...
    def journal(self, service: str) -> pathlib.Path: ...
    def account(self, name: str, method: str) -> str: ...
    def library_texts(self) -> bool: ...
    def tls(self) -> ssl.SSLContext: ...


class Ended(Exception):
    """One of the two sides has closed."""


def reach(address: tuple[str, int], source: str = "127.0.0.1") -> socket.socket:
    """A connection to a real server, from a loopback address; one that starts anew is waited for."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with contextlib.suppress(ConnectionRefusedError):
            return socket.create_connection(address, 20, source_address=(source, 0))
        time.sleep(0.05)
    raise Ended


class Session:
    """The server sees each session come from a loopback address of its own, which its log then tells it by."""

    def __init__(self, place: Place, service: str, client: socket.socket, secure: bool, idle: float) -> None:
        self.place, self.service, self.client, self.secure = place, service, client, secure
        self.protocol = PROTOCOLS[service]()
        self.number = next(SESSIONS)
        self.source = f"127.{64 + (self.number >> 16) % 64}.{(self.number >> 8) % 256}.{1 + self.number % 250}"
        self.idle, self.open = idle or None, False
        self.from_client, self.from_server = b"", b""
        self.journal = place.journal(service)
        self.mark = self.journal.stat().st_size if self.journal.exists() else 0

    def serve(self) -> None:
        """Until one side has enough."""
        here, peer = (":".join(map(str, name[:2])) for name in (self.client.getsockname(), self.client.getpeername()))
        self.say(log.INFO, f"[{here}] connection accepted from [{peer}]")
        self.client.settimeout(self.idle)
        with contextlib.suppress(Ended, OSError), contextlib.ExitStack() as held:
            if self.secure:
                self.client = self.place.tls().wrap_socket(self.client, server_side=True)
            self.server = held.enter_context(reach(self.place.backend(self.service), self.source))
            while True:
                self.turn()
        self.client.close()
        self.say(log.INFO, f"{CLOSING[self.service]} [{peer}]")

    def turn(self) -> None:
        """Take what either side has sent."""
        if isinstance(self.client, ssl.SSLSocket) and self.client.pending():
            ready: list[socket.socket] = [self.client]
        else:
            ready = select.select([self.client, self.server], [], [], self.idle)[0]
        if not ready:
            raise Ended
        for side in ready:
            data = side.recv(65536)
            if not data:
                raise Ended
            if side is self.server:
                self.from_server = self.lines(self.from_server + data, from_server=True)
            else:
                self.from_client = self.lines(self.from_client + data, from_server=False)

    def lines(self, data: bytes, from_server: bool) -> bytes:
        """Do what the whole lines ask for; what is left of them. After a login everything goes through as it comes."""
        while not self.open:
            line, end, rest = data.partition(b"\n")
            if not end:
                return data
            line = line.rstrip(b"\r")
            policy = self.place.policy(self.service, self.secure)
            if from_server:
                self.do(self.protocol.server(line, policy))
            else:
                self.say(log.PROTOCOL, f"<< {line.decode('utf-8', 'replace')}")
                if self.do(self.protocol.client(line, policy)):
                    return b""  # what came in the clear behind STARTTLS is not to be believed
            data = rest
        if data:
            (self.client if from_server else self.server).sendall(data)
            for line in data.splitlines():
                self.say(log.PROTOCOL, f"{'>>' if from_server else '<<'} {line.decode('utf-8', 'replace')}")
        return b""

    def do(self, step: Step) -> bool:
        """Send a step's lines; tells whether the connection has become encrypted."""
        for line in step.to_server:
            self.server.sendall(line + b"\r\n")
        if step.held:
            self.succeed(step.held)
        if step.failed:
            self.explain()
        for line in step.to_client:
            self.answer(line)
        if step.begin_tls:
            self.client = self.place.tls().wrap_socket(self.client, server_side=True)
            self.secure = True
        return step.begin_tls

    def answer(self, line: bytes) -> None:
        self.say(log.PROTOCOL, f">> {line.decode('utf-8', 'replace')}")
        self.client.sendall(line + b"\r\n")

    def succeed(self, held: bytes) -> None:
        """The real server has taken the login: pass that on if Axigen has the account, else end here."""
        name = self.name()
        account = self.place.account(name, self.protocol.method)
        if not account:
            self.say(log.ERROR, f"Authentication error for user '{name}': Account not found locally")
            self.answer(self.protocol.refusal(held))
            raise Ended
        self.say(log.INFO, f"User [{account}] successfully authorized!")
        self.answer(held)
        self.open = True

    def name(self) -> str:
        """Who the real server says has logged in."""
        if self.service == "smtpIncoming":
            self.server.sendall(postfix.QUESTION)
            answer = b""
            while not answer.endswith(b"\n"):
                answer += self.server.recv(4096)
            match = postfix.ANSWER.search(answer)
            return match[1].decode("utf-8", "replace") if match else ""
        found = self.logged(r"Login: user=<([^>]*)>", PATIENCE)
        return found[-1] if found else ""

    def explain(self) -> None:
        """Log what Axigen's SASL library would have said of a failed login."""
        self.logged(r"authentication failed|gssapi\(|Disconnected|passwd-file|login: ", PATIENCE_WITH_REASONS)
        time.sleep(SETTLED)
        said = sasl_errors.translate(self.own_lines(), self.place.library_texts())
        self.say(log.ERROR, f"sasl_server_step error: '{said or 'double: the server gave no reason'}'")

    def logged(self, pattern: str, patience: float) -> list[str]:
        """What the real server's log holds of this session, as soon as something matches."""
        end = time.monotonic() + patience
        found: list[str] = []
        while not found and time.monotonic() < end:
            found = re.findall(pattern, "\n".join(self.own_lines()))
            time.sleep(0 if found else 0.01)
        return found

    def own_lines(self) -> list[str]:
        with self.journal.open("rb") as stream:
            stream.seek(self.mark)
            return sasl_errors.of_client(stream.read().decode("utf-8", "replace").splitlines(), self.source)

    def say(self, level: int, text: str) -> None:
        self.place.log.write(self.place.level(self.service), level, self.service, self.number, text)
