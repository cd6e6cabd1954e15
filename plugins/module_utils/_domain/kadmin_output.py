# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What kadmin prints: `getprinc -terse`, `getpol -terse` and `listprincs`, read by count and not by position."""

from __future__ import annotations

from dataclasses import dataclass
from typing import FrozenSet, Iterable, Optional, Sequence, Tuple, Union

from .keysalt import KeySalt, read_keysalts
from .principal import PrincipalName, read_text
from .refusal import Refusal

FIXED = 16  # fields of `getprinc -terse` up to the number of keys (MIT's kadmin/cli/kadmin.c, kadmin_getprinc)
PER_KEY = 4  # version, kvno, enctype, salt type
NO_POLICY = "[none]"
NO_KEYSALTS = "-"


class KadminOutputRefusal(Refusal):
    """An answer of kadmin that is not what its version is known to print."""


@dataclass(frozen=True)
class Key:
    """One key of a principal in the database, without its bytes."""

    kvno: int
    keysalt: KeySalt


@dataclass(frozen=True)
class PrincipalRecord:
    """A principal as the database holds it: times in seconds since 1970 (0: never), durations in seconds."""

    name: PrincipalName
    expires: int
    password_changed: int
    password_expires: int
    max_life: int
    modified_by: str
    modified: int
    attributes: int
    kvno: int
    policy: Optional[str]
    max_renewable_life: int
    last_success: int
    last_failure: int
    failures: int
    keys: Tuple[Key, ...]

    @property
    def newest_keys(self) -> FrozenSet[KeySalt]:
        """The enctypes and salt types of the highest kvno; empty where there is no key."""
        newest = max((key.kvno for key in self.keys), default=0)
        return frozenset(key.keysalt for key in self.keys if key.kvno == newest)

    @property
    def newest_enctypes(self) -> FrozenSet[int]:
        """The enctypes of `newest_keys`, however they are salted: a random key has no salt, whatever was asked."""
        return frozenset(one.enctype for one in self.newest_keys)


@dataclass(frozen=True)
class PolicyRecord:
    """A password policy as the database holds it: durations in seconds, 0 for no limit.

    ``allowed_keysalts``: empty where any is allowed; entries that nobody knows as text.
    """

    name: str
    max_life: int
    min_life: int
    min_length: int
    min_classes: int
    history: int
    max_failures: int
    failure_count_interval: int
    lockout_duration: int
    allowed_keysalts: Tuple[Union[KeySalt, str], ...]


def parse_principal_record(line: str) -> PrincipalRecord:
    """The record in a line of `getprinc -terse`; fields beyond the keys (later versions' tl-data) are let be.

    KadminOutputRefusal where fewer or other fields stand there.
    """
    fields = line.split("\t")
    try:
        count = _count(fields[FIXED - 1])
        data = [int(fields[FIXED + at]) for at in range(PER_KEY * count)]
        policy = _string(fields[10])
        return PrincipalRecord(
            name=read_text(_string(fields[0])),
            expires=_time(fields[1]),
            password_changed=_time(fields[2]),
            password_expires=_time(fields[3]),
            max_life=int(fields[4]),
            modified_by=_string(fields[5]),
            modified=_time(fields[6]),
            attributes=int(fields[7]) % 2**32,
            kvno=int(fields[8]),
            policy=None if policy == NO_POLICY else policy,
            max_renewable_life=int(fields[11]),
            last_success=_time(fields[12]),
            last_failure=_time(fields[13]),
            failures=int(fields[14]),
            keys=tuple(Key(data[at + 1], KeySalt(data[at + 2], data[at + 3])) for at in range(0, len(data), PER_KEY)),
        )
    except (ValueError, IndexError, Refusal) as error:
        raise KadminOutputRefusal(
            f"kadmin: getprinc -terse printed a line of another form than known ({error}); "
            "this version of MIT Kerberos is not supported yet"
        ) from error


def parse_policy_record(line: str) -> PolicyRecord:
    """The policy in a line of `getpol -terse`; fields beyond the key/salt types are let be.

    KadminOutputRefusal where fewer or other fields stand there.
    """
    fields = line.split("\t")
    try:
        # the seventh once counted the principals that use it; 0 in 1.20 and 1.21 (kadmin/cli/kadmin.c, kadmin_getpol)
        max_life, min_life, min_length, min_classes, history, dummy, *lockout = (int(field) for field in fields[1:10])
        max_failures, failure_count_interval, lockout_duration = lockout
        return PolicyRecord(
            name=_string(fields[0]),
            max_life=max_life,
            min_life=min_life,
            min_length=min_length,
            min_classes=min_classes,
            history=history,
            max_failures=max_failures,
            failure_count_interval=failure_count_interval,
            lockout_duration=lockout_duration,
            allowed_keysalts=() if fields[10] == NO_KEYSALTS else read_keysalts(fields[10]),
        )
    except (ValueError, IndexError) as error:
        raise KadminOutputRefusal(
            f"kadmin: getpol -terse printed a line of another form than known ({error}); "
            "this version of MIT Kerberos is not supported yet"
        ) from error


def parse_names(lines: Iterable[str]) -> Tuple[PrincipalName, ...]:
    """The principals in the answer to `listprincs`, in its order."""
    return tuple(read_text(line) for line in lines if line)


def terse_line(lines: Sequence[str]) -> Optional[str]:
    """The one line of a terse answer, or None where the answer is an error message instead."""
    return next((line for line in lines if line.startswith('"') and "\t" in line), None)


def _string(field: str) -> str:
    if len(field) < 2 or field[0] != '"' or field[-1] != '"':
        raise ValueError(f"'{field}' is not in double quotes")
    return field[1:-1]


def _count(field: str) -> int:
    if not field.isdigit():
        raise ValueError(f"'{field}' is no number of keys")
    return int(field)


def _time(field: str) -> int:
    """Times after January 2038 are printed as negative numbers (%d of an unsigned 32-bit value, seen in 1.20)."""
    return int(field) % 2**32
