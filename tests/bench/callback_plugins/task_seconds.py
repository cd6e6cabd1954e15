# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes down what each task took: a line of JSON per task and host into the file TASK_SECONDS."""

from __future__ import annotations

import json
import os
import pathlib
import time
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: task_seconds
type: aggregate
short_description: Writes down the seconds of each task
description: For the benchmark alone.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "task_seconds"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._since = 0.0

    def v2_playbook_on_task_start(self, *_given: Any, **_more: Any) -> None:
        self._since = time.monotonic()

    def v2_runner_on_ok(self, result: Any) -> None:
        self._write(
            task=result.task.get_name(),
            seconds=time.monotonic() - self._since,
            changed=bool(result.result.get("changed")),
        )

    def v2_playbook_on_stats(self, stats: Any) -> None:
        for host in stats.processed:
            self._write(host=host, **stats.summarize(host))

    def _write(self, **values: Any) -> None:
        with pathlib.Path(os.environ["TASK_SECONDS"]).open("a") as file:
            file.write(json.dumps(values) + "\n")
