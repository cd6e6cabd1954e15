# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples in the documentation of modules and filters: what a reader copies is taken by Ansible as it stands."""

from __future__ import annotations

import importlib
import pathlib
import subprocess
from typing import Any

import pytest
import yaml
from ansible.module_utils import basic
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import environment, program

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAMESPACE = "mailrealm.kerberos."
PACKAGE = "ansible_collections.mailrealm.kerberos.plugins.modules."
ACTIONS = "ansible_collections.mailrealm.kerberos.plugins.action."
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
FILTERS = sorted((ROOT / "plugins" / "filter").glob("*.yml"))
CONSTRAINTS = ("mutually_exclusive", "required_together", "required_one_of", "required_if", "required_by")
COMPUTED = ("| mailrealm", "{{ export.staged }}")  # a list or mapping that is not there to be judged
# What a task holds beside its module.
KEYWORDS = {"name", "vars", "register", "delegate_to", "run_once", "environment", "when", "notify", "any_errors_fatal"}


class Constructed(Exception):
    """The module has said what it takes, and is to do nothing."""


def examples(name: str) -> list[dict[str, Any]]:
    """The tasks of a module's or filter's examples."""
    if name in MODULES:
        return yaml.safe_load(importlib.import_module(PACKAGE + name).EXAMPLES)
    return yaml.safe_load(yaml.safe_load((ROOT / "plugins" / "filter" / f"{name}.yml").read_text())["EXAMPLES"])


EXAMPLES = {name: examples(name) for name in (*MODULES, *(path.stem for path in FILTERS))}


def action(task: dict[str, Any]) -> str:
    """The one module of a task."""
    (name,) = set(task) - KEYWORDS
    return name


@pytest.fixture
def validator(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes what a module itself checks its options with."""

    def made(name: str) -> ArgumentSpecValidator:
        module = importlib.import_module(PACKAGE + name)
        given: dict[str, Any] = {}
        if not hasattr(module, "main"):  # all of it runs on the controller
            return ArgumentSpecValidator(importlib.import_module(ACTIONS + name).OPTIONS)

        def constructed(**arguments: Any) -> None:
            given.update(arguments)
            raise Constructed

        for kind in ("AnsibleModule", "SilentModule"):
            monkeypatch.setattr(module, kind, constructed, raising=False)
        with pytest.raises(Constructed):
            module.main()
        of_files = basic.FILE_COMMON_ARGUMENTS if given.get("add_file_common_args") else {}
        return ArgumentSpecValidator(
            {**of_files, **given["argument_spec"]}, **{name: given.get(name) for name in CONSTRAINTS}
        )

    return made


@pytest.mark.parametrize("name", EXAMPLES)
def test_tasks_are_sentences_with_full_names(name: str) -> None:
    for task in EXAMPLES[name]:
        assert task["name"][0].isupper() and not task["name"].endswith(".")
        assert action(task).count(".") >= 2, f"not a fully qualified name: {action(task)}"
    used = "\n".join(f"{action(task)}: {task[action(task)]}" for task in EXAMPLES[name])
    assert NAMESPACE + name in used, "the examples show something else"


@pytest.mark.parametrize("name", EXAMPLES)
def test_options_are_those_of_the_module(name: str, validator: Any) -> None:
    ours = [task for task in EXAMPLES[name] if action(task).startswith(NAMESPACE)]
    literal = [
        task
        for task in ours
        if not any(mark in str(value) for value in task[action(task)].values() for mark in COMPUTED)
    ]
    assert literal or name not in MODULES
    for task in literal:
        result = validator(action(task).removeprefix(NAMESPACE)).validate(task[action(task)])
        assert not result.error_messages, (task["name"], result.error_messages)


def test_ansible_takes_every_example(tmp_path: pathlib.Path) -> None:
    playbook = tmp_path / "examples.yml"
    plays = [{"name": name, "hosts": "all", "tasks": tasks} for name, tasks in EXAMPLES.items()]
    playbook.write_text(yaml.safe_dump(plays))
    done = subprocess.run(
        [program("ansible-playbook"), "--syntax-check", str(playbook)],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
