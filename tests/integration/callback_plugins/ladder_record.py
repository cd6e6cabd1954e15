# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records a playbook run for the ladder: a JSON line for each play, task result and snapshot of watched files."""

from __future__ import annotations

import json
import os
import pathlib

from ansible.plugins.callback import CallbackBase
from ansible_collections.mailrealm.kerberos.tests.integration.watched import snapshot

DOCUMENTATION = """
name: ladder_record
type: notification
short_description: JSON lines of a playbook run, for the integration tests
description:
  - Writes E(LADDER_RECORD), one JSON object a line.
options: {}
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "ladder_record"
    CALLBACK_NEEDS_ENABLED = True

    def _line(self, **fields):
        with pathlib.Path(os.environ["LADDER_RECORD"]).open("a", encoding="utf-8") as record:
            record.write(json.dumps(fields, default=str) + "\n")

    def _watched(self):
        return {path: snapshot(path) for path in json.loads(os.environ.get("LADDER_WATCH", "[]"))}

    def v2_playbook_on_play_start(self, play):
        self._line(kind="play", name=play.get_name(), watched=self._watched())

    def v2_playbook_on_stats(self, stats):  # noqa: ARG002 Ansible's signature
        self._line(kind="end", watched=self._watched())

    def _task(self, status, outcome):
        data = dict(outcome.result)
        data.pop("_ansible_no_log", None)
        task, host = outcome.task, outcome.host.get_name()
        self._line(kind="task", name=task.get_name(), action=task.action, host=host, status=status, result=data)

    def v2_runner_on_ok(self, result):
        self._task("ok", result)

    def v2_runner_on_failed(self, result, ignore_errors=False):  # noqa: ARG002 Ansible's signature
        self._task("failed", result)

    def v2_runner_on_skipped(self, result):
        self._task("skipped", result)

    def v2_runner_on_unreachable(self, result):
        self._task("unreachable", result)
