# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends a mail to each mail host as a user does: kinit with a password, AUTH GSSAPI, DATA.

Runs on a workstation of the lab and uses nothing of the collection: MIT's kinit and klist, Python's smtplib,
python3-gssapi. Standard input is JSON: user, password, hosts (names to connect to). Standard output is one JSON
object: `failure` (empty if all went well), `mails` ({host, answer}), `tickets` (lines of klist).
"""

from __future__ import annotations

import base64
import json
import os
import smtplib
import ssl
import subprocess
import sys
import tempfile

import gssapi


def send(user: str, host: str) -> str:
    """Logs in and sends one mail to root on that host; gives the server's answer to AUTH."""
    # The lab's certificates are the hosts' own, signed by nobody.
    unsigned = ssl.create_default_context()
    unsigned.check_hostname = False
    unsigned.verify_mode = ssl.CERT_NONE
    with smtplib.SMTP(host, 587, timeout=20) as server:
        server.starttls(context=unsigned)
        server.ehlo()
        answer = authenticate(server, host)
        server.sendmail(user, ["root"], f"From: <{user}>\r\nSubject: logged in\r\n\r\nby GSSAPI\r\n")
    return answer


def authenticate(server: smtplib.SMTP, host: str) -> str:
    """AUTH GSSAPI (RFC 4752): the context's tokens, then the choice of no security layer."""
    name = gssapi.Name(f"smtp@{host}", gssapi.NameType.hostbased_service)
    context = gssapi.SecurityContext(name=name, usage="initiate")
    code, text = server.docmd("AUTH", "GSSAPI " + base64.b64encode(context.step() or b"").decode())
    while code == 334:
        challenge = base64.b64decode(text)
        if context.complete:
            offered = context.unwrap(challenge).message
            if not offered[0] & 1:
                raise OSError(f"{host} insists on a security layer")
            reply = context.wrap(b"\x01\0\0\0", False).message
        else:
            reply = context.step(challenge) or b""
        code, text = server.docmd(base64.b64encode(reply).decode())
    if code != 235:
        raise OSError(f"{host} answers {code} {text.decode(errors='replace')}")
    return f"{code} {text.decode(errors='replace')}"


def main() -> None:
    """Reads the order, does it, tells what became of it."""
    order = json.load(sys.stdin)
    told: dict[str, object] = {"failure": "", "mails": [], "tickets": []}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KRB5CCNAME"] = f"FILE:{folder}/cc"
        try:
            subprocess.run(
                ["kinit", order["user"]], input=order["password"] + "\n", text=True, capture_output=True, check=True
            )
            told["mails"] = [{"host": host, "answer": send(order["user"], host)} for host in order["hosts"]]
        except subprocess.CalledProcessError as error:
            told["failure"] = f"kinit {order['user']}: {error.stderr.strip()}"
        except (OSError, smtplib.SMTPException, gssapi.exceptions.GSSError) as error:
            told["failure"] = str(error)
        listed = subprocess.run(["klist", "-e"], capture_output=True, text=True, check=False).stdout
        told["tickets"] = [line.strip() for line in listed.splitlines() if "@" in line]
    print(json.dumps(told))


if __name__ == "__main__":
    main()
