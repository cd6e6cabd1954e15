# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook drift is site and verify in check mode, and nothing else."""

from __future__ import annotations

import pathlib
import re
from typing import Any, Iterator

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]
PLAYBOOKS = ROOT / "playbooks"
TASKS = [
    path
    for path in sorted((*PLAYBOOKS.glob("*.yml"), *(ROOT / "roles").glob("*/*/*.yml")))
    if path.parent.name in ("playbooks", "tasks", "handlers")
]
CHECKED = {"check_mode": True, "diff": True}


def plays(name: str) -> list[dict[str, Any]]:
    """The plays of a playbook, those of imported ones included."""
    found = []
    for one in yaml.safe_load((PLAYBOOKS / f"{name}.yml").read_text()):
        imported = one.get("ansible.builtin.import_playbook", "")
        found += plays(imported.removeprefix("mailrealm.kerberos.")) if imported else [one]
    return found


def test_drift_has_the_plays_of_site_in_check_mode() -> None:
    begin, *rest = plays("drift")
    assert [{**one, **CHECKED, "vars": {"kerberos_drift": True}} for one in plays("site")] == rest
    (task,) = begin.pop("tasks")
    assert task["run_once"] and task["tags"] == ["always"] and "mailrealm.kerberos.drift_begin" in task
    assert {key: begin[key] for key in ("hosts", *CHECKED)} == {"hosts": "all", **CHECKED}


def _tasks(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for one in value:
            yield from _tasks(one)
    elif isinstance(value, dict):
        yield value
        for one in value.values():
            yield from _tasks(one)


@pytest.mark.parametrize("path", TASKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_task_leaves_check_mode(path: pathlib.Path) -> None:
    for task in _tasks(yaml.safe_load(path.read_text())):
        assert task.get("check_mode", True) is True, f"{task.get('name')} changes hosts in check mode"


def test_roles_know_of_a_play_in_check_mode() -> None:
    """ansible_check_mode tells of the command line alone; each use of it asks for the playbook drift as well."""
    for path in (*TASKS, *(ROOT / "roles").glob("*/vars/*.yml"), *(ROOT / "roles").glob("*/defaults/*.yml")):
        for line in path.read_text().splitlines():
            if re.search(r"\bansible_check_mode\b", line) and not line.lstrip().startswith("#"):
                assert "ansible_check_mode or kerberos_drift | default(false) | bool" in line, f"{path}: {line}"
