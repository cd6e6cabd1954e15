# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mailboxd: admin service, lookup servlet, and Dovecot in place of its Java IMAP and POP3 servers.

What it takes at its start stays until the next: attributes of the server, localconfig. The keytab is read again when it
changes (Krb5Keytab.java looks at its time of change), so that a key's rotation needs no restart.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import os
import pathlib
import re
import socket
import socketserver
import subprocess
import threading
import time
from typing import Any, Callable, Sequence

from . import (
    accounts,
    dovecot,
    installation,
    journal,
    keytabs,
    krb5_conf,
    lookup,
    passdb,
    passwords,
    processes,
    soapd,
    spnego,
)
from .installation import Installation, is_true

PROGRAM = "libexec/zmpassdb"
REPLY = "/usr/lib/dovecot/checkpassword-reply"
LOOK = 0.2  # seconds between two looks at the keytab
SERVICES = {"imap": "imap", "pop3": "pop"}  # a protocol's first component of the principal
THREADS = {"imap": "ImapServer", "pop3": "Pop3Server"}


@dataclasses.dataclass(frozen=True)
class Keys:
    """The keys of the service's principal. `trouble`: what Java would say at a login, empty if it has a key."""

    data: bytes
    trouble: str = ""


def keys(path: pathlib.Path, principal: str) -> Keys:
    """The keys that Java takes from the keytab for exactly this principal."""
    try:
        data = path.read_bytes()
        found = [entry for entry in keytabs.entries(data) if entry.principal == principal]
    except (OSError, keytabs.BadKeytab):
        return Keys(b"", f"Keytab file '{path}' not found")  # Java says so of any reason
    good = [entry for entry in found if entry.enctype in keytabs.JAVA]
    if good:
        return Keys(keytabs.filtered(data, lambda entry: entry in good))
    if found:
        name = keytabs.JAVA_NAMES.get(found[0].enctype, str(found[0].enctype))
        return Keys(b"", f"Encryption type {name} is not supported/enabled")
    return Keys(b"", f"Key not found in keystore for service principal '{principal}'")


# Java's words for what MIT's library says of a ticket that it does not take.
UNDECRYPTED = re.compile(r"enctype (\S+) found in keytab but cannot decrypt|[Ee]ncryption type (\S+) not permitted")
UNACCEPTABLE = (
    (re.compile(r"not found in keytab|[Nn]o key table entry|Wrong principal"), "Failed to find any Kerberos Key"),
    (re.compile(r"[Cc]lock skew"), "Clock skew too great (37)"),
    (re.compile(r"[Tt]icket expired"), "Ticket expired (32)"),
)


def java_words(line: str, permitted: frozenset[int]) -> str:
    """The reason in a line of Dovecot's, as Java words it; empty where it tells none. `permitted`: by krb5.conf."""
    match = UNDECRYPTED.search(line)
    if match:
        number = next(iter(keytabs.ENCTYPES.get(match[1] or match[2], (0,))))
        if permitted and number not in permitted:
            return f"{keytabs.JAVA_NAMES[number]} encryption type not in permitted_enctypes list"
        return "Checksum failed"
    return next((words for pattern, words in UNACCEPTABLE if pattern.search(line)), "")


def service_host(name: str, from_interface: bool, look_up: Callable[[str], str] = socket.getfqdn) -> str:
    """The host whose keys the mailbox takes (GssAuthenticator.java): the server's name, or that of its address.

    The real mailboxd asks for the address that a client has reached; the double for the one that its name leads to.
    """
    if not from_interface:
        return name
    with contextlib.suppress(OSError):
        found = look_up(socket.gethostbyname(name)).lower()
        return name if not found or found[0].isdigit() else found
    return name


