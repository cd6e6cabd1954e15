# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directory's entries: each one's own values, what it takes from above, and the file that keeps them.

The file holds one JSON line a change ({"kind", "name", "own"}; own null: removed), so that a change costs no more than
its entry is long; opening it writes it anew with what is left.
"""

from __future__ import annotations

import json
import pathlib
import threading
import uuid
from typing import Callable, Iterable, Mapping

from . import catalogue, defaults

Own = dict[str, list[str]]
Entries = dict[str, dict[str, Own]]
CONFIG = "config"  # the one name of the one entry of this kind
DEFAULT_COS = "default"
Lookup = Callable[[str, str], "tuple[str, Own] | None"]


class Store:
    """The entries, by kind and name; a name is found in whatever case, or by the entry's zimbraId."""

    def __init__(self, entries: Entries | None = None, path: pathlib.Path | None = None) -> None:
        self.entries: Entries = {kind: {} for kind in catalogue.KINDS}
        self.names: dict[tuple[str, str], str] = {}
        self.serial = 0
        self.path = path
        self.lock = threading.RLock()
        for kind, named in (entries or {}).items():
            for name, own in named.items():
                self.put(kind, name, own, keep=False)

    @classmethod
    def open(cls, path: pathlib.Path) -> Store:
        """What a file holds."""
        store = cls()
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            store.put(row["kind"], row["name"], row["own"], keep=False)
        write(path, store.entries)
        store.path = path
        return store

    def find(self, kind: str, key: str) -> tuple[str, Own] | None:
        """An entry's name and own values, or None."""
        key = CONFIG if kind == CONFIG else key
        with self.lock:
            name = self.names.get((kind, key.lower()))
            if name is None and len(key) == 36:
                matching = (name for name, own in self.entries.get(kind, {}).items() if own.get("zimbraId") == [key])
                name = next(matching, None)
            return None if name is None else (name, self.entries[kind][name])

    def put(self, kind: str, name: str, own: Own | None, keep: bool = True) -> None:
        """Make an entry what it shall be; None removes it."""
        with self.lock:
            if own is None:
                self.entries[kind].pop(name, None)
                self.names.pop((kind, name.lower()), None)
            else:
                self.entries.setdefault(kind, {})[name] = own
                self.names[kind, name.lower()] = name
            self.serial += 1
            if keep and self.path:
                with self.path.open("a", encoding="utf-8") as stream:
                    stream.write(_line(kind, name, own))


def _line(kind: str, name: str, own: Own | None) -> str:
    return json.dumps({"kind": kind, "name": name, "own": own}) + "\n"


def write(path: pathlib.Path, entries: Entries) -> None:
    """Keep entries in a file, which is replaced whole."""
    text = "".join(_line(kind, name, own) for kind, named in entries.items() for name, own in named.items())
    beside = path.with_name(path.name + ".new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def effective(lookup: Lookup, kind: str, name: str, own: Own) -> Own:
    """Own values and, where there are none, those from above: the global config, or the class of service and domain."""
    sources: list[tuple[str, Own]] = []
    if kind in ("server", "domain"):
        above = lookup("config", CONFIG)
        sources = [(kind, above[1] if above else {})]
    elif kind == "account":
        domain = lookup("domain", name.rpartition("@")[2])
        whole = effective(lookup, "domain", *domain) if domain else {}
        chosen = own.get("zimbraCOSId") or whole.get("zimbraDomainDefaultCOSId") or [DEFAULT_COS]
        cos = lookup("cos", chosen[0]) or lookup("cos", DEFAULT_COS)
        sources = [("account", cos[1] if cos else {}), ("account from domain", whole)]
    values: Own = {}
    for heir, above_own in reversed(sources):
        heirs = catalogue.inherited_by(heir)
        values |= {attribute: found for attribute, found in above_own.items() if attribute in heirs}
    if kind == "account" and sources[0][1].get("zimbraId"):
        values["zimbraCOSId"] = sources[0][1]["zimbraId"]
    return values | own


def identity(name: str) -> str:
    """A zimbraId that is the same for the same name."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


# zimbraServiceInstalled of what is installed together (as the vendor's installer does for these packages).
SERVICES = {
    "ldap": ("ldap",),
    "mailbox": ("mailbox", "spell"),
    "proxy": ("proxy", "memcached"),
    "mta": ("amavis", "antivirus", "antispam", "opendkim", "mta"),
}
EVERYWHERE = ("stats", "logger", "snmp")
WEBAPPS = ("service", "zimbra", "zimbraAdmin", "zimlet")


def initial(domain: str, servers: Mapping[str, Iterable[str]], accounts: Iterable[str] = ()) -> Entries:
    """A new site. `servers`: host name to services (ldap, mailbox, proxy, mta); `accounts`: local parts or addresses.

    Accounts live on the first server that has a mailbox; admin@domain is made as the administrator.
    """
    served = {name: tuple(services) for name, services in servers.items()}
    entries: Entries = {"config": {CONFIG: defaults.config()}, "server": {}, "domain": {}, "account": {}}
    entries["cos"] = {name: defaults.cos(name) for name in ("default", "defaultExternal")}
    for name, services in served.items():
        entries["server"][name] = server(name, services)
    entries["domain"][domain] = domain_entry(domain, identity(domain))
    home = next((name for name, services in served.items() if "mailbox" in services), "")
    for account in ("admin", *accounts):
        address = account if "@" in account else f"{account}@{domain}"
        entries["account"][address] = account_entry(address, identity(address), home)
    entries["account"][f"admin@{domain}"]["zimbraIsAdminAccount"] = ["TRUE"]
    return entries


def server(name: str, services: Iterable[str]) -> Own:
    """A server's own values after the set-up."""
    installed = [part for service in services for part in SERVICES[service]] + list(EVERYWHERE)
    own = {
        "cn": [name],
        "objectClass": ["zimbraServer"],
        "zimbraId": [identity(name)],
        "zimbraMtaMyHostname": [name],
        "zimbraServerVersion": ["10.0.8_GA_4518"],
        "zimbraServiceHostname": [name],
        "zimbraServiceInstalled": installed,
        "zimbraServiceEnabled": installed + (list(WEBAPPS) if "mailbox" in installed else []),
    }
    if "mailbox" in installed:
        own["zimbraMailMode"] = ["both"]
    return own


def domain_entry(name: str, number: str) -> Own:
    """A new domain's own values, without the time of its making."""
    return {
        "objectClass": ["dcObject", "organization", "zimbraDomain", "amavisAccount"],
        "zimbraId": [number],
        "zimbraDomainName": [name],
        "zimbraDomainStatus": ["active"],
        "zimbraDomainType": ["local"],
        "zimbraMailStatus": ["enabled"],
        "zimbraAuthMech": ["zimbra"],
        "o": [f"{name} domain"],
        "dc": [name.partition(".")[0]],
    }


def account_entry(address: str, number: str, home: str) -> Own:
    """A new account's own values, without the time of its making."""
    local = address.partition("@")[0]
    own = {
        "objectClass": ["inetOrgPerson", "zimbraAccount", "amavisAccount"],
        "zimbraId": [number],
        "zimbraAccountStatus": ["active"],
        "zimbraMailStatus": ["enabled"],
        "zimbraMailDeliveryAddress": [address],
        "mail": [address],
        **{attribute: [local] for attribute in ("cn", "sn", "uid")},
    }
    if home:
        own |= {"zimbraMailHost": [home], "zimbraMailTransport": [f"lmtp:{home}:7025"]}
    return own
