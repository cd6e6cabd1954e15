# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""zmprov describe: what is known of an attribute, and which attributes a kind of entry has."""

from __future__ import annotations

import dataclasses

from . import catalogue, texts
from .zmprov_session import Session, UsageError

ENTRY_TYPES = {"server": "server", "domain": "domain", "account": "account", "cos": "cos", "globalConfig": "config"}
# AttributeClass in the order in which describe prints them (recorded: server before globalConfig).
DESCRIBED_ORDER = ("account", "cos", "domain", "server", "globalConfig")


def describe(session: Session, words: list[str]) -> None:
    """desc: an attribute, or the names of a kind of entry's."""
    if words[:1] == ["-a"] and len(words) == 2:
        row = catalogue.find(words[1])
        if row is None:
            session.say(f"no attribute info for {words[1]}\n\n")
            return
        session.say(texts.text("described").format(**_described(row)))
        return
    kinds = [word for word in words if not word.startswith("-")]
    if len(kinds) != 1 or kinds[0] not in ENTRY_TYPES:
        wrong = "" if not kinds else f"parse error: unknown attribute class: {kinds[0]}\n\n"
        raise UsageError(wrong + texts.text("describe"))
    session.say("".join(f"{name}\n" for name in catalogue.only_on(ENTRY_TYPES[kinds[0]])))


def _described(row: catalogue.Attribute) -> dict[str, object]:
    def classes(text: str) -> str:
        names = text.split(",") if text else []
        return ",".join(sorted(names, key=lambda name: [*DESCRIBED_ORDER, name].index(name)))

    return {
        **dataclasses.asdict(row),
        "immutable": str(row.immutable).lower(),
        "cardinality": "multi" if row.multi else "single",
        "default": ",".join(row.default),
        "min": "" if row.min is None else row.min,
        "max": "" if row.max is None else row.max,
        "optional_in": classes(row.optional_in),
        "required_in": classes(row.required_in),
    }
