# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Begins a drift report: says in time what would keep it from being written."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

from ..module_utils._domain.refusal import Refusal
from ..plugin_utils import drift_record, drift_waivers, drift_writer

UNHEARD = (
    "the callback mailrealm.kerberos.drift is not loaded, so that no report would be written; set "
    "callbacks_enabled = mailrealm.kerberos.drift under [defaults] in ansible.cfg, "
    "or ANSIBLE_CALLBACKS_ENABLED=mailrealm.kerberos.drift in the environment"
)
UNCHECKED = "check_mode: this play would change its hosts; put check_mode: true and diff: true on it and all others"
OPTIONS = {"folder": {"type": "str", "default": "drift"}, "waivers": {"type": "str", "default": ""}}


class ActionModule(ActionBase):
    """Runs on the controller alone and needs no connection."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        options = self.validate_argument_spec(argument_spec=OPTIONS)[1]
        try:
            folder = drift_writer.prepared(options["folder"])
            waivers = drift_waivers.waivers_of(options["waivers"])
        except Refusal as refusal:
            return {**result, "failed": True, "changed": False, "msg": str(refusal)}
        for unfit, words in ((not drift_record.heard(), UNHEARD), (not self._task.check_mode, UNCHECKED)):
            if unfit:
                return {**result, "failed": True, "changed": False, "msg": words}
        names = [waiver.name for waiver in waivers]
        return {**result, "changed": False, "folder": folder, "waivers": names}
