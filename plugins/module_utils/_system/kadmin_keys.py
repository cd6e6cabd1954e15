# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys out of the database as they are, through a file that has no name and is gone with the process."""

from __future__ import annotations

import contextlib
import os
from typing import Dict, Iterator, List, Sequence, Tuple

from .._domain.kadmin_command import command, principal_word
from .._domain.kadmin_symptoms import NO_PRINCIPAL, KadminRefusal
from .._domain.keytab import MAGIC, KeytabEntry, parse
from .._domain.principal import PrincipalName
from .kadmin import Kadmin
from .kadmin_steps import refused

SHARE = 50  # principals a file: kadmin reads a keytab from its beginning for each key that it adds


def extract_keys(
    kadmin: Kadmin, principals: Sequence[PrincipalName]
) -> Dict[PrincipalName, Tuple[KeytabEntry, ...] | KadminRefusal]:
    """All keys of each principal, every kvno, never rotated (`ktadd -norandkey`); or why they are not given out.

    No key where the principal has none (`addprinc -nokey`), of which kadmin says nothing.

    Remotely this needs the privilege extract-keys (`e` in kadm5.acl).
    """
    found: Dict[PrincipalName, Tuple[KeytabEntry, ...] | KadminRefusal] = {}
    for start in range(0, len(principals), SHARE):
        found.update(_share(kadmin, principals[start : start + SHARE]))
    return found


def existing_keys(kadmin: Kadmin, principals: Sequence[PrincipalName]) -> Dict[PrincipalName, Tuple[KeytabEntry, ...]]:
    """All keys of those principals that exist; KadminRefusal where keys that exist are not given out."""
    found = {}
    for principal, keys in extract_keys(kadmin, principals).items():
        if isinstance(keys, KadminRefusal):
            if keys.kind == NO_PRINCIPAL:
                continue
            raise keys
        found[principal] = keys
    return found


def _share(
    kadmin: Kadmin, principals: Sequence[PrincipalName]
) -> Dict[PrincipalName, Tuple[KeytabEntry, ...] | KadminRefusal]:
    with _nameless() as descriptor:
        path = f'"FILE:/proc/{os.getpid()}/fd/{descriptor}"'
        answers = kadmin.ask(
            [command("ktadd -norandkey -k", path, principal_word(principal)) for principal in principals]
        )
        size = os.fstat(descriptor).st_size
        entries = parse(os.pread(descriptor, size, 0), "the keys that kadmin extracted")
    keys: Dict[Tuple[bytes, Tuple[bytes, ...]], List[KeytabEntry]] = {}
    for entry in entries:
        keys.setdefault(entry.principal.identity, []).append(entry)
    return {
        principal: refusal(kadmin, principal, answer.complaint)
        if answer.complaint and principal.identity not in keys
        else tuple(keys.get(principal.identity, ()))
        for principal, answer in zip(principals, answers)
    }


def refusal(kadmin: Kadmin, principal: PrincipalName, words: str) -> KadminRefusal:
    """What kadmin's ``words`` about a principal mean."""
    return refused(kadmin, f"principal {principal}", words)


@contextlib.contextmanager
def _nameless() -> Iterator[int]:
    """A file in memory that holds an empty keytab; kadmin reaches it through this process's descriptor."""
    descriptor = os.memfd_create("mailrealm-keys", os.MFD_CLOEXEC)
    try:
        os.write(descriptor, MAGIC)
        yield descriptor
    finally:
        os.close(descriptor)
