# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mailboxd's admin service as a process: JSON lines on 127.0.0.1:7071, and word of what mail services must know."""

from __future__ import annotations

import pathlib
import threading
import time
from typing import Any, Callable

from . import localconfig, store, wire
from .directory import Directory
from .mailboxd import Mailboxd
from .zmprov_session import ldap_server

Values = dict[str, list[str]]
POLL = 1.0  # seconds between two looks at whether the directory has changed
GATHER = 0.05  # seconds in which several changes are told as one


class View:
    """The entries as mailboxd believes them to be: with what it has in its caches, and what is inherited."""

    def __init__(self, service: Mailboxd) -> None:
        self._service = service

    def accounts(self) -> dict[str, Values]:
        """All accounts by their names."""
        with self._service.lock:
            found = {name: self._values("account", name) for name in self._service.names("account")}
        return {name: values for name, values in found.items() if values is not None}

    def domains(self) -> dict[str, Values]:
        """All domains by their names."""
        with self._service.lock:
            found = {name: self._values("domain", name) for name in self._service.names("domain")}
        return {name: values for name, values in found.items() if values is not None}

    def domain(self, name: str) -> Values | None:
        """A domain, or None."""
        return self._values("domain", name)

    def server(self, name: str) -> Values | None:
        """A server, or None."""
        return self._values("server", name)

    def config(self) -> Values:
        """The global config."""
        return self._values("config", store.CONFIG) or {}

    def _values(self, kind: str, key: str) -> Values | None:
        with self._service.lock:
            found = self._service.lookup(kind, key)
            return store.effective(self._service.lookup, kind, *found) if found else None


OnChange = Callable[[View], None]


class Admin:
    """The service with its port open. `on_change` is called from one thread of its own, never twice at a time."""

    def __init__(self, home: str | pathlib.Path, on_change: OnChange, address: str = "127.0.0.1") -> None:
        path = pathlib.Path(home) / localconfig.FILE
        name = localconfig.value(path, "zimbra_server_hostname")
        port = int(localconfig.value(path, "zimbra_admin_service_port"))
        place = ldap_server(pathlib.Path(home))
        self._pending = threading.Event()
        self._on_change = on_change
        # The poll has a connection of its own: a line to the directory is for one thread at a time.
        self._poll = Directory(*place, backend=wire.Steady(*place))
        self._serial = self._poll.serial()
        near = Directory(*place, backend=wire.Steady(*place))
        self.service = Mailboxd(near, name, lambda host: wire.Caller(host, port), changed=self._pending.set)
        self.view = View(self.service)
        self.server = wire.Server((address, port), self.service.dispatch)

    def serve(self) -> None:
        """Until the process is ended; the first word of the state of things comes before the first answer."""
        self._on_change(self.view)
        for work in (self._tell, self._look):
            threading.Thread(target=work, daemon=True).start()
        with self.server:
            self.server.serve_forever()

    def _tell(self) -> None:
        took = 0.0
        while self._pending.wait():
            time.sleep(GATHER + took)  # while a batch goes on, no more than half of the time goes into telling of it
            self._pending.clear()
            began = time.monotonic()
            try:
                self._on_change(self.view)
                took = time.monotonic() - began
            except OSError:  # the directory does not answer: what is believed holds until it does
                time.sleep(POLL)
                self._pending.set()

    def _look(self) -> None:
        while True:
            time.sleep(POLL)
            serial = self._current()
            if serial != self._serial or self.service.next_expiry() <= self.service.clock():
                self._serial = serial
                self._pending.set()

    def _current(self) -> Any:
        try:
            return self._poll.serial()
        except OSError:
            return self._serial


def serve(home: str | pathlib.Path, on_change: OnChange, address: str = "127.0.0.1") -> None:
    """Run mailboxd's admin service in the foreground; OSError where the directory does not answer at the start."""
    Admin(home, on_change, address).serve()
