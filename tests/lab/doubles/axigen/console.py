# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One session of the CLI: lines in, bytes out. What the commands do stands in commands.py.

Wordings that are not known of the real server begin with `double:`.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Sequence

from .running import Path, Running
from .variants import Variants

VERSION = "10.6.30|Linux|x86_64"
BANNER = ("", "  double: an Axigen of the lab", "  Welcome to AXIGEN's Command Line Interface", "")
GREEN, RED, BOLD, PLAIN = "\x1b[32m", "\x1b[31m", "\x1b[1m", "\x1b[0m"
DONE_WELL = "command successful"
GOODBYE = "have a nice day"


class Refused(Exception):
    """The command is answered by -ERR with this text."""


@dataclasses.dataclass
class Context:
    """A level below the root: what it is, where its object lies in the configuration, the copy that SET changes.

    `turn`: START or STOP of a service, not yet in force.
    """

    kind: str
    label: str
    path: Path
    draft: dict[str, Any]
    turn: str = ""


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a command answers: lines, and the text after +OK. `quiet`: no prompt, an upload follows."""

    lines: Sequence[str] = ()
    status: str = DONE_WELL
    quiet: bool = False


class Console:
    """The state of a session. `lines` of a client go in, in order, without their ends."""

    def __init__(self, server: Running, variants: Variants, limits: dict[str, int], run: Any) -> None:
        self.server, self.variants, self.limits, self.run = server, variants, limits, run
        self.contexts: list[Context] = []
        self.rights: frozenset[str] | None = None
        self.user = ""
        self.awaits_password = False
        self.upload: list[str] | None = None
        self.finish_upload: Any = None
        self.colours, self.quiet, self.closed = variants.colours, False, False
        self.end_of_text = "."
        self.wrong_commands = self.wrong_logins = self.commands_before_login = 0

    def greeting(self) -> str:
        return "".join(f"{line}\r\n" for line in BANNER) + self.prompt()

    def prompt(self) -> str:
        if self.awaits_password:
            text = "<password>"
        elif self.rights is None:
            text = "<login>"
        else:
            text = f"<{'-'.join(context.label for context in self.contexts)}#>"
        return f"{BOLD}{text}{PLAIN} " if self.colours else f"{text} "

    def line(self, line: str) -> str:
        """What the server sends for a line."""
        if self.upload is not None:
            return self._uploaded(line)
        if self.awaits_password:
            return self._password(line)
        if self.rights is None:
            self.commands_before_login += 1
        fails = self.variants.fail_command
        try:
            if fails and " ".join(line.split()).casefold().startswith(fails.casefold()):
                raise Refused("double: this command was told to fail")
            answer = self.run(self, line)
        except Refused as refused:
            self.wrong_commands += 1
            return self.failure(str(refused), self._limit_reached())
        limit = self._limit_reached()
        return self.failure(limit, limit) if limit else self.reply(answer)

    def _limit_reached(self) -> str:
        for limit, count in (
            ("maxErrors", self.wrong_commands),
            ("maxAuthErrors", self.wrong_logins),
            ("maxAuthCommands", self.commands_before_login if self.rights is None else 0),
        ):
            if self.limits.get(limit) and count >= self.limits[limit]:
                return f"double: {limit} reached"
        return ""

    def reply(self, answer: Answer) -> str:
        lines = [] if self.quiet and not answer.lines else [*answer.lines, *([""] if answer.lines else [])]
        text = "".join(f"{line}\r\n" for line in lines) + self._status("+OK", answer.status, GREEN)
        return text if answer.quiet or self.closed else text + self.prompt()

    def failure(self, text: str, closing: str = "") -> str:
        self.closed = bool(closing)
        return self._status("-ERR", closing or text, RED) + ("" if self.closed else self.prompt())

    def _status(self, word: str, text: str, colour: str) -> str:
        status = f"{word}: {text}" if self.variants.colon else f"{word} {text}"
        return f"{colour}{status}{PLAIN}\r\n" if self.colours else f"{status}\r\n"

    def _password(self, line: str) -> str:
        self.awaits_password = False
        rights = None if self.variants.refuse_login else self.server.permissions(self.user, line)
        if rights is None:
            self.wrong_logins += 1
            return self.failure("double: login refused", self._limit_reached())
        self.rights = rights
        return self.reply(Answer(status="Authentication successful"))

    def _uploaded(self, line: str) -> str:
        assert self.upload is not None
        if line != self.end_of_text:
            self.upload.append(line[1:] if line.startswith("..") else line)
            return ""
        text, self.upload = "".join(f"{one}\n" for one in self.upload), None
        self.finish_upload(text)
        return self.reply(Answer())
