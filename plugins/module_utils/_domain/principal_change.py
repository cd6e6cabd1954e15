# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to happen to principals, as values: kadmin's commands, and lines for people."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable, List, Optional, Tuple

from .principal import PrincipalName

NONE, CREATED, CHANGED, DELETED = "none", "created", "changed", "deleted"


@dataclass(frozen=True)
class Step:
    """One command of kadmin. ``command`` may hold a password and is never shown; ``said`` begins its success.

    ``follows``: it is only sent where the principal's other steps succeeded.
    """

    principal: PrincipalName
    command: str = field(repr=False)
    said: Tuple[str, ...]
    secret: Optional[str] = field(default=None, repr=False)
    follows: bool = False


@dataclass(frozen=True)
class PrincipalChange:
    """What happens to one principal: ``action`` as reported, ``before`` and ``after`` as lines for people.

    ``kvno``: the newest one before; None where the principal does not exist.
    """

    name: PrincipalName
    action: str
    steps: Tuple[Step, ...] = ()
    before: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()
    new_key: bool = False
    old_keys_kept: bool = True
    kvno: Optional[int] = None


@dataclass(frozen=True)
class PrincipalPlan:
    """What happens to all principals, in the order in which they were asked for, and what to warn of."""

    changes: Tuple[PrincipalChange, ...]
    warnings: Tuple[str, ...] = ()

    @property
    def steps(self) -> Tuple[Step, ...]:
        return tuple(step for change in self.changes for step in change.steps)


def describe(plan: PrincipalPlan) -> Tuple[str, str]:
    """Before and after as text: the principals that change, and of them the lines that change."""
    return _text(plan, lambda change: change.before), _text(plan, lambda change: change.after)


def _text(plan: PrincipalPlan, lines: Callable[[PrincipalChange], Tuple[str, ...]]) -> str:
    parts: List[str] = []
    for change in plan.changes:
        if change.action != NONE:
            parts += (f"{change.name}:\n", *(f"  {line}\n" for line in lines(change)))
    return "".join(parts)
