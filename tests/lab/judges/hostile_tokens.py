# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hands a protected page tokens that it must refuse, and the sound ones that show that it is the token that it refuses.

Runs on a workstation of the lab with python3-gssapi and uses nothing of the collection. Standard input is JSON: `user`,
`password`, `host`, `port`, `path`, `service` (host-based, such as HTTP@cas1), `other` (another service that has a
principal), `tokens` (ready ones: case -> base64). Standard output is one JSON object: `failure`, empty unless there is
no ticket, and `answers` ({case, status, named, said}), in the order of the requests.
"""

from __future__ import annotations

import base64
import html
import http.client
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import typing

import gssapi

SECONDS = 30
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
SPNEGO = gssapi.OID.from_int_seq("1.3.6.1.5.5.2")
USER = re.compile(r'<p id="user">(.*?)</p>', re.DOTALL)
# [MS-NLMP] 2.2.1.1: NEGOTIATE_MESSAGE with the flags of Unicode, OEM, target, NTLM, always sign, and nothing else
NTLM = b"NTLMSSP\0" + struct.pack("<II16x", 1, 0x8207)
GARBAGE = bytes(range(256))
Json = dict[str, typing.Any]


def token_for(service: str) -> bytes:
    """An honest token for a host-based service, with the user's ticket."""
    name = gssapi.Name(service, gssapi.NameType.hostbased_service)
    return gssapi.SecurityContext(name=name, mech=SPNEGO, usage="initiate").step() or b""


def damaged(token: bytes) -> bytes:
    """The token with one bit of its last byte, which is in the authenticator, turned over."""
    return token[:-1] + bytes((token[-1] ^ 1,))


def ask(order: Json, case: str, authorization: str) -> Json:
    """One request on a connection of its own."""
    server = http.client.HTTPConnection(order["host"], order["port"], timeout=SECONDS)
    try:
        server.request("GET", order["path"], headers={"Authorization": authorization, "User-Agent": AGENT})
        answer = server.getresponse()
        found = USER.search(answer.read().decode(errors="replace"))
        named = html.unescape(found[1]).strip() if found else ""
        return {"case": case, "status": answer.status, "named": named, "said": ""}
    except (OSError, http.client.HTTPException) as error:
        return {"case": case, "status": 0, "named": "", "said": str(error) or type(error).__name__}
    finally:
        server.close()


def requests(order: Json) -> list[tuple[str, str]]:
    """What is sent for each case: the value of the header Authorization."""
    honest = token_for(order["service"])
    tokens = {
        "first": honest,
        "replayed": honest,
        "damaged": damaged(token_for(order["service"])),
        "other service": token_for(order["other"]),
        "garbage": GARBAGE,
        "NTLM": NTLM,
        **{case: base64.b64decode(token) for case, token in order["tokens"].items()},
    }
    sent = [(case, f"Negotiate {base64.b64encode(token).decode()}") for case, token in tokens.items()]
    return [*sent, ("NTLM by its own name", f"NTLM {base64.b64encode(NTLM).decode()}"), ("no base64", "Negotiate !!!!")]


def main() -> None:
    """Reads the order, does it, tells what became of it."""
    order = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KRB5CCNAME"] = f"FILE:{folder}/cc"
        kinit = ["kinit", order["user"]]
        done = subprocess.run(kinit, input=order["password"] + "\n", capture_output=True, text=True, check=False)
        failure = f"kinit {order['user']}: {done.stderr.strip()}" if done.returncode else ""
        answers: list[Json] = []
        if not failure:
            try:
                answers = [ask(order, *one) for one in requests(order)]
            except gssapi.exceptions.GSSError as error:
                failure = str(error)
    print(json.dumps({"failure": failure, "answers": answers}))


if __name__ == "__main__":
    main()
