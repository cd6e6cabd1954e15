# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directory as its users reach it: Directory is their side, Service its own."""

from __future__ import annotations

from typing import Any, Protocol, Sequence

from . import schema, store, wire
from .errors import ServiceError, no_such

PORT = 389
TITLES = {
    "ldap.INVALID_ATTR_VALUE": "invalid attr value",
    "ldap.INVALID_ATTR_NAME": "invalid attr name",
    "ldap.OBJECT_CLASS_VIOLATION": "object class violation",
    "ldap.LDAP_ERROR": "LDAP error: ",
}
Found = tuple[str, dict[str, list[str]]]


class Backend(Protocol):
    """What answers a directory's calls."""

    def call(self, method: str, *args: Any) -> Any: ...


class Service:
    """The directory's own side of the calls, over a store."""

    METHODS = ("find", "names", "modify", "create", "delete", "serial")

    def __init__(self, entries: store.Store) -> None:
        self.store = entries

    def dispatch(self, method: str, args: list[Any]) -> Any:
        """Answer one call."""
        if method not in self.METHODS:
            raise ServiceError("ldap.LDAP_ERROR", f"unknown operation: {method}")
        with self.store.lock:
            return getattr(self, method)(*args)

    def call(self, method: str, *args: Any) -> Any:
        """As over the network, in this process."""
        return self.dispatch(method, list(args))

    def find(self, kind: str, key: str) -> Found | None:
        found = self.store.find(kind, key)
        return (found[0], {name: list(values) for name, values in found[1].items()}) if found else None

    def names(self, kind: str) -> list[str]:
        return list(self.store.entries.get(kind, {}))

    def modify(self, kind: str, key: str, modifications: Sequence[schema.Modification]) -> dict[str, list[str]]:
        name, own = self._existing(kind, key)
        changed = schema.apply(kind, name, own, modifications)
        if changed != own:
            self.store.put(kind, name, changed)
        return changed

    def create(self, kind: str, name: str, given: dict[str, list[str]]) -> dict[str, list[str]]:
        own = schema.create(kind, name, given) if kind in schema.NAMING else given
        self.store.put(kind, name, own)
        return own

    def delete(self, kind: str, key: str) -> None:
        self.store.put(kind, self._existing(kind, key)[0], None)

    def serial(self) -> int:
        return self.store.serial

    def _existing(self, kind: str, key: str) -> Found:
        found = self.store.find(kind, key)
        if not found:
            raise no_such(kind, key)
        return found


class Directory:
    """The directory at host and port; ServiceError for what it refuses, OSError where it does not answer."""

    def __init__(self, host: str, port: int = PORT, backend: Backend | None = None) -> None:
        self.host, self.port = host, port
        self._backend = backend or wire.Caller(host, port)

    def find(self, kind: str, key: str) -> Found | None:
        """An entry's name and own values, by its name in whatever case or by its zimbraId."""
        found = self._backend.call("find", kind, key)
        return (found[0], found[1]) if found else None

    def entry(self, kind: str, name: str) -> dict[str, list[str]]:
        """An entry's own values (kind: config, server, domain, cos, account; the name of config does not matter)."""
        return self._existing(kind, name)[1]

    def effective(self, kind: str, name: str) -> dict[str, list[str]]:
        """An entry's values with what it takes from above."""
        return store.effective(self.find, kind, *self._existing(kind, name))

    def names(self, kind: str) -> list[str]:
        """The names of all entries of a kind, in the order of their making."""
        return list(self._backend.call("names", kind))

    def serial(self) -> int:
        """A number that grows with each change."""
        return int(self._backend.call("serial"))

    def modify(self, kind: str, name: str, changes: Sequence[schema.Modification]) -> dict[str, list[str]]:
        """Make changes, all or none; the entry's own values afterwards."""
        return dict(self._asked("modify attributes", "modify", kind, name, list(changes)))

    def create(self, kind: str, name: str, own: dict[str, list[str]]) -> dict[str, list[str]]:
        """Add an entry; its own values."""
        return dict(self._asked("create entry", "create", kind, name, own))

    def delete(self, kind: str, name: str) -> None:
        """Remove an entry."""
        self._asked("delete entry", "delete", kind, name)

    def _existing(self, kind: str, name: str) -> Found:
        found = self.find(kind, name)
        if not found:
            raise no_such(kind, name)
        return found

    def _asked(self, what: str, method: str, *args: Any) -> Any:
        try:
            return self._backend.call(method, *args)
        except ServiceError as refusal:
            if refusal.code not in TITLES:
                raise
            place = f"ldap host={self.host}:{self.port}"
            message = f"{TITLES[refusal.code]} - unable to {what}: {place}: {refusal.message}"
            raise ServiceError(refusal.code, message) from None
