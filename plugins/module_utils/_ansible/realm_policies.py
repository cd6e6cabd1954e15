# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Password policies as modules take and report them."""

from __future__ import annotations

from typing import Any, Dict, List

from .._domain.password_policy_plan import PolicyPlan

WHAT = "password policies"  # in a diff's header

# Documented in plugins/doc_fragments/password_policies.py
ITEM: Dict[str, Dict[str, Any]] = {
    "state": {"type": "str", "choices": ["present", "absent"]},
    "max_life": {"type": "str"},
    "min_life": {"type": "str"},
    "min_length": {"type": "int"},
    "min_classes": {"type": "int"},
    "history": {"type": "int"},
    "max_failures": {"type": "int"},
    "failure_count_interval": {"type": "str"},
    "lockout_duration": {"type": "str"},
    "allowed_keysalts": {"type": "list", "elements": "str", "no_log": False},
}
POLICIES: Dict[str, Any] = {
    "type": "list",
    "elements": "dict",
    "options": {"name": {"type": "str", "required": True}, **ITEM},
}


def report_policies(plan: PolicyPlan) -> List[Dict[str, Any]]:
    """The result `policies`."""
    return [{"name": change.name, "action": change.action} for change in plan.changes]
