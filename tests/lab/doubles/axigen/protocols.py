# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IMAP, POP3 and SMTP up to the login, line by line, as the double's listeners change them.

A real server stands behind; what a listener's configuration does not offer is taken out of its lines, or not passed on
to it. The encryption is the listener's, so that STARTTLS is put in and answered here. Lines are without their ends.
"""

from __future__ import annotations

import dataclasses
import re
from typing import Callable, Mapping

from .catalogue import METHODS

IMAP_STARTTLS = b"Begin TLS negotiation now"


@dataclasses.dataclass(frozen=True)
class Policy:
    """What a connection may do: methods in capitals, passwords in the clear (LOGIN, USER and PASS), STARTTLS."""

    methods: frozenset[str]
    login: bool
    starttls: bool


@dataclasses.dataclass(frozen=True)
class Step:
    """What follows from a line. `held`: a success, which goes to the client only if the account is there."""

    to_server: tuple[bytes, ...] = ()
    to_client: tuple[bytes, ...] = ()
    begin_tls: bool = False
    failed: bool = False
    held: bytes = b""


def offered(policy: Policy, words: list[bytes]) -> list[bytes]:
    """The methods among the words that the policy has, in capitals."""
    return [word for word in words if word.decode("ascii", "replace").upper() in policy.methods]


def word(line: bytes, index: int) -> str:
    """A word of a line in capitals; empty where there are fewer."""
    words = line.split()
    return words[index].decode("ascii", "replace").upper() if len(words) > index else ""


class Imap:
    """`policy`: that of the connection now, encrypted or not. `method`: what the client tries."""

    def __init__(self) -> None:
        self.pending = b""
        self.method = ""

    def client(self, line: bytes, policy: Policy) -> Step:
        if self.pending:
            return Step(to_server=(line,))
        tag = (line.split() or [b"*"])[0]
        command, method = word(line, 1), word(line, 2)
        if command == "STARTTLS":
            if policy.starttls:
                return Step(to_client=(tag + b" OK " + IMAP_STARTTLS,), begin_tls=True)
            return Step(to_client=(tag + b" BAD double: no STARTTLS here",))
        if command == "AUTHENTICATE" and method not in policy.methods:
            return Step(to_client=(tag + b" NO double: this method is not offered",))
        if command == "LOGIN" and not policy.login:
            return Step(to_client=(tag + b" NO double: LOGIN is not allowed here",))
        if command in ("AUTHENTICATE", "LOGIN"):
            self.pending, self.method = tag, method if command == "AUTHENTICATE" else command
        return Step(to_server=(line,))

    def server(self, line: bytes, policy: Policy) -> Step:
        if self.pending and line.startswith(self.pending + b" "):
            tag, self.pending = self.pending, b""
            if word(line, 1) == "OK":
                return Step(held=line)
            return Step(to_client=(line,), failed=word(line, 1) in ("NO", "BAD") and bool(tag))
        return Step(to_client=(self.capabilities(line, policy),))

    @staticmethod
    def capabilities(line: bytes, policy: Policy) -> bytes:
        """A line with its list of capabilities, if it holds one, cut to the policy."""
        match = re.search(rb"CAPABILITY [^\]]*", line)
        if not match:
            return line
        kept = [one for one in match[0].split() if not one.startswith(b"AUTH=")]
        kept += [b"AUTH=" + one for one in offered(policy, re.findall(rb"AUTH=(\S+)", match[0]))]
        kept += [b"STARTTLS"] if policy.starttls else []
        kept += [] if policy.login else [b"LOGINDISABLED"]
        return line[: match.start()] + b" ".join(kept) + line[match.end() :]

    @staticmethod
    def refusal(held: bytes) -> bytes:
        return held.split()[0] + b" NO double: authentication failed"


class Pop3:
    """POP3; CAPA's answer is changed as a whole."""

    def __init__(self) -> None:
        self.pending = self.listing = False
        self.method = ""

    def client(self, line: bytes, policy: Policy) -> Step:
        if self.pending:
            return Step(to_server=(line,))
        command, method = word(line, 0), word(line, 1)
        if command == "STLS":
            if policy.starttls:
                return Step(to_client=(b"+OK " + IMAP_STARTTLS,), begin_tls=True)
            return Step(to_client=(b"-ERR double: no STLS here",))
        if command == "AUTH" and not method:
            return Step(to_client=(b"+OK", *(one.encode() for one in sorted(policy.methods)), b"."))
        if command == "AUTH" and method not in policy.methods:
            return Step(to_client=(b"-ERR double: this method is not offered",))
        if command in ("USER", "PASS") and not policy.login:
            return Step(to_client=(b"-ERR double: USER and PASS are not allowed here",))
        self.listing = self.listing or command == "CAPA"
        if command in ("AUTH", "PASS"):
            self.pending, self.method = True, method if command == "AUTH" else command
        return Step(to_server=(line,))

    def server(self, line: bytes, policy: Policy) -> Step:
        if self.pending and line.startswith((b"+OK", b"-ERR")):
            self.pending = False
            return Step(held=line) if line.startswith(b"+OK") else Step(to_client=(line,), failed=True)
        if not self.listing:
            return Step(to_client=(line,))
        if line.startswith(b"SASL "):
            found = offered(policy, line.split()[1:])
            return Step(to_client=(b" ".join([b"SASL", *found]),) if found else ())
        if line == b"USER" and not policy.login:
            return Step()
        if line == b"." or line.startswith(b"-ERR"):
            self.listing = False
            return Step(to_client=(*((b"STLS",) if policy.starttls and line == b"." else ()), line))
        return Step(to_client=(line,))

    @staticmethod
    def refusal(dummy: bytes) -> bytes:
        return b"-ERR double: authentication failed"


