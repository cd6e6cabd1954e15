# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file as a value: content, owner, group and mode, before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, List, Optional


@dataclass(frozen=True)
class FileState:
    """What a path holds.

    ``content`` is None where there is no file. ``owner`` and ``group`` are names, or decimal ids
    where the system has no name for them. ``mode`` holds the twelve permission bits.
    """

    content: Optional[bytes]
    owner: str = ""
    group: str = ""
    mode: int = 0


ABSENT = FileState(None)


@dataclass(frozen=True)
class Ownership:
    """What was asked of owner, group and mode; None leaves what is there."""

    owner: Optional[str] = None
    group: Optional[str] = None
    mode: Optional[int] = None


def settle(before: FileState, content: Optional[bytes], asked: Ownership, newborn: FileState) -> FileState:
    """The state that ``content`` and ``asked`` lead to from ``before``.

    ``newborn`` gives owner, group and mode of a file that does not exist yet where nothing was asked.
    """
    if content is None:
        return ABSENT
    kept = newborn if before.content is None else before
    return FileState(
        content=content,
        owner=kept.owner if asked.owner is None else asked.owner,
        group=kept.group if asked.group is None else asked.group,
        mode=kept.mode if asked.mode is None else asked.mode,
    )


def must_replace(before: FileState, after: FileState) -> bool:
    """Whether only replacing the file leads to ``after`` in one step: neither chown nor chmod alone does."""
    owners = (before.owner, before.group) != (after.owner, after.group)
    return before.content != after.content or (owners and before.mode != after.mode)


SHOWN_ONLY = frozenset("BEIMNVXZeh")  # what lsattr shows of the file system's own doing: chattr(1)


def has_flags(held: str, asked: str) -> bool:
    """Whether a file with chattr's flags ``held`` is as ``asked`` ("+d", "-d", "=dA" or "dA") already.

    Ansible compares the two texts, so that for it "+d" changes a file with the flags "de" in every run.
    """
    sign, flags = (asked[0], set(asked[1:])) if asked[:1] in ("+", "-", "=") else ("=", set(asked))
    if sign == "+":
        return flags <= set(held)
    if sign == "-":
        return not flags & set(held)
    return flags - SHOWN_ONLY == set(held) - SHOWN_ONLY


def _attributes(state: FileState) -> str:
    if state.content is None:
        return "absent\n"
    return f"owner: {state.owner}\ngroup: {state.group}\nmode: {state.mode:04o}\n"


def file_diff(path: str, before: FileState, after: FileState, was: str, will_be: str) -> List[Dict[str, str]]:
    """Ansible's diff of one file: its content as readable text, then owner, group and mode where they differ.

    ``was`` and ``will_be`` are the contents as the caller wants them read (never key material).
    """
    parts = []
    if was != will_be:
        parts.append({"before_header": path, "after_header": path, "before": was, "after": will_be})
    if _attributes(before) != _attributes(after):
        header = f"{path} (owner, group, mode)"
        parts.append(
            {
                "before_header": header,
                "after_header": header,
                "before": _attributes(before),
                "after": _attributes(after),
            }
        )
    return parts
