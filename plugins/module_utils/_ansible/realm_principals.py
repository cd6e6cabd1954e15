# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Principals as modules take and report them."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from .._domain.principal_change import PrincipalChange, PrincipalPlan
from .._domain.principal_state import PrincipalState

WHAT = "principals"  # in a diff's header

# Documented in plugins/doc_fragments/principals.py
ITEM: Dict[str, Dict[str, Any]] = {
    "state": {"type": "str", "choices": ["present", "absent"]},
    "key": {"type": "str", "choices": ["random", "password"], "no_log": False},
    "password": {"type": "str", "no_log": True},
    "update_password": {"type": "str", "choices": ["on_create", "always"], "no_log": False},
    "enctypes": {"type": "list", "elements": "str"},
    "rekey": {"type": "str", "choices": ["never", "when_enctypes_differ"], "no_log": False},
    "new_kvno": {"type": "int"},
    "old_keys": {"type": "str", "choices": ["keep", "purge_when_expired"], "no_log": False},
    "tickets_end_after": {"type": "str"},
    "policy": {"type": "str"},
    "attributes": {"type": "list", "elements": "str"},
    "max_life": {"type": "str"},
    "max_renewable_life": {"type": "str"},
    "expires": {"type": "str"},
    "password_expires": {"type": "str", "no_log": False},
    "db_args": {"type": "list", "elements": "str"},
    "unlock": {"type": "bool"},
    "aliases": {"type": "list", "elements": "str"},
}
PRINCIPALS: Dict[str, Any] = {
    "type": "list",
    "elements": "dict",
    "options": {"name": {"type": "str", "required": True}, **ITEM},
}


def report_principals(plan: PrincipalPlan, again: Optional[PrincipalState] = None) -> List[Dict[str, Any]]:
    """The result `principals`; ``again``: the principals as they are once all is done."""
    return [
        {
            "name": str(change.name),
            "action": change.action,
            "new_key": change.new_key,
            "old_keys_kept": change.old_keys_kept,
            "kvno": change.kvno,
            "new_kvno": _new_kvno(change, again),
            "purged_kvnos": list(change.purged_kvnos),
        }
        for change in plan.changes
    ]


def _new_kvno(change: PrincipalChange, again: Optional[PrincipalState]) -> Optional[int]:
    record = again.records.get(change.name.identity) if again is not None and change.new_key else None
    return change.new_kvno if record is None else record.kvno
