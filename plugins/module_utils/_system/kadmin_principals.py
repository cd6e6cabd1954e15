# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Principals of a realm: read, and compared with passwords, by one conversation with kadmin."""

from __future__ import annotations

import hmac
from typing import Dict, List, Mapping, Optional, Sequence, Tuple

from .._domain.kadmin_answer import Answer
from .._domain.kadmin_command import check_value, command, principal_word
from .._domain.kadmin_output import PrincipalRecord, parse_names, parse_principal_record, terse_line
from .._domain.kadmin_symptoms import KadminRefusal
from .._domain.keysalt import password_salt
from .._domain.keytab import KeytabEntry
from .._domain.principal import PrincipalName, parse_principal
from .._domain.principal_pattern import is_name, matcher
from .._domain.principal_plan import Identity, PrincipalState
from .._domain.principal_wish import PrincipalWish
from .kadmin import Kadmin
from .kadmin_keys import extract_keys
from .kadmin_steps import refused
from .string_to_key import password_key

Records = Dict[Identity, Optional[PrincipalRecord]]


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


def matching_records(kadmin: Kadmin, patterns: Sequence[str]) -> List[PrincipalRecord]:
    """The records of the principals that match one of ``patterns`` (see `principal_pattern`).

    Without a pattern proper nothing is listed, for which an administrator would need another privilege.
    """
    for pattern in patterns:
        check_value(pattern, "names")
    if all(is_name(pattern) for pattern in patterns):
        names = [parse_principal(pattern, kadmin.realm) for pattern in patterns]
    else:
        (answer,) = kadmin.ask(["listprincs"])
        if "Operation requires" in answer.complaint:
            raise _refusal(kadmin, PrincipalName((b"*",), kadmin.realm.encode()), answer.complaint)
        matches = matcher(patterns)
        names = [name for name in parse_names(answer.lines) if matches(name)]
    return [record for record in read_records(kadmin, names).values() if record is not None]


def read_state(kadmin: Kadmin, wishes: Sequence[PrincipalWish]) -> PrincipalState:
    """What a plan needs to know; keys are read only of principals whose password is to be compared."""
    records = read_records(kadmin, [wish.name for wish in wishes])
    doubted = [wish for wish in wishes if wish.present and wish.always and records[wish.name.identity] is not None]
    extracted = extract_keys(kadmin, [wish.name for wish in doubted])
    right = frozenset(wish.name.identity for wish in doubted if _is_right(wish, records, extracted[wish.name]))
    return PrincipalState(records, right)


def _is_right(
    wish: PrincipalWish,
    records: Mapping[Identity, Optional[PrincipalRecord]],
    keys: Tuple[KeytabEntry, ...] | KadminRefusal,
) -> bool:
    """Whether the newest keys are the password's; what cannot be judged (no privilege, unknown salt) is not right."""
    record = records[wish.name.identity]
    if record is None or isinstance(keys, KadminRefusal) or not keys:
        return False
    newest = max(entry.kvno for entry in keys)
    stored = {entry.enctype: entry.key for entry in keys if entry.kvno == newest}
    for keysalt in record.newest_keys:
        salt = password_salt(record.name, keysalt.salt_type)
        made = None if salt is None else password_key(wish.password or "", salt, keysalt.enctype)
        if made is None or not hmac.compare_digest(made, stored.get(keysalt.enctype, b"")):
            return False
    return True


def _refusal(kadmin: Kadmin, name: PrincipalName, words: str) -> KadminRefusal:
    return refused(kadmin, f"principal {name}", words)
