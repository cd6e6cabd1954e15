# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the programs print about themselves: texts.json, whose first line says where it is from."""

from __future__ import annotations

import functools
import json
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
FOR_HELP = "For general help, type : zmprov --help\n"


@functools.lru_cache(maxsize=None)
def text(name: str) -> str:
    """One of the texts; a topic of `zmprov help` that is not there is answered with the list of topics."""
    table = json.loads((HERE / "texts.json").read_text(encoding="utf-8"))
    return "\n".join(table[name])


def usage() -> str:
    """zmprov's own usage."""
    return text("options") + text("topics")


def topic(name: str) -> str:
    """What `zmprov help NAME` prints."""
    return text("topic server") if name == "server" else text("topics")
