# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs that Dovecot asks about a user, by its checkpassword protocol (doc.dovecot.org, passdb checkpassword).

User and password come on descriptor 3. AUTHORIZED=1 asks for an account without a password: after GSSAPI. The answer is
the environment of the program that is then run: USER, and the names of further fields in EXTRA. Exit 1 refuses, 3 knows
no such user, 111 is a fault.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import sys
from typing import Any, Mapping, NoReturn

from . import installation

REFUSED, UNKNOWN, FAULT = 1, 3, 111
SOCKET = "authority.sock"
PRINCIPALS = "X-Double-Principals"  # who may be the account that the lookup servlet found
MASTER = "nginx"  # whom the proxy logs in as, with a token for the user's account


def ask(place: installation.Installation, question: Mapping[str, Any]) -> dict[str, str]:
    """Ask mailboxd; its answer."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(30)
        connection.connect(str(place.work("mailboxd") / SOCKET))
        connection.sendall(json.dumps(question).encode() + b"\n")
        with connection.makefile("rb") as answers:
            told: dict[str, str] = json.loads(answers.readline())
            return told


def main(role: str, *reply: str) -> NoReturn:
    """`role`: mailbox, master (a login of the proxy) or proxy. `reply`: what takes the answer to Dovecot."""
    with os.fdopen(3, "rb", closefd=False) as stream:
        user, password = (part.decode("utf-8", "surrogateescape") for part in stream.read().split(b"\0")[:2])
    question = {
        "user": os.environ.get("AUTH_LOGIN_USER", "") if role == "master" else user,
        "password": password,
        "authorized": os.environ.get("AUTHORIZED") == "1" or os.environ.get("CREDENTIALS_LOOKUP") == "1",
        "master": role == "master",
        "protocol": os.environ.get("SERVICE", os.environ.get("PROTO", "imap")),
        "address": os.environ.get("TCPREMOTEIP", ""),
        "server": os.environ.get("TCPLOCALIP", ""),
    }
    place = installation.Installation()
    try:
        answer = route(place, question) if role == "proxy" else ask(place, question)
    except (OSError, ValueError, http.client.HTTPException):
        sys.exit(FAULT)
    status = int(answer.pop("status", "0"))
    if status:
        sys.exit(status)
    account = answer.pop("user")
    user = MASTER if role == "master" else account
    if role != "proxy":
        home = f"{place.home}/store/double/{account}"
        answer.update(userdb_uid=str(os.getuid()), userdb_gid=str(os.getgid()), userdb_home=home)
    environment = {**os.environ, **answer, "USER": user, "EXTRA": " ".join(sorted(answer))}
    if question["authorized"]:
        environment["AUTHORIZED"] = "2"
    os.execve(reply[0], list(reply), environment)


def route(place: installation.Installation, question: Mapping[str, Any]) -> dict[str, str]:
    """Ask a mailstore's lookup servlet, as nginx does, where the user's mailbox is."""
    told = json.loads((place.work("proxy") / "applied.json").read_text(encoding="utf-8"))
    user, method = question["user"], "gssapi" if question["authorized"] else "plain"
    # Cyrus SASL, which nginx uses, leaves the library's own default realm away; nginx then puts its own on.
    if question["authorized"]:
        user = user.removesuffix(f"@{told['local_realm']}")
        user += f"@{told['default_realm']}" if "@" not in user and told["default_realm"] else ""
    headers = {
        "Auth-Method": method,
        "Auth-User": quoted(user),
        "Auth-Id": quoted(user),
        "Auth-Pass": quoted(question["password"]),
        "Auth-Protocol": question["protocol"],
        "Client-IP": question["address"],
        "X-Proxy-IP": question["server"],
    }
    for host in told["handlers"]:
        try:
            connection = http.client.HTTPConnection(host, installation.LOOKUP_PORT, timeout=15)
            connection.request("GET", "/service/extension/nginx-lookup", headers=headers)
            answer = connection.getresponse().headers
        except OSError:
            continue
        if answer["Auth-Status"] != "OK":
            return {"status": str(REFUSED if method == "plain" else UNKNOWN)}
        fields = {
            "user": answer["Auth-User"],
            "proxy": "y",
            "host": answer["Auth-Server"],
            "port": answer["Auth-Port"],
            "starttls": "any-cert",
            "nologin": "y",
        }
        if method == "gssapi":
            fields.update({"master": MASTER, "pass": answer["Auth-Pass"], "k5principals": answer[PRINCIPALS]})
        return fields
    return {"status": str(FAULT)}


def quoted(text: str) -> str:
    """nginx escapes what could end a header's line."""
    return re.sub(r"[%\s\x00-\x1f\x7f-\U0010ffff]", lambda match: "".join(f"%{c:02X}" for c in match[0].encode()), text)
