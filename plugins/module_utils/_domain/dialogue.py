# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A login as a conversation of values: what a protocol wants done next, and how it ends.

A dialogue is a generator. It yields acts, gets the result of each as bytes (empty where an act has none), and
returns its Ending. It knows no socket: whoever drives it does the acts in order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generator, Tuple, Union

LONGEST_LINE = 65536  # bytes: far beyond any line of a login, capabilities and tickets included


@dataclass(frozen=True)
class ReadLine:
    """Read one line; its result is the line without its end."""


@dataclass(frozen=True)
class Say:
    """Send one line, given without its end; nothing results."""

    line: bytes


@dataclass(frozen=True)
class StartTls:
    """Change to TLS here; nothing results."""


@dataclass(frozen=True)
class Offered:
    """Take note of the mechanisms that the service offers; nothing results."""

    mechanisms: Tuple[str, ...]


@dataclass(frozen=True)
class Respond:
    """Give the server's challenge to GSSAPI; its result is the token to answer with."""

    challenge: bytes


Act = Union[ReadLine, Say, StartTls, Offered, Respond]


@dataclass(frozen=True)
class Ending:
    """How a dialogue ended: ``answer`` is the server's last answer as text.

    ``symptom`` names what the protocol itself found wrong (see symptoms.py). It is empty where the login
    succeeded, and where it was refused with an answer that the table of symptoms has to read. ``farewell`` is the
    line that ends the session politely.
    """

    ok: bool
    answer: str
    symptom: str = ""
    farewell: bytes = b""


Dialogue = Generator[Act, bytes, Ending]
GSSAPI = "GSSAPI"


def text(line: bytes) -> str:
    """A server's line as text that is safe to print: control characters and foreign bytes as question marks."""
    decoded = line.decode("utf-8", "replace").strip()
    return "".join(character if character.isprintable() else "?" for character in decoded)
