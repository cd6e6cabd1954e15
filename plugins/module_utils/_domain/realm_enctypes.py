# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which encryption types the keys of a realm are of, and which keys contradict a policy of encryption types.

The KDC makes tickets with keys of the newest kvno alone, and of these with such as its permitted_enctypes names.
Without one it refuses a user's login ("KDC has no support for encryption type") and a service's ticket, and it makes
none for principals that are disabled or expired (all seen in 1.20). Older keys count until the last ticket that was
made with them has ended (see `old_keys`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, FrozenSet, Iterable, Iterator, List, Optional, Set, Tuple

from .kadmin_output import PrincipalRecord
from .kadmin_time import time_text
from .keytab import KeytabEntry
from .old_keys import (
    MOST_NAMED,
    enctypes_text,
    is_trust,
    kvno_enctypes,
    newest_kvno,
    older_kvnos,
    ticket_life,
    tickets_end,
)
from .principal import PrincipalName
from .principal_attributes import ALLOW_TIX

NO_KEY, OTHER_KEYS, OLD_KEYS = "no_key", "other_keys", "old_keys"  # of a contradiction
MASTER_KEY = (b"K", b"M")  # protects the database; tickets are not made with it
HISTORY_KEY = (b"kadmin", b"history")  # protects the former passwords
# First components that name a service though the host behind them has no dot; else `alice/admin` is a person
SERVICES = frozenset(
    (b"host", b"HTTP", b"http", b"imap", b"ldap", b"nfs", b"cifs", b"pop", b"sieve", b"smtp", b"xmpp", b"kiprop")
)
KDC_OWN = frozenset((b"krbtgt", b"kadmin"))


@dataclass(frozen=True)
class Contradiction:
    """Keys of one kvno that a policy does not allow.

    ``kind``: NO_KEY, the newest keys have no type of the policy; OTHER_KEYS, they have others besides; OLD_KEYS, those
    of an older kvno have. ``enctypes``: the types outside of the policy, sorted. ``sentence`` says what to do.
    """

    principal: PrincipalName
    kvno: int
    enctypes: Tuple[int, ...]
    kind: str
    sentence: str


@dataclass(frozen=True)
class RealmEnctypes:
    """``in_use``: the types of all keys with which a ticket may still be made, or was made that may be valid.

    ``active``: the principals that have such keys, and the master key's; ``now``: when, in seconds since 1970;
    ``bound``: seconds that tickets live, None where the principals' own lives say it.
    """

    in_use: FrozenSet[int]
    active: Tuple[PrincipalRecord, ...]
    now: int
    bound: Optional[int] = None


@dataclass(frozen=True)
class Holder:
    """A kind of principal: what lacks it without a key of the policy, and how it gets another key."""

    lack: str
    remedy: str


SERVICE = Holder(
    "so that nobody gets a ticket for it",
    "make new keys (kerberos_rekey: when_enctypes_differ) and bring them to its keytabs",
)
USER = Holder(
    "so that it cannot log in",
    "let the user change the password, which makes new keys, or who knows it give it to mailrealm.kerberos.principal "
    "with rekey: when_enctypes_differ",
)
OWN = Holder(
    "so that the KDC makes no ticket with them",
    "make new keys (mailrealm.kerberos.principal with rekey: when_enctypes_differ)",
)
TRUST = Holder(
    "so that nobody gets a ticket by way of the trust", "set a new password of the trust in both realms at once"
)
MASTER = Holder(
    "which keeps nobody from logging in",
    "make another master key (kdb5_util add_mkey, use_mkey and update_princ_encryption)",
)


def realm_enctypes(records: Iterable[PrincipalRecord], now: int, bound: Optional[int] = None) -> RealmEnctypes:
    """What the keys of ``records`` are of at the time ``now``; ``bound``: seconds that tickets live, where it is known.

    Left out are principals that may get no tickets any more, as they are disabled (-allow_tix) or expired, once those
    that are out have ended; and the key of password histories. The master key is of no type that tickets use.
    """
    in_use: Set[int] = set()
    active: List[PrincipalRecord] = []
    for record in records:
        components = record.name.components
        kvnos = () if components in (MASTER_KEY, HISTORY_KEY) else tuple(_kvnos_in_use(record, now, bound))
        if kvnos or components == MASTER_KEY:
            active.append(record)
        for kvno in kvnos:
            in_use.update(kvno_enctypes(record, kvno))
    return RealmEnctypes(frozenset(in_use), tuple(active), now, bound)


def needed(realm: RealmEnctypes, policy: Iterable[int]) -> Tuple[int, ...]:
    """The types outside of ``policy`` without which somebody could not go on, in ascending order.

    Of services those of all keys in use, for tickets that were made with them are out. Of a user, for whom no tickets
    are made, those of the newest keys where none of them is of the policy.
    """
    allowed = frozenset(policy)
    found: Set[int] = set()
    for record in realm.active:
        if record.name.components == MASTER_KEY:
            continue
        newest = kvno_enctypes(record, newest_kvno(record))
        if _holder(record.name) is USER:
            found.update(() if allowed.intersection(newest) else newest)
            continue
        for kvno in _kvnos_in_use(record, realm.now, realm.bound):
            found.update(kvno_enctypes(record, kvno))
    return tuple(sorted(found - allowed))


def locked_out_sentence(found: Iterable[Contradiction]) -> str:
    """One sentence about the principals that have no key of the policy; empty where there are none."""
    names = [str(one.principal) for one in found if one.kind == NO_KEY]
    more = f" and {len(names) - MOST_NAMED} more" if names[MOST_NAMED:] else ""
    return (
        f"no key of the policy: {', '.join(names[:MOST_NAMED])}{more} could not be used with it; "
        "see the result 'contradictions' for what to do with each"
        if names
        else ""
    )


def _kvnos_in_use(record: PrincipalRecord, now: int, bound: Optional[int]) -> Iterator[int]:
    if not record.keys or _ended(_stopped(record), ticket_life(record), now):
        return
    yield newest_kvno(record)
    end = tickets_end(record, bound)
    if end is None or end >= now:
        yield from older_kvnos(record)


def _stopped(record: PrincipalRecord) -> Optional[int]:
    """Since when the KDC makes no tickets with any of the keys, at the latest; None where it does."""
    if not ALLOW_TIX.holds(record.attributes):
        return record.modified
    return record.expires or None


def _ended(stopped: Optional[int], life: Optional[int], now: int) -> bool:
    return stopped is not None and life is not None and stopped + life < now


def contradictions(realm: RealmEnctypes, policy: Iterable[int]) -> Tuple[Contradiction, ...]:
    """What of the realm's keys the ``policy``, numbers of encryption types, does not allow; sorted by principal."""
    allowed = frozenset(policy)
    found: List[Contradiction] = []
    for record in sorted(realm.active, key=lambda record: record.name.identity):
        found += _of_principal(record, allowed, realm.now)
    return tuple(found)


def _of_principal(record: PrincipalRecord, allowed: FrozenSet[int], now: int) -> Iterator[Contradiction]:
    name, holder = record.name, _holder(record.name)
    keys = {kvno: kvno_enctypes(record, kvno) for kvno in (newest_kvno(record), *older_kvnos(record))}
    for kvno, enctypes, found in _kinds(keys, allowed):
        kind = OTHER_KEYS if holder is MASTER and found == NO_KEY else found  # a policy of tickets
        if kind == OLD_KEYS:
            rest = f"; {MASTER_PURGE if holder is MASTER else _old_remedy(record, now)}"
        elif holder is MASTER:
            rest = f", {holder.lack}; {holder.remedy}"
        elif kind == NO_KEY:
            rest = f" and it has no others, {holder.lack}; {holder.remedy}"
        else:
            rest = f", beside others that are not; {holder.remedy}"
        sentence = f"principal {name}: {_keys(kvno, enctypes)} are outside of the policy{rest}"
        yield Contradiction(name, kvno, enctypes, kind, sentence)


MASTER_PURGE = "drop them with kdb5_util purge_mkeys, which keeps what the database still needs"


def _old_remedy(record: PrincipalRecord, now: int) -> str:
    purge = "old_keys: purge_when_expired of mailrealm.kerberos.principal"
    end = tickets_end(record)
    if end is None:
        return f"nothing says when their tickets end, so give tickets_end_after with {purge}"
    if end < now:
        return f"no ticket needs them any more, so let them go ({purge})"
    return f"tickets may need them until {time_text(end)}, and then they can go ({purge})"


def _holder(name: PrincipalName) -> Holder:
    """What a principal is, by its name: nothing tells whether a key was made from a password."""
    first, *rest = name.components
    if name.components == MASTER_KEY:
        return MASTER
    if is_trust(name):
        return TRUST
    if first in KDC_OWN:
        return OWN
    return SERVICE if rest and (first in SERVICES or b"." in rest[0]) else USER


def _kinds(keys: Dict[int, Tuple[int, ...]], allowed: FrozenSet[int]) -> Iterator[Tuple[int, Tuple[int, ...], str]]:
    """(kvno, enctypes outside of the policy, kind) of each kvno that has such, the newest first."""
    newest = max(keys)
    for kvno in sorted(keys, reverse=True):
        outside = tuple(number for number in keys[kvno] if number not in allowed)
        if outside:
            none_inside = len(outside) == len(keys[kvno])
            yield kvno, outside, OLD_KEYS if kvno != newest else NO_KEY if none_inside else OTHER_KEYS


def _keys(kvno: int, enctypes: Tuple[int, ...]) -> str:
    return f"its keys of kvno {kvno} and type {enctypes_text(enctypes)}"


KEYTAB_SENTENCES = {
    NO_KEY: "are outside of the policy and there are no others, so that its service takes no ticket; make new keys "
    "(kerberos_rekey: when_enctypes_differ) and bring them here",
    OTHER_KEYS: "are outside of the policy, beside others that are not; name in enctypes of mailrealm.kerberos.keytab "
    "those that are to stay",
    OLD_KEYS: "are outside of the policy; once no ticket needs them let them go (keep_kvnos: 1 of "
    "mailrealm.kerberos.keytab)",
}


def keytab_contradictions(
    entries: Iterable[KeytabEntry], policy: Iterable[int], label: str = "keytab"
) -> Tuple[Contradiction, ...]:
    """What of a keytab's keys the ``policy`` does not allow; sorted by principal. ``label``: the file, for messages."""
    allowed = frozenset(policy)
    held: Dict[Tuple[bytes, Tuple[bytes, ...]], List[KeytabEntry]] = {}
    for entry in entries:
        held.setdefault(entry.principal.identity, []).append(entry)
    found: List[Contradiction] = []
    for dummy, own in sorted(held.items()):
        keys = {
            kvno: tuple(sorted({entry.enctype for entry in own if entry.kvno == kvno}))
            for kvno in {entry.kvno for entry in own}
        }
        name = own[0].principal
        for kvno, enctypes, kind in _kinds(keys, allowed):
            told = f"{label}: principal {name}: {_keys(kvno, enctypes)}"
            found.append(Contradiction(name, kvno, enctypes, kind, f"{told} {KEYTAB_SENTENCES[kind]}"))
    return tuple(found)
