# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file of the profile format, such as krb5.conf, as a part of a module's task: options, and what they ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Optional

from ansible.module_utils.basic import AnsibleModule

from .._domain.profile import ProfileRefusal
from .._domain.profile_plan import ProfilePlan, carried_out, plan
from .._domain.profile_settings import Settings, settings_from
from .._domain.profile_shadows import ShadowedRefusal
from .._system.profile_effect import Effect, effect
from .._system.profile_files import main_of, refuse_generated
from .file_module import file_part
from .keeper import Keeper, Kept
from .profile_check import validate_profile


@dataclass(frozen=True)
class _Judged:
    """The plan, and what of it libkrb5 will use."""

    plan: ProfilePlan
    effect: Effect


def _kept(module: AnsibleModule) -> Kept:
    params = module.params
    refuse_generated(params["path"])
    settings = settings_from(params["settings"], params["state"] == "absent")
    known: Dict[Optional[bytes], _Judged] = {}  # what was planned before is not planned again

    def planned(content: Optional[bytes]) -> _Judged:
        if content not in known:
            judged = _judged(module, settings, content)
            known[judged.plan.content] = _Judged(carried_out(judged.plan), judged.effect)
            known[content] = judged
        return known[content]

    part = file_part(
        module,
        params["path"],
        newborn_mode=0o644,
        plan=planned,
        content=lambda judged: judged.plan.content,
        describe=lambda judged: (judged.plan.before, judged.plan.after),
        report=lambda judged: _report(module, judged),
        brought=None if params["create"] else "".join(f"[{name}]\n" for name in params["settings"]).encode(),
    )
    return Kept(part, (params["path"],))


def _judged(module: AnsibleModule, settings: Settings, content: Optional[bytes]) -> _Judged:
    params, path, state = module.params, module.params["path"], module.params["state"]
    if content is None and state == "present" and not params["create"] and not module.check_mode:
        raise ProfileRefusal(f"{path}: there is no such file; set create: true, or install the package that brings it")
    planned = plan(content, settings, state, path)
    if params["validate"] and planned.content is not None and planned.content != content:
        validate_profile(module, planned.content, path)
    found = effect(path, planned.content or b"", settings, state == "absent", params["main"] or [main_of(path)])
    idle = [*found.unread, *(one.sentence for one in found.shadowed)]
    if idle and params["shadowed"] == "fail" and not (module.check_mode and found.waits):
        raise ShadowedRefusal(f"{path}: {idle[0]}")
    return _Judged(planned, found)


def _report(module: AnsibleModule, judged: _Judged) -> Dict[str, Any]:
    found = judged.effect
    for sentence in found.problems:
        module.warn(sentence)
    for sentence in (*found.unread, *(one.sentence for one in found.shadowed), *found.doubts):
        module.warn(f"{module.params['path']}: {sentence}")
    return {
        "changes": [
            {"setting": change.path, "before": change.before, "after": change.after} for change in judged.plan.changes
        ],
        "shadowed": [
            {"setting": one.path, "value": one.value, "file": one.source, "line": one.line} for one in found.shadowed
        ],
        "included": found.included,
    }


KRB5_CONF = Keeper(
    {
        "path": {"type": "path", "default": "/etc/krb5.conf"},
        "settings": {"type": "dict", "required": True},
        "state": {"choices": ["present", "absent"], "default": "present"},
        "create": {"type": "bool", "default": True},
        "validate": {"type": "bool", "default": True},
        "main": {"type": "list", "elements": "path"},
        "shadowed": {"choices": ["warn", "fail"], "default": "warn"},
        "backup": {"type": "bool", "default": False},
    },
    _kept,
    of_files=True,
)
