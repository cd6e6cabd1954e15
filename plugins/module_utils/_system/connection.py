# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection to a service by lines, in the clear or under TLS, with a deadline for every answer."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from typing import Iterator

from .._domain.dialogue import LONGEST_LINE
from .._domain.proof import LoginRefusal, Service
from .._domain.symptoms import ANSWER, CONNECT, TLS

CLOSED = "the service closed the connection"
CLOSED_AT_ONCE = "the service closed the connection before it said anything"


class Connection:
    """Lines to and from a service; LoginRefusal says at which stage it broke."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._buffer = b""
        self._heard = False
        with _broken(CONNECT):
            self._socket = socket.create_connection((service.host, service.port), service.timeout)
        if service.tls == "implicit":
            try:
                self.start_tls()
            except BaseException:
                self._socket.close()
                raise

    def start_tls(self) -> None:
        """Change to TLS; what the service sent before it is refused, as RFC 3207 section 6 wants."""
        if self._buffer:
            raise LoginRefusal(TLS, "the service sent more than its answer before TLS began")
        context = tls_context(self._service)
        with _broken(TLS):
            self._socket.settimeout(self._service.timeout)
            self._socket = context.wrap_socket(self._socket, server_hostname=self._service.host)

    def say(self, line: bytes) -> None:
        """Send a line, given without its end."""
        with _broken(ANSWER):
            self._socket.settimeout(self._service.timeout)
            self._socket.sendall(line + b"\r\n")

    def read_line(self) -> bytes:
        """One line without its end; at most LONGEST_LINE bytes, within the service's timeout."""
        give_up = time.monotonic() + self._service.timeout
        with _broken(ANSWER if self._heard else CONNECT):
            while b"\n" not in self._buffer:
                if len(self._buffer) > LONGEST_LINE:
                    raise LoginRefusal(ANSWER, "the service sent a line without end", "not_this_protocol")
                self._socket.settimeout(max(give_up - time.monotonic(), 0.001))
                received = self._socket.recv(65536)
                if not received:
                    raise self._closed()
                self._buffer += received
        self._heard = True
        line, dummy, self._buffer = self._buffer.partition(b"\n")
        return line.rstrip(b"\r")

    def own_name(self) -> str:
        """This end's address as a literal (RFC 5321 section 4.1.3): valid in EHLO whatever DNS says."""
        with _broken(CONNECT):
            address = str(self._socket.getsockname()[0])
        return f"[IPv6:{address.partition('%')[0]}]" if ":" in address else f"[{address}]"

    def close(self) -> None:
        self._socket.close()

    def _closed(self) -> LoginRefusal:
        if self._heard:
            return LoginRefusal(ANSWER, CLOSED)
        return LoginRefusal(CONNECT, CLOSED_AT_ONCE)


@contextlib.contextmanager
def connected(service: Service) -> Iterator[Connection]:
    """A connection that is closed at the end of the block, under TLS from the start where the service wants it."""
    connection = Connection(service)
    try:
        yield connection
    finally:
        connection.close()


def tls_context(service: Service) -> ssl.SSLContext:
    """What is trusted: the system's certificates or those of ca_path, or anything where that was asked for."""
    try:
        context = ssl.create_default_context(cafile=service.ca_path or None)
    except (OSError, ssl.SSLError) as error:
        raise LoginRefusal(
            TLS, f"ca_path {service.ca_path} could not be read as certificates ({_words(error)})"
        ) from error
    if not service.validate_certs:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


@contextlib.contextmanager
def _broken(stage: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        raise refusal_of(error, stage) from error


def refusal_of(error: Exception, stage: str) -> LoginRefusal:
    """The refusal that an exception of the socket (at ``stage``) or of TLS stands for."""
    return LoginRefusal(TLS if isinstance(error, ssl.SSLError) else stage, _words(error))


def _words(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate verify failed: {error.verify_message}"
    if isinstance(error, socket.timeout):
        return "timed out"
    if isinstance(error, ValueError):
        return "the name is no host name: host not found"
    words = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(words).partition(" (_ssl.c")[0]
