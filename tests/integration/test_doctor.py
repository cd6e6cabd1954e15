# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook doctor on this machine, which is no mail host at all, and on a host that nobody reaches."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import subprocess
import sys
from typing import Any

from ansible_collections.mailrealm.kerberos.tests.integration.ladder import environment, program

HERE, AWAY = "mx1.example.test", "mx2.example.test"
INVENTORY: dict[str, Any] = {
    "all": {
        "vars": {"kerberos_realm": "EXAMPLE.TEST", "kerberos_domain": "example.test", "kerberos_kdcs": ["127.0.0.1"]},
        "children": {
            "postfix": {
                "hosts": {
                    HERE: {"ansible_connection": "local", "ansible_python_interpreter": sys.executable},
                    # discard (RFC 863), on which nothing listens
                    AWAY: {"ansible_host": "127.0.0.1", "ansible_port": 9, "ansible_ssh_executable": "/bin/false"},
                }
            }
        },
    }
}


@dataclasses.dataclass(frozen=True)
class Run:
    status: int
    output: str
    report: dict[str, Any]


def run(folder: pathlib.Path, *arguments: str, playbook: str = "doctor") -> Run:
    inventory, report = folder / "inventory.json", folder / "doctor.json"
    inventory.write_text(json.dumps(INVENTORY))
    extra = {"doctor_logins": False, "doctor_report_file": str(report)}
    argv = [
        program("ansible-playbook"),
        f"mailrealm.kerberos.{playbook}",
        "-i",
        str(inventory),
        "-e",
        json.dumps(extra),
    ]
    done = subprocess.run(
        [*argv, *arguments],
        env=environment(folder),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return Run(done.returncode, done.stdout + done.stderr, json.loads(report.read_text()) if report.exists() else {})


def of(report: dict[str, Any], host: str) -> dict[str, str]:
    """The checks that found something on a host, with their grades."""
    return {one["check"]: one["grade"] for one in report["diagnoses"] if one["host"] == host}


def test_what_is_broken_fails_the_run_and_what_was_not_reached_is_said(tmp_path: pathlib.Path) -> None:
    told = run(tmp_path)
    assert told.status == 2, told.output
    assert told.report["status"] == "broken"
    assert of(told.report, AWAY) == {"host.reached": "untested"}
    found = of(told.report, HERE)
    assert found["keytab.missing"] == "broken"
    # a section may refuse, as that of Postfix where there is none, and may not stumble
    assert [
        one["evidence"] for one in told.report["diagnoses"] if "could not be looked at, for" in one["evidence"]
    ] == []
    assert f"COULD NOT BE TESTED  host.reached  {AWAY}" in told.output
    assert "the report above says" in told.output


def test_it_may_be_asked_not_to_fail_and_check_mode_is_the_same(tmp_path: pathlib.Path) -> None:
    checked = run(tmp_path, "--check", "-e", '{"doctor_fail_on": []}')
    assert checked.status == 0, checked.output
    ran = run(tmp_path, "-e", '{"doctor_fail_on": []}')
    assert [{**one, "evidence": ""} for one in checked.report["diagnoses"]] == [
        {**one, "evidence": ""} for one in ran.report["diagnoses"]
    ]


def test_a_report_that_cannot_be_written_is_one_sentence(tmp_path: pathlib.Path) -> None:
    told = run(tmp_path, "-e", '{"doctor_report_file": "/nonexistent/doctor.json"}')
    assert told.status == 2
    assert "doctor_report_file: /nonexistent/doctor.json: the directory /nonexistent does not exist" in told.output
    assert "Traceback" not in told.output


def test_a_red_verify_names_what_the_doctor_finds(tmp_path: pathlib.Path) -> None:
    extra = {"kerberos_prober": HERE, "kerberos_probe_keytab": str(tmp_path / "none")}
    told = run(tmp_path, "--limit", HERE, "-e", json.dumps(extra), playbook="verify")
    assert told.status == 2, told.output
    assert "logins failed" in told.output
    assert "the doctor names" in told.output
    assert "keytab.missing on mx1.example.test" in told.output or "names.no_address on mx1.example.test" in told.output
