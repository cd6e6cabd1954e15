# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles axigen and keytab ask for on each distribution, and how they hang together."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest
import yaml
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.distribution import (
    FILES,
    DistributionRefusal,
    vars_file,
)

ROOT = pathlib.Path(__file__).resolve().parents[3]
FACTS = {path.stem: json.loads(path.read_text()) for path in sorted((ROOT / "tests" / "data" / "facts").glob("*.json"))}
DEBIAN = {
    "axigen_packages": ["krb5-user", "python3-dnspython"],
    "keytab_ad_packages": ["python3-ldap", "python3-gssapi", "libsasl2-modules-gssapi-mit"],
    "keytab_check_packages": ["python3-gssapi"],
}
ENTERPRISE = {
    **DEBIAN,
    "axigen_packages": ["krb5-workstation", "python3-dns"],
    "keytab_ad_packages": ["python3-ldap", "python3-gssapi", "cyrus-sasl-gssapi"],
}
# from the table of distributions that was recorded with the facts
EXPECTED: dict[str, dict[str, list[str]]] = {
    "Debian": DEBIAN,
    "Ubuntu": DEBIAN,
    "RedHat": ENTERPRISE,
    "Fedora": ENTERPRISE,
    "RedHat8": {name: [] for name in DEBIAN},  # dnf has no bindings for a Python that may run
    "Suse": {
        "axigen_packages": ["krb5-client", "python311-dnspython"],
        "keytab_ad_packages": ["python311-ldap", "python311-gssapi", "cyrus-sasl-gssapi"],
        "keytab_check_packages": ["python311-gssapi"],
    },
}


def variables(role: str, file: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "roles" / role / file).read_text())
    return found


def chosen(name: str) -> str:
    """The vars file for a recorded host; empty where the roles refuse it."""
    try:
        return vars_file(FACTS[name])
    except DistributionRefusal:
        return ""


@pytest.mark.parametrize("name", [name for name in FACTS if chosen(name)])
def test_packages_on_each_distribution(name: str) -> None:
    file = f"vars/{chosen(name)}.yml"
    assert {**variables("axigen", file), **variables("keytab", file)} == EXPECTED[chosen(name)]


def test_there_is_a_file_for_each() -> None:
    for role in ("axigen", "keytab"):
        assert {path.stem for path in (ROOT / "roles" / role / "vars").glob("[A-Z]*.yml")} == set(FILES)


SECRET = {"axigen_admin_password", "keytab_ad_passwords", "keytab_sources"}


@pytest.mark.parametrize("role", ["axigen", "keytab"])
def test_every_default_is_documented_and_secrets_are_hidden(role: str) -> None:
    options = variables(role, "meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    defaults = variables(role, "defaults/main.yml")
    assert set(defaults) <= set(options)
    literal = {name: value for name, value in defaults.items() if "{{" not in str(value)}
    assert {name: options[name].get("default", value) for name, value in literal.items()} == literal
    assert {name for name, option in options.items() if option.get("no_log")} == SECRET & set(options)


KEYTAB_FILES = sorted(path.name for path in (ROOT / "roles" / "keytab" / "tasks").glob("*.yml"))


@pytest.mark.parametrize("file", KEYTAB_FILES)
def test_every_task_of_keytab_has_tags(file: str) -> None:
    """Those of include_tasks choose the file, not the tasks in it."""
    for task in variables("keytab", f"tasks/{file}"):  # type: ignore[attr-defined]
        assert task.get("tags") or "import_tasks" in str(task), task["name"]


def test_the_same_is_asked_of_axigen_before_and_after() -> None:
    """What the server was asked whether it takes it is what it then gets."""
    (asked,) = (task for task in variables("axigen", "tasks/preflight.yml") if task.get("check_mode"))  # type: ignore[attr-defined]
    module = "mailrealm.kerberos.axigen_config"
    (written,) = (task for task in variables("axigen", "tasks/main.yml") if module in task)  # type: ignore[attr-defined]
    assert asked[module] == written[module]
    assert (asked["check_mode"], asked["changed_when"]) == (True, False)


def test_new_keys_restart_nothing() -> None:
    tasks = {task["name"]: task for task in variables("axigen", "tasks/main.yml")}  # type: ignore[attr-defined]
    assert tasks["Bring the keys of Axigen's services to the host"]["vars"]["keytab_notify"] == []
