# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every program of the double knows: folders and ports, its host's name, the directory's values for the host."""

from __future__ import annotations

import dataclasses
import json
import pathlib
from typing import Any

from . import localconfig
from .directory import Directory

HOME = pathlib.Path("/opt/zimbra")
USER = "zimbra"
LDAP_PORT = 389
ADMIN_PORT = 7071
LOOKUP_PORT = 7072
CONFIGD_PORT = 7171
MAILBOX_PORTS = {"imap": (7143, 7993), "pop3": (7110, 7995)}  # with STARTTLS, under TLS from the start
PROXY_PORTS = {"imap": (143, 993), "pop3": (110, 995)}
MTA_PORTS = (25, 587, 465)
# What the vendor's packages leave, by which every tool tells what a host has.
MARKERS = {
    "ldap": "common/libexec/slapd",
    "mailbox": "jetty_base",
    "proxy": "common/sbin/nginx",
    "mta": "common/sbin/postconf",
}


@dataclasses.dataclass(frozen=True)
class Installation:
    """`home`: /opt/zimbra. `syslog`: where local0 and mail go."""

    home: pathlib.Path = HOME
    syslog: pathlib.Path = pathlib.Path("/var/log/zimbra.log")
    krb5_conf: pathlib.Path = pathlib.Path("/etc/krb5.conf")

    def local(self, key: str) -> str:
        """The expanded value of a localconfig key."""
        return localconfig.value(self.home / "conf" / "localconfig.xml", key)

    @property
    def name(self) -> str:
        return self.local("zimbra_server_hostname")

    def directory(self) -> Directory:
        return Directory(self.local("ldap_host"), LDAP_PORT)

    def server(self) -> dict[str, list[str]]:
        """The host's attributes as Zimbra sees them, inherited ones included."""
        return self.directory().effective("server", self.name)

    def mailstores(self) -> list[str]:
        """The servers that hold mailboxes."""
        directory = self.directory()
        servers = {name: directory.effective("server", name) for name in directory.names("server")}
        return sorted(name for name, values in servers.items() if "mailbox" in values.get("zimbraServiceEnabled", ()))

    def has(self, service: str) -> bool:
        return (self.home / MARKERS[service]).exists()

    def work(self, name: str) -> pathlib.Path:
        """A folder of the double's own."""
        return self.home / "data" / "double" / name

    def pid_file(self, name: str) -> pathlib.Path:
        return self.home / "log" / f"{name}.pid"

    def told(self, key: str, default: Any) -> Any:
        """What a test has put into conf/double.json."""
        try:
            return json.loads((self.home / "conf" / "double.json").read_text(encoding="utf-8")).get(key, default)
        except FileNotFoundError:
            return default


def one(values: dict[str, list[str]], attribute: str, default: str = "") -> str:
    """The first value of an attribute."""
    return next(iter(values.get(attribute, ())), default)


def is_true(values: dict[str, list[str]], attribute: str) -> bool:
    return one(values, attribute) == "TRUE"
