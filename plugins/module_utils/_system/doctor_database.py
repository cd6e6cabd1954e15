# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the KDC's database holds of the principals that matter here, by one conversation with kadmin.local: no keys."""

from __future__ import annotations

import time
from typing import Any, Dict, List, Mapping, Optional

from .._domain.doctor_asked import Asked
from .._domain.enctypes import enctype_name
from .._domain.kadmin_access import LOCAL, KadminAccess
from .._domain.kadmin_output import PolicyRecord, PrincipalRecord
from .._domain.kadmin_symptoms import KadminRefusal
from .._domain.principal import parse_principal
from .._domain.principal_attributes import attribute_texts
from .kadmin import Kadmin
from .kadmin_policies import read_policies
from .kadmin_principals import read_records


def gather(asked: Asked) -> Dict[str, Any]:
    """Whether the database opens, else why not (`kind`: kadmin_symptoms' names), and each principal that is asked of.

    ``now`` is the KDC's time; all times are seconds since 1970 and 0 for never.
    """
    settings = asked.settings.get("kdc") or {}
    users = _qualified(settings.get("users", ()), asked.realm)
    names = [*_qualified(settings.get("principals", ()), asked.realm), *users]
    names += _qualified([f"krbtgt/{asked.realm}"], asked.realm)
    with Kadmin(KadminAccess(LOCAL, asked.realm)) as kadmin:
        try:
            kadmin.begin()
        except KadminRefusal as refusal:
            return {"opens": False, "kind": refusal.kind, "said": str(refusal)}
        records = read_records(kadmin, [parse_principal(name, asked.realm) for name in dict.fromkeys(names)])
        named = {record.policy for record in records.values() if record is not None and record.policy}
        policies = read_policies(kadmin, sorted(named))
    return {
        "opens": True,
        "now": int(time.time()),
        "users": list(users),
        "principals": {
            name: _told(records[parse_principal(name, asked.realm).identity], policies) for name in dict.fromkeys(names)
        },
    }


def _qualified(names: Any, realm: str) -> List[str]:
    return [str(parse_principal(str(name), realm)) for name in names]


def _told(
    record: Optional[PrincipalRecord], policies: Mapping[str, Optional[PolicyRecord]]
) -> Optional[Dict[str, Any]]:
    """None for a principal that does not exist. ``enctypes`` are those of the newest keys in the KDC's order."""
    if record is None:
        return None
    policy = policies.get(record.policy or "")
    newest = [key for key in record.keys if key.kvno == record.kvno] or list(record.keys)
    return {
        "principal": str(record.name),
        "kvno": record.kvno,
        "enctypes": list(dict.fromkeys(enctype_name(key.keysalt.enctype) for key in newest)),
        "attributes": list(attribute_texts(record.attributes)),
        "expires": record.expires,
        "password_expires": record.password_expires,
        "failures": record.failures,
        "last_failure": record.last_failure,
        "most_failures": policy.max_failures if policy else 0,
        "lockout": policy.lockout_duration if policy else 0,
    }
