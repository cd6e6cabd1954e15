# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The global config and the classes of service of a new installation: defaults.json, which says where they are from."""

from __future__ import annotations

import functools
import json
import pathlib
from typing import Any

HERE = pathlib.Path(__file__).resolve().parent


@functools.lru_cache(maxsize=None)
def _tables() -> dict[str, Any]:
    tables: dict[str, Any] = json.loads((HERE / "defaults.json").read_text(encoding="utf-8"))
    return tables


def _copy(table: str) -> dict[str, list[str]]:
    return {attribute: list(values) for attribute, values in _tables()[table].items()}


def config() -> dict[str, list[str]]:
    """The global config's own values."""
    return _copy("config")


def cos(name: str) -> dict[str, list[str]]:
    """A class of service; only `default` and `staff` are known, another is like the former but for its name."""
    own = _copy("cos staff" if name == "staff" else "cos default")
    if name not in ("default", "staff"):
        for attribute in ("description", "zimbraId"):
            own.pop(attribute, None)
    own["cn"] = [name]
    return own
