# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs in to mail hosts once a second until standard input ends: as a user does, and with tickets from before.

Runs on a workstation of the lab and uses nothing of the collection: MIT's kinit, Python's own clients, python3-gssapi.
The first line of standard input is JSON: user, password, services (protocol, host and port of each). Each further
line has the tickets from before made anew. Standard output has a line of JSON for each login: `kind` (fresh or kept),
`service`, `second` (of the epoch), `failure` (empty if all went well).
"""

from __future__ import annotations

import base64
import imaplib
import itertools
import json
import os
import poplib
import select
import smtplib
import ssl
import subprocess
import sys
import tempfile
import time

import gssapi

FAILURES = (
    OSError,
    smtplib.SMTPException,
    imaplib.IMAP4.error,
    poplib.error_proto,
    gssapi.exceptions.GSSError,
)
PATIENCE = 20  # seconds


class Exchange:
    """The client's side of SASL's GSSAPI (RFC 4752) with the tickets of KRB5CCNAME."""

    def __init__(self, service: str) -> None:
        name = gssapi.Name(service, gssapi.NameType.hostbased_service)
        self._context = gssapi.SecurityContext(name=name, usage="initiate")

    def respond(self, challenge: bytes) -> bytes:
        """The answer to a challenge; the last one asks for no security layer."""
        if self._context.complete:
            return bytes(self._context.wrap(b"\x01\0\0\0", False).message)
        return bytes(self._context.step(challenge or None) or b"")


def unsigned() -> ssl.SSLContext:
    """The lab's certificates are the hosts' own, signed by nobody."""
    found = ssl.create_default_context()
    found.check_hostname = False
    found.verify_mode = ssl.CERT_NONE
    return found


def smtp(host: str, port: int) -> None:
    """RFC 4954."""
    exchange = Exchange(f"smtp@{host}")
    with smtplib.SMTP(host, port, timeout=PATIENCE) as server:
        server.starttls(context=unsigned())
        server.ehlo()
        code, text = server.docmd("AUTH", "GSSAPI " + base64.b64encode(exchange.respond(b"")).decode())
        while code == 334:
            code, text = server.docmd(base64.b64encode(exchange.respond(base64.b64decode(text))).decode())
    if code != 235:
        raise OSError(f"{host} answers {code} {text.decode(errors='replace')}")


def imap(host: str, port: int) -> None:
    """RFC 3501."""
    server = imaplib.IMAP4(host, port, timeout=PATIENCE)
    try:
        server.starttls(unsigned())
        server.authenticate("GSSAPI", Exchange(f"imap@{host}").respond)
    finally:
        server.shutdown()


def pop3(host: str, port: int) -> None:
    """RFC 5034; the client of the standard library knows no AUTH, so the lines are sent by its own means."""
    exchange = Exchange(f"pop@{host}")
    server = poplib.POP3(host, port, timeout=PATIENCE)
    try:
        server.stls(unsigned())
        answer = server._shortcmd("AUTH GSSAPI")  # type: ignore[attr-defined]
        while answer.startswith(b"+ ") or answer == b"+":
            reply = base64.b64encode(exchange.respond(base64.b64decode(answer[2:]))).decode()
            server._putcmd(reply)  # type: ignore[attr-defined]
            answer = server._getline()[0]  # type: ignore[attr-defined]
        if not answer.startswith(b"+OK"):
            raise OSError(f"{host} answers {answer.decode(errors='replace')}")
    finally:
        server.close()


PROTOCOLS = {"smtp": smtp, "imap": imap, "pop3": pop3}


def get_tickets(cache: str, user: str, password: str) -> None:
    """Fresh ones, in place of what the cache holds."""
    os.environ["KRB5CCNAME"] = cache
    done = subprocess.run(["kinit", user], input=password + "\n", text=True, capture_output=True, check=False)
    if done.returncode:
        raise OSError(f"kinit {user}: {done.stderr.strip()}")


def tell(kind: str, service: str, failure: str) -> None:
    """One login."""
    print(json.dumps({"kind": kind, "service": service, "second": int(time.time()), "failure": failure}), flush=True)


def tried(kind: str, service: tuple[str, str, int], cache: str, order: dict[str, str]) -> None:
    """One login, with tickets of its own where the kind is fresh; told whatever comes of it."""
    protocol, host, port = service
    name = f"{protocol} {host}"
    try:
        if kind == "fresh":
            get_tickets(cache, order["user"], order["password"])
        os.environ["KRB5CCNAME"] = cache
        PROTOCOLS[protocol](host, port)
    except FAILURES as error:
        tell(kind, name, str(error) or type(error).__name__)
    else:
        tell(kind, name, "")


def main() -> None:
    """Until standard input ends."""
    order = json.loads(sys.stdin.readline())
    with tempfile.TemporaryDirectory() as folder:
        kept, fresh = f"FILE:{folder}/kept", f"FILE:{folder}/fresh"
        get_tickets(kept, order["user"], order["password"])
        for turn in itertools.count():
            begun = time.monotonic()
            service = order["services"][turn % len(order["services"])]
            tried("fresh", service, fresh, order)
            tried("kept", service, kept, order)
            if select.select([sys.stdin], [], [], max(0.0, begun + 1 - time.monotonic()))[0]:
                if not sys.stdin.readline():
                    return
                get_tickets(kept, order["user"], order["password"])


if __name__ == "__main__":
    main()
