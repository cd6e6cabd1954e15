# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""New keys that every keytab holds before the KDC has them: made from a password, under the next kvno.

The KDC issues tickets under a new kvno from the moment on in which it has the key. So a key that all hosts are to have
by then comes from a password: its keys are staged in their keytabs first, and then the KDC is given the same password
(`cpw -keepold -pw`), from which it makes the same keys.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, Iterable, Mapping, Optional, Sequence, Tuple

from .enctypes import enctype_name, expand_enctypes
from .kadmin_output import PrincipalRecord
from .keytab import KeytabEntry
from .principal import PrincipalName
from .principal_pattern import is_name, matcher
from .principal_state import Identity
from .refusal import Refusal

MEMBERS = ("name", "key", "password", "enctypes", "rekey", "new_kvno")  # as the module `principal` takes them


class StageRefusal(Refusal):
    """Keys that cannot be staged as asked."""


@dataclass(frozen=True)
class StageWish:
    """The enctypes, in the KDC's order of preference, that the newest keys of the principals are to have.

    ``principals``: those whose keys are looked after.
    """

    enctypes: Tuple[int, ...]
    principals: Tuple[PrincipalName, ...]


@dataclass(frozen=True)
class DuePrincipal:
    """One whose newest keys are of other types: as the KDC knows it, and all ``names`` by which it is exported."""

    record: PrincipalRecord
    names: Tuple[PrincipalName, ...]

    @property
    def kvno(self) -> int:
        """The one that its next key gets (MIT's kdb_cpw.c): the highest and one more."""
        return self.record.kvno + 1


@dataclass(frozen=True)
class Stage:
    """The next keys of one principal, each with its enctype, and the password from which they are made."""

    due: DuePrincipal
    keys: Tuple[Tuple[int, bytes], ...] = field(repr=False)
    password: str = field(repr=False)


def parse_stage(option: Optional[Mapping[str, Any]], exported: Sequence[PrincipalName]) -> Optional[StageWish]:
    """What the option `stage` asks for, if it is given.

    EnctypeRefusal for an unknown type; StageRefusal where no type is named, or a principal that is not ``exported``.
    """
    if option is None:
        return None
    enctypes = expand_enctypes(option["enctypes"], "stage: enctypes")
    if not enctypes:
        raise StageRefusal("stage: enctypes: names no encryption type; list those that the keys are to have")
    patterns = option.get("principals") or ()
    for pattern in patterns:
        if is_name(pattern) and not any(map(matcher([pattern]), exported)):
            raise StageRefusal(
                f"stage: principals: '{pattern}' is in none of the keytabs; correct it, or list it in one of 'keytabs'"
            )
    return StageWish(enctypes, tuple(filter(matcher(patterns), exported)))


def due_principals(
    enctypes: Sequence[int], names: Iterable[PrincipalName], records: Mapping[Identity, Optional[PrincipalRecord]]
) -> Tuple[DuePrincipal, ...]:
    """Of ``names`` those whose newest keys are of other types; each principal once, whatever its aliases."""
    found: Dict[Identity, DuePrincipal] = {}
    for name in names:
        record = records[name.identity]
        if record is not None and record.newest_enctypes != frozenset(enctypes):
            known = found.get(record.name.identity)
            found[record.name.identity] = DuePrincipal(record, (*(known.names if known else ()), name))
    return tuple(found.values())


def staged_entries(stages: Iterable[Stage], timestamp: int) -> Dict[PrincipalName, Tuple[KeytabEntry, ...]]:
    """The keys as entries of keytabs, by each exported name. ``timestamp``: seconds since 1970."""
    return {
        name: tuple(KeytabEntry(name, timestamp, stage.due.kvno, enctype, key) for enctype, key in stage.keys)
        for stage in stages
        for name in stage.due.names
    }


def report_stage(stage: Stage, secret: bool) -> Dict[str, Any]:
    """One item for the option `principals` of the module `principal`; a secret, unless it is without its password."""
    values = (
        str(stage.due.record.name),
        "password",
        stage.password if secret else None,
        [enctype_name(enctype) for enctype, dummy in stage.keys],
        "when_enctypes_differ",
        stage.due.kvno,
    )
    return dict(zip(MEMBERS, values))
