# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In what the real server's CLI is not known, the double may answer in several ways: `run/double.json` chooses.

It is read anew for each connection. Example: {"commit_phrase": "above", "headings": 3, "segments": "cut"}.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
from typing import Any, Mapping


@dataclasses.dataclass(frozen=True)
class Variants:
    """How the CLI answers, and in what it fails.

    `commit_phrase`: the phrase of COMMIT stands in the "status" line or "above" it. `colon`: +OK: or +OK.
    `headings`: lines before the values of SHOW. `colours`: on until they are switched off. `segments`: a reply goes
    out "whole" or "cut", once inside of the prompt. `sets`: "as set", "all" (where all are there) or "reversed".
    `service_acts`: START and STOP act at "commit" or at "once". `idle_close`: seconds after which the server closes,
    0: the listener's. `refuse_login`: whatever the password. `break_reply_to`: a command (its first words) after half
    of whose reply the server closes. `fail_command`: a command that is answered by -ERR. `gss_texts`: the log has the
    "document"'s words for a key that is not to be had, or those of this host's "library". `administrators`: delegated
    ones, {name: {"password": ..., "permissions": [manageIMAP, ...]}}.
    """

    commit_phrase: str = "status"
    colon: bool = True
    headings: int = 2
    colours: bool = True
    segments: str = "whole"
    sets: str = "as set"
    service_acts: str = "commit"
    idle_close: float = 0
    refuse_login: bool = False
    break_reply_to: str = ""
    fail_command: str = ""
    gss_texts: str = "document"
    administrators: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def read(path: pathlib.Path) -> Variants:
    """The variants that a file chooses; the defaults where there is none."""
    return Variants(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else Variants()
