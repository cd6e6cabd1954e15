# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Principals of a realm: read, compared with passwords, and changed by one conversation with kadmin."""

from __future__ import annotations

import os
from typing import Dict, FrozenSet, Iterable, List, Optional, Sequence, Set, Tuple

from .._domain.kadmin_access import LOCAL
from .._domain.kadmin_answer import Answer
from .._domain.kadmin_command import check_value, command, principal_word, quoted
from .._domain.kadmin_output import PrincipalRecord, parse_names, parse_principal_record, terse_line
from .._domain.kadmin_symptoms import COMMAND, NO_PRIVILEGE, KadminRefusal, explained
from .._domain.keytab import KeytabEntry
from .._domain.password_comparison import Comparison, compare
from .._domain.principal import PrincipalName, parse_principal
from .._domain.principal_alias import PROBE, check_known
from .._domain.principal_change import PrincipalPlan, Step
from .._domain.principal_pattern import is_name, matcher
from .._domain.principal_state import Identity, PrincipalState
from .._domain.principal_wish import PrincipalWish
from .kadmin import Interrupted, Kadmin
from .kadmin_keys import extract_keys
from .string_to_key import password_key

Records = Dict[Identity, Optional[PrincipalRecord]]
Found = Tuple[PrincipalRecord, Tuple[PrincipalName, ...]]  # a principal, and the aliases by which it was found
NO_EXTRACTION = "the administrator may not extract keys (grant 'e' in kadm5.acl, or clear lockdown_keys on the KDC)"
ROOM = 64 * 1024  # bytes: pages of the database and of its policies that may be split
ROOM_PER_STEP = 1024  # bytes: a principal with four keys takes less than 600
MOST_NAMED = 10  # principals that a message lists by name


def read_records(kadmin: Kadmin, names: Sequence[PrincipalName]) -> Records:
    """The record of each principal by its identity, None where it does not exist; KadminRefusal where it is hidden."""
    answers = kadmin.ask([command("getprinc -terse", principal_word(name)) for name in names])
    return {name.identity: _record(kadmin, name, answer) for name, answer in zip(names, answers)}


def _record(kadmin: Kadmin, name: PrincipalName, answer: Answer) -> Optional[PrincipalRecord]:
    line = terse_line(answer.lines)
    if line is not None:
        return parse_principal_record(line)
    if "Principal does not exist" in answer.complaint:
        return None
    raise _refusal(kadmin, name, answer.complaint)


def find_principals(kadmin: Kadmin, patterns: Sequence[str]) -> Tuple[List[Found], Tuple[PrincipalName, ...]]:
    """What matches one of ``patterns`` (see `principal_pattern`), and the names among them that do not exist.

    Without a pattern proper nothing is listed, for which an administrator would need another privilege.
    """
    for pattern in patterns:
        check_value(pattern, "names")
    exact = [parse_principal(pattern, kadmin.realm) for pattern in patterns if is_name(pattern)]
    names = {name.identity: name for name in exact}
    if len(exact) < len(patterns):
        (answer,) = kadmin.ask(["listprincs"])
        if "Operation requires" in answer.complaint:
            raise _refusal(kadmin, PrincipalName((b"*",), kadmin.realm.encode()), answer.complaint)
        matches = matcher(patterns)
        names.update((name.identity, name) for name in parse_names(answer.lines) if matches(name))
    records = read_records(kadmin, list(names.values()))
    found: Dict[Identity, Found] = {}
    for identity, name in names.items():
        record = records[identity]
        if record is not None:
            aliases = () if record.name.identity == identity else (name,)
            already = found.get(record.name.identity, (record, ()))
            found[record.name.identity] = (record, (*already[1], *aliases))
    return list(found.values()), tuple(name for name in exact if records[name.identity] is None)


def known_policies(kadmin: Kadmin, names: Iterable[str]) -> FrozenSet[str]:
    """Those of the named password policies that exist."""
    asked = list(names)
    answers = kadmin.ask([command("getpol -terse", quoted(name)) for name in asked])
    return frozenset(name for name, answer in zip(asked, answers) if terse_line(answer.lines))


def read_state(
    kadmin: Kadmin, wishes: Sequence[PrincipalWish], just_set: FrozenSet[Identity] = frozenset()
) -> PrincipalState:
    """What a plan needs to know; keys are read only of principals whose password is to be compared.

    ``just_set``: the principals of which kadmin said in this session that it set the password as asked, which is
    believed where nothing can be compared.
    """
    if any(wish.present and wish.aliases for wish in wishes):
        (answer,) = kadmin.ask([PROBE])
        check_known(answer.complaint, kadmin.access.program)
    names = {name.identity: name for wish in wishes for name in (wish.name, *wish.aliases)}
    records = read_records(kadmin, list(names.values()))
    asked = [wish for wish in wishes if wish.present and wish.always and records[wish.name.identity] is not None]
    extracted = extract_keys(kadmin, [wish.name for wish in asked])
    right: Set[Identity] = set()
    doubts: Dict[Identity, str] = {}
    for wish in asked:
        identity = wish.name.identity
        comparison = _compared(wish, records[identity], extracted[wish.name])
        if comparison.right or (comparison.doubt and identity in just_set):
            right.add(identity)
        elif comparison.doubt:
            doubts[identity] = comparison.doubt
    return PrincipalState(records, frozenset(right), doubts)


