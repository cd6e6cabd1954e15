# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes down what each task did, one JSON object a line, for the lab's proof."""

from __future__ import annotations

import json
import os
import pathlib
import typing

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: lab_record
type: notification
short_description: Write down what each task did
description:
  - One JSON object for each host and task in the file that the environment variable E(LAB_RECORD) names.
"""


class CallbackModule(CallbackBase):
    """Appends to the record; a run without LAB_RECORD leaves no trace."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "lab_record"
    CALLBACK_NEEDS_ENABLED = True

    def v2_runner_on_ok(self, result: typing.Any) -> None:
        self._write(result, "ok")

    def v2_runner_on_failed(self, result: typing.Any, ignore_errors: bool = False) -> None:
        self._write(result, "ignored" if ignore_errors else "failed")

    def v2_runner_on_unreachable(self, result: typing.Any) -> None:
        self._write(result, "unreachable")

    def _write(self, result: typing.Any, outcome: str) -> None:
        place = os.environ.get("LAB_RECORD")
        if not place:
            return
        returned, task = result.result, result.task
        line: dict[str, typing.Any] = {
            "host": result.host.get_name(),
            "task": task.get_name(),
            "outcome": outcome,
            "changed": bool(returned.get("changed", False)),
        }
        if task.resolved_action == "mailrealm.kerberos.sso_probe":
            each = returned.get("results", [returned])
            line["logins"] = [login for one in each for login in one.get("services", [])]
        if outcome != "ok":
            line["message"] = str(returned.get("msg", ""))
        with pathlib.Path(place).open("a") as record:
            record.write(json.dumps(line) + "\n")
