# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module's documentation says that it returns, held against what it did return."""

from __future__ import annotations

import functools
import importlib
from typing import Any, Mapping

import yaml

COLLECTION = "mailrealm.kerberos."
SEVERAL = f"{COLLECTION}config_files"  # returns what other modules do
PACKAGE = "ansible_collections.mailrealm.kerberos.plugins.modules."
# Of every module, and of every module that keeps a file (ansible.module_utils.basic, add_path_info).
# `changed_when_result`: of a task with changed_when; core 2.21 returns it, 2.19 does not
ANSIBLES = {
    "changed",
    "changed_when_result",
    "diff",
    "invocation",
    "warnings",
    "deprecations",
    "failed",
    "msg",
    "exception",
}
OF_FILES = {"uid", "gid", "owner", "group", "mode", "state", "size", "secontext"}


@functools.lru_cache(maxsize=None)
def documented(module: str) -> Mapping[str, Any]:
    """The module's RETURN."""
    found: dict[str, Any] = yaml.safe_load(importlib.import_module(PACKAGE + module).RETURN)
    return found


def check_returned(action: str, data: Mapping[str, Any]) -> None:
    """AssertionError where a task that succeeded returned what is not documented, or not what always is."""
    if not action.startswith(COLLECTION) or "censored" in data:
        return
    if "results" in data or "ansible_job_id" in data:
        return  # of a loop or of async: Ansible's own wrapping, in which the module's keys lie deeper or are mixed
    known = documented(action.removeprefix(COLLECTION))
    files = OF_FILES if "path" in data else set()
    more = {name for name in data if not name.startswith("_ansible")} - set(known) - ANSIBLES - files
    assert not more, f"{action} returned {sorted(more)}, of which its RETURN does not speak"
    always = {name for name, value in known.items() if value["returned"] == "success"}
    assert always <= set(data), f"{action} did not return {sorted(always - set(data))}"
    for name in known.keys() & data.keys():
        check_parts(f"{action}: {name}", known[name], data[name])
    if action == SEVERAL:
        for name, part in data["parts"].items():
            check_returned(COLLECTION + name, part)


def check_parts(where: str, known: Mapping[str, Any], value: Any) -> None:
    """The same for the parts of mappings, and of lists of them."""
    if value is None or "contains" not in known:
        return
    for part in value if isinstance(value, list) else [value]:
        assert set(part) == set(known["contains"]), f"{where} holds {sorted(part)}, not {sorted(known['contains'])}"
        for name, inner in known["contains"].items():
            check_parts(f"{where}: {name}", inner, part[name])