def read_kvnos(kadmin: Kadmin, plan: PrincipalPlan) -> Dict[Identity, int]:
    """The newest kvno of those principals that a plan, which is carried out, gave a new key."""
    records = read_records(kadmin, [change.name for change in plan.changes if change.new_key])
    return {identity: record.kvno for identity, record in records.items() if record is not None}


def _compared(
    wish: PrincipalWish, record: Optional[PrincipalRecord], keys: Tuple[KeytabEntry, ...] | KadminRefusal
) -> Comparison:
    if record is None or not record.keys:
        return Comparison(False)
    if isinstance(keys, KadminRefusal):
        return Comparison(False, NO_EXTRACTION if keys.kind == NO_PRIVILEGE else f"kadmin gives no keys ({keys})")
    return compare(wish.password or "", record, keys, password_key)


def carry_out(kadmin: Kadmin, steps: Sequence[Step]) -> None:
    """Give kadmin the steps of a plan in one go; KadminRefusal names the first that failed and what was done.

    A step that fails keeps no other from being carried out, as in a file of kadmin commands, but for those that
    follow the principal's others.
    """
    _check_room(kadmin, len(steps))
    done: List[Step] = []
    failed: List[Tuple[Step, Answer]] = []
    for follows in (False, True):
        unlucky = {step.principal.identity for step, dummy in failed}
        batch = [step for step in steps if step.follows is follows and step.principal.identity not in unlucky]
        answers = _answers(kadmin, batch, steps, done)
        done += [step for step, answer in zip(batch, answers) if _succeeded(step, answer)]
        failed += [(step, answer) for step, answer in zip(batch, answers) if not _succeeded(step, answer)]
    if failed:
        step, answer = failed[0]
        words = answer.complaint
        if step.secret is not None and step.secret in words:
            words = "its words are withheld, for they repeat the password"
        raise KadminRefusal(f"{_refusal(kadmin, step.principal, words)} ({_done(done, steps)})")


def _answers(kadmin: Kadmin, batch: Sequence[Step], steps: Sequence[Step], done: Sequence[Step]) -> Tuple[Answer, ...]:
    """kadmin's answers to a batch of ``steps``; KadminRefusal where it ends before the last."""
    try:
        return kadmin.ask([step.command for step in batch]) if batch else ()
    except Interrupted as interrupted:
        now = [step for step, answer in zip(batch, interrupted.answers) if _succeeded(step, answer)]
        see = "" if kadmin.access.mode == LOCAL else f"see that the kadmind of {kadmin.access.place} answers and "
        raise KadminRefusal(
            f"{kadmin.access.program}: was ended in the middle of the changes; {_done([*done, *now], steps)}; "
            f"{see}run again, what is done is not repeated"
        ) from interrupted


def _check_room(kadmin: Kadmin, steps: int) -> None:
    """KadminRefusal where the database's disk is nearly full.

    The DB2 module of MIT Kerberos does not look at what write() returns (seen in 1.20): on a full disk kadmin
    says that principals are created, and the database is damaged.
    """
    if kadmin.access.mode != LOCAL:
        return
    needed = ROOM + ROOM_PER_STEP * steps
    for folder in sorted({os.path.dirname(path) for path in kadmin.open_files()}):
        status = os.statvfs(folder)
        free = status.f_frsize * (status.f_bavail if os.geteuid() else status.f_bfree)
        if free < needed:
            raise KadminRefusal(
                f"{kadmin.access.place}: the disk that holds {folder} is full but for {free // 1024} KiB, and "
                f"the changes need about {needed // 1024} KiB; make room and run again"
            )


def _succeeded(step: Step, answer: Answer) -> bool:
    return any(line.startswith(step.said) for line in answer.lines)


def _done(done: Sequence[Step], steps: Sequence[Step]) -> str:
    """'done for 2 of 5 principals: a, b', counting a principal as done when all its steps are."""
    left = {step.principal.identity for step in steps if step not in done}
    names: List[str] = list(dict.fromkeys(str(step.principal) for step in done if step.principal.identity not in left))
    total = len({step.principal.identity for step in steps})
    if not names:
        return f"nothing is done for any of {total} principals" if total > 1 else "nothing is done"
    listed = ", ".join(names[:MOST_NAMED]) + (", ..." if len(names) > MOST_NAMED else "")
    return f"done for {len(names)} of {total} principals: {listed}"


def _refusal(kadmin: Kadmin, name: PrincipalName, words: str) -> KadminRefusal:
    return explained(words, {"principal": name, "place": kadmin.access.place, "who": kadmin.access.who}, COMMAND)
