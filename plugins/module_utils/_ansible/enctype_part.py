# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A policy of encryption types as a part of a module's task: options, and what they ask for."""

from __future__ import annotations

from typing import Any, Dict

from ansible.module_utils.basic import AnsibleModule

from .._domain.enctype_policy import Resolved, weak_warnings
from .._domain.realm_enctypes import NO_KEY
from .._system.profile_files import refuse_generated
from . import enctype_files
from .converge import Part
from .enctype_options import POLICY, compare_keytabs, report_policy, resolved
from .keeper import Keeper, Kept


def _report(module: AnsibleModule, policy: Resolved, planned: enctype_files.Planned) -> Dict[str, Any]:
    contradictions = compare_keytabs(planned.read.keytabs, policy)
    for finding in planned.findings:
        module.warn(finding.sentence)
    for one in contradictions:
        if one["kind"] == NO_KEY:
            module.warn(one["sentence"])
    return {
        **report_policy(policy),
        "changes": planned.changes,
        "findings": [finding.__dict__ for finding in planned.findings],
        "contradictions": contradictions,
    }


def _kept(module: AnsibleModule) -> Kept:
    refuse_generated(module.params["krb5_conf"])
    policy = resolved(module.params)
    for sentence in weak_warnings(policy):
        module.warn(sentence)
    part = Part(
        read=lambda: enctype_files.read(module),
        plan=lambda found: enctype_files.plan(module, policy, found),
        changed=lambda planned: planned.changed,
        write=lambda planned: enctype_files.write(module, planned),
        show=enctype_files.diff,
        report=lambda planned: _report(module, policy, planned),
    )
    return Kept(part, tuple(enctype_files.to_lock(module.params)))


ENCTYPE_POLICY = Keeper(
    {
        **POLICY,
        "krb5_conf": {"type": "path", "default": "/etc/krb5.conf"},
        "kdc_conf": {"type": "path"},
        "realm": {"type": "str"},
        "salt_types": {"type": "list", "elements": "str", "default": ["normal"]},
        "crypto_policies": {"type": "str", "choices": ["auto", "true", "false"], "default": "auto"},
        "in_use": {"type": "list", "elements": "str", "default": []},
        "validate": {"type": "bool", "default": True},
        "backup": {"type": "bool", "default": False},
    },
    _kept,
    rules={
        "mutually_exclusive": [("policy", "enctypes")],
        "required_one_of": [("policy", "enctypes")],
        "required_by": {"kdc_conf": ["realm"]},
    },
)
