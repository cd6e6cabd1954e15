# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""zmprov's commands that change something."""

from __future__ import annotations

import base64
import pathlib

from . import catalogue
from .errors import FRAME, JavaDied, invalid_request
from .java import hash_order
from .validation import Attributes, bare
from .zmprov_session import Ended, Session, UsageError

NO_NAME = f'Exception in thread "main" java.lang.StringIndexOutOfBoundsException: String index out of range: 0\n{FRAME}'


def _binary(name: str, value: str) -> str:
    """A binary attribute's value is given as the name of a file."""
    row = catalogue.find(name)
    if not row or row.type != "binary" or not value:
        return value
    try:
        return base64.b64encode(pathlib.Path(value).read_bytes()).decode()
    except OSError as error:
        cause = f"java.io.FileNotFoundException {value} ({error.strerror})"
        raise invalid_request("unable to process arguments", cause) from None


def given(session: Session, words: list[str], guarded: bool = True) -> Attributes:
    """The attributes of a modification, as they stand in its words; warns of those that are out of use.

    A safeguarded attribute that gets one value ends the program. Behind + and - nothing is guarded or warned of.
    """
    found: Attributes = {}
    replaced: list[str] = []
    safeguarded = session.setting("zmprov_safeguarded_attrs").lower().split(",")
    for name, value in zip(words[::2], words[1::2]):
        if not name:
            raise JavaDied(NO_NAME)
        replaced += [name.lower()] if name.lower() in safeguarded else []
        found.setdefault(name, []).append(_binary(bare(name), value))
    if len(words) % 2:
        raise UsageError
    if guarded and not session.replace and any(replaced.count(name) == 1 for name in replaced):
        session.complain("error: cannot replace multi-valued attr value unless -r is specified\n")
        raise Ended(2)
    rows = [(name, catalogue.find(name)) for name in hash_order(found)]
    old = [(name, row.deprecated) for name, row in rows if row and row.deprecated]
    session.say("".join(f"Warn: attribute {name} has been deprecated since {since}\n" for name, since in old))
    session.say("\n" if old else "")
    return found


def modify(kind: str, session: Session, words: list[str]) -> None:
    """ms, md, ma, mc."""
    session.call("modify", kind, words[0], given(session, words[1:]))


def modify_config(session: Session, words: list[str]) -> None:
    """mcf."""
    session.call("modify", "config", "config", given(session, words))


def create(kind: str, session: Session, words: list[str]) -> None:
    """cs, cd, cc; ca has the password as its second word."""
    password = words[1] if kind == "account" else ""
    rest = words[2:] if kind == "account" else words[1:]
    attributes = given(session, rest, guarded=False)
    session.say(f"{session.call('create', kind, words[0], attributes, password)}\n")


def delete(kind: str, session: Session, words: list[str]) -> None:
    """ds, dd, da, dc."""
    session.call("delete", kind, words[0])


def set_password(session: Session, words: list[str]) -> None:
    """sp."""
    session.call("set_password", words[0], words[1])


def flush_cache(session: Session, words: list[str]) -> None:
    """fc: one cache, or the entries of it that are named."""
    rest = [word for word in words if word != "-a"]
    if not rest:
        raise UsageError
    session.call("flush", rest[0], rest[1:])
