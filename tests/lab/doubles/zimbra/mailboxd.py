# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mailboxd's admin service: provisioning behind caches, for the entries of this server; others go to their own."""

from __future__ import annotations

import re
import threading
import time
from typing import Any, Callable, Sequence

from . import passwords, store
from .directory import Directory, Found
from .errors import ServiceError, failure, invalid_request
from .provisioning import CACHE_TYPES, Provisioning
from .validation import Attributes

MINUTES = 15  # ldap_cache_*_maxage: how long a domain, an account or a class of service is believed
KEPT = ("config", "domain", "cos", "account")  # a server is read anew each time
FLUSHED = {"all": KEPT, **{kind: (kind,) for kind in KEPT}}
Remote = Callable[[str], Any]


class Mailboxd(Provisioning):
    """`name`: this server's; `remote`: reaches another server's mailboxd by its name (something with `call`)."""

    METHODS = (*Provisioning.METHODS, "authenticate", "reload")

    def __init__(
        self,
        directory: Directory,
        name: str,
        remote: Remote,
        clock: Callable[[], float] = time.monotonic,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(directory)
        self.name, self.remote, self.clock, self.changed = name, remote, clock, changed
        self.lock = threading.RLock()
        self._cache: dict[tuple[str, str], tuple[float, Found]] = {}

    def dispatch(self, method: str, args: list[Any]) -> Any:
        """Answer a request, with what goes over the wire of a refusal: no cause, and no more than one blank."""
        try:
            with self.lock:
                return self.call(method, *args)
        except OSError as error:
            place = f"{self.directory.host}:{self.directory.port}"
            raise failure(f"LDAP error: : unable to connect to server {place}: {error.strerror or error}") from None
        except ServiceError as refusal:
            raise ServiceError(refusal.code, re.sub(r"\s+", " ", refusal.message)) from None

    def lookup(self, kind: str, key: str) -> Found | None:
        """An entry as mailboxd believes it to be."""
        if kind not in KEPT:
            return self.directory.find(kind, key)
        kept = self._cache.get((kind, key.lower()))
        if kept and kept[0] > self.clock():
            return kept[1]
        self._cache.pop((kind, key.lower()), None)
        found = self.directory.find(kind, key)
        if found:
            self._keep(kind, key, found)
        return found

    def _keep(self, kind: str, key: str, found: Found) -> None:
        # The global config has no age limit: only a flush, a restart or a change through this mailboxd renews it.
        until = float("inf") if kind == "config" else self.clock() + 60 * MINUTES
        keys = {key.lower(), found[0].lower(), *found[1].get("zimbraId", [])}
        self._cache.update({(kind, name): (until, found) for name in keys})

    def next_expiry(self) -> float:
        """When the first of what is kept is too old, by the clock."""
        with self.lock:
            return min((until for until, found in self._cache.values()), default=float("inf"))

    def modified(self, kind: str, name: str, own: dict[str, list[str]]) -> None:
        """What this mailboxd changes it knows."""
        if kind in KEPT:
            self._keep(kind, name, (name, own))
        self.changed()

    def show(self, kind: str, key: str, inherited: bool = True, wanted: Sequence[str] = ()) -> Found:
        """An entry; an account is shown by the server that is its home."""
        if kind == "account":
            home = self._elsewhere(kind, key)
            if home:
                shown: Found = self._handed_on(home, "show", kind, key, inherited, list(wanted))
                return shown
        return super().show(kind, key, inherited, wanted)

    def modify(self, kind: str, key: str, attributes: Attributes) -> None:
        """Change an entry; a server and an account are changed by the mailboxd that is theirs."""
        self.existing(kind, key)
        home = self._elsewhere(kind, key)
        if home:
            self._handed_on(home, "modify", kind, key, attributes)
            return
        for name, values in attributes.items():
            if kind == "account" and name.lower() == "zimbramailhost" and len(values) == 1 and values[0]:
                self.existing("server", values[0])
        super().modify(kind, key, attributes)

    def set_password(self, key: str, password: str) -> None:
        """Give an account a password, where it is at home."""
        self.existing("account", key)
        home = self._elsewhere("account", key)
        if home:
            self._handed_on(home, "set_password", key, password)
            return
        super().set_password(key, password)

    def create(self, kind: str, name: str, attributes: Attributes, password: str = "") -> str:
        """Make an entry."""
        number = super().create(kind, name, attributes, password)
        self.changed()
        return number

    def delete(self, kind: str, key: str) -> None:
        """Remove an entry."""
        name, own = self.existing(kind, key)
        home = self._elsewhere(kind, key)
        if home:
            self._handed_on(home, "delete", kind, key)
            return
        super().delete(kind, key)
        self._forget([kind], [name, *own.get("zimbraId", [])])

    def flush(self, kind: str, keys: list[str]) -> None:
        """Forget what is in a cache; all of it where no keys are given."""
        if kind not in CACHE_TYPES:
            raise invalid_request(f"unknown cache type: {kind}")
        self._forget(FLUSHED.get(kind, ()), keys)

    def _forget(self, kinds: Any, keys: list[str]) -> None:
        wanted = {key.lower() for key in keys}
        for kind, key in list(self._cache):
            found = self._cache[kind, key][1]
            if kind in kinds and (not wanted or wanted & {key, found[0].lower(), *found[1].get("zimbraId", [])}):
                del self._cache[kind, key]
        self.changed()

    def authenticate(self, name: str, password: str) -> None:
        """Let an administrator in."""
        found = self.lookup("account", name)
        if not found:
            raise ServiceError("service.PERM_DENIED", "permission denied: Error in Authentication")
        if not any(passwords.matches(password, value) for value in found[1].get("userPassword", [])):
            raise ServiceError("account.AUTH_FAILED", f"authentication failed for [{found[0]}]")
        if found[1].get("zimbraIsAdminAccount") != ["TRUE"]:
            raise ServiceError("service.PERM_DENIED", "permission denied: not an admin account")

    def reload(self) -> None:
        """Read localconfig.xml again: the keys that this double heeds are read at its start only, as in the product."""

    def _elsewhere(self, kind: str, key: str) -> str:
        """The server whose mailboxd must do it, if that is another."""
        found = self.lookup(kind, key)
        if not found or kind not in ("server", "account"):
            return ""
        home = found[0] if kind == "server" else "".join(found[1].get("zimbraMailHost", []))
        return "" if home.lower() == self.name.lower() else home

    def _handed_on(self, home: str, method: str, *args: Any) -> Any:
        server = self.directory.find("server", home)
        if not server or "zimbraMailMode" not in store.effective(self.lookup, "server", *server):
            raise invalid_request(f"server {home} does not have zimbraMailMode set, maybe it is not a store server?")
        try:
            return self.remote(home).call(method, *args)
        except OSError as error:
            reason = error.strerror or str(error)
            raise ServiceError(
                "service.PROXY_ERROR", f"error while proxying request to target server: {reason}"
            ) from None
