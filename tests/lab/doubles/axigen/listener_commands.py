# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CLI's commands on listeners."""

from __future__ import annotations

import copy
from typing import Any, Sequence

from . import catalogue
from .cfg import key_of
from .console import Answer, Console, Context, Refused


def table(heading: str, columns: Sequence[str], rows: Sequence[Sequence[str]], between: str = "  ") -> Answer:
    """A LIST: five lines, then the rows."""
    widths = [max(len(row[at]) for row in [columns, *rows]) for at in range(len(columns))]

    def line(cells: Sequence[str]) -> str:
        return between.join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip()

    return Answer(lines=(heading, "", line(columns), "-" * (sum(widths) + 2 * len(widths)), "", *map(line, rows)))


def listeners(context: Context) -> list[dict[str, Any]]:
    return list(context.draft.get(key_of(context.draft, "listeners"), ()))


def list_listeners(console: Console, dummy: Sequence[str]) -> Answer:
    rows = [(one["address"], one["enable"], one["sslEnable"]) for one in listeners(console.contexts[-1])]
    return table("double: the listeners of this service", ("address", "enable", "sslEnable"), rows, " | ")


def place(context: Context, words: Sequence[str]) -> int:
    """The index of a listener: [address] ip:port."""
    named = words[1:] if words and words[0].casefold() == "address" else words
    found = [at for at, one in enumerate(listeners(context)) if [one["address"]] == list(named)]
    if not found:
        raise Refused("double: there is no listener of that address")
    return found[0]


def update_listener(console: Console, words: Sequence[str]) -> Answer:
    context = console.contexts[-1]
    at = place(context, words)
    path = (*context.path, "listeners", at)
    console.contexts.append(Context("listener", "listener", path, copy.deepcopy(listeners(context)[at])))
    return Answer()


def show_listener(console: Console, words: Sequence[str]) -> Answer:
    one = listeners(console.contexts[-1])[place(console.contexts[-1], words)]
    head = ("double: a listener", "-" * 40)
    return Answer(lines=(*head, *(f"{name} = {value}" for name, value in one.items() if isinstance(value, str))))


def add_listener(console: Console, words: Sequence[str]) -> Answer:
    """A new one is in the clear, and off until it is set otherwise."""
    context = console.contexts[-1]
    address = words[-1] if words else ""
    present = listeners(context)
    if not address or any(one["address"] == address for one in present):
        raise Refused("double: a listener needs an address of its own")
    new = {**catalogue.listener(address, 300), "enable": "no"}
    context.draft = {**context.draft, "listeners": [*present, new]}
    path = (*context.path, "listeners", len(present))
    console.contexts.append(Context("listener", "listener", path, copy.deepcopy(new)))
    return Answer()


def remove_listener(console: Console, words: Sequence[str]) -> Answer:
    context = console.contexts[-1]
    at = place(context, words)
    rest = listeners(context)
    del rest[at]
    context.draft = {**context.draft, "listeners": rest}
    return Answer()


def config_ssl(console: Console, dummy: Sequence[str]) -> Answer:
    context = console.contexts[-1]
    draft = copy.deepcopy(context.draft["sslControl"])
    console.contexts.append(Context("sslcontrol", "sslControl", (*context.path, "sslControl"), draft))
    return Answer()


SERVICE = {
    "list listeners": list_listeners,
    "update listener": update_listener,
    "show listener": show_listener,
    "add listener": add_listener,
    "remove listener": remove_listener,
}
LISTENER = {"config sslcontrol": config_ssl}
