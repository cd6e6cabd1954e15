# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file of Cyrus SASL's settings as a part of a module's task: options, and what they ask for."""

from __future__ import annotations

import os
from typing import Any, Dict, Mapping, Optional

from ansible.module_utils.basic import AnsibleModule

from .._domain.cyrus_sasl import SaslPlan, SaslRefusal, check_keytab, describe, keytab_of, plan, secret
from .file_module import file_part
from .keeper import Keeper, Kept


def settings_of(given: Mapping[str, Any]) -> Dict[str, str]:
    """The option ``settings`` as text. SaslRefusal for a value that is no text, number, truth or list of these."""
    return {name: _value(name, value) for name, value in given.items()}


def _value(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(_value(name, item) for item in value)
    if isinstance(value, (str, int)):
        return str(value)
    shown = "nothing" if value is None else f"a {type(value).__name__}"
    raise SaslRefusal(
        f"settings: {name}: {shown} is no value; give text, a number or a list of these, or name the option in absent"
    )


def _kept(module: AnsibleModule) -> Kept:
    params, path = module.params, module.params["path"]
    module.no_log_values.update(str(value) for name, value in params["settings"].items() if value and secret(name))
    settings = settings_of(params["settings"])

    def planned(content: Optional[bytes]) -> SaslPlan:
        wanted = plan(path, content, settings, params["absent"])
        promised = params["keytab_promised"] and module.check_mode
        there = promised or os.path.isfile(keytab_of(wanted) or "")
        check_keytab(path, wanted, there, params["keytab_required"])
        return wanted

    part = file_part(
        module,
        path,
        newborn_mode=0o644,
        plan=planned,
        content=lambda wanted: wanted.content,
        describe=describe,
        report=lambda wanted: {"changes": [change.name for change in wanted.changes]},
    )
    return Kept(part, (path,))


CYRUS_SASL_CONF = Keeper(
    {
        "path": {"type": "path", "required": True},
        "settings": {"type": "dict", "default": {}},
        "absent": {"type": "list", "elements": "str", "default": []},
        "keytab_required": {"type": "bool", "default": False},
        "keytab_promised": {"type": "bool", "default": False},
        "backup": {"type": "bool", "default": False},
    },
    _kept,
    of_files=True,
)
