# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From password policies as they are and as they are to be to kadmin's commands, and to lines for people."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Dict, List, Mapping, Optional, Sequence, Tuple

from .kadmin_command import command, quoted
from .kadmin_output import PolicyRecord
from .kadmin_step import CHANGED, CREATED, DELETED, NONE, Step, diff_text
from .password_policy import SETTINGS, PolicyRefusal, PolicyWish, Value, check_lives

MOST_NAMED = 3  # principals that a message lists by name


@dataclass(frozen=True)
class PolicyChange:
    """What happens to one policy: ``action`` as reported, ``before`` and ``after`` as lines for people."""

    name: str
    action: str
    steps: Tuple[Step, ...] = ()
    before: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()


@dataclass(frozen=True)
class PolicyPlan:
    """What happens to all policies, in the order in which they were asked for."""

    changes: Tuple[PolicyChange, ...]

    @property
    def steps(self) -> Tuple[Step, ...]:
        return tuple(step for change in self.changes for step in change.steps)


@dataclass(frozen=True)
class PolicyState:
    """The realm as far as it was asked about.

    ``records``: None or nothing where a policy does not exist. ``users``: the principals that name a policy that is
    to be deleted; None where ``untold`` says why they are not known.
    """

    records: Mapping[str, Optional[PolicyRecord]]
    users: Mapping[str, Optional[Tuple[str, ...]]] = field(default_factory=dict)
    untold: str = ""


def plan_policies(state: PolicyState, wishes: Sequence[PolicyWish]) -> PolicyPlan:
    """The changes that lead from ``state`` to ``wishes``, one a wish; no step for what is already so.

    PolicyRefusal where what is asked and what is left as it is contradict each other.
    """
    return PolicyPlan(tuple(_plan(state.records.get(wish.name), wish) for wish in wishes))


def _plan(record: Optional[PolicyRecord], wish: PolicyWish) -> PolicyChange:
    if record is None:
        return _creation(wish) if wish.present else PolicyChange(wish.name, NONE)
    if not wish.present:
        return PolicyChange(wish.name, DELETED, (_step(wish, "delpol -force"),), ("present",), ("absent",))
    return _change(record, wish)


def _step(wish: PolicyWish, *words: str) -> Step:
    """addpol, modpol and delpol say nothing where they succeed."""
    return Step("policy", f"'{wish.name}'", command(*words, quoted(wish.name)), ())


def _creation(wish: PolicyWish) -> PolicyChange:
    words, after = ["addpol"], ["present"]
    for setting in SETTINGS:
        if setting.option in wish.values:
            value = wish.values[setting.option]
            words += setting.words(value)
            after.append(f"{setting.option}: {setting.shown(value)}")
    return PolicyChange(wish.name, CREATED, (_step(wish, *words),), ("absent",), tuple(after))


def _change(record: PolicyRecord, wish: PolicyWish) -> PolicyChange:
    words: List[str] = []
    before: List[str] = []
    after: List[str] = []
    left: Dict[str, Value] = {}
    for setting in SETTINGS:
        found = setting.found(record)
        value = left[setting.option] = wish.values.get(setting.option, found)
        if value != found:
            words += setting.words(value)
            before.append(f"{setting.option}: {setting.shown(found)}")
            after.append(f"{setting.option}: {setting.shown(value)}")
    if not words:
        return PolicyChange(wish.name, NONE)
    if "max_life" in wish.values or "min_life" in wish.values:
        _check_lives(wish, left)
    return PolicyChange(wish.name, CHANGED, (_step(wish, "modpol", *words),), tuple(before), tuple(after))


def _check_lives(wish: PolicyWish, left: Mapping[str, Value]) -> None:
    try:
        check_lives(left)
    except PolicyRefusal as refusal:
        raise PolicyRefusal(f"policy '{wish.name}': {refusal}") from refusal


def check_users(state: PolicyState, lenient: bool) -> Tuple[str, ...]:
    """What to warn of where a policy is to be deleted that principals name.

    kadmin deletes it without a word (1.20 and 1.21; only a realm in LDAP refuses), the principals go on naming it, and
    any password will do for them. PolicyRefusal instead unless ``lenient``: in check mode an earlier task may be
    about to give them another one.
    """
    told = [f"policy '{name}': is the policy of {_listed(users)}" for name, users in state.users.items() if users]
    if told and not lenient:
        raise PolicyRefusal(
            f"{told[0]}, for whom any password would do without it; give them another policy, or '' for none "
            "(mailrealm.kerberos.principal), then delete it"
        )
    warnings = [f"{sentence}; check mode goes on as if an earlier task gives them another one" for sentence in told]
    warnings += [
        f"policy '{name}': nobody can tell which principals have it, and any password would do for them without it; "
        f"{state.untold}"
        for name, users in state.users.items()
        if users is None
    ]
    return tuple(warnings)


def _listed(users: Sequence[str]) -> str:
    named, more = ", ".join(users[:MOST_NAMED]), len(users) - MOST_NAMED
    return named if more <= 0 else f"{named} and {more} more"


def describe(plan: PolicyPlan) -> Tuple[str, str]:
    """Before and after as text: the policies that change, and of them the lines that change."""
    changes = [change for change in plan.changes if change.action != NONE]
    before = diff_text((change.name, change.before) for change in changes)
    return before, diff_text((change.name, change.after) for change in changes)
