# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small servers of a test, in threads of its own process: pages behind SPNEGO, and sockets that misbehave."""

from __future__ import annotations

import base64
import contextlib
import http.server
import pathlib
import socket
import ssl
import threading
from typing import Any, Callable, ClassVar, Iterator

import gssapi.raw
from ansible_collections.mailrealm.kerberos.tests.integration.mail_servers import Certificate


class Pages(http.server.BaseHTTPRequestHandler):
    """`/sso` and others take a ticket for the key in `keytab`; what else a path does stands in PLAIN and AFTER.

    `/narrow` takes headers of NARROW bytes in all, `/browser` offers tickets to Firefox alone, as CAS does.
    """

    protocol_version = "HTTP/1.1"
    keytab: pathlib.Path
    PLAIN: ClassVar = {
        "/open": (200, ""),
        "/moved": (302, ""),
        "/basic": (401, 'Basic realm="mail"'),
        "/none": (404, ""),
    }
    NARROW = 8192
    AFTER: ClassVar = {"/forbidden": 403, "/large": 431, "/broken": 500}

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path in self.PLAIN:
            self._answer(*self.PLAIN[path])
            return
        if path == "/narrow" and len(bytes(self.headers)) > self.NARROW:
            self._answer(400, "")
            return
        if path == "/browser" and "Firefox" not in self.headers["User-Agent"]:
            self._answer(200, "")
            return
        scheme, dummy, token = self.headers.get("Authorization", "").partition(" ")
        if scheme != "Negotiate":
            self._answer(401, "Negotiate")
            return
        try:
            reply = self._accept(base64.b64decode(token))
        except gssapi.raw.GSSError as error:
            token = getattr(error, "token", None) if path == "/reject" else None
            self._answer(401, " ".join(["Negotiate", *([base64.b64encode(token).decode()] if token else [])]))
            return
        if path == "/unproven":
            self._answer(200, "")
        else:
            self._answer(self.AFTER.get(path, 200), "Negotiate " + base64.b64encode(reply).decode())

    def _accept(self, token: bytes) -> bytes:
        store = {b"keytab": b"FILE:" + bytes(self.keytab)}
        credentials = gssapi.raw.acquire_cred_from(store, usage="accept").creds
        result = gssapi.raw.accept_sec_context(token, credentials)
        return result.token or b""

    def _answer(self, status: int, challenge: str) -> None:
        self.send_response(status)
        if challenge:
            self.send_header("WWW-Authenticate", challenge)
        if status == 302:
            self.send_header("Location", "/sso")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")
        if self.path == "/closing":  # without a word about it
            self.close_connection = True

    def log_message(self, *dummy: Any) -> None:
        """Keep the test's output clean."""


@contextlib.contextmanager
def running_pages(keytab: pathlib.Path, certificate: Certificate | None = None) -> Iterator[int]:
    """A web server on a loopback port, under TLS where there is a certificate; the port."""
    handler = type("KeyedPages", (Pages,), {"keytab": keytab})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.certificate, certificate.key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextlib.contextmanager
def listening(behave: Callable[[socket.socket], None]) -> Iterator[int]:
    """A loopback port; every connection is given to `behave` and then closed. The port."""
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            with contextlib.suppress(OSError):
                connection, dummy = listener.accept()
                with connection:
                    connection.settimeout(20)
                    behave(connection)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            ended.set()
            thread.join()
