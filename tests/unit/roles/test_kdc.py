# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role kdc asks for on each distribution, and the units that it writes, word by word where they matter."""

from __future__ import annotations

import configparser
import json
import os
import pathlib
from typing import Any

import jinja2
import pytest
import yaml
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.distribution import (
    DistributionRefusal,
    vars_file,
)

ROOT = pathlib.Path(__file__).resolve().parents[3]
ROLE = ROOT / "roles" / "kdc"
FACTS = {path.stem: json.loads(path.read_text()) for path in sorted((ROOT / "tests" / "data" / "facts").glob("*.json"))}
REPLICAS = ["kdc2.example.test", "kdc3.example.test"]
DEBIAN = (["krb5-kdc", "krb5-kpropd"], "krb5-kpropd", "/usr/sbin")
ENTERPRISE = (["krb5-server"], "kprop", "/usr/sbin")
SUSE = (["krb5-server"], "kpropd", "/usr/lib/mit/sbin")
# from the table of distributions that was recorded with the facts
EXPECTED = {"Debian": DEBIAN, "Ubuntu": DEBIAN, "Fedora": ENTERPRISE, "RedHat": ENTERPRISE, "Suse": SUSE}
EXPECTED["RedHat8"] = ([], *ENTERPRISE[1:])  # dnf has no bindings for a Python that may run


def chosen(name: str) -> str:
    """The vars file for a recorded host; empty where the role refuses it."""
    try:
        return vars_file(FACTS[name])
    except DistributionRefusal:
        return ""


def variables(file: str, facts: dict[str, Any]) -> dict[str, Any]:
    """The role's variables of a distribution, templates of a line filled in."""
    found = yaml.safe_load((ROLE / "vars" / f"{file}.yml").read_text())
    return {
        name: jinja2.Template(value).render(ansible_facts=facts, kdc_realm="EXAMPLE.TEST")
        if isinstance(value, str)
        else value
        for name, value in found.items()
    }


@pytest.mark.parametrize("name", [name for name in FACTS if chosen(name)])
def test_a_replica_on_each_distribution(name: str) -> None:
    found = variables(chosen(name), FACTS[name])
    assert (found["kdc_replica_packages"], found["kdc_kpropd_unit"], found["kdc_programs"]) == EXPECTED[chosen(name)]


def test_every_distribution_has_the_same_variables() -> None:
    names = {path.stem: set(yaml.safe_load(path.read_text())) for path in (ROLE / "vars").glob("[A-Z]*.yml")}
    optional = {"kdc_folder_mode"}
    assert {frozenset(one - optional) for one in names.values()} == {frozenset(names["Debian"] - optional)}


def unit(name: str, **more: Any) -> tuple[configparser.RawConfigParser, list[str]]:
    """A unit as the role writes it: its settings, of which the last of a name wins, and its commands in order."""
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROLE / "templates"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,  # as Ansible sets it
        keep_trailing_newline=True,
    )
    templates.filters["dirname"] = os.path.dirname  # Ansible's own
    given = {
        **yaml.safe_load((ROLE / "defaults" / "main.yml").read_text()),
        **variables("Debian", FACTS["debian-12"]),
        "kdc_realm": "EXAMPLE.TEST",
        "kdc_timer_folder": "/f",
        "kdc_all_relations": {"database_name": "/var/lib/krb5kdc/principal"},
        "kdc_replica_names": REPLICAS,
    }
    text = templates.get_template(f"{name}.j2").render({**given, **more})
    parser = configparser.RawConfigParser(strict=False, comment_prefixes=("#",), delimiters=("=",))
    parser.read_string(text)
    return parser, [line.partition("=")[2] for line in text.splitlines() if line.startswith("ExecStart=")]


def test_propagation_to_two_replicas() -> None:
    service, commands = unit("krb5-prop.service")
    assert commands == [
        "/usr/sbin/kdb5_util -r EXAMPLE.TEST dump database",
        "-/usr/sbin/kprop -r EXAMPLE.TEST -P 754 -f database kdc2.example.test",
        "-/usr/sbin/kprop -r EXAMPLE.TEST -P 754 -f database kdc3.example.test",
        "/usr/bin/test database.kdc2.example.test.last_prop -nt database",
        "/usr/bin/test database.kdc3.example.test.last_prop -nt database",
    ]
    assert service["Service"]["WorkingDirectory"] == "-/f"
    timer, none = unit("krb5-prop.timer", kdc_propagation_interval="2min")
    assert (timer["Timer"]["OnActiveSec"], timer["Timer"]["OnUnitActiveSec"], none) == ("2min", "2min", [])


def test_a_backup_counts_once_it_could_be_loaded() -> None:
    commands = unit("krb5-backup.service", kdc_backup_keep=3)[1]
    assert [command.split()[0] for command in commands] == ["/usr/sbin/kdb5_util"] * 2 + ["/usr/bin/sync"] + [
        "/bin/sh"
    ] * 2
    assert "-d /run/krb5-backup/loaded load .new" in commands[1]
    assert '-gt 3 ]; do rm -- "$$1"' in commands[4]
    assert unit("krb5-backup.timer")[0]["Timer"]["OnCalendar"] == "daily"


@pytest.mark.parametrize("name", ["krb5-prop.service", "krb5-backup.service"])
def test_both_run_shut_in(name: str) -> None:
    service = unit(name)[0]["Service"]
    assert service["Type"] == "oneshot"
    assert service["UMask"] == "0077"
    assert service["ExecStartPre"] == "+/usr/bin/install -d -o root -g root -m 0700 /f"
    assert service["ProtectSystem"] == "strict"
    assert service["NoNewPrivileges"] == "yes"
    assert service["CapabilityBoundingSet"] == ""
    assert service["ReadWritePaths"] == "/var/lib/krb5kdc -/f"


@pytest.mark.parametrize("file", [f"{one}.yml" for one in ("server", "export", "replica", "timer", "timer_unwanted")])
def test_every_task_has_tags_of_its_own(file: str) -> None:
    """Those of include_tasks choose the file, not the tasks in it; handlers, too, are flushed by tags."""
    for task in yaml.safe_load((ROLE / "tasks" / file).read_text()):
        assert task.get("tags"), task["name"]
