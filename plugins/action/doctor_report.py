# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ranks the causes over the evidence of all hosts, which the controller alone has, and prints them."""

from __future__ import annotations

import dataclasses
import os
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils._ansible.doctor_arguments import REPORT
from ..module_utils._domain import doctor_report, doctor_text
from ..module_utils._domain.doctor_catalogue import CHECKS
from ..module_utils._domain.refusal import Refusal
from ..module_utils._system.file_lock import locked
from ..module_utils._system.files import newborn, read_state, write_state
from ..plugin_utils import report_clock

# What the role registers on each host.
FOUND, TRIED = "doctor_found", "doctor_tried"
NEW_FILE = 0o644  # names and numbers, and no secrets


class ActionModule(ActionBase):
    """Reads what the tasks of the role `doctor` registered on each host."""

    _supports_check_mode = True
    TRANSFERS_FILES = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = {**super().run(tmp, task_vars), "changed": False}
        dummy, arguments = self.validate_argument_spec(REPORT)
        hostvars = (task_vars or {})["hostvars"]
        fleet = {
            host: doctor_report.evidence_of(hostvars[host].get(FOUND) or {}, hostvars[host].get(TRIED) or {})
            for host in arguments["hosts"]
        }
        report = doctor_report.document(fleet, CHECKS, report_clock.now())
        for line in doctor_text.lines(report):
            Display().display(line)
        try:
            if arguments["file"]:
                _write(os.path.expanduser(arguments["file"]), doctor_report.as_text(report))
        except Refusal as refusal:
            return {**result, "failed": True, "msg": f"doctor_report_file: {refusal}"}
        causes = doctor_report.sentence(report)
        return {**result, "status": report["status"], "causes": causes, "diagnoses": report["diagnoses"]}


def _write(path: str, text: str) -> None:
    """The file as it was or whole; Refusal where it cannot be written."""
    with locked(path, clear=True):
        before = read_state(path)
        after = newborn(NEW_FILE) if before.content is None else before
        write_state(path, dataclasses.replace(after, content=text.encode()))
