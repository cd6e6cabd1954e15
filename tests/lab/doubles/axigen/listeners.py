# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Listeners: the ports of the services that run, opened and closed as the configuration says."""

from __future__ import annotations

import contextlib
import pathlib
import select
import socket
import ssl
import threading
from typing import Any, Iterator, Mapping, Protocol

from . import cli_port, log, variants
from .running import Running
from .session import SESSIONS, Place, Session, reach

PORTS = ("imap", "pop3", "smtpIncoming", "webmail", "cli")  # the services that have any here


class Opened(Place, Protocol):
    """What a connection needs of the daemon besides a Place's methods."""

    server: Running
    work: pathlib.Path


def wanted(config: Mapping[str, Any], running: set[str]) -> Iterator[tuple[str, str, bool]]:
    """(service, address, TLS from the first byte) of every port that shall be open."""
    for service in PORTS:
        for one in config[service].get("listeners", ()):
            if service in running and one["enable"] == "yes":
                yield service, one["address"], one["sslEnable"] == "yes"


class Listeners:
    """The open ports; `opened` is the daemon that they belong to."""

    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        self.sockets: dict[tuple[str, str, bool], socket.socket] = {}

    def follow(self, config: Mapping[str, Any], running: set[str]) -> list[str]:
        """Open and close ports; the addresses that could not be opened, each with its reason."""
        asked = set(wanted(config, running))
        for key in set(self.sockets) - asked:
            self.close(key)
        return [trouble for key in sorted(asked - set(self.sockets)) for trouble in self.open(key)]

    def open(self, key: tuple[str, str, bool]) -> list[str]:
        service, address, tls = key
        host, dummy, port = address.rpartition(":")
        family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
        try:
            self.sockets[key] = socket.create_server((host.strip("[]"), int(port)), family=family, backlog=50)
        except (OSError, ValueError) as error:
            return [f"{service} on {address}: {error}"]
        threading.Thread(target=self.accept, args=(self.sockets[key], service, tls), daemon=True).start()
        return []

    def close(self, key: tuple[str, str, bool]) -> None:
        listener = self.sockets.pop(key)
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)  # wakes accept, which close alone does not
        listener.close()

    def close_all(self) -> None:
        for key in list(self.sockets):
            self.close(key)

    def accept(self, listener: socket.socket, service: str, tls: bool) -> None:
        """Serve clients until the port is closed."""
        idle = float(self.opened.server.config[service]["listeners"][0]["idleTimeout"])
        while True:
            try:
                client, dummy = listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client, service, tls, idle), daemon=True).start()

    def serve(self, client: socket.socket, service: str, tls: bool, idle: float) -> None:
        if service == "cli":
            chosen = variants.read(self.opened.work / "run" / "double.json")
            cli_port.session(client, self.opened.server, chosen, self.opened.tls() if tls else None, idle)
        elif service == "webmail":
            with contextlib.suppress(OSError):
                relay(self.opened, client, tls)
        else:
            Session(self.opened, service, client, tls, idle).serve()


def relay(place: Place, client: socket.socket, tls: bool) -> None:
    """Pass everything between a browser and the web server, and log its heads."""
    number = next(SESSIONS)
    with contextlib.ExitStack() as held:
        held.enter_context(client)
        if tls:
            client = held.enter_context(place.tls().wrap_socket(client, server_side=True))
        server = held.enter_context(reach(place.backend("webmail")))
        while True:
            waiting = isinstance(client, ssl.SSLSocket) and client.pending()
            for side in [client] if waiting else select.select([client, server], [], [], 300)[0]:
                data = side.recv(65536)
                if not data:
                    return
                (server if side is client else client).sendall(data)
                for line in data.decode("utf-8", "replace").splitlines():
                    arrow = "<<" if side is client else ">>"
                    place.log.write(place.level("webmail"), log.PROTOCOL, "webmail", number, f"{arrow} {line}")
