# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How large a user's ticket is, and whether a server takes the request that bears it.

Runs on a workstation of the lab with python3-gssapi and uses nothing of the collection. Standard input is JSON: `user`,
`password`, `host`, `port`, `path`, `service` (host-based), `at_least` (bytes: a request that is smaller gets one more
header). Standard output is one JSON object: `failure`, empty unless there is no ticket, in bytes `ticket`, `token`,
`header` (the line Authorization), `padding`, `request` (all lines of it), and of the answer `status`, `named`; `bare`
is the status of the same request without a ticket.
"""

from __future__ import annotations

import base64
import html
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import typing

import gssapi

SECONDS = 60
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
SPNEGO = gssapi.OID.from_int_seq("1.3.6.1.5.5.2")
# The mechanism and the number of GSSAPI's first token (RFC 4121 4.1); what follows is the AP-REQ.
AP_REQ = bytes.fromhex("06092a864886f7120102020100")
TICKET = 0xA3  # its place in an AP-REQ (RFC 4120 5.5.1)
USER = re.compile(r'<p id="user">(.*?)</p>', re.DOTALL)
Json = dict[str, typing.Any]


def token_for(service: str) -> bytes:
    """A token for a host-based service, with the user's ticket."""
    name = gssapi.Name(service, gssapi.NameType.hostbased_service)
    return gssapi.SecurityContext(name=name, mech=SPNEGO, usage="initiate").step() or b""


def ticket_in(token: bytes) -> bytes:
    """The ticket in a token of SPNEGO."""
    ((dummy, sequence),) = elements(token[token.index(AP_REQ) + len(AP_REQ) :])[:1]
    ((dummy, fields),) = elements(sequence)
    return dict(elements(fields))[TICKET]


def elements(data: bytes) -> list[tuple[int, bytes]]:
    """Tag and content of the elements of DER that follow one another."""
    found, at = [], 0
    while at < len(data):
        tag, size = data[at], data[at + 1]
        at += 2
        if size & 0x80:
            count = size & 0x7F
            size, at = int.from_bytes(data[at : at + count], "big"), at + count
        found.append((tag, data[at : at + size]))
        at += size
    return found


def request(order: Json, *headers: str) -> bytes:
    """A request, to the empty line."""
    lines = [f"GET {order['path']} HTTP/1.1", f"Host: {order['host']}:{order['port']}", f"User-Agent: {AGENT}"]
    return "".join(f"{line}\r\n" for line in (*lines, "Connection: close", *headers, "")).encode()


def answer(order: Json, sent: bytes) -> tuple[int, str]:
    """The status of the answer, and whom its page names. A server that has read enough may end the connection."""
    with socket.create_connection((order["host"], order["port"]), timeout=SECONDS) as connection:
        try:
            connection.sendall(sent)
            read = http.client.HTTPResponse(connection)
            read.begin()
            found = USER.search(read.read().decode(errors="replace"))
            return read.status, html.unescape(found[1]).strip() if found else ""
        except (OSError, http.client.HTTPException):
            return 0, ""


def measured(order: Json) -> Json:
    """The sizes, and the answers."""
    token = token_for(order["service"])
    authorization = f"Authorization: Negotiate {base64.b64encode(token).decode()}"
    padding = max(0, order["at_least"] - len(request(order, authorization)))
    padded = (f"X-Padding: {'x' * padding}",) if padding else ()
    sent = request(order, authorization, *padded)
    status, named = answer(order, sent)
    bare, dummy = answer(order, request(order))
    sizes = {"ticket": len(ticket_in(token)), "token": len(token), "header": len(authorization) + 2}
    return {**sizes, "padding": padding, "request": len(sent), "status": status, "named": named, "bare": bare}


def main() -> None:
    """Reads the order, does it, tells what became of it."""
    order = json.load(sys.stdin)
    told: Json = {"failure": ""}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KRB5CCNAME"] = f"FILE:{folder}/cc"
        kinit = ["kinit", order["user"]]
        done = subprocess.run(kinit, input=order["password"] + "\n", capture_output=True, text=True, check=False)
        try:
            if done.returncode:
                told["failure"] = f"kinit {order['user']}: {done.stderr.strip()}"
            else:
                told.update(measured(order))
        except gssapi.exceptions.GSSError as error:
            told["failure"] = str(error)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
