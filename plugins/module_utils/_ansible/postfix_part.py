# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Postfix's main.cf and master.cf as a part of a module's task: options, and what they ask for."""

from __future__ import annotations

import os
from typing import Any, Dict

from ansible.module_utils.basic import AnsibleModule

from .._domain import postfix
from . import postfix_files
from .converge import Part
from .keeper import Keeper, Kept

_FLAG = {"type": "str", "choices": ["y", "n", "-"]}
_SERVICE: Dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "type": {"type": "str", "choices": ["inet", "unix", "unix-dgram", "fifo", "pass"], "required": True},
    "private": _FLAG,
    "unprivileged": _FLAG,
    "chroot": _FLAG,
    "wakeup": {"type": "str"},
    "maxproc": {"type": "str"},
    "command": {"type": "str"},
    "options": {"type": "dict", "default": {}},
    "options_absent": {"type": "list", "elements": "str", "default": []},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}
_SERVICES = {"type": "list", "elements": "dict", "default": [], "options": _SERVICE}


def _kept(module: AnsibleModule) -> Kept:
    directory = module.params["config_directory"]
    asked = postfix_files.wish(module.params)
    postfix_files.hide_passwords(module, asked)
    packaged = postfix_files.packaged(module.params)

    def plan(read: postfix_files.Read) -> postfix_files.Planned:
        return postfix_files.Planned(read, postfix.plan(read.found, asked, packaged, read.promised))

    part = Part(
        read=postfix_files.reader(module),
        plan=plan,
        changed=lambda planned: bool(planned.plan.changes),
        write=lambda planned: postfix_files.write(module, planned),
        show=lambda planned: postfix.diff(directory, planned.plan.changes),
        report=lambda planned: {
            "changes": [{"file": change.file, "what": change.what} for change in planned.plan.changes],
            "restart_required": planned.plan.restart,
        },
    )
    return Kept(part, (os.path.join(directory, "main.cf"), os.path.join(directory, "master.cf")))


POSTCONF = Keeper(
    {
        "main": {"type": "dict", "default": {}},
        "main_append": {"type": "dict", "default": {}},
        "main_absent": {"type": "list", "elements": "str", "default": []},
        "services": _SERVICES,
        "packaged": {
            "type": "dict",
            "options": {
                "main": {"type": "dict", "default": {}},
                "defaults": {"type": "dict", "default": {}},
                "services": _SERVICES,
            },
        },
        "config_directory": {"type": "path", "default": "/etc/postfix"},
        "backup": {"type": "bool", "default": False},
    },
    _kept,
)
