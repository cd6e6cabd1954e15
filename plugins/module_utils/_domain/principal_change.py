# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to happen to principals, as values: kadmin's commands, and lines for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Tuple

from .kadmin_step import NONE, Step, diff_text
from .principal import PrincipalName


@dataclass(frozen=True)
class PrincipalChange:
    """What happens to one principal: ``action`` as reported, ``before`` and ``after`` as lines for people.

    ``kvno``: the newest one before; None where the principal does not exist. ``new_kvno``: that of the new key where
    it is known beforehand, as of staged keys. ``purged_kvnos``: older ones that go.
    """

    name: PrincipalName
    action: str
    steps: Tuple[Step, ...] = ()
    before: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()
    new_key: bool = False
    old_keys_kept: bool = True
    kvno: Optional[int] = None
    new_kvno: Optional[int] = None
    purged_kvnos: Tuple[int, ...] = ()


@dataclass(frozen=True)
class PrincipalPlan:
    """What happens to all principals, in the order in which they were asked for, and what to warn of."""

    changes: Tuple[PrincipalChange, ...]
    warnings: Tuple[str, ...] = ()

    @property
    def steps(self) -> Tuple[Step, ...]:
        return tuple(step for change in self.changes for step in change.steps)


def principal_step(
    name: PrincipalName, line: str, said: Tuple[str, ...], secret: Optional[str] = None, follows: bool = False
) -> Step:
    """One command of kadmin about the principal ``name``."""
    return Step("principal", str(name), line, said, secret, follows)


def describe(plan: PrincipalPlan) -> Tuple[str, str]:
    """Before and after as text: the principals that change, and of them the lines that change."""
    changes = [change for change in plan.changes if change.action != NONE]
    before = diff_text((str(change.name), change.before) for change in changes)
    return before, diff_text((str(change.name), change.after) for change in changes)