class Mailboxd:
    """The running mailboxd of an installation."""

    def __init__(self, place: Installation, options: Sequence[str] = ()) -> None:
        self.place = place
        self.krb5_conf = spnego.krb5_conf(place, options)
        self.server = place.server()
        self.name = place.name
        interface = place.local("krb5_service_principal_from_interface_address").lower() == "true"
        self.service_host = service_host(self.name, interface)
        self.keytab = pathlib.Path(place.local("krb5_keytab"))
        self.run = place.work("mailboxd")
        self.log = place.home / "log" / "mailbox.log"
        self.children = processes.Children()
        self.tokens = lookup.Tokens()
        self.keys: dict[str, Keys] = {}
        self.view: accounts.View | None = None

    # Dovecot

    def principal(self, protocol: str) -> str:
        realm = krb5_conf.libdefault(self.krb5_conf, "default_realm")
        return f"{SERVICES[protocol]}/{self.service_host}@{realm}"

    def sort_keys(self) -> None:
        """Give each server the keys that it may have."""
        for protocol in SERVICES:
            found = keys(self.keytab, self.principal(protocol))
            if self.keys.get(protocol) == found:
                continue
            path = self.run / f"{protocol}.keytab"
            temporary = path.with_suffix(".new")
            temporary.touch(mode=0o600)
            temporary.write_bytes(found.data or b"\x05\x02")
            temporary.replace(path)
            self.keys[protocol] = found

    def watch(self) -> None:
        while True:
            time.sleep(LOOK)
            self.sort_keys()

    def settings(self, protocol: str) -> dovecot.Settings:
        prefix = {"imap": "zimbraImap", "pop3": "zimbraPop3"}[protocol]
        program = self.place.home / PROGRAM
        view = krb5_conf.view(self.run, self.krb5_conf, heimdal=False)
        return dovecot.Settings(
            name=f"zimbra-mailbox-{protocol}",
            run=self.run / protocol,
            protocol=protocol,
            ports=installation.MAILBOX_PORTS[protocol],
            gssapi=is_true(self.server, f"{prefix}SaslGssapiEnabled"),
            plain=True,
            gssapi_hostname=self.service_host,
            keytab=str(self.run / f"{protocol}.keytab"),
            passdb=f"{program} mailbox",
            masters=f"{program} master",
            mail=self.place.home / "store" / "double",
            certificate=self.place.home / "conf" / "nginx.crt",
            key=self.place.home / "conf" / "nginx.key",
            variables={"KRB5_CONFIG": view},
            requires_tls=is_true(self.server, "zimbraSaslGssapiRequiresTls"),
            cleartext=is_true(self.server, f"{prefix}CleartextLoginEnabled"),
        )

    def heard(self, protocol: str, line: str) -> None:
        """A line of Dovecot's; what Java would say of a failure goes to mailbox.log."""
        with (self.run / f"{protocol}.log").open("a", encoding="utf-8") as stream:
            stream.write(line + "\n")
        if "gssapi(" not in line:
            return
        known, words = self.keys[protocol].trouble, java_words(line, krb5_conf.permitted(self.krb5_conf))
        if known and "No credentials were supplied" in line:
            self.write("WARN", protocol, self.address(line), "security", known)
        elif not known and words:
            told = f"SaslServer.evaluateResponse() failed: GSS initiate failed [Caused by GSSException: {words}]"
            self.write("WARN", protocol, self.address(line), "security", told)

    @staticmethod
    def address(line: str) -> str:
        match = re.search(r"gssapi\([^,]*,([^,)]+)", line)
        return match[1] if match else ""

    def write(self, level: str, protocol: str, address: str, category: str, text: str) -> None:
        journal.mailbox(self.log, level, f"{THREADS.get(protocol, protocol)}-1", address, category, text)

    # What Dovecot and the proxies ask

    def answer(self, question: dict[str, Any]) -> dict[str, str]:
        view = self.view
        if view is None:
            return {"status": str(passdb.FAULT)}
        name, protocol, address = question["user"], question["protocol"], question["address"]
        if question["master"]:
            good = self.tokens.good(question["password"], name)
            return {"user": name} if good else {"status": str(passdb.REFUSED)}
        if question["authorized"]:
            account = accounts.of_identity(view, name)
            if not account:
                words = f"authentication failed (no account associated with Kerberos principal {name})"
                self.write("WARN", protocol, address, "account", words)
                return {"status": str(passdb.UNKNOWN)}
            return {"user": account, "k5principals": ",".join(accounts.principals(view, account))}
        account = accounts.of_name(view, name)
        if account and self.password(view, account, question["password"]):
            return {"user": account}
        words = f"authentication failed for [{name}], " + ("invalid password" if account else "account not found")
        self.write("WARN", protocol, address, "account", words)
        return {"status": str(passdb.REFUSED)}

    def password(self, view: accounts.View, account: str, password: str) -> bool:
        """Whether it is the account's password: in the directory, or at the KDC."""
        if accounts.mechanism(view, account) != "kerberos5":
            held = view.accounts[account].get("userPassword", ())
            return any(passwords.matches(password, value) for value in held)
        principal = accounts.password_principal(view, account)
        done = subprocess.run(
            ["kinit", "-c", "MEMORY:", principal],
            input=f"{password}\n",
            env={**processes.ENVIRONMENT, "KRB5_CONFIG": krb5_conf.view(self.run, self.krb5_conf, heimdal=False)},
            capture_output=True,
            text=True,
            check=False,
        )
        return bool(principal and password) and done.returncode == 0

    def look_up(self, headers: dict[str, str]) -> dict[str, str]:
        try:
            if self.view is None:
                raise lookup.Refused("mailboxd is starting")
            return lookup.route(self.view, headers, self.name, self.tokens)
        except lookup.Refused as refused:
            words = f"user not found:{headers.get('Auth-User', '')}: NginxLookupException: {refused}"
            self.write("WARN", "qtp-NginxLookup", headers.get("Client-IP", ""), "nginxlookup", words)
            return {"Auth-Status": str(refused), "Auth-Wait": "0"}

    def serve_authority(self) -> None:
        mailboxd = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                question = json.loads(self.rfile.readline())
                self.wfile.write(json.dumps(mailboxd.answer(question)).encode() + b"\n")

        path = self.run / passdb.SOCKET
        path.unlink(missing_ok=True)
        with socketserver.ThreadingUnixStreamServer(str(path), Handler) as server:
            path.chmod(0o600)
            server.serve_forever()

    def changed(self, source: accounts.Source) -> None:
        self.view = accounts.View.of(source)

    def serve(self) -> None:
        """Run until SIGTERM."""
        processes.on_end(self.children.end)
        self.sort_keys()
        for task in (self.watch, self.serve_authority, lambda: lookup.serve(self.look_up)):
            threading.Thread(target=task, daemon=True).start()
        for protocol in SERVICES:
            settings = self.settings(protocol)
            command = dovecot.write(settings)
            self.children.start(command, settings.variables, functools.partial(self.heard, protocol))
        self.place.pid_file("zmmailboxd_java").write_text(f"{os.getpid()}\n", encoding="ascii")
        soapd.serve(self.place.home, self.changed)


def main(*options: str) -> int:
    """`options`: Java's, of which those for web sign-on matter."""
    place = Installation()
    place.work("mailboxd").mkdir(parents=True, exist_ok=True)
    Mailboxd(place, options).serve()
    return 0
