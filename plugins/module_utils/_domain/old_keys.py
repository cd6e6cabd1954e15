# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of older kvnos: until when tickets need them, and what purges them then.

No ticket is made with a key once it is no longer the newest, so the last change of the keys and the longest life of a
ticket say when the last one ends. MIT's KDC (kdc_util.c, kdc_get_ticket_endtime) bounds a life by max_life of client,
service and realm, of which 0 sets no bound, and a renewable life of 0 gives no renewable ticket (both seen in 1.20).
It makes a renewed ticket with the newest key (seen in 1.20); max_renewable_life counts here all the same, for the
sake of a replica that has not heard of the new key.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Dict, List, Optional, Sequence, Tuple

from .enctypes import enctype_name
from .kadmin_command import command, principal_word
from .kadmin_output import PrincipalRecord
from .kadmin_step import Step
from .principal import PrincipalName
from .principal_change import principal_step
from .principal_state import PrincipalState
from .principal_wish import PrincipalWish
from .refusal import Refusal

# Seconds behind the end of a ticket's life: services take it for five minutes more (clockskew), and replicas hear of a
# new key later than the primary
MARGIN = 3600
MOST_NAMED = 10  # principals that a warning lists by name


class OldKeysRefusal(Refusal):
    """A wish that would take keys from tickets that are still valid."""


def newest_kvno(record: PrincipalRecord) -> int:
    """The highest kvno of which there is a key; 0 where there is no key."""
    return max((key.kvno for key in record.keys), default=0)


def older_kvnos(record: PrincipalRecord) -> Tuple[int, ...]:
    """The kvnos below the newest, sorted."""
    return tuple(sorted({key.kvno for key in record.keys} - {newest_kvno(record)}))


def is_trust(name: PrincipalName) -> bool:
    """Whether the key is shared by two realms, of which either may issue the tickets: krbtgt/A@B."""
    return len(name.components) == 2 and name.components[0] == b"krbtgt" and name.components[1] != name.realm


def unbounded(record: PrincipalRecord) -> str:
    """Why the principal itself does not say when tickets end; empty where it does."""
    if is_trust(record.name):
        return "tickets of a trust end as the realm says that issues them"
    return "" if record.max_life else "a max_life of 0 sets their tickets no end"


def ticket_life(record: PrincipalRecord) -> Optional[int]:
    """Seconds after which a ticket for the principal is not taken any more; None where it does not say."""
    return None if unbounded(record) else max(record.max_life, record.max_renewable_life) + MARGIN


def tickets_end(record: PrincipalRecord, bound: Optional[int] = None) -> Optional[int]:
    """When the last ticket of an older kvno has ended, in seconds since 1970; None where nothing says so.

    ``bound``: seconds that tickets live, in place of the principal's own lives.
    """
    life = ticket_life(record) if bound is None else bound
    # a change that was never recorded stands there as 0
    return None if life is None or not record.password_changed else record.password_changed + life


def due_kvnos(record: PrincipalRecord, now: int, bound: Optional[int] = None) -> Tuple[int, ...]:
    """The older kvnos, where the last of their tickets ended before ``now``; never the newest."""
    end = tickets_end(record, bound)
    return older_kvnos(record) if end is not None and end < now else ()


def kvnos_to_purge(record: PrincipalRecord, wish: PrincipalWish, now: int) -> Tuple[int, ...]:
    """The kvnos that go, as ``wish`` asks; OldKeysRefusal where its shorter lives alone would make them go.

    Tickets that are out have the longer life, and afterwards nobody can tell any more what it was.
    """
    if not wish.purge:
        return ()
    due = due_kvnos(record, now, wish.tickets_end_after)
    changed = replace(
        record,
        max_life=record.max_life if wish.max_life is None else wish.max_life,
        max_renewable_life=(record.max_renewable_life if wish.max_renewable_life is None else wish.max_renewable_life),
    )
    if not due and due_kvnos(changed, now, wish.tickets_end_after):
        raise OldKeysRefusal(
            f"principal {wish.name}: old_keys: tickets with the longer life from before may still be valid; say with "
            "tickets_end_after how long they live, or shorten max_life and max_renewable_life when those keys are gone"
        )
    return due


def purge_step(record: PrincipalRecord) -> Step:
    """`purgekeys` of all below the newest kvno.

    Without -keepkvno a key that somebody else has just replaced would go as well.
    """
    line = command("purgekeys -keepkvno", str(newest_kvno(record)), principal_word(record.name))
    return principal_step(record.name, line, ('Old keys for principal "',))


def key_lines(record: PrincipalRecord, kvnos: Sequence[int]) -> Tuple[str, ...]:
    """For each of ``kvnos`` a line with the enctypes of its keys."""
    return tuple(f"keys of kvno {kvno}: {enctypes_text(kvno_enctypes(record, kvno))}" for kvno in kvnos)


def purged_lines(kvnos: Sequence[int]) -> Tuple[str, ...]:
    """The same lines afterwards."""
    return tuple(f"keys of kvno {kvno}: purged" for kvno in kvnos)


def kvno_enctypes(record: PrincipalRecord, kvno: int) -> Tuple[int, ...]:
    """The enctypes of the keys of one kvno, sorted, each once."""
    return tuple(sorted({key.keysalt.enctype for key in record.keys if key.kvno == kvno}))


def enctypes_text(enctypes: Sequence[int]) -> str:
    """Their names for people."""
    return ", ".join(sorted(enctype_name(number) for number in enctypes))


def kept_warnings(state: PrincipalState, wishes: Sequence[PrincipalWish]) -> Tuple[str, ...]:
    """For each reason one sentence that names the principals whose old keys nothing ever lets go."""
    names: Dict[str, List[str]] = {}
    for wish in wishes:
        record = state.records.get(wish.name.identity)
        if not wish.present or not wish.purge or record is None or not older_kvnos(record):
            continue
        if tickets_end(record, wish.tickets_end_after) is None:
            reason = "no change of their keys is recorded" if not record.password_changed else unbounded(record)
            names.setdefault(reason, []).append(str(wish.name))
    return tuple(_warning(reason, named) for reason, named in names.items())


def _warning(reason: str, names: Sequence[str]) -> str:
    listed = ", ".join(names[:MOST_NAMED]) + (f" and {len(names) - MOST_NAMED} more" if names[MOST_NAMED:] else "")
    if reason.startswith("no change"):
        remedy = "purge them by hand (purgekeys) when no ticket needs them"
    else:
        remedy = "say with tickets_end_after how long they live"
    return f"old_keys: purges none of {listed}, for {reason}; {remedy}"
