# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A login by HTTP: SPNEGO in `Authorization: Negotiate` (RFC 4559)."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Any, Generator, Optional, Tuple, Union

from .dialogue import Ending, Offered, Respond
from .sasl_gssapi import decode_token

NEGOTIATE = "Negotiate"
MOST_LEGS = 6  # Kerberos takes one, a renegotiated mechanism two
TOO_LARGE = (400, 413, 431)  # what servers answer to a header line longer than they take


@dataclass(frozen=True)
class Get:
    """Ask for the page; ``authorization`` is the header's value, empty for none. Its result is a Response."""

    authorization: str = ""


@dataclass(frozen=True)
class Response:
    """``challenges`` are the values of the WWW-Authenticate headers."""

    status: int
    reason: str
    challenges: Tuple[str, ...] = ()

    @property
    def answer(self) -> str:
        return f"{self.status} {self.reason}".strip()


@dataclass(frozen=True)
class Challenge:
    """A scheme that the server offers, with its token where it carries one."""

    scheme: str
    token: str = ""


HttpDialogue = Generator[Union[Get, Offered, Respond], Any, Ending]

_PIECE = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')


def parse_challenges(values: Tuple[str, ...]) -> Tuple[Challenge, ...]:
    """The challenges in WWW-Authenticate headers (RFC 9110 section 11.6.1), parameters left out.

    A comma separates both challenges and parameters; a piece whose first word holds `=` is a parameter.
    """
    found = []
    for value in values:
        for match in _PIECE.finditer(value):
            words = match.group(0).split()
            if words and "=" not in words[0]:
                token = words[1] if len(words) == 2 and '"' not in words[1] else ""
                found.append(Challenge(words[0], token))
    return tuple(found)


def _token(response: Response) -> Optional[bytes]:
    """The token that comes with Negotiate, empty where there is none; None where Negotiate is not offered."""
    for challenge in parse_challenges(response.challenges):
        if challenge.scheme.lower() == NEGOTIATE.lower():
            return decode_token(challenge.token.encode("utf-8"))
    return None


def http_login(padded: bool = False) -> HttpDialogue:
    """Ask for the page without a ticket, which must be refused, then with one.

    ``padded``: a long header goes with every request, so that the first one may be too long already.
    """
    response = yield Get()
    yield Offered(tuple(challenge.scheme for challenge in parse_challenges(response.challenges)))
    if response.status != 401 or _token(response) is None:
        too_large = padded and response.status in TOO_LARGE
        return Ending(False, response.answer, "http_header_too_large" if too_large else _unasked(response.status))
    challenge = b""
    for dummy in range(MOST_LEGS):
        token = yield Respond(challenge)
        response = yield Get(f"{NEGOTIATE} {base64.b64encode(token).decode('ascii')}")
        challenge = _token(response) or b""
        if response.status != 401 or not challenge:
            break
    if challenge and response.status != 401:
        # The server's proof of its own identity (mutual authentication).
        yield Respond(challenge)
    return Ending(response.status < 400, response.answer, _judged(response.status))


def _unasked(status: int) -> str:
    """What a first answer means that does not ask for Negotiate."""
    if status == 401:
        return "negotiate_not_offered"
    if status < 300:
        return "http_not_protected"
    return "http_moved" if status < 400 else "http_error"


def _judged(status: int) -> str:
    """What an answer to a ticket means."""
    if status < 400:
        return ""
    if status in TOO_LARGE:
        return "http_header_too_large"
    return {401: "http_refused", 403: "http_forbidden"}.get(status, "http_error")
