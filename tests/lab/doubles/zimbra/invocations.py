# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every program of the double does around its work: it is logged, it may be slow, and it may break.

log/invocations.jsonl gets a line a call: {"program", "args" (no secrets), "seconds", "status", "commands"}.
conf/double.json, where it is there, may hold `latency` (seconds a call), `fail_at` (the number of commands of a batch
after which zmprov dies), `exception` (true: the program dies at once as Java does) and `shuffle` (true: the values of
an attribute are shown in any order, as a directory may hand them out).
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import pathlib
import re
import time
from typing import Iterator, Sequence

LOG = "log/invocations.jsonl"
SETTINGS = "conf/double.json"
HIDDEN = "********"
SECRET_OPTIONS = ("-p", "--password", "-y", "--authtoken")
# Attributes whose value is a password; a key of localconfig has underscores.
SECRET_ATTRIBUTE = re.compile(r"[+-]?[A-Za-z]+Password", re.IGNORECASE)
# Commands of zmprov whose third word is a password.
SECRET_COMMANDS = ("ca", "createaccount", "sp", "setpassword")
DIED = (
    'Exception in thread "main" java.lang.OutOfMemoryError: Java heap space\n'
    "\tat java.base/java.util.Arrays.copyOf(Arrays.java:3537)\n"
)


@dataclasses.dataclass
class Invocation:
    """A call that runs. `died`: what it must print instead of working; `fail_at`: when it must die, 0 for never."""

    status: int = 0
    commands: int = 0
    died: str = ""
    fail_at: int = 0
    shuffle: bool = False


def public(arguments: Sequence[str]) -> list[str]:
    """The arguments without what nobody may read."""
    shown = list(arguments)
    for place, word in enumerate(arguments):
        before = arguments[place - 1] if place else ""
        name, equals, dummy = word.partition("=")
        if before in SECRET_OPTIONS or SECRET_ATTRIBUTE.fullmatch(before):
            shown[place] = HIDDEN
        elif equals and ("password" in name.lower() or name in SECRET_OPTIONS):
            shown[place] = f"{name}={HIDDEN}"
        elif place > 1 and arguments[place - 2].lower() in SECRET_COMMANDS:
            shown[place] = HIDDEN
    return shown


@contextlib.contextmanager
def logged(program: str, arguments: Sequence[str], home: str | pathlib.Path) -> Iterator[Invocation]:
    """Around a call: wait as long as is set, then log it when it has ended, however it ends."""
    settings = {}
    with contextlib.suppress(FileNotFoundError):
        settings = json.loads((pathlib.Path(home) / SETTINGS).read_text(encoding="utf-8"))
    call = Invocation(
        status=1,
        died=DIED if settings.get("exception") else "",
        fail_at=settings.get("fail_at", 0),
        shuffle=settings.get("shuffle", False),
    )
    began = time.monotonic()
    try:
        time.sleep(settings.get("latency", 0))
        yield call
    finally:
        row = {
            "program": program,
            "args": public(arguments),
            "seconds": round(time.monotonic() - began, 3),
            "status": call.status,
            "commands": call.commands,
        }
        with contextlib.suppress(PermissionError), (pathlib.Path(home) / LOG).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(row) + "\n")
