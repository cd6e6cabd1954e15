# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The attributes that the double knows: catalogue.json, whose first line says where they are from."""

from __future__ import annotations

import dataclasses
import functools
import json
import pathlib
from typing import Any

HERE = pathlib.Path(__file__).resolve().parent
KINDS = ("config", "server", "domain", "cos", "account")


@dataclasses.dataclass(frozen=True)
class Attribute:
    """One attribute. `inherited_by`: the kinds of entry that take it from above; `values`: those of an enum."""

    name: str
    type: str
    kinds: tuple[str, ...]
    multi: bool
    values: str = ""
    min: int | None = None
    max: int | None = None
    immutable: bool = False
    callback: str = ""
    inherited_by: tuple[str, ...] = ()
    id: int = 0
    flags: str = ""
    since: str = ""
    deprecated: str = ""
    restart: str = ""
    required_in: str = ""
    optional_in: str = ""
    description: str = ""
    default: tuple[str, ...] = ()
    seen: bool = False


@functools.lru_cache(maxsize=None)
def _attributes() -> dict[str, Attribute]:
    table: dict[str, dict[str, Any]] = json.loads((HERE / "catalogue.json").read_text(encoding="utf-8"))["attributes"]
    lists = ("kinds", "inherited_by", "default")
    return {
        name.lower(): Attribute(name, **row | {key: tuple(row[key]) for key in lists if key in row})
        for name, row in table.items()
    }


def find(name: str) -> Attribute | None:
    """The attribute of that name, in whatever case it is given."""
    return _attributes().get(name.lower())


def canonical(name: str) -> str:
    """The name as the directory writes it, or as given if it is none of an attribute."""
    known = find(name)
    return known.name if known else name


@functools.lru_cache(maxsize=None)
def inherited_by(kind: str) -> frozenset[str]:
    """The names that entries of a kind take from above."""
    return frozenset(row.name for row in _attributes().values() if kind in row.inherited_by)


@functools.lru_cache(maxsize=None)
def only_on(kind: str) -> tuple[str, ...]:
    """The names of attributes that belong to this kind of entry alone and are inherited from nowhere, sorted."""
    return tuple(sorted(row.name for row in _attributes().values() if row.kinds == (kind,) and not row.inherited_by))
