# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""WebMail's single sign-on: a small web server that runs as the user axigen and takes tickets (SPNEGO).

It answers 200 and the account's name after a login. What it must know lies in run/webmail.json, read for each request.
"""

from __future__ import annotations

import base64
import binascii
import http.server
import json
import pathlib
import sys
from typing import Any

from . import accounts, log, sasl_errors, variants

FORM = "double: user name and password, please\n"


class Pages(http.server.BaseHTTPRequestHandler):
    """Every path is the same page."""

    protocol_version = "HTTP/1.1"
    server_version = "Axigen-Webmail"
    work: pathlib.Path

    def do_GET(self) -> None:
        told = json.loads((self.work / "run" / "webmail.json").read_text(encoding="utf-8"))
        if not told["allowed"]:
            self.answer(200, FORM)
            return
        library = variants.read(self.work / "run" / "double.json").gss_texts == "library"
        scheme, dummy, token = self.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "negotiate":
            self.answer(401, FORM, "Negotiate")
            return
        try:
            principal, reply = accept(base64.b64decode(token, validate=True), told["host"], library)
        except binascii.Error:
            self.answer(400, FORM)
            return
        except Refusal as refusal:
            self.say(told, log.ERROR, f"sasl_server_step error: '{refusal}'")
            self.answer(401, FORM, "Negotiate")
            return
        account = accounts.of_principal(principal, told["domains"])
        if not account:
            self.say(told, log.ERROR, f"Authentication error for user '{principal}': Account not found locally")
            self.answer(403, FORM)
            return
        self.say(told, log.INFO, f"User [{account}] successfully authorized!")
        self.answer(200, f"{account}\n", f"Negotiate {base64.b64encode(reply).decode()}")

    def answer(self, status: int, text: str, challenge: str = "") -> None:
        self.send_response(status)
        if challenge:
            self.send_header("WWW-Authenticate", challenge)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def say(self, told: dict[str, Any], level: int, text: str) -> None:
        log.Log(self.work / "log").write(told["level"], level, "webmail", self.client_address[1], text)

    def log_message(self, *dummy: Any) -> None:
        """The listener in front logs what goes over the wire."""


class Refusal(Exception):
    """The ticket was not taken; the text is that of Axigen's SASL library."""


def accept(token: bytes, host: str, library: bool) -> tuple[str, bytes]:
    """The principal whose ticket for HTTP/`host` this is, and the answer that proves the server."""
    import gssapi.raw  # noqa: PLC0415  # the distribution's: on hosts with the double, not where its tests' pure parts run

    try:
        name = gssapi.raw.import_name(f"HTTP@{host}".encode(), gssapi.raw.NameType.hostbased_service)
        mine = gssapi.raw.acquire_cred(name, usage="accept").creds
    except gssapi.raw.GSSError as error:
        major, minor = (
            " ".join(error.get_all_statuses(*code)) for code in ((error.maj_code, True), (error.min_code, False))
        )
        raise Refusal(sasl_errors.generic(major, minor, library)) from error
    try:
        done = gssapi.raw.accept_sec_context(token, mine)
    except gssapi.raw.GSSError as error:
        raise Refusal(sasl_errors.ACCEPT) from error
    return gssapi.raw.display_name(done.initiator_name, name_type=False).name.decode(), done.token or b""


def main(port: int, work: str) -> None:
    """Serve until the process is ended."""
    handler = type("WorkPages", (Pages,), {"work": pathlib.Path(work)})
    http.server.ThreadingHTTPServer(("127.0.0.1", port), handler).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
