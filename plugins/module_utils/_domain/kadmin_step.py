# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan gives kadmin to do, one command at a time, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Iterable, Optional, Tuple

NONE, CREATED, CHANGED, DELETED = "none", "created", "changed", "deleted"  # what is reported of a principal or policy


@dataclass(frozen=True)
class Step:
    """One command of kadmin, about the principal or the policy ``name`` (``kind`` says which).

    ``command`` may hold a password and is never shown. ``said`` begins kadmin's words of success; empty where it
    succeeds in silence. ``follows``: it is only sent where the other steps of the same name succeeded.
    """

    kind: str
    name: str
    command: str = field(repr=False)
    said: Tuple[str, ...]
    secret: Optional[str] = field(default=None, repr=False)
    follows: bool = False

    @property
    def subject(self) -> str:
        """What the step is about, as messages begin."""
        return f"{self.kind} {self.name}"


def diff_text(changes: Iterable[Tuple[str, Tuple[str, ...]]]) -> str:
    """One side of a diff: each name with the lines that change of it."""
    return "".join(f"{name}:\n" + "".join(f"  {line}\n" for line in lines) for name, lines in changes)
