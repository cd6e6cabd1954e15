# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keytabs that go with changes of accounts of Active Directory, merged by the collection's own merge."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

from .ad_account import AccountWish
from .ad_need import password_age
from .ad_plan import AccountChange
from .ad_state import DirectoryState
from .key_digest import KeyDigest
from .keytab import KeytabEntry, parse
from .merge import RODC_SHIFT, Entry, Identity, KeytabPlan, Source, Wanted, plan_keytab

PROMISE = "set by the run"  # no digest of any key


@dataclass(frozen=True)
class NewKeys:
    """The keys that a new password made with ``salt``, or will have made: enctype number to key, at ``kvno``."""

    kvno: int
    keys: Mapping[int, bytes] = field(repr=False)
    salt: bytes = b""


def plan_keytabs(
    state: DirectoryState,
    changes: Sequence[AccountChange],
    keep_old: int,
    new: Optional[Mapping[str, NewKeys]] = None,
    staging: bool = False,
) -> Dict[str, KeytabPlan]:
    """The plan of each keytab, by its path.

    ``keep_old``: seconds for which older kvnos stay after the password was set. ``new``: the keys of the passwords
    that are set, by the account's name; without it they are promised, as check mode shows them. A password that is not
    among them was not set, so that none of the account's keys is old; neither is it where ``staging`` says that the
    passwords are yet to be set.
    """
    by_path: Dict[str, List[AccountChange]] = {path: [] for path in state.keytabs}
    for change in changes:
        by_path[change.wish.path].append(change)
    return {path: _plan(state, path, found, keep_old, new, staging) for path, found in by_path.items()}


def _plan(
    state: DirectoryState,
    path: str,
    changes: Sequence[AccountChange],
    keep_old: int,
    new: Optional[Mapping[str, NewKeys]],
    staging: bool,
) -> KeytabPlan:
    now = state.domain.now
    entries: List[KeytabEntry] = []
    promised: List[KeyDigest] = []
    for change in changes:
        entries += [KeytabEntry(name, now, kvno, enctype, key) for name, kvno, enctype, key in change.known_entries]
        if not change.need.sets:
            continue
        if new is None:
            promised += [
                KeyDigest(principal, change.kvno, enctype, PROMISE)
                for principal in change.principals
                for enctype in change.wish.enctypes
            ]
        elif change.wish.name in new:
            made = new[change.wish.name]
            entries += [
                KeytabEntry(principal, now, made.kvno, enctype, made.keys[enctype])
                for principal in change.principals
                for enctype in change.wish.enctypes
            ]
    sources = [Source("the directory", tuple(entries))] if entries else []
    sources += [Source("the new passwords", nonce=b"new", digests=tuple(promised))] if promised else []
    content = state.keytabs[path]
    if not sources:
        before = None if content is None else parse(content, path) if content else ()
        return KeytabPlan(content, before, before)
    plan = plan_keytab(content, path, Wanted(tuple(sources), on_conflict="source"))
    set_now = [] if staging else [change for change in changes if new is None or change.wish.name in new]
    settled = [change for change in changes if not change.need.sets or change in set_now]
    return replace(plan, after=_without_old(state, settled, keep_old, plan.after or ()))


def _without_old(
    state: DirectoryState, changes: Sequence[AccountChange], keep_old: int, entries: Iterable[Entry]
) -> Tuple[Entry, ...]:
    """Without the kvnos that no ticket can need any more.

    Higher ones than the directory's stay: another domain controller may be ahead of the one that was asked.
    """
    current: Dict[Identity, int] = {}
    for change in changes:
        if change.account is None or change.kvno is None:
            continue
        age = 0 if change.need.sets else password_age(change.account, state.domain.now)
        if age is not None and age >= keep_old:
            current.update({principal.identity: change.kvno for principal in change.principals})

    def old(entry: Entry) -> bool:
        kvno = current.get(entry.principal.identity)
        if kvno is None or entry.kvno is None:
            return False
        return entry.kvno < kvno and entry.kvno >> RODC_SHIFT == kvno >> RODC_SHIFT

    return tuple(entry for entry in entries if not old(entry))


def lacks_keys(wishes: Iterable[AccountWish], keytabs: Mapping[str, Optional[bytes]]) -> bool:
    """Whether a keytab lacks a principal or an encryption type that is asked for, whatever the directory says.

    ``keytabs``: bytes by path, None: no file.
    """
    held = {
        path: {(entry.principal.identity, entry.enctype) for entry in (parse(content, path) if content else ())}
        for path, content in keytabs.items()
    }
    return any(
        keytabs[wish.path] is None or (principal.identity, enctype) not in held[wish.path]
        for wish in wishes
        for principal in wish.service_principals
        for enctype in wish.enctypes
    )
