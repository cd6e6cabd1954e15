# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts file as a part of a module's task: options, and what they ask for."""

from __future__ import annotations

from typing import Any, Dict

from ansible.module_utils.basic import AnsibleModule

from .._domain.hosts_file import HostsPlan, entries_from, plan
from .file_module import file_part
from .keeper import Keeper, Kept


def _kept(module: AnsibleModule) -> Kept:
    path = module.params["path"]
    entries = entries_from(module.params["entries"])

    def report(planned: HostsPlan) -> Dict[str, Any]:
        for warning in planned.warnings:
            module.warn(warning)
        return {}

    part = file_part(
        module,
        path,
        newborn_mode=0o644,
        plan=lambda content: plan(content, entries, path),
        content=lambda planned: planned.content,
        describe=lambda planned: (planned.before, planned.after),
        report=report,
    )
    return Kept(part, (path,))


HOSTS_FILE = Keeper(
    {
        "path": {"type": "path", "default": "/etc/hosts"},
        "entries": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {
                "address": {"type": "str", "required": True},
                "names": {"type": "list", "elements": "str", "required": True},
            },
        },
        "backup": {"type": "bool", "default": False},
    },
    _kept,
    of_files=True,
)
