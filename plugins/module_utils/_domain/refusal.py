# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one base of all expected failures."""

from __future__ import annotations


class Refusal(Exception):
    """Why nothing was done: one sentence that says what, where and how to mend.

    Every expected failure of the collection is a subclass, raised before anything is written.
    ``_ansible.converge`` turns it into the module's only failure message, so the text must never
    hold a key, a password or a tool's raw output into which one went. What a user wrote may be quoted in it
    as it is: `str` leaves no line break and nothing else that a terminal would act on.
    """

    def __str__(self) -> str:
        return printable(super().__str__())


def printable(text: str) -> str:
    """Text that is safe to print: what is not printable as the bytes it stands for (``\\x0a``)."""
    return "".join(character if character.isprintable() else _as_bytes(character) for character in text)


def _as_bytes(character: str) -> str:
    try:
        return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:  # half of a surrogate pair, as JSON may hold it, stands for no bytes
        return f"\\u{ord(character):04x}"
