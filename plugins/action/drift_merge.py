# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes one drift report of those of a fleet's slices."""

from __future__ import annotations

import dataclasses
import glob
import os
import pathlib
from typing import Any

from ansible.plugins.action import ActionBase

from ..module_utils._domain.drift_reading import read
from ..module_utils._domain.drift_report import Report, document, merged
from ..module_utils._domain.refusal import Refusal
from ..plugin_utils import drift_record, drift_summary, drift_waivers, drift_writer

OPTIONS = {
    "reports": {"type": "list", "elements": "str", "required": True},
    "folder": {"type": "str", "default": "drift"},
    "waivers": {"type": "str", "default": ""},
}


class SlicesRefusal(Refusal):
    """Reports that cannot be found or read, and what would mend it."""


class ActionModule(ActionBase):
    """Runs on the controller alone and needs no connection."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        options = self.validate_argument_spec(argument_spec=OPTIONS)[1]
        try:
            report = merged([_report(path) for path in _paths(options["reports"])])
            if options["waivers"]:
                report = dataclasses.replace(report, waivers=drift_waivers.waivers_of(options["waivers"]))
            whole = document(report, drift_waivers.matches)
            folder = drift_writer.prepared(options["folder"])
            changed = drift_writer.write(whole, folder, dry=self._task.check_mode)
        except Refusal as refusal:
            return {**result, "failed": True, "changed": False, "msg": str(refusal)}
        lines = drift_summary.summary(whole, folder)
        told = {"changed": changed, "folder": folder, "report_status": whole["status"], "report_summary": lines}
        if whole["status"] != "clean" and not drift_record.heard():
            # Nobody is there who would end the run by it.
            told.update({"failed": True, "msg": "\n".join(lines)})
        return {**result, **told}


def _paths(patterns: list[str]) -> list[str]:
    """The files that the patterns name, each once, in order."""
    found = {}
    for pattern in patterns:
        matching = sorted(glob.glob(os.path.expanduser(pattern)))
        if not matching:
            raise SlicesRefusal(
                f"kerberos_drift_reports: {pattern} names no file on the controller; correct it, "
                "or see whether the run of that slice has written its report"
            )
        found.update({os.path.realpath(path): path for path in matching})
    if not found:
        raise SlicesRefusal("kerberos_drift_reports: is empty; name the drift.json of each slice")
    return list(found.values())


def _report(path: str) -> Report:
    try:
        text = pathlib.Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        words = getattr(error, "strerror", None) or "it is not UTF-8"
        raise SlicesRefusal(f"{path}: cannot be read on the controller ({words}); name drift.json of a slice") from None
    return read(text, path)
