# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A login by IMAP (RFC 9051, RFC 3501): CAPABILITY, STARTTLS, AUTHENTICATE GSSAPI."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generator, Tuple

from .dialogue import GSSAPI, Act, Dialogue, Ending, Offered, ReadLine, Respond, Say, StartTls, text
from .sasl_gssapi import decode_token, encode_token

MOST_LINES = 200  # untagged lines before a tagged one
CAPABILITY = b"* CAPABILITY "


@dataclass(frozen=True)
class Answer:
    """What ends a command: ``status`` is OK, NO, BAD, + (a continuation) or empty for anything else."""

    status: str
    line: bytes
    capabilities: Tuple[str, ...] = ()


def _answer(tag: bytes) -> Generator[Act, bytes, Answer]:
    capabilities: Tuple[str, ...] = ()
    line = b""
    for dummy in range(MOST_LINES):
        line = yield ReadLine()
        if line.startswith(b"+"):
            return Answer("+", line, capabilities)
        if line.upper().startswith(CAPABILITY):
            capabilities = tuple(text(line[len(CAPABILITY) :]).upper().split())
        elif line.upper().startswith(b"* BYE"):
            return Answer("NO", line, capabilities)
        elif line.startswith(tag + b" "):
            status = text(line[len(tag) + 1 :].split(b" ", 1)[0]).upper()
            return Answer(status if status in ("OK", "NO", "BAD") else "", line[len(tag) + 1 :], capabilities)
        elif not line.startswith(b"*"):
            break
    return Answer("", line, capabilities)


def _ask(tag: bytes, command: bytes) -> Generator[Act, bytes, Answer]:
    yield Say(tag + b" " + command)
    return (yield from _answer(tag))


def mechanisms(capabilities: Tuple[str, ...]) -> Tuple[str, ...]:
    """The SASL mechanisms among IMAP's capabilities."""
    return tuple(word[len("AUTH=") :] for word in capabilities if word.startswith("AUTH="))


def imap_login(tls: str, dummy: str = "") -> Dialogue:
    """Log in; ``tls`` is none, starttls or implicit (then TLS is there already). The protocol takes no name."""
    greeting = yield ReadLine()
    if not greeting.upper().startswith((b"* OK", b"* PREAUTH")):
        return Ending(False, text(greeting), "" if greeting.upper().startswith(b"* BYE") else "not_this_protocol")
    known = yield from _ask(b"c1", b"CAPABILITY")
    if known.status != "OK":
        return _refused(known)
    if tls == "starttls":
        if "STARTTLS" not in known.capabilities:
            return Ending(False, text(greeting), "starttls_not_offered")
        ready = yield from _ask(b"c2", b"STARTTLS")
        if ready.status != "OK":
            return Ending(False, text(ready.line), "starttls_refused")
        yield StartTls()
        known = yield from _ask(b"c3", b"CAPABILITY")
        if known.status != "OK":
            return _refused(known)
    offered = mechanisms(known.capabilities)
    yield Offered(offered)
    if GSSAPI not in offered:
        hidden = tls == "none" and "STARTTLS" in known.capabilities and not offered
        return Ending(False, text(greeting), "gssapi_only_under_tls" if hidden else "gssapi_not_offered")
    answer = yield from _ask(b"c4", b"AUTHENTICATE " + GSSAPI.encode())
    while answer.status == "+":
        token = yield Respond(decode_token(answer.line[1:]))
        yield Say(encode_token(token))
        answer = yield from _answer(b"c4")
    if answer.status == "OK":
        return Ending(True, text(answer.line), farewell=b"c5 LOGOUT")
    return _refused(answer)


def _refused(answer: Answer) -> Ending:
    return Ending(False, text(answer.line), "" if answer.status in ("NO", "BAD") else "not_this_protocol")
