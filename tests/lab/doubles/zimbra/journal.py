# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The product's log files, in its own forms: /var/log/zimbra.log, mailbox.log, nginx.log."""

from __future__ import annotations

import datetime
import pathlib
import socket


def append(path: pathlib.Path, line: str) -> None:
    with path.open("a", encoding="utf-8") as stream:
        stream.write(line + "\n")


def syslog(path: pathlib.Path, program: str, process: int, text: str) -> None:
    """A line as rsyslog writes it: zmconfigd's and Postfix's."""
    at = datetime.datetime.now()
    host = socket.gethostname().partition(".")[0]
    append(path, f"{at:%b} {at.day:2d} {at:%H:%M:%S} {host} {program}[{process}]: {text}")


def mailbox(path: pathlib.Path, level: str, thread: str, address: str, category: str, text: str) -> None:
    """A line as mailboxd's log4j writes it."""
    stamp = datetime.datetime.now().isoformat(sep=" ", timespec="milliseconds").replace(".", ",")
    append(path, f"{stamp} {level:<5} [{thread}] [ip={address};] {category} - {text}")


def nginx(path: pathlib.Path, process: int, text: str) -> None:
    append(path, f"{datetime.datetime.now():%Y/%m/%d %H:%M:%S} [error] {process}#0: {text}")
