# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples beside the guides: what is named in them is there, and each tool's own reader takes its file."""

from __future__ import annotations

import ast
import pathlib
import re
import shlex
import sys
from typing import Any

import pytest
import yaml
from ansible.cli.playbook import PlaybookCLI
from ansible.cli.pull import PullCLI
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import drift_metrics
from ansible_collections.mailrealm.kerberos.plugins.plugin_utils import drift_waivers

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
EXAMPLES = DOCS / "examples"
NAMESPACE = "mailrealm.kerberos."
# What runs on the controller; the core brings these two beside itself.
CONTROLLER = ("action", "callback", "filter", "plugin_utils")
OF_THE_CORE = {"ansible", "jinja2", "yaml"}
# Sections of a definition of ansible-builder 3, and what a collection may say in its own file.
DEFINITION = {"version", "images", "dependencies", "options", "build_arg_defaults", "additional_build_files"}
DEPENDENCIES = {"ansible_core", "ansible_runner", "galaxy", "python", "python_interpreter", "system", "exclude"}
GUIDES = ("drift.md", "fleet.md")
METRIC = re.compile(r"\bmailrealm_drift_\w+")
FIELD = re.compile(r"\{\{ (\w+) \}\}")


class Loader(yaml.SafeLoader):
    """YAML with Ansible's tag for text that is no template of ours."""


Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


def read(name: str) -> Any:
    return yaml.load((EXAMPLES / name).read_text(), Loader)


def unit(name: str) -> dict[str, list[str]]:
    """The settings of a unit of systemd, by `Section.Name`, in their order."""
    found: dict[str, list[str]] = {}
    section = ""
    for line in (EXAMPLES / "systemd" / name).read_text().splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            key, equals, value = line.partition("=")
            assert section and equals, line
            found.setdefault(f"{section}.{key}", []).append(value)
    return found


AWX = read("awx.yml.example")[0]
TASKS = {task["name"]: task for task in AWX["tasks"]}
TYPES = {one["name"]: one for one in AWX["vars"]["credential_types"]}
UNITS = sorted(path.name for path in (EXAMPLES / "systemd").iterdir())
RULES = [rule for group in read("prometheus/kerberos-drift.rules.yml")["groups"] for rule in group["rules"]]
ALERTS = [rule for rule in RULES if "alert" in rule]


def templates() -> dict[str, dict[str, Any]]:
    """The job templates that the playbook for AWX makes, by their names."""
    made = [task["awx.awx.job_template"] for task in TASKS.values() if "awx.awx.job_template" in task]
    return {one["name"]: one for one in made}


@pytest.mark.parametrize(
    "path", sorted((*EXAMPLES.rglob("*.yml"), *EXAMPLES.rglob("*.example"))), ids=lambda path: path.name
)
def test_yaml_is_read(path: pathlib.Path) -> None:
    assert yaml.load(path.read_text(), Loader)
    assert f"({path.relative_to(DOCS)})" in _guides() or path.parent.name in ("project", "prometheus")


def test_links_of_the_guides_lead_somewhere() -> None:
    for guide in GUIDES:
        for target in re.findall(r"\]\(([^)#]+)", (DOCS / guide).read_text()):
            assert "://" in target or (DOCS / target).exists(), target


def test_the_environment_has_what_the_controller_s_plugins_import() -> None:
    wanted = {
        name for folder in CONTROLLER for path in (ROOT / "plugins" / folder).glob("*.py") for name in imports(path)
    }
    described = yaml.safe_load((ROOT / "meta" / "execution-environment.yml").read_text())
    assert described["version"] == 1 and set(described["dependencies"]) == {"python", "system"}
    lines = (ROOT / described["dependencies"]["python"]).read_text().splitlines()
    named = {re.split(r"[<>=~!; ]", line)[0] for line in lines if line and not line.startswith("#")}
    assert wanted - OF_THE_CORE - set(sys.stdlib_module_names) == named
    for line in (ROOT / described["dependencies"]["system"]).read_text().splitlines():
        assert line.startswith("#") or re.fullmatch(r"[a-z0-9+.-]+ \[platform:(rpm|dpkg)\]", line)


