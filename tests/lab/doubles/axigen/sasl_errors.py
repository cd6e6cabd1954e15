# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Axigen's SASL library would have said, from what the real servers behind the double log of a failed login.

Cyrus SASL, which Postfix uses, has the very sentences of Axigen's document; Dovecot's are translated into them.
"""

from __future__ import annotations

import re
from typing import Sequence

GENERIC = "SASL(-1): generic failure: GSSAPI Error: {}"
# Two spaces: as Cyrus SASL and libgssapi print it.
UNSPECIFIED = "Unspecified GSS failure.  Minor code may provide more information ({})"
ACCEPT = "SASL(-13): authentication failure: GSSAPI Failure: gss_accept_sec_context"
IDENTITY = "SASL(-13): authentication failure: Requested identity not authenticated identity"
PASSWORD = "SASL(-13): authentication failure: double: no such account and password"

# Group 1, where there is one, is what the library says of the reason; the last of several lines has the minor code.
SENTENCES = (
    (re.compile(r"While acquiring service credentials: (.*)"), GENERIC.format(UNSPECIFIED)),
    (re.compile(r"SASL authentication failure: GSSAPI Error: (.*)"), GENERIC),
    (re.compile(r"GSSAPI Failure: gss_accept_sec_context|While processing incoming data"), ACCEPT),
    (re.compile(r"Requested identity not authenticated identity|not authorized to log in as"), IDENTITY),
    (
        re.compile(r"[Pp]assword mismatch|unknown user|[Nn]o secret in database|incorrect digest|user not found"),
        PASSWORD,
    ),
)


def translate(lines: Sequence[str]) -> str:
    """The sentence for a server's lines about one failed login; empty where none is known."""
    for pattern, sentence in SENTENCES:
        found = [match for match in map(pattern.search, lines) if match]
        if found:
            return sentence.format(*found[-1].groups())
    return ""


def of_client(lines: Sequence[str], address: str) -> list[str]:
    """The lines of a log that concern the client at an address: those that name it, and those of the same process.

    Postfix's SASL library logs a reason without the client, in the process that names it in its next line.
    """
    named = [line for line in lines if re.search(rf"(?<![\d.]){re.escape(address)}(?![\d.])", line)]
    processes = {match[0] for match in (re.search(r"smtpd\[\d+\]", line) for line in named) if match}
    return [line for line in lines if line in named or any(process in line for process in processes)]
