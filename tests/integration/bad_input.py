# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task that must fail, in check mode and in the run: how, and that nothing changes and no secret is printed."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import stat
from typing import Any, Mapping

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration import forked_ladder
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import ROOT, Result, play

COLLECTION = "mailrealm.kerberos."
CANARY = "canary-5e1f"  # part of every password and key that is given
FAST = {"ANSIBLE_PIPELINING": "true"}
# Modules with a part on the controller, which no fork has.
ON_CONTROLLER = {path.stem for path in (ROOT / "plugins" / "action").glob("*.py")}


@dataclasses.dataclass(frozen=True)
class Case:
    """A task, and how its message begins; FOLDER stands for the folder of the test's files in both.

    ``foreseen``: check mode passes with a warning that ends like this message, for an earlier task of the same run
    may bring what is missing.
    """

    module: str
    options: Mapping[str, Any]
    says: str
    foreseen: bool = False


@dataclasses.dataclass(frozen=True)
class Outcome:
    """One task in one mode."""

    status: str
    message: str
    warnings: tuple[str, ...]


def in_place(value: Any, folder: pathlib.Path) -> Any:
    """A value of options with the folder in place of its stand-in."""
    return json.loads(json.dumps(value).replace("FOLDER", str(folder)))


def snapshot(folder: pathlib.Path) -> dict[str, Any]:
    """Every file below the folder: its mode and owner, and content or target."""
    found = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        held = os.readlink(path) if path.is_symlink() else path.read_bytes() if stat.S_ISREG(status.st_mode) else None
        found[str(path)] = (status.st_mode, status.st_uid, status.st_gid, held)
    return found


def try_all(
    cases: Mapping[str, Case], folder: pathlib.Path, work: pathlib.Path, **options: Any
) -> dict[tuple[str, bool], Outcome]:
    """Each case in check mode and in the run; nothing below the folder changes, and no secret is printed.

    ``options``: ``environment`` of the tasks, and more of `play`, for which Ansible runs all cases, not actions alone.
    """
    environment = options.pop("environment", {})
    through_ansible = {name for name, case in cases.items() if options or case.module in ON_CONTROLLER}
    before = snapshot(folder)
    found = {}
    for check in (True, False):
        results: list[Result] = []
        if through_ansible:
            tasks = _tasks({name: cases[name] for name in cases if name in through_ansible}, folder, environment)
            step, output = play(tasks, work, check=check, environment_more=FAST, verbosity=2, **options)
            results += step.results
            _clean(output)
        tasks = _tasks({name: cases[name] for name in cases if name not in through_ansible}, folder, environment)
        step, output = forked_ladder.play(tasks, work, check=check)
        results += step.results
        _clean(output)
        found.update({(result.name, check): outcome(result, folder) for result in results})
    assert snapshot(folder) == before
    return found


def _clean(output: str) -> None:
    assert "Traceback" not in output, output
    assert CANARY not in output


def _tasks(cases: Mapping[str, Case], folder: pathlib.Path, environment: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "block": [
                {"name": name, COLLECTION + case.module: in_place(case.options, folder), "environment": environment}
            ],
            "rescue": [{"ansible.builtin.meta": "noop"}],
        }
        for name, case in cases.items()
    ]


def outcome(result: Result, folder: pathlib.Path) -> Outcome:
    warnings = tuple(str(one).replace(str(folder), "FOLDER") for one in result.data.get("warnings", ()))
    return Outcome(result.status, result.msg.replace(str(folder), "FOLDER"), warnings)


def judge(case: Case, found: Outcome, check: bool) -> None:
    """Whether this is how the case is to end."""
    if check and case.foreseen:
        assert found.status == "ok", found
        assert any(case.says in warning for warning in found.warnings), found
        return
    assert found.status == "failed", found
    assert found.message.startswith(case.says), found.message
    assert "\n" not in found.message, found.message
    what, semicolon, remedy = found.message.partition("; ")
    assert semicolon and len(what.split()) > 2 and len(remedy.split()) > 1, f"no remedy: {found.message}"


BOTH = pytest.mark.parametrize("check", [True, False], ids=["check", "run"])
