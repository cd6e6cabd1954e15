# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Axigen's SASL library would have said, from what the real servers behind the double log of a failed login.

Cyrus SASL, which Postfix uses, has the very sentences of Axigen's document; Dovecot's are translated into them.
"""

from __future__ import annotations

import re
from typing import Sequence

# The document's words; with newer libraries the first part reads otherwise ("No credentials were supplied, ...").
UNSPECIFIED = "Unspecified GSS failure.  Minor code may provide more information"  # two spaces, as libgssapi prints it
GENERIC = "SASL(-1): generic failure: GSSAPI Error: {} ({})"
ACCEPT = "SASL(-13): authentication failure: GSSAPI Failure: gss_accept_sec_context"
IDENTITY = "SASL(-13): authentication failure: Requested identity not authenticated identity"
PASSWORD = "SASL(-13): authentication failure: double: no such account and password"

# Cyrus SASL gives the reason to its log and the sentence to its caller: which sentence, Postfix's next line tells.
SENTENCES = (
    (re.compile(r"Requested identity not authenticated identity|not authorized to log in as"), IDENTITY),
    (re.compile(r"While processing incoming data|SASL GSSAPI authentication failed: authentication failure"), ACCEPT),
    (re.compile(r"[Pp]assword mismatch|unknown user|[Nn]o secret in database|user not found"), PASSWORD),
)
ACQUIRING = re.compile(r"While acquiring service credentials: (.*)")  # Dovecot: first the major status, then the minor
GSSAPI_ERROR = re.compile(r"SASL authentication failure: GSSAPI Error: (.*?) \((.*)\)")
GENERIC_FAILURE = "SASL GSSAPI authentication failed: generic failure"


def translate(lines: Sequence[str], library: bool = False) -> str:
    """The sentence for a server's lines about one failed login; empty where none is known.

    `library`: with the words of this host's libgssapi where they are not the document's.
    """
    text = "\n".join(lines)
    acquiring, cyrus = ACQUIRING.findall(text), GSSAPI_ERROR.search(text)
    if acquiring:
        return generic(acquiring[0], acquiring[-1], library)
    if cyrus and GENERIC_FAILURE in text:
        return generic(cyrus[1], cyrus[2], library)
    return next((sentence for pattern, sentence in SENTENCES if pattern.search(text)), "")


def generic(major: str, minor: str, library: bool = False) -> str:
    """The sentence for credentials that could not be had."""
    return GENERIC.format(major if library else UNSPECIFIED, minor)


def of_client(lines: Sequence[str], address: str) -> list[str]:
    """The lines of a log that concern the client at an address: those that name it, and those of the same process.

    Postfix's SASL library logs a reason without the client, in the process that names it in its next line.
    """
    named = [line for line in lines if re.search(rf"(?<![\d.]){re.escape(address)}(?![\d.])", line)]
    processes = {match[0] for match in (re.search(r"smtpd\[\d+\]", line) for line in named) if match}
    return [line for line in lines if line in named or any(process in line for process in processes)]
