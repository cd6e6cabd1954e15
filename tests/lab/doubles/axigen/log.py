# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Axigen's log files: everything.txt and default.txt, each line at a level that its service logs."""

from __future__ import annotations

import datetime
import os
import pathlib
import socket
import threading

CRITICAL, ERROR, WARNING, INFO, PROTOCOL = 1, 2, 4, 8, 16  # bits of logLevel
FILES = ("everything.txt", "default.txt")
LONGEST = 2000  # characters of a protocol line
MODULES = {
    "imap": "IMAP",
    "pop3": "POP3",
    "smtpIncoming": "SMTP-IN",
    "webmail": "WEBMAIL",
    "cli": "CLI",
}


def line(at: datetime.datetime, level: int, host: str, module: str, session: int, text: str) -> str:
    """A line of the log, with its end."""
    stamp = at.strftime("%Y-%m-%d %H:%M:%S %z")
    return f"{stamp} {level:02d} {host} {module}:{session:08X}: {text[:LONGEST]}\n"


class Log:
    """The files of a folder; several threads may write."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.host = socket.gethostname().partition(".")[0]
        self.lock = threading.Lock()

    def write(self, wanted: int, level: int, service: str, session: int, text: str) -> None:
        """Write the text if its level is among the `wanted` bits."""
        if not wanted & level:
            return
        module = MODULES.get(service, "PROCESSING")
        printable = "".join(letter if letter.isprintable() else "?" for letter in text)
        written = line(datetime.datetime.now().astimezone(), level, self.host, module, session, printable)
        with self.lock:
            for name in FILES:
                with (self.folder / name).open("a", encoding="utf-8") as stream:
                    stream.write(written)
                    self.give(stream.fileno())

    def give(self, file: int) -> None:
        """Let the folder's owner write a file too that the daemon began as root."""
        owner = self.folder.stat()
        if os.geteuid() == 0 and os.fstat(file).st_uid != owner.st_uid:
            os.fchown(file, owner.st_uid, owner.st_gid)
