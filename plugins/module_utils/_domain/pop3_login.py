# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A login by POP3 (RFC 1939), CAPA (RFC 2449), STLS (RFC 2595) and AUTH GSSAPI (RFC 5034)."""

from __future__ import annotations

from typing import Dict, Generator, List, Tuple

from .dialogue import GSSAPI, Act, Dialogue, Ending, Offered, ReadLine, Respond, Say, StartTls, text
from .sasl_gssapi import decode_token, encode_token

MOST_LINES = 200
Capabilities = Dict[str, Tuple[str, ...]]


def _ask(line: bytes) -> Generator[Act, bytes, bytes]:
    yield Say(line)
    return (yield ReadLine())


def _capabilities() -> Generator[Act, bytes, Capabilities]:
    """What CAPA says, in capitals; nothing where the server does not know CAPA."""
    status = yield from _ask(b"CAPA")
    if not status.startswith(b"+OK"):
        return {}
    lines: List[bytes] = []
    while len(lines) < MOST_LINES:
        line = yield ReadLine()
        if line == b".":
            break
        lines.append(line)
    words = [text(line).upper().split() for line in lines]
    return {found[0]: tuple(found[1:]) for found in words if found}


def pop3_login(tls: str, dummy: str = "") -> Dialogue:
    """Log in; ``tls`` is none, starttls (STLS) or implicit (then TLS is there already). The protocol takes no name."""
    greeting = yield ReadLine()
    if not greeting.startswith(b"+OK"):
        return Ending(False, text(greeting), "" if greeting.startswith(b"-ERR") else "not_this_protocol")
    known = yield from _capabilities()
    if tls == "starttls":
        if "STLS" not in known:
            return Ending(False, text(greeting), "starttls_not_offered")
        ready = yield from _ask(b"STLS")
        if not ready.startswith(b"+OK"):
            return Ending(False, text(ready), "starttls_refused")
        yield StartTls()
        known = yield from _capabilities()
    mechanisms = known.get("SASL", ())
    yield Offered(mechanisms)
    if GSSAPI not in mechanisms:
        hidden = tls == "none" and "STLS" in known and not mechanisms
        return Ending(False, text(greeting), "gssapi_only_under_tls" if hidden else "gssapi_not_offered")
    # No initial response: a ticket does not fit into the 255 bytes of a command (RFC 5034 section 4).
    line = yield from _ask(b"AUTH " + GSSAPI.encode())
    while line.startswith(b"+ ") or line == b"+":
        token = yield Respond(decode_token(line[1:]))
        line = yield from _ask(encode_token(token))
    if line.startswith(b"+OK"):
        return Ending(True, text(line), farewell=b"QUIT")
    return Ending(False, text(line), "" if line.startswith(b"-ERR") else "not_this_protocol")
