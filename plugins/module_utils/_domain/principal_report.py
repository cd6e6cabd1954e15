# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Principals as Ansible's facts: everything but the keys."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple

from .enctypes import enctype_name
from .kadmin_output import PrincipalRecord
from .kadmin_time import time_text
from .keysalt import salt_name
from .old_keys import older_kvnos, tickets_end
from .principal import PrincipalName
from .principal_attributes import attribute_texts


def report_principals(
    found: Iterable[Tuple[PrincipalRecord, Sequence[PrincipalName]]],
) -> List[Dict[str, Any]]:
    """What `principal_info` returns of principals and their known aliases, sorted by name."""
    return [_report(*one) for one in sorted(found, key=lambda one: one[0].name.identity)]


def _end_text(record: PrincipalRecord) -> Optional[str]:
    if not older_kvnos(record):
        return None
    return time_text(tickets_end(record) or 0)


def _report(record: PrincipalRecord, aliases: Sequence[PrincipalName]) -> Dict[str, Any]:
    return {
        "name": str(record.name),
        "aliases": [str(alias) for alias in sorted(aliases, key=lambda alias: alias.identity)],
        "kvno": record.kvno,
        "old_kvnos": list(older_kvnos(record)),
        "old_tickets_end": _end_text(record),
        "key_data": [
            {
                "kvno": key.kvno,
                "enctype": enctype_name(key.keysalt.enctype),
                "salt": salt_name(key.keysalt.salt_type),
            }
            for key in record.keys
        ],
        "attributes": list(attribute_texts(record.attributes)),
        "policy": record.policy,
        "max_life": record.max_life,
        "max_renewable_life": record.max_renewable_life,
        "expires": time_text(record.expires),
        "password_expires": time_text(record.password_expires),
        "password_changed": time_text(record.password_changed),
        "modified": time_text(record.modified),
        "modified_by": record.modified_by,
        "last_success": time_text(record.last_success),
        "last_failure": time_text(record.last_failure),
        "failures": record.failures,
    }
