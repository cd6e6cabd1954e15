# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""zmprov's commands that read: what they ask for, and how they print it."""

from __future__ import annotations

import random
from typing import Iterable

from . import catalogue
from .errors import invalid_request, no_such
from .zmprov_session import Session, UsageError

LINE = 76  # characters of base64 a line, each ended by CR LF


def show(session: Session, name: str, values: dict[str, list[str]], wanted: Iterable[str] = ()) -> None:
    """An entry with its header; of attributes only those that are wanted, if any are named."""
    session.say(f"# name {name}\n")
    show_attributes(session, values, wanted)
    session.say("\n")


def show_attributes(session: Session, values: dict[str, list[str]], wanted: Iterable[str] = ()) -> None:
    """Attributes in the order of their names, or those that are wanted.

    A wanted `name=value` shows no other value. It is taken in small letters and compared with the value as it is.
    """
    conditions: dict[str, set[str]] = {}
    for word in wanted:
        name, equals, value = word.lower().partition("=")
        if equals and not value:
            raise invalid_request(f"missing value for {name}=")
        conditions.setdefault(name, set()).update([value] if equals else [])
    for name in sorted(values):
        chosen = conditions.get(name.lower(), set())
        if conditions and name.lower() not in conditions:
            continue
        row = catalogue.find(name)
        shown = list(values[name])
        if session.world.shuffle:
            random.shuffle(shown)
        for value in shown:
            if not value or (chosen and value not in chosen):
                continue
            if row and row.type == "binary":
                lines = [value[start : start + LINE] + "\r\n" for start in range(0, len(value), LINE)]
                session.say(f"{name}:: {''.join(lines)}")
            else:
                session.say(f"{name}: {value}\n")


def get(kind: str, session: Session, words: list[str], switch: bool = True) -> None:
    """gs, gd, ga, gc: an entry. -e, which must be the first word, leaves out what is inherited."""
    own = switch and words[:1] == ["-e"]
    rest = words[1:] if own else words
    if not rest:
        raise UsageError
    wanted = [word.partition("=")[0].lower() for word in rest[1:]]
    name, values = session.call("show", kind, rest[0], not own, wanted)
    show(session, name, values, rest[1:])


def get_config(session: Session, words: list[str]) -> None:
    """gcf, gacf."""
    show_attributes(session, session.call("show", "config", "config", False)[1], words)


def get_all(kind: str, session: Session, words: list[str]) -> None:
    """gas, gad, gac: names, or with -v whole entries."""
    switches = [word for word in words if word in ("-v", "-e")]
    rest = [word for word in words if word not in ("-v", "-e")]
    if "-e" in switches and "-v" not in switches:
        raise UsageError("arg -e is invalid unless -v is also specified\n")
    if kind == "server":
        names = session.call("servers", rest[0] if rest else "")
        rest = []
    else:
        names = sorted(session.call("names", kind))
    for name in names:
        if "-v" in switches:
            found, values = session.call("show", kind, name, "-e" not in switches)
            show(session, found, values, rest)
        else:
            session.say(f"{name}\n")


def get_accounts(administrators: bool, session: Session, words: list[str]) -> None:
    """gaa, gaaa: names of accounts, of a domain or of all."""
    rest = [word for word in words if word not in ("-v", "-e")]
    for name in session.call("accounts", rest[0] if rest else "", administrators):
        if "-v" in words:
            found, values = session.call("show", "account", name, "-e" not in words)
            show(session, found, values)
        else:
            session.say(f"{name}\n")


def memberships(session: Session, words: list[str]) -> None:
    """gam: the double has no distribution lists."""
    session.call("show", "account", words[0], False)


def distribution_list(_session: Session, words: list[str]) -> None:
    """gdl: the double has none."""
    raise no_such("distribution list", words[0])
