# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of zmprov: its options, where it writes, and what it talks to."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import pathlib
import socket
import sys
from typing import Any, BinaryIO, Callable, Protocol, TextIO

from . import directory, errors, java, localconfig, provisioning, wire
from .errors import JavaDied, ServiceError

CONNECTION = "An error occurred while attempting to connect to server {0}:  java.io.IOException: "
ESTABLISHED = (
    "An error occurred while attempting to establish a connection to server {0}:  java.net.ConnectException: {1}"
)
FRAME = "\tat com.zimbra.cs.ldap.unboundid.LdapConnectionPool.createConnPool(LdapConnectionPool.java:129)\n"


class Backend(Protocol):
    """What does the work: provisioning in this process (-l), or mailboxd."""

    def call(self, method: str, *args: Any) -> Any: ...


class UsageError(Exception):
    """The words of a command are not what it takes; `text` comes before its usage."""

    def __init__(self, text: str = "", general: bool = False) -> None:
        super().__init__(text)
        self.text, self.general = text, general


class Ended(Exception):
    """The program ends at once with this status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclasses.dataclass
class World:
    """What is outside of the program: Zimbra's home, the streams, and how its servers are reached."""

    home: pathlib.Path
    out: TextIO = dataclasses.field(default_factory=lambda: sys.stdout)
    err: TextIO = dataclasses.field(default_factory=lambda: sys.stderr)
    stdin: BinaryIO = dataclasses.field(default_factory=lambda: sys.stdin.buffer)
    soap: Callable[[str, int], Backend] = wire.Caller
    ldap: Callable[[str, int], directory.Directory] = directory.Directory
    shuffle: bool = False


@dataclasses.dataclass
class Session:
    """A run with its options."""

    world: World
    use_ldap: bool = False
    verbose: bool = False
    replace: bool = False
    server: str = ""
    account: str = ""
    password: str = ""
    interactive: bool = False
    failed: bool = False
    _backend: Backend | None = None

    @property
    def path(self) -> pathlib.Path:
        """localconfig.xml, which holds the password that this program needs."""
        return self.world.home / localconfig.FILE

    def say(self, text: str) -> None:
        """On stdout."""
        self.world.out.write(text)

    def complain(self, text: str) -> None:
        """On stderr; what is on stdout by now goes first, as it does where both are one file."""
        self.world.out.flush()
        self.world.err.write(text)
        self.world.err.flush()

    def setting(self, key: str) -> str:
        """A value of localconfig.xml."""
        return localconfig.value(self.path, key)

    def log(self, line: str) -> None:
        """What Zimbra's log prints of an operation with -l."""
        moment = datetime.datetime.now()
        self.complain(f"{moment:%Y-%m-%d %H:%M:%S},{moment.microsecond // 1000:03} [main] {line}\n")

    def report(self, refusal: ServiceError) -> None:
        """A refusal as zmprov prints it."""
        self.failed = True
        identity = f"main:{int(datetime.datetime.now().timestamp() * 1000)}:{java.string_hash(refusal.message):016x}"
        self.complain(f"ERROR: {refusal}\n" + (errors.trace(refusal, identity) if self.verbose else ""))

    def call(self, method: str, *args: Any) -> Any:
        """Have something done."""
        try:
            return self.backend().call(method, *args)
        except OSError as error:  # a connection that was there has ended
            raise _io_error(self.server or "localhost", _reason(error), "java.net.SocketException") from None

    def backend(self) -> Backend:
        """The connection, made at the first need."""
        if self._backend is None:
            self._backend = self._ldap() if self.use_ldap else self._soap()
        return self._backend

    def _soap(self) -> Backend:
        host, dummy, port = (self.server or self.setting("zimbra_zmprov_default_soap_server")).partition(":")
        try:
            backend = self.world.soap(host, int(port or self.setting("zimbra_admin_service_port")))
        except socket.gaierror:
            raise _io_error(host, f"{host}: Name or service not known", "java.net.UnknownHostException") from None
        except OSError as error:
            raise _io_error(host, _reason(error), "java.net.ConnectException") from None
        if not localconfig.readable(self.path):
            raise ServiceError("account.AUTH_FAILED", f"authentication failed for [{self.setting('zimbra_ldap_user')}]")
        if self.account:
            backend.call("authenticate", self.account, self.password)
        return backend

    def _ldap(self) -> Backend:
        host, port = ldap_server(self.world.home)
        try:
            found = self.world.ldap(host, port)
        except OSError as error:
            self.log("INFO : master is down, falling back to replica...")
            self.log("FATAL: failed to initialize LDAP client")
            raise JavaDied(_no_ldap(f"{host}:{port}", _reason(error))) from None
        if not localconfig.readable(self.path):
            self.log("FATAL: failed to initialize LDAP client")
            raise JavaDied(f"com.zimbra.cs.ldap.LdapException: LDAP error: : invalid credentials\n{FRAME}")
        return provisioning.Provisioning(found, self.log)


def ldap_server(home: pathlib.Path) -> tuple[str, int]:
    """Where the directory is, by ldap_url (its first), or ldap_host and ldap_port."""
    path = home / localconfig.FILE
    first = (localconfig.value(path, "ldap_url").split() or [""])[0]
    address = first.partition("://")[2] or localconfig.value(path, "ldap_host") or "localhost"
    host, dummy, port = address.strip("/").partition(":")
    return host, int(port or localconfig.value(path, "ldap_port") or directory.PORT)


def _reason(error: OSError) -> str:
    return error.strerror or str(error)


def _io_error(host: str, reason: str, java_class: str) -> ServiceError:
    message = f"invoke {reason}, server: {host}"
    return ServiceError("zclient.IO_ERROR", message, f"{java_class} {reason}")


def _no_ldap(place: str, reason: str) -> str:
    established = ESTABLISHED.format(place, reason)
    connection = CONNECTION.format(place) + established
    return (
        f"com.zimbra.cs.ldap.LdapException: LDAP error: : {connection}\n{FRAME}"
        f"Caused by: com.unboundid.ldap.sdk.LDAPException: {connection}\n{FRAME}"
        f"Caused by: java.io.IOException: {established}\n{FRAME}"
    )


def close(session: Session) -> None:
    """Hang up, where there is a line."""
    backend = session._backend
    if isinstance(backend, wire.Caller):
        with contextlib.suppress(OSError):
            backend.close()
