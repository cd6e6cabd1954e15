# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recordings of Zimbra's own programs, which lie beside the checkout, and its batch reader as they show it."""

from __future__ import annotations

import json
import pathlib
from typing import Any, Dict, Iterator, List

DATA = pathlib.Path(__file__).resolve().parents[5] / "shared" / "data"
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def recording(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def zmprov_steps() -> Iterator[Dict[str, Any]]:
    """Every recorded call of zmprov."""
    for scenario in recording("zmprov_transcripts.json")["scenarios"]:
        yield from scenario["steps"]


def tokens(line: str) -> List[str]:
    """The words that zmprov's batch reader makes of a line; judged by the 200 recorded lines."""
    found: List[str] = []
    at = 0
    while at < len(line):
        if line[at] in " \t":
            at += 1
            continue
        quote = line[at] if line[at] in "'\"" else ""
        at += len(quote)
        word, closed = "", False
        while at < len(line):
            character = line[at]
            if character == "\\":
                at += 1
                word += _ESCAPES.get(line[at], line[at]) if at < len(line) else "\\"
            elif character == quote or (not quote and character in " \t"):
                closed = True
                at += 1
                break
            else:
                word += character
            at += 1
        if word or (quote and closed):
            found.append(word)
    return found
