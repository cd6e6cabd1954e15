# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A login by SMTP (RFC 5321), STARTTLS (RFC 3207) and AUTH GSSAPI (RFC 4954)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Generator, List, Tuple

from .dialogue import GSSAPI, Act, Dialogue, Ending, Offered, ReadLine, Respond, Say, StartTls, text
from .sasl_gssapi import decode_token, encode_token

MOST_LINES = 200  # of one reply: more is no greeting but a fault


@dataclass(frozen=True)
class Reply:
    """A reply with all its lines; ``code`` is 0 where a line is no SMTP reply."""

    code: int
    lines: Tuple[bytes, ...]

    @property
    def answer(self) -> str:
        """The whole reply in one line, the code once."""
        return (
            text(str(self.code).encode() + b" " + b" ".join(self.lines)) if self.code else text(b" ".join(self.lines))
        )


Replying = Generator[Act, bytes, Reply]


def _reply() -> Replying:
    lines: List[bytes] = []
    while True:
        line = yield ReadLine()
        code, separator = line[:3], line[3:4]
        if not code.isdigit() or len(code) != 3 or separator not in (b"", b" ", b"-") or len(lines) >= MOST_LINES:
            return Reply(0, (line,))
        lines.append(line[4:].strip())
        if separator != b"-":
            return Reply(int(code), tuple(lines))


def _ask(line: bytes) -> Replying:
    yield Say(line)
    return (yield from _reply())


def extensions(reply: Reply) -> Dict[str, Tuple[str, ...]]:
    """The keywords of an EHLO reply with their parameters, in capitals; `AUTH=` of old servers counts as `AUTH`."""
    found: Dict[str, Tuple[str, ...]] = {}
    for line in reply.lines[1:]:
        words = text(line).upper().replace("AUTH=", "AUTH ", 1).split()
        if words:
            found[words[0]] = tuple(dict.fromkeys((*found.get(words[0], ()), *words[1:])))
    return found


def smtp_login(tls: str, own_name: str) -> Dialogue:
    """Log in; ``tls`` is none, starttls or implicit (then TLS is there already), ``own_name`` goes into EHLO."""
    ehlo = b"EHLO " + own_name.encode("ascii")
    greeting = yield from _reply()
    if greeting.code != 220:
        return Ending(False, greeting.answer, "" if greeting.code else "not_this_protocol")
    offers = yield from _ask(ehlo)
    if offers.code != 250:
        return Ending(False, offers.answer)
    if tls == "starttls":
        if "STARTTLS" not in extensions(offers):
            return Ending(False, offers.answer, "starttls_not_offered")
        ready = yield from _ask(b"STARTTLS")
        if ready.code != 220:
            return Ending(False, ready.answer, "starttls_refused")
        yield StartTls()
        offers = yield from _ask(ehlo)
        if offers.code != 250:
            return Ending(False, offers.answer)
    known = extensions(offers)
    mechanisms = known.get("AUTH", ())
    yield Offered(mechanisms)
    if GSSAPI not in mechanisms:
        hidden = tls == "none" and "STARTTLS" in known and not mechanisms
        return Ending(False, offers.answer, "gssapi_only_under_tls" if hidden else "gssapi_not_offered")
    return (yield from _authenticate())


def _authenticate() -> Dialogue:
    # No initial response: a ticket does not fit into the 512 bytes of a command line (RFC 4954 section 4).
    reply = yield from _ask(b"AUTH " + GSSAPI.encode())
    while reply.code == 334:
        token = yield Respond(decode_token(reply.lines[-1]))
        reply = yield from _ask(encode_token(token))
    if reply.code == 235:
        return Ending(True, reply.answer, farewell=b"QUIT")
    return Ending(False, reply.answer)
