# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the keys that the module `keytab_export` returns out of everything that Ansible prints or logs.

Ansible shows a result to callbacks as `censored` when it holds `_ansible_no_log`, while the registered variable
keeps it whole. Connections print what they read, from -vvv on, unless the play context says no_log.
"""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

MODULE = "mailrealm.kerberos.keytab_export"


class ActionModule(ActionBase):
    """Runs the module in silence. No async: its result would lie in a file on the host."""

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        contexts = (self._play_context, self._connection._play_context)
        before = [context.no_log for context in contexts]
        for context in contexts:
            context.no_log = True
        try:
            module: dict[str, Any] = self._execute_module(module_name=MODULE, task_vars=task_vars)
        finally:
            for context, no_log in zip(contexts, before, strict=True):
                context.no_log = no_log
        # A failure says why and holds no key; whatever else does not look like one is not shown.
        if "keytabs" in module or not module.get("failed") or "msg" not in module:
            module["_ansible_no_log"] = True
        return {**result, **module}
