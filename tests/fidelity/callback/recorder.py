# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes every task result of a run as one JSON line; the fidelity harness compares two such records."""

from __future__ import annotations

import json
import os
import pathlib
import typing

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: recorder
type: aggregate
short_description: Records task results for the fidelity harness
description: Writes host, task, changed and diff of every result to the file that RECORDER_FILE names.
options: {}
"""


class CallbackModule(CallbackBase):
    """One line a result, or a part of one; loops are recorded once, with the diffs of their items."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "recorder"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._file = pathlib.Path(os.environ["RECORDER_FILE"])

    def _record(self, result: typing.Any, status: str) -> None:
        task, whole = result._task, result._result
        with self._file.open("a", encoding="utf-8") as stream:
            for part, values in apart(whole):
                line = {
                    "host": result._host.get_name(),
                    "task": task.get_name() + part,
                    "path": task.get_path() or "",
                    "action": task.resolved_action or task.action,
                    "status": status,
                    "changed": bool(values.get("changed")),
                    "diff": _diffs(values),
                    "message": str(values.get("msg", "")) if status in ("failed", "unreachable") else "",
                }
                stream.write(json.dumps(line) + "\n")

    def v2_runner_on_ok(self, result: typing.Any) -> None:
        self._record(result, "ok")

    def v2_runner_on_skipped(self, result: typing.Any) -> None:
        self._record(result, "skipped")

    def v2_runner_on_failed(self, result: typing.Any, ignore_errors: bool = False) -> None:
        del ignore_errors  # a failure is one here, whoever forgives it
        self._record(result, "failed")

    def v2_runner_on_unreachable(self, result: typing.Any) -> None:
        self._record(result, "unreachable")


def apart(whole: typing.Mapping[str, typing.Any]) -> list[tuple[str, typing.Mapping[str, typing.Any]]]:
    """A result; of a task that does the work of several modules one of each, with what to add to the task's name."""
    parts = whole.get("parts")
    if not isinstance(parts, dict):
        return [("", whole)]
    return [(f" ({module})", values) for module, values in parts.items()]


def _diffs(values: typing.Mapping[str, typing.Any]) -> list[dict[str, str]]:
    """The diffs of a result, a loop's items included, each with text fields only."""
    found: list[dict[str, str]] = []
    for one in [values, *values.get("results", [])]:
        parts = one.get("diff") or [] if isinstance(one, dict) else []
        listed = parts if isinstance(parts, list) else [parts]
        found += [{key: _text(part[key]) for key in part} for part in listed if isinstance(part, dict)]
    return found


def _text(value: typing.Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, indent=1, sort_keys=True, default=str)
