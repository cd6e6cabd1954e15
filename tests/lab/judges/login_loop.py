# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs in to mail hosts and CAS once a second until standard input ends: as a user does, and with tickets from before.

Runs on a workstation of the lab and uses nothing of the collection: MIT's kinit, python3-gssapi, and the smtplib,
imaplib, poplib and http.client of Python. The first line of standard input is JSON: user, password, logins ({protocol,
host, named}). Each further line has the tickets from before made anew. Standard output has a line of JSON for each
login: `kind` (fresh or kept), the login's words, `second` (of the epoch), `failure` (empty if all went well).
"""

from __future__ import annotations

import base64
import contextlib
import http.client
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
    EOFError,
    smtplib.SMTPException,
    imaplib.IMAP4.error,
    poplib.error_proto,
    http.client.HTTPException,
    gssapi.exceptions.GSSError,
)
SPNEGO = gssapi.OID.from_int_seq("1.3.6.1.5.5.2")
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


class Exchange:
    """The client's side of GSSAPI in SASL (RFC 4752), with the tickets of KRB5CCNAME: no security layer is wanted."""

    def __init__(self, service: str, host: str, named: str) -> None:
        name = gssapi.Name(f"{service}@{host}", gssapi.NameType.hostbased_service)
        self._context = gssapi.SecurityContext(name=name, usage="initiate")
        self._named = named.encode()

    def reply(self, challenge: bytes) -> bytes:
        """The answer to what the server said; the first one is to nothing."""
        if not self._context.complete:
            return bytes(self._context.step(challenge or None) or b"")
        return bytes(self._context.wrap(b"\x01\0\0\0" + self._named, False).message)

    def line(self, challenge: bytes) -> str:
        """The same as lines of a protocol hold it."""
        return base64.b64encode(self.reply(base64.b64decode(challenge))).decode()


def unsigned() -> ssl.SSLContext:
    """The lab's certificates are the hosts' own, signed by nobody."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def smtp(host: str, named: str) -> None:
    exchange = Exchange("smtp", host, named)
    with smtplib.SMTP(host, 587, timeout=20) as server:
        server.starttls(context=unsigned())
        server.ehlo()
        code, text = server.docmd("AUTH", f"GSSAPI {exchange.line(b'')}")
        while code == 334:
            code, text = server.docmd(exchange.line(text))
    if code != 235:
        raise OSError(f"{host} answers {code} {text.decode(errors='replace')}")


def imap(host: str, named: str) -> None:
    with imaplib.IMAP4(host, timeout=20) as server:
        server.starttls(unsigned())
        server.authenticate("GSSAPI", Exchange("imap", host, named).reply)


def pop3(host: str, named: str) -> None:
    exchange = Exchange("pop", host, named)
    server = poplib.POP3(host, timeout=20)
    with contextlib.closing(server):
        server.stls(unsigned())
        line = "AUTH GSSAPI"  # RFC 5034, which poplib does not know
        while True:
            server.sock.sendall(line.encode() + b"\r\n")
            told = server.file.readline().rstrip(b"\r\n")
            if told[:2] not in (b"+ ", b"+"):
                break
            line = exchange.line(told[2:])
    if not told.startswith(b"+OK"):
        raise OSError(f"{host} answers {told.decode(errors='replace')}")


def web(host: str, named: str) -> None:
    """The lab's page of CAS, which names who logged in (`named`); it asks only browsers for a ticket (RFC 4559)."""
    name = gssapi.Name(f"HTTP@{host}", gssapi.NameType.hostbased_service)
    context = gssapi.SecurityContext(name=name, usage="initiate", mech=SPNEGO)
    token = base64.b64encode(context.step()).decode()
    with contextlib.closing(http.client.HTTPConnection(host, 8080, timeout=20)) as server:
        server.request("GET", "/cas/negotiate", headers={"User-Agent": BROWSER, "Authorization": f"Negotiate {token}"})
        answer = server.getresponse()
        page = answer.read().decode()
    if answer.status != 200 or f'<p id="user">{named}</p>' not in page:
        raise OSError(f"{host} answers {answer.status} {page.strip()}")


PROTOCOLS = {"smtp": smtp, "imap": imap, "pop3": pop3, "http": web}


def get_tickets(cache: str, user: str, password: str) -> None:
    """Fresh ones, in place of what the cache holds."""
    os.environ["KRB5CCNAME"] = cache
    done = subprocess.run(["kinit", user], input=password + "\n", text=True, capture_output=True, check=False)
    if done.returncode:
        raise OSError(f"kinit {user}: {done.stderr.strip()}")


def tell(kind: str, login: dict[str, str], failure: str) -> None:
    """One login."""
    print(json.dumps({"kind": kind, **login, "second": int(time.time()), "failure": failure}), flush=True)


def tried(kind: str, login: dict[str, str], cache: str, order: dict[str, str]) -> None:
    """One login, with tickets of its own where the kind is fresh; told whatever comes of it."""
    try:
        if kind == "fresh":
            get_tickets(cache, order["user"], order["password"])
        os.environ["KRB5CCNAME"] = cache
        PROTOCOLS[login["protocol"]](login["host"], login["named"])
    except FAILURES as error:
        tell(kind, login, str(error) or type(error).__name__)
    else:
        tell(kind, login, "")


def main() -> None:
    """Until standard input ends."""
    order = json.loads(sys.stdin.readline())
    with tempfile.TemporaryDirectory() as folder:
        kept, fresh = f"FILE:{folder}/kept", f"FILE:{folder}/fresh"
        get_tickets(kept, order["user"], order["password"])
        for turn in itertools.count():
            begun = time.monotonic()
            login = order["logins"][turn % len(order["logins"])]
            tried("fresh", login, fresh, order)
            tried("kept", login, kept, order)
            if select.select([sys.stdin], [], [], max(0.0, begun + 1 - time.monotonic()))[0]:
                if not sys.stdin.readline():
                    return
                get_tickets(kept, order["user"], order["password"])


if __name__ == "__main__":
    main()
