# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role zimbra asks for on each distribution, and how its tasks hang together."""

from __future__ import annotations

import json
import pathlib
import re
from typing import Any

import pytest
import yaml
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.distribution import (
    FILES,
    DistributionRefusal,
    vars_file,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_host import PARTS

ROOT = pathlib.Path(__file__).resolve().parents[3]
ROLE = ROOT / "roles" / "zimbra"
FACTS = {path.stem: json.loads(path.read_text()) for path in sorted((ROOT / "tests" / "data" / "facts").glob("*.json"))}
DEBIAN = {"zimbra_packages": ["krb5-user", "python3-dnspython"], "zimbra_probe_packages": ["python3-gssapi"]}
ENTERPRISE = {**DEBIAN, "zimbra_packages": ["krb5-workstation", "python3-dns"]}
# from the table of distributions that was recorded with the facts
EXPECTED: dict[str, dict[str, list[str]]] = {
    "Debian": DEBIAN,
    "Ubuntu": DEBIAN,
    "RedHat": ENTERPRISE,
    "Fedora": ENTERPRISE,
    "RedHat8": {name: [] for name in DEBIAN},  # dnf has no bindings for a Python that may run
    "Suse": {
        "zimbra_packages": ["krb5-client", "python311-dnspython"],
        "zimbra_probe_packages": ["python311-gssapi"],
    },
}
MODULE = "mailrealm.kerberos."


def read(file: str) -> Any:
    return yaml.safe_load((ROLE / file).read_text())


def chosen(name: str) -> str:
    """The vars file for a recorded host; empty where the roles refuse it."""
    try:
        return vars_file(FACTS[name])
    except DistributionRefusal:
        return ""


@pytest.mark.parametrize("name", [name for name in FACTS if chosen(name)])
def test_packages_on_each_distribution(name: str) -> None:
    assert read(f"vars/{chosen(name)}.yml") == EXPECTED[chosen(name)]


def test_there_is_a_file_for_each() -> None:
    assert {path.stem for path in (ROLE / "vars").glob("[A-Z]*.yml")} == set(FILES)


def test_every_default_is_documented() -> None:
    options = read("meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    defaults = read("defaults/main.yml")
    assert set(defaults) == set(options)
    literal = {name: value for name, value in defaults.items() if "{{" not in str(value)}
    assert {name: options[name].get("default", value) for name, value in literal.items()} == literal


def test_the_readme_has_every_variable() -> None:
    text = (ROLE / "README.md").read_text()
    assert [name for name in read("defaults/main.yml") if not re.search(f"`{name}[`:]", text)] == []


def test_the_parts_are_those_of_the_fleet() -> None:
    options = read("meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    assert options["zimbra_services"]["choices"] == options["zimbra_services"]["default"] == list(PARTS)


def names(tasks: list[dict[str, Any]]) -> list[str]:
    return [key.removeprefix(MODULE) for task in tasks for key in task if key.startswith(MODULE)]


def test_each_of_zimbras_programs_is_asked_by_one_task() -> None:
    """A call takes about two seconds; a host that is as it should be is asked for everything in one zmprov."""
    asked = names(read("tasks/preflight.yml")) + names(read("tasks/main.yml"))
    for module in ("zimbra_info", "zimbra_localconfig", "zimbra_attributes", "zimbra_services"):
        assert asked.count(module) == 1
    assert asked.index("zimbra_localconfig") < asked.index("zimbra_attributes") < asked.index("zimbra_services")


def test_nothing_is_written_before_everything_was_looked_at() -> None:
    looking = {"zimbra_info", "dns_identity_info", "keytab_info"}
    assert set(names(read("tasks/preflight.yml"))) <= looking
    keys, looks, *dummy = read("tasks/main.yml")
    assert keys["ansible.builtin.import_role"]["tasks_from"] == "preflight"
    assert "preflight.yml" in str(looks)


def keytabs() -> list[dict[str, Any]]:
    """The variables of each call of the role keytab."""
    return [task["vars"] for task in read("tasks/keytabs.yml") if "keytab_product" in task.get("vars", {})]


def test_three_readers_have_three_keytabs() -> None:
    found = [(one["keytab_owner"], one["keytab_group"], one["keytab_mode"]) for one in keytabs()]
    assert found == [("zimbra", "zimbra", "0600"), ("zimbra", "postfix", "0640"), ("zimbra", "zimbra", "0600")]
    assert not read("defaults/main.yml")["zimbra_mta_keytab"].startswith("/opt/zimbra/conf")


def test_the_last_call_says_that_the_share_is_whole() -> None:
    """The KDC uses staged keys once every host has all of them."""
    whole = [one.get("keytab_whole") for one in keytabs()]
    assert whole == ["{{ not zimbra_has_mta and not zimbra_has_web }}", "{{ not zimbra_has_web }}", None]


def test_new_keys_restart_nothing_but_the_mta() -> None:
    notified = [one["keytab_notify"] for one in keytabs()]
    assert notified == [[], ["Note that the MTA has other keys"], []]
    assert "Note that the MTA has other keys" in [handler["name"] for handler in read("handlers/main.yml")]


@pytest.mark.parametrize("file", ["main.yml", "keytabs.yml"])
def test_every_task_has_tags(file: str) -> None:
    assert [task["name"] for task in read(f"tasks/{file}") if not task.get("tags")] == []
