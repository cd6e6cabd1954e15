# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys for an export: in a run the keys themselves, in check mode what can be told of them on the KDC.

kadmin on another host gets keys only by having kadmind send them. Check mode asks such a kadmind for what getprinc
shows, and both modes refuse alike what kadmind would not hand out.
"""

from __future__ import annotations

from typing import Dict, List, Sequence, Tuple

from .._domain.kadmin_access import REMOTE
from .._domain.kadmin_output import PrincipalRecord
from .._domain.kadmin_symptoms import NO_EXTRACTION, KadminRefusal
from .._domain.key_digest import KeyDigest, digest_entry
from .._domain.keytab import KeytabEntry
from .._domain.principal import PrincipalName
from .._domain.principal_attributes import LOCKDOWN_KEYS
from .kadmin import Kadmin
from .kadmin_keys import existing_keys, extract_keys, refusal
from .kadmin_principals import read_records
from .kadmin_privilege import first_denied

UNPRIVILEGED = "Operation requires ``extract-keys'' privilege"  # kadmin's own words


def exported_keys(kadmin: Kadmin, principals: Sequence[PrincipalName]) -> Dict[PrincipalName, Tuple[KeytabEntry, ...]]:
    """All keys of those principals that exist; KadminRefusal where kadmind does not hand them out."""
    if kadmin.access.mode == REMOTE:
        _existing_records(kadmin, principals)
    return existing_keys(kadmin, principals)


def foreseen_keys(
    kadmin: Kadmin, principals: Sequence[PrincipalName], nonce: bytes
) -> Dict[PrincipalName, Tuple[KeyDigest, ...]]:
    """What `exported_keys` would give, as digests under ``nonce``; of a remote KDC without them, for no key travels.

    KadminRefusal as of the run.
    """
    if kadmin.access.mode != REMOTE:
        found = existing_keys(kadmin, principals)
        return {name: tuple(digest_entry(nonce, entry) for entry in keys) for name, keys in found.items()}
    records = _existing_records(kadmin, principals)
    _check_privilege(kadmin, principals)
    return {
        name: tuple(KeyDigest(name, key.kvno, key.keysalt.enctype) for key in record.keys)
        for name, record in records.items()
    }


def _existing_records(kadmin: Kadmin, principals: Sequence[PrincipalName]) -> Dict[PrincipalName, PrincipalRecord]:
    read = read_records(kadmin, principals)
    found = {}
    for name in principals:
        record = read[name.identity]
        if record is None:
            continue
        if record.attributes & LOCKDOWN_KEYS:
            raise KadminRefusal(
                f"principal {name}: has the attribute lockdown_keys, with which kadmind hands out no key; export it on "
                "the KDC itself (kadmin.mode: local), or clear the attribute there"
            )
        found[name] = record
    return found


def _check_privilege(kadmin: Kadmin, principals: Sequence[PrincipalName]) -> None:
    """KadminRefusal where kadmind would not hand out a principal's keys; none is asked for."""

    def denials(names: Sequence[PrincipalName]) -> List[bool]:
        answers = extract_keys(kadmin, names)
        return [isinstance(one, KadminRefusal) and one.kind == NO_EXTRACTION for one in map(answers.get, names)]

    name = first_denied(principals, denials)
    if name is not None:
        raise refusal(kadmin, name, UNPRIVILEGED)