def imports(path: pathlib.Path) -> set[str]:
    """The packages that a file imports, also those that it imports by name."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").partition(".")[0])
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "import_module":
            found |= {one.value.partition(".")[0] for one in node.args if isinstance(one, ast.Constant)}
    return {name for name in found if name}


def test_the_definition_of_the_environment() -> None:
    definition = read("execution-environment.yml")
    assert definition["version"] == 3
    assert set(definition) <= DEFINITION and set(definition["dependencies"]) <= DEPENDENCIES
    (collection,) = definition["dependencies"]["galaxy"]["collections"]
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text())
    assert collection == {"name": f"{galaxy['namespace']}.{galaxy['name']}", "version": f">={galaxy['version']}"}
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())
    least = re.match(r">=(\d+\.\d+)", runtime["requires_ansible"])
    assert least and definition["dependencies"]["ansible_core"]["package_pip"].startswith(f"ansible-core>={least[1]}")


def test_waivers_are_taken() -> None:
    waivers = drift_waivers.waivers_of(str(EXAMPLES / "waivers.yml"))
    assert len(waivers) == 2
    assert drift_waivers.matches(waivers[0].expression, {**drift_waivers.SAMPLE, "host": "mx2.example.test"})
    assert not drift_waivers.matches(waivers[0].expression, drift_waivers.SAMPLE)


@pytest.mark.parametrize("name", ["drift", "drift_merge"])
def test_playbooks_of_the_project_are_those_of_the_collection(name: str) -> None:
    (play,) = read(f"project/{name}.yml")
    assert play["ansible.builtin.import_playbook"] == NAMESPACE + name
    assert (ROOT / "playbooks" / f"{name}.yml").is_file()
    assert f"{name}.yml" in {one["playbook"] for one in templates().values()}


@pytest.mark.parametrize("name", sorted(TYPES))
def test_credentials_become_variables_and_nothing_else(name: str) -> None:
    inputs, injectors = TYPES[name]["inputs"], TYPES[name]["injectors"]
    fields = {field["id"]: field for field in inputs["fields"]}
    assert set(injectors) == {"extra_vars"}
    assert set(FIELD.findall(str(injectors))) == set(fields)
    assert set(inputs["required"]) <= set(fields)
    assert all(fields[secret]["secret"] for secret in {"password", "keytab"} & set(fields))
    (variable,) = injectors["extra_vars"]
    assert f"*{name}*" in _guides() and f"`{variable}`" in _guides()
    specs = "\n".join(path.read_text() for path in (ROOT / "roles").glob("*/meta/argument_specs.yml"))
    assert variable in specs or variable == "kadmin_login"


def test_the_workflow_merges_when_all_slices_have_ended() -> None:
    nodes = {node["identifier"]: node for node in AWX["vars"]["nodes"]}
    merge = nodes.pop("merge")
    assert merge["all_parents_must_converge"]
    assert {node["unified_job_template"]["name"] for node in nodes.values()} == {"Kerberos drift"}
    assert set(templates()) == {"Kerberos drift", merge["unified_job_template"]["name"]}
    for node in nodes.values():
        assert node["related"]["always_nodes"] == [{"identifier": "merge"}]
        assert node["limit"].startswith("kerberos_kdc:")
    assert templates()["Kerberos drift"]["ask_limit_on_launch"]
    organizations = {node["unified_job_template"]["organization"]["name"] for node in (*nodes.values(), merge)}
    assert organizations == {AWX["vars"]["organization"]}


def test_the_merge_reads_what_the_slices_write() -> None:
    folder = templates()["Kerberos drift"]["extra_vars"]["kerberos_drift_folder"]
    (pattern,) = templates()["Kerberos drift of all slices"]["extra_vars"]["kerberos_drift_reports"]
    assert pattern == folder.replace("{{ awx_job_id }}", "*") + "/drift.json"
    assert folder.startswith(AWX["vars"]["shared"] + "/")


@pytest.mark.parametrize("name", UNITS)
def test_units_have_their_counterpart_and_are_in_a_guide(name: str) -> None:
    stem, dummy, kind = name.partition(".")
    assert f"{stem}.{'timer' if kind == 'service' else 'service'}" in UNITS
    assert f"(examples/systemd/{name})" in _guides()
    settings = unit(name)
    if kind == "timer":
        assert settings["Install.WantedBy"] == ["timers.target"] and settings["Timer.Persistent"] == ["true"]
        return
    folder = f"/var/lib/{settings['Service.StateDirectory'][0]}"
    (start,) = settings["Service.ExecStart"]
    assert f"kerberos_drift_folder={folder}" in shlex.split(start)
    first, second = (shlex.split(one.removeprefix("+")) for one in settings["Service.ExecStopPost"])
    assert first[2] == f"{folder}/drift.prom" and first[3] == second[1] and second[2] + ".new" == second[1]


COMMANDS = (
    ("kerberos-drift", PlaybookCLI, [NAMESPACE + "drift"]),
    ("kerberos-drift-pull", PullCLI, ["drift.yml"]),
)


@pytest.mark.parametrize(("name", "command", "playbooks"), COMMANDS)
def test_commands_of_the_units_are_understood(name: str, command: Any, playbooks: list[str]) -> None:
    (start,) = unit(f"{name}.service")["Service.ExecStart"]
    words = shlex.split(start.replace("%d", "/run/credentials"))
    cli = command([pathlib.Path(words[0]).name, *words[1:]])
    cli.init_parser()
    told = cli.parser.parse_args(cli.args[1:])
    assert told.args == playbooks
    # One that is not absolute is of the folder in which the command is called.
    folder = pathlib.Path(getattr(told, "dest", None) or "")
    assert [pathlib.Path(one) for one in told.inventory] == [folder / "inventory.yml"]


def test_alerts_are_of_metrics_that_there_are() -> None:
    there = set(METRIC.findall(pathlib.Path(drift_metrics.__file__).read_text()))
    for rule in RULES:
        used = set(METRIC.findall(rule["expr"]))
        assert used and used <= there, rule


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_alerts_say_what_to_do_and_are_tested(rule: dict[str, Any]) -> None:
    assert set(rule["annotations"]) == {"summary", "description"}
    assert rule["labels"]["severity"] in ("info", "warning", "critical")
    assert f"`{rule['alert']}`" in _guides()
    tested = read("prometheus/kerberos-drift.tests.yml")["tests"]
    assert rule["alert"] in {one["alertname"] for test in tested for one in test.get("alert_rule_test", ())}


def _guides() -> str:
    return "\n".join((DOCS / guide).read_text() for guide in GUIDES)
