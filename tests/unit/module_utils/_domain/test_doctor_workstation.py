# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of a workstation, from evidence made by hand."""

from __future__ import annotations

from typing import Any, Callable, Dict

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor import BROKEN, DEGRADED, diagnose
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor_workstation import CHECKS

HOST, FILE = "client1.example.test", "/etc/firefox/policies/policies.json"
Fleet = Dict[str, Any]


def policy(**changes: Any) -> Dict[str, Any]:
    told = {
        "path": FILE,
        "browser": "firefox",
        "exists": True,
        "mode": "0644",
        "lacks": [],
        "hidden": [],
        "damaged": "",
    }
    return {**told, **changes}


def healthy() -> Fleet:
    return {
        HOST: {
            "workstation": {
                "policies": [policy()],
                "probe_keytab": {"path": "/etc/krb5.probe.keytab", "mode": "0600", "uid": 0},
                "cache": {"name": "FILE:/tmp/krb5cc_%{uid}", "fault": ""},
                "accounts": {"/isp/example.test.xml": True},
                "autoconfig": {"example.test": {"found": True, "fault": ""}},
            }
        }
    }


def put(name: str, value: Any) -> Callable[[Fleet], None]:
    return lambda fleet: fleet[HOST]["workstation"].update({name: value})


CASES = {
    "no policies": (
        put("policies", [policy(exists=False, mode="0000", lacks=["Authentication"])]),
        "policy_missing",
        BROKEN,
    ),
    "other policies": (put("policies", [policy(lacks=["Authentication.SPNEGO"])]), "policy_missing", BROKEN),
    "damaged": (put("policies", [policy(exists=True, damaged="line 1 is no JSON")]), "policy_damaged", BROKEN),
    "closed": (put("policies", [policy(mode="0640")]), "policy_unreadable", BROKEN),
    "hidden": (put("policies", [policy(hidden=["zz.json sets it"])]), "policy_hidden", BROKEN),
    "keytab": (
        put("probe_keytab", {"path": "/etc/krb5.probe.keytab", "mode": "0644", "uid": 0}),
        "probe_keytab_open",
        DEGRADED,
    ),
    "cache": (put("cache", {"name": "KCM:", "fault": "no KCM runs"}), "cache", BROKEN),
    "account": (put("accounts", {"/isp/example.test.xml": False}), "account_missing", DEGRADED),
    "autoconfig": (put("autoconfig", {"example.test": {"found": False, "fault": "404"}}), "autoconfig", DEGRADED),
}


def test_a_healthy_workstation_has_nothing_to_say() -> None:
    assert diagnose(healthy(), CHECKS) == []
    assert diagnose({HOST: {}}, CHECKS) == []


@pytest.mark.parametrize(("change", "check", "grade"), CASES.values(), ids=list(CASES))
def test_a_trouble_is_named_alone(change: Callable[[Fleet], None], check: str, grade: str) -> None:
    fleet = healthy()
    change(fleet)
    (found,) = diagnose(fleet, CHECKS)
    assert (found.check.id, found.trouble.grade) == (f"workstation.{check}", grade)
