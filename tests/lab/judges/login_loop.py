# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs in to mail hosts once a second until standard input ends: as a user does, and with tickets from before.

Runs on a workstation of the lab and uses nothing of the collection: MIT's kinit, Python's smtplib, python3-gssapi.
The first line of standard input is JSON: user, password, hosts. Each further line has the tickets from before made
anew. Standard output has a line of JSON for each login: `kind` (fresh or kept), `host`, `second` (of the epoch),
`failure` (empty if all went well).
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import select
import smtplib
import ssl
import subprocess
import sys
import tempfile
import time

import gssapi

FAILURES = (OSError, smtplib.SMTPException, gssapi.exceptions.GSSError)


def log_in(host: str) -> None:
    """AUTH GSSAPI (RFC 4752) with the tickets of KRB5CCNAME."""
    # The lab's certificates are the hosts' own, signed by nobody.
    unsigned = ssl.create_default_context()
    unsigned.check_hostname = False
    unsigned.verify_mode = ssl.CERT_NONE
    name = gssapi.Name(f"smtp@{host}", gssapi.NameType.hostbased_service)
    context = gssapi.SecurityContext(name=name, usage="initiate")
    with smtplib.SMTP(host, 587, timeout=20) as server:
        server.starttls(context=unsigned)
        server.ehlo()
        code, text = server.docmd("AUTH", "GSSAPI " + base64.b64encode(context.step() or b"").decode())
        while code == 334:
            challenge = base64.b64decode(text)
            done = context.complete
            reply = context.wrap(b"\x01\0\0\0", False).message if done else context.step(challenge) or b""
            code, text = server.docmd(base64.b64encode(reply).decode())
    if code != 235:
        raise OSError(f"{host} answers {code} {text.decode(errors='replace')}")


def get_tickets(cache: str, user: str, password: str) -> None:
    """Fresh ones, in place of what the cache holds."""
    os.environ["KRB5CCNAME"] = cache
    done = subprocess.run(["kinit", user], input=password + "\n", text=True, capture_output=True, check=False)
    if done.returncode:
        raise OSError(f"kinit {user}: {done.stderr.strip()}")


def tell(kind: str, host: str, failure: str) -> None:
    """One login."""
    print(json.dumps({"kind": kind, "host": host, "second": int(time.time()), "failure": failure}), flush=True)


def tried(kind: str, host: str, cache: str, order: dict[str, str]) -> None:
    """One login, with tickets of its own where the kind is fresh; told whatever comes of it."""
    try:
        if kind == "fresh":
            get_tickets(cache, order["user"], order["password"])
        os.environ["KRB5CCNAME"] = cache
        log_in(host)
    except FAILURES as error:
        tell(kind, host, str(error) or type(error).__name__)
    else:
        tell(kind, host, "")


def main() -> None:
    """Until standard input ends."""
    order = json.loads(sys.stdin.readline())
    with tempfile.TemporaryDirectory() as folder:
        kept, fresh = f"FILE:{folder}/kept", f"FILE:{folder}/fresh"
        get_tickets(kept, order["user"], order["password"])
        for turn in itertools.count():
            begun = time.monotonic()
            host = order["hosts"][turn % len(order["hosts"])]
            tried("fresh", host, fresh, order)
            tried("kept", host, kept, order)
            if select.select([sys.stdin], [], [], max(0.0, begun + 1 - time.monotonic()))[0]:
                if not sys.stdin.readline():
                    return
                get_tickets(kept, order["user"], order["password"])


if __name__ == "__main__":
    main()
