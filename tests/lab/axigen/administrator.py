# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Axigen's administrator, on the host itself, with the password of the lab.

`administrator.py password` sets the password, while the server is stopped. `administrator.py LINE...` says lines to the
CLI and prints the replies, as in `administrator.py 'CONFIG SERVER' 'CONFIG IMAP' SHOW`.
"""

from __future__ import annotations

import json
import pathlib
import re
import socket
import subprocess
import sys

SERVER = "/opt/axigen/bin/axigen"
PASSWORDS = pathlib.Path("/lab-private/passwords.json")
ADDRESS = ("127.0.0.1", 7000)
PROMPT = re.compile(rb"<[A-Za-z0-9-]*#?> $")
COLOUR = re.compile(rb"\x1b\[[0-9;]*[A-Za-z]")  # until it is told that there is no terminal
REFUSED = re.compile(r"^-ERR", re.MULTILINE)
PATIENCE = 30.0  # seconds


def main(words: list[str]) -> None:
    password = json.loads(PASSWORDS.read_text())["axigen"]
    if words == ["password"]:
        subprocess.run([SERVER, "-A", password], check=True)
        return
    with socket.create_connection(ADDRESS, timeout=PATIENCE) as connection:
        reply(connection)
        for line in ("SET CONSOLE-CODES off", "USER admin", password, *words):
            connection.sendall(line.encode() + b"\r\n")
            told = reply(connection)
            if REFUSED.search(told):
                sys.exit(told)
            if line in words:
                print(told, end="")


def reply(connection: socket.socket) -> str:
    """All that the server says before its prompt."""
    found = b""
    while not PROMPT.search(found := COLOUR.sub(b"", found)):
        more = connection.recv(65536)
        if not more:
            sys.exit("the CLI closed the connection")
        found += more
    return PROMPT.sub(b"", found).decode(errors="replace").replace("\r\n", "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