class Smtp:
    """SMTP; the answer to EHLO is put into Axigen's words as a whole. Its methods are the real server's own."""

    KEPT = ("PIPELINING", "8BITMIME", "CHUNKING", "SIZE", "AUTH")

    def __init__(self) -> None:
        self.pending = False
        self.greets = False
        self.lines: list[bytes] = []
        self.method = ""

    def client(self, line: bytes, policy: Policy) -> Step:
        if self.pending:
            return Step(to_server=(line,))
        command = word(line, 0)
        if command == "STARTTLS":
            if policy.starttls:
                return Step(to_client=(b"220 Ready to start TLS",), begin_tls=True)
            return Step(to_client=(b"502 double: no STARTTLS here",))
        self.greets = self.greets or command == "EHLO"
        if command == "AUTH" and word(line, 1):
            self.pending, self.method = True, word(line, 1)
        return Step(to_server=(line,))

    def server(self, line: bytes, policy: Policy) -> Step:
        if self.pending and not line.startswith(b"334"):
            self.pending = False
            if line.startswith(b"235"):
                return Step(held=line)
            return Step(to_client=(b"535 Authentication failed" if line.startswith(b"535") else line,), failed=True)
        if not self.greets or not line.startswith(b"250"):
            self.greets = self.greets and not line.startswith((b"4", b"5"))
            return Step(to_client=(line,))
        self.lines.append(line[4:])
        if line[3:4] == b"-":
            return Step()
        name, *words = self.lines
        self.greets, self.lines = False, []
        kept = [one for one in words if re.split(r"[ =]", one.decode("ascii", "replace").upper())[0] in self.KEPT]
        kept = [self.ordered(one) if one.startswith(b"AUTH") else one for one in kept]
        kept += [b"STARTTLS"] if policy.starttls else []
        return Step(to_client=(*(b"250-" + one for one in [name + b" Axigen ESMTP hello", *kept, b"HELP"]), b"250 OK"))

    @staticmethod
    def ordered(line: bytes) -> bytes:
        """AUTH or AUTH= with its methods in Axigen's order."""
        there = line[5:].decode("ascii", "replace").upper().split()
        return line[:5] + " ".join(method for method in map(str.upper, METHODS) if method in there).encode()

    @staticmethod
    def refusal(dummy: bytes) -> bytes:
        return b"535 Authentication failed"


PROTOCOLS: Mapping[str, Callable[[], Imap | Pop3 | Smtp]] = {"imap": Imap, "pop3": Pop3, "smtpIncoming": Smtp}
