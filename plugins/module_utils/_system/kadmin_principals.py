# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Principals of a realm: read, and compared with passwords, by one conversation with kadmin."""

from __future__ import annotations

from typing import Dict, FrozenSet, List, Optional, Sequence, Set, Tuple

from .._domain.kadmin_answer import Answer
from .._domain.kadmin_command import check_value, command, principal_word
from .._domain.kadmin_output import PrincipalRecord, parse_names, parse_principal_record, terse_line
from .._domain.kadmin_symptoms import NO_EXTRACTION, KadminRefusal
from .._domain.keytab import KeytabEntry
from .._domain.password_comparison import Comparison, compare
from .._domain.principal import PrincipalName, parse_principal
from .._domain.principal_alias import PROBE, check_known
from .._domain.principal_pattern import is_name, matcher
from .._domain.principal_state import Identity, PrincipalState
from .._domain.principal_wish import PrincipalWish
from .kadmin import Kadmin
from .kadmin_keys import extract_keys, refusal
from .string_to_key import password_key

Records = Dict[Identity, Optional[PrincipalRecord]]
Found = Tuple[PrincipalRecord, Tuple[PrincipalName, ...]]  # a principal, and the aliases by which it was found
UNPRIVILEGED = "the administrator may not extract keys (grant 'e' in kadm5.acl, or clear lockdown_keys on the KDC)"


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
    raise refusal(kadmin, name, answer.complaint)


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
            raise refusal(kadmin, PrincipalName((b"*",), kadmin.realm.encode()), answer.complaint)
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


def read_state(
    kadmin: Kadmin, wishes: Sequence[PrincipalWish], just_set: FrozenSet[Identity] = frozenset(), now: int = 0
) -> PrincipalState:
    """What a plan needs to know; keys are read only of principals whose password is to be compared.

    ``just_set``: the principals of which kadmin said in this session that it set the password as asked, which is
    believed where nothing can be compared. ``now``: see `PrincipalState`.
    """
    if any(wish.present and wish.aliases for wish in wishes):
        (answer,) = kadmin.ask([PROBE])
        check_known(answer.complaint, kadmin.access.program)
    names = {name.identity: name for wish in wishes for name in (wish.name, *wish.aliases)}
    records = read_records(kadmin, list(names.values()))
    asked = [wish for wish in wishes if _to_be_compared(wish, records[wish.name.identity])]
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
    return PrincipalState(records, frozenset(right), doubts, now)


def _to_be_compared(wish: PrincipalWish, record: Optional[PrincipalRecord]) -> bool:
    """Of staged keys it is asked only once they should be there."""
    if record is None or wish.password is None or not wish.present:
        return False
    return wish.always or wish.new_kvno == record.kvno


def _compared(
    wish: PrincipalWish, record: Optional[PrincipalRecord], keys: Tuple[KeytabEntry, ...] | KadminRefusal
) -> Comparison:
    if record is None or not record.keys:
        return Comparison(False)
    if isinstance(keys, KadminRefusal):
        return Comparison(False, UNPRIVILEGED if keys.kind == NO_EXTRACTION else f"kadmin gives no keys ({keys})")
    return compare(wish.password or "", record, keys, password_key)
