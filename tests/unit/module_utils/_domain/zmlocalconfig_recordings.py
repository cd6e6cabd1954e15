# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recorded calls of zmlocalconfig, which lie beside the checkout."""

from __future__ import annotations

import json
import pathlib
from typing import Any

DATA = pathlib.Path(__file__).resolve().parents[5] / "shared" / "data"


def recorded(name: str) -> Any:
    """A file of recordings as it is."""
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


TRANSCRIPTS = recorded("zmlocalconfig_transcripts")
BEFORE: str = TRANSCRIPTS["before"]
CASES: list[dict[str, Any]] = TRANSCRIPTS["transcripts"] if "transcripts" in TRANSCRIPTS else TRANSCRIPTS["cases"]


def words(case: dict[str, Any]) -> str:
    """The case's call, to name its test by."""
    return " ".join(case["args"]) or "(nothing)"


def before(case: dict[str, Any]) -> str:
    """localconfig.xml when the case begins."""
    return case["before"] if case.get("before") else BEFORE
