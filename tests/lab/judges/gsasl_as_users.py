# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs in to mail services as users do who have kinit and gsasl, the client of Zimbra's document.

Runs on a workstation of the lab and uses nothing of the collection. gsasl speaks IMAP and SMTP itself; POP3, which it
does not know, is spoken here, and gsasl makes the tokens.

Standard input is JSON: `users` ({user, password}) and `services` ({protocol, host, port, name}; `name` is that of the
server in the ticket). Standard output is one JSON object: `logins` ({user, protocol, host, port, name, ok, said}) and
`tickets` (by user, the principals that klist has).
"""

from __future__ import annotations

import json
import os
import poplib
import re
import ssl
import subprocess
import sys
import tempfile
import typing

SECONDS = 30
# An empty name of a file of authorities: the lab's certificates are the servers' own, signed by nobody.
GSASL = ["gsasl", "--mechanism=GSSAPI", "--x509-ca-file="]
# gsasl's own last command, after the server's answer to the login.
FAREWELL = re.compile(r"^(?:\. LOGOUT|QUIT)", re.MULTILINE)


def by_gsasl(service: dict[str, typing.Any]) -> tuple[bool, str]:
    """One connection of gsasl's, which ends as soon as it has logged in; whether it did, and gsasl's words."""
    where = [f"--{service['protocol']}", f"--connect={service['host']}:{service['port']}", "--starttls"]
    argv = [*GSASL, *where, f"--hostname={service['name']}"]
    done = subprocess.run(
        argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS, check=False, errors="replace"
    )
    if done.returncode:
        return False, last_words(done.stdout + done.stderr)
    return True, last_words(FAREWELL.split(done.stdout)[0])


def by_pop3(service: dict[str, typing.Any]) -> tuple[bool, str]:
    """POP3 with STLS; each token of the server goes through gsasl, which answers with the next (RFC 5034)."""
    unsigned = ssl.create_default_context()
    unsigned.check_hostname = False
    unsigned.verify_mode = ssl.CERT_NONE
    argv = [*GSASL, "--client", "--service=pop", f"--hostname={service['name']}", "--quiet"]
    server = poplib.POP3(service["host"], service["port"], timeout=SECONDS)
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
        try:
            server.stls(unsigned)
            return converse(server, client)
        except (poplib.error_proto, OSError) as error:
            return False, str(error)
        finally:
            client.kill()
            server.close()


def converse(server: poplib.POP3, client: subprocess.Popen[str]) -> tuple[bool, str]:
    """AUTH until the server is content, or not; gsasl's first line is the mechanism, each other one a token."""
    assert client.stdin is not None and client.stdout is not None
    server._putcmd(f"AUTH {client.stdout.readline().strip()}")  # type: ignore[attr-defined]  # poplib has no AUTH of its own
    while True:
        line = server._getline()[0].decode(errors="replace")  # type: ignore[attr-defined]
        if line.startswith("+OK"):
            return True, line
        if not line.startswith("+"):
            return False, line
        if line[2:].strip():
            client.stdin.write(line[2:].strip() + "\n")
            client.stdin.flush()
        token = client.stdout.readline()
        if not token:
            return False, "gsasl has no token for the server"
        server._putline(token.strip().encode())  # type: ignore[attr-defined]


def last_words(text: str) -> str:
    """The last line that says something."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no output"


def tickets() -> list[str]:
    """The principals of all tickets in the cache, with the user's own first."""
    listed = subprocess.run(["klist"], capture_output=True, text=True, check=False).stdout
    return [line.split()[-1] for line in listed.splitlines() if "@" in line]


def main() -> None:
    """Reads the order, does it, tells what became of it."""
    order = json.load(sys.stdin)
    logins: list[dict[str, typing.Any]] = []
    held: dict[str, list[str]] = {}
    for one in order["users"]:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["KRB5CCNAME"] = f"FILE:{folder}/cc"
            kinit = ["kinit", one["user"]]
            done = subprocess.run(kinit, input=one["password"] + "\n", capture_output=True, text=True, check=False)
            for service in order["services"]:
                ok, said = (False, f"kinit: {last_words(done.stderr)}") if done.returncode else (True, "")
                if ok:
                    ok, said = (by_pop3 if service["protocol"] == "pop3" else by_gsasl)(service)
                logins.append({"user": one["user"], **service, "ok": ok, "said": said})
            held[one["user"]] = tickets()
    print(json.dumps({"logins": logins, "tickets": held}))


if __name__ == "__main__":
    main()
