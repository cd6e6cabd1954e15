# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in a realm, asked for at once: password policies and the principals that name them.

Policies come before the principals that name them, and go when these were changed. Who asks for both at once knows
what a run will find, so that what a run refuses is refused before anything is written, and in check mode.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import FrozenSet, Tuple

from .kadmin_step import DELETED, Step
from .password_policy import PolicyWish
from .password_policy_plan import PolicyPlan, PolicyState, check_users, plan_policies
from .principal_change import PrincipalPlan
from .principal_plan import check_policies, plan_principals
from .principal_state import PrincipalState
from .principal_wish import PrincipalWish

DEFAULT_POLICY = "default"  # kadmin gives it to a new principal for which no other is asked


@dataclass(frozen=True)
class ContentsWish:
    """What is asked."""

    policies: Tuple[PolicyWish, ...]
    principals: Tuple[PrincipalWish, ...]

    @property
    def named_policies(self) -> FrozenSet[str]:
        """The policies that principals are to have."""
        return frozenset(wish.policy for wish in self.principals if wish.present and wish.policy)


@dataclass(frozen=True)
class ContentsState:
    """The realm as far as it was asked about; ``known``: the policies that principals are to have and that exist."""

    policies: PolicyState
    principals: PrincipalState
    known: FrozenSet[str] = frozenset()


EMPTY = ContentsState(PolicyState({}), PrincipalState({}))  # of a realm that is still to be made


@dataclass(frozen=True)
class ContentsPlan:
    """What happens to all of it, and what to warn of."""

    policies: PolicyPlan
    principals: PrincipalPlan
    warnings: Tuple[str, ...]

    @property
    def batches(self) -> Tuple[Tuple[Step, ...], ...]:
        """The steps, of which each batch needs those before it; none of them is empty."""
        gone = {change.name for change in self.policies.changes if change.action == DELETED}
        before, after = (
            tuple(step for change in self.policies.changes if (change.name in gone) is late for step in change.steps)
            for late in (False, True)
        )
        return tuple(batch for batch in (before, self.principals.steps, after) if batch)


def plan_contents(state: ContentsState, wish: ContentsWish) -> ContentsPlan:
    """The changes that lead from ``state`` to ``wish``.

    PlanRefusal where a principal names a policy that is neither there nor asked for, PolicyRefusal where one is to be
    deleted that principals will name; and what the plans of policies and of principals refuse.
    """
    brought = frozenset(one.name for one in wish.policies if one.present)
    check_policies(wish.principals, brought | state.known, lenient=False)
    warnings = check_users(_later_users(state, wish), lenient=False)
    principals = plan_principals(state.principals, wish.principals)
    return ContentsPlan(plan_policies(state.policies, wish.policies), principals, (*warnings, *principals.warnings))


def _later_users(state: ContentsState, wish: ContentsWish) -> PolicyState:
    """The policies that are to be deleted, with the principals that will name them when all of these were changed."""
    decided = {str(one.name) for one in wish.principals if not one.present or one.policy is not None}
    later = {
        policy: None
        if users is None
        else tuple(sorted({*users} - decided | {str(one.name) for one in wish.principals if _gets(state, one, policy)}))
        for policy, users in state.policies.users.items()
    }
    return replace(state.policies, users=later)


def _gets(state: ContentsState, wish: PrincipalWish, policy: str) -> bool:
    """Whether a principal is to have the policy, or gets it as a new one."""
    if not wish.present:
        return False
    if wish.policy is not None:
        return wish.policy == policy
    return policy == DEFAULT_POLICY and state.principals.records.get(wish.name.identity) is None
