# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts the tasks of each play that ran on each host: one line of JSON at the end, into the file FLEET_TASKS."""

from __future__ import annotations

import collections
import json
import os
import pathlib
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: fleet_tasks
type: aggregate
short_description: Counts the tasks of each play on each host
description: For the benchmark alone.
"""
# What runs on the controller: no module goes to the host.
HERE = {
    "add_host",
    "assert",
    "debug",
    "fail",
    "group_by",
    "include_role",
    "include_tasks",
    "include_vars",
    "meta",
    "set_fact",
    "validate_argument_spec",
}


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "fleet_tasks"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._play = ""
        self._counted: collections.Counter[tuple[str, str, bool]] = collections.Counter()

    def v2_playbook_on_play_start(self, play: Any) -> None:
        self._play = play.get_name()

    def v2_runner_on_ok(self, result: Any) -> None:
        action = (result.task.resolved_action or result.task.action).rpartition(".")[2]
        self._counted[self._play, result.host.get_name(), action not in HERE] += 1

    def v2_playbook_on_stats(self, stats: Any) -> None:
        counted = [
            {"play": play, "host": host, "on_host": on_host, "tasks": tasks}
            for (play, host, on_host), tasks in sorted(self._counted.items())
        ]
        changed = sum(stats.changed.values())
        pathlib.Path(os.environ["FLEET_TASKS"]).write_text(json.dumps({"counted": counted, "changed": changed}) + "\n")
