# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Password policies of a realm, read by one conversation with kadmin."""

from __future__ import annotations

from typing import Dict, FrozenSet, Iterable, List, Optional, Sequence

from .._domain.kadmin_answer import Answer
from .._domain.kadmin_command import command, quoted
from .._domain.kadmin_output import PolicyRecord, parse_policy_record, terse_line
from .._domain.kadmin_symptoms import NO_PRIVILEGE, KadminRefusal
from .._domain.password_policy import PolicyWish
from .._domain.password_policy_plan import PolicyState
from .kadmin import Kadmin
from .kadmin_principals import find_principals
from .kadmin_steps import refused


def read_policies(kadmin: Kadmin, names: Iterable[str]) -> Dict[str, Optional[PolicyRecord]]:
    """The record of each policy by its name, None where it does not exist; KadminRefusal where it is hidden."""
    asked = list(names)
    answers = kadmin.ask([command("getpol -terse", quoted(name)) for name in asked])
    return {name: _record(kadmin, name, answer) for name, answer in zip(asked, answers)}


def _record(kadmin: Kadmin, name: str, answer: Answer) -> Optional[PolicyRecord]:
    line = terse_line(answer.lines)
    if line is not None:
        return parse_policy_record(line)
    if "Policy does not exist" in answer.complaint:
        return None
    raise refused(kadmin, f"policy '{name}'", answer.complaint)


def known_policies(kadmin: Kadmin, names: Iterable[str]) -> FrozenSet[str]:
    """Those of the named password policies that exist."""
    return frozenset(name for name, record in read_policies(kadmin, names).items() if record is not None)


def read_policy_state(kadmin: Kadmin, wishes: Sequence[PolicyWish]) -> PolicyState:
    """What a plan needs to know; principals are listed only where a policy is to be deleted."""
    records = read_policies(kadmin, [wish.name for wish in wishes])
    doomed = [wish.name for wish in wishes if not wish.present and records[wish.name] is not None]
    if not doomed:
        return PolicyState(records)
    users: Dict[str, List[str]] = {name: [] for name in doomed}
    try:
        for principal, dummy in find_principals(kadmin, ["*"])[0]:
            if principal.policy in users:
                users[principal.policy].append(str(principal.name))
    except KadminRefusal as refusal:
        if refusal.kind != NO_PRIVILEGE:
            raise
        return PolicyState(records, dict.fromkeys(doomed), str(refusal))
    return PolicyState(records, {name: tuple(sorted(found)) for name, found in users.items()})
