# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mailboxd's lookup servlet on port 7072: where a user's mailbox is, and a token for it after GSSAPI.

Headers and refusals as in zm-nginx-lookup-store's NginxLookupExtension.java: X-Proxy-IP must be equal to a value of
zimbraReverseProxyAdminIPAddress in the global config as mailboxd has it in its cache. The double does not ask for the
proxy's administrator account.
"""

from __future__ import annotations

import http.server
import secrets
import socket
import time
import urllib.parse
from typing import Callable

from . import accounts, installation
from .passdb import PRINCIPALS

LIFE = 300.0  # seconds that a token is taken


class Refused(Exception):
    """Why the servlet refuses."""


class Tokens:
    """Tokens that were given, each for an account."""

    def __init__(self) -> None:
        self.given: dict[str, tuple[str, float]] = {}

    def new(self, account: str) -> str:
        token = secrets.token_hex(24)
        self.given[token] = (account, time.monotonic() + LIFE)
        return token

    def good(self, token: str, account: str) -> bool:
        known, end = self.given.get(token, ("", 0.0))
        return bool(known) and known == account and time.monotonic() < end


def route(view: accounts.View, asked: dict[str, str], own: str, tokens: Tokens) -> dict[str, str]:
    """The headers of the answer to a request's headers; Refused with the product's words."""
    user = urllib.parse.unquote(asked.get("Auth-User", ""))
    token = ""
    if asked.get("Auth-Method", "").lower() == "gssapi":
        server = asked.get("X-Proxy-IP", "")
        if server not in view.config.get("zimbraReverseProxyAdminIPAddress", ()):
            raise Refused(f"X-Proxy-IP {server} is not allowed")
        # The real nginx tells who authenticated and who he wants to be; Dovecot compares the two by PRINCIPALS.
        account = accounts.of_identity(view, user)
        if not account:
            raise Refused(f"no account associated with Kerberos principal {user}")
        token = tokens.new(account)
    else:
        account = accounts.of_name(view, user)
        if not account:
            raise Refused(f"user not found: {user}")
    host = next(iter(view.accounts[account].get("zimbraMailHost", ())), own)
    protocol = asked.get("Auth-Protocol", "imap").removesuffix("s")
    try:
        address = socket.gethostbyname(host)
    except OSError as error:
        raise Refused(f"unknown host: {host}") from error
    port = installation.MAILBOX_PORTS["imap" if protocol == "imap" else "pop3"][0]
    answer = {"Auth-Status": "OK", "Auth-Server": address, "Auth-Port": str(port), "Auth-User": account}
    return {**answer, "Auth-Pass": token, PRINCIPALS: ",".join(accounts.principals(view, account))} if token else answer


def serve(answer: Callable[[dict[str, str]], dict[str, str]]) -> None:
    """Answer requests for ever; `answer` gives the headers for a request's headers."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = answer(dict(self.headers.items()))
            self.send_response(200)
            for name, value in found.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *dummy: object) -> None:
            """Nothing: the headers hold passwords."""

    http.server.ThreadingHTTPServer(("", installation.LOOKUP_PORT), Handler).serve_forever()
