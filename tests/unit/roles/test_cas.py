# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role cas asks for on each distribution, and how its tasks hang together."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import re
from typing import Any

import pytest
import yaml
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_clients import (
    FIELDS,
    LDAP_KEYS,
    STRATEGIES,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_host import USUAL
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_sign_on import LEAST_HEADER, Wishes
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.distribution import (
    FILES,
    DistributionRefusal,
    vars_file,
)

ROOT = pathlib.Path(__file__).resolve().parents[3]
ROLE = ROOT / "roles" / "cas"
FACTS = {path.stem: json.loads(path.read_text()) for path in sorted((ROOT / "tests" / "data" / "facts").glob("*.json"))}
DEBIAN: dict[str, Any] = {
    "cas_packages": ["krb5-user", "python3-dnspython"],
    "cas_probe_packages": ["python3-gssapi"],
    "cas_apache": {
        "unit": "apache2",
        "folder": "/etc/apache2",
        "config": "/etc/apache2/conf-enabled/cas-kerberos.conf",
    },
}
HTTPD = {"unit": "httpd", "folder": "/etc/httpd", "config": "/etc/httpd/conf.d/cas-kerberos.conf"}
ENTERPRISE = {**DEBIAN, "cas_packages": ["krb5-workstation", "python3-dns"], "cas_apache": HTTPD}
# from the table of distributions that was recorded with the facts
EXPECTED: dict[str, dict[str, Any]] = {
    "Debian": DEBIAN,
    "Ubuntu": DEBIAN,
    "RedHat": ENTERPRISE,
    "Fedora": ENTERPRISE,
    # dnf has no bindings for a Python that may run
    "RedHat8": {"cas_packages": [], "cas_probe_packages": [], "cas_apache": HTTPD},
    "Suse": {
        "cas_packages": ["krb5-client", "python311-dnspython"],
        "cas_probe_packages": ["python311-gssapi"],
        "cas_apache": {**DEBIAN["cas_apache"], "config": "/etc/apache2/conf.d/cas-kerberos.conf"},
    },
}
MODULE = "mailrealm.kerberos."
LOOKING = {"cas_info", "dns_identity_info", "keytab_info"}
TASKS = sorted(path.name for path in (ROLE / "tasks").glob("*.yml") if not path.name.startswith("preflight"))


def read(file: str) -> Any:
    return yaml.safe_load((ROLE / file).read_text())


def chosen(name: str) -> str:
    """The vars file for a recorded host; empty where the roles refuse it."""
    try:
        return vars_file(FACTS[name])
    except DistributionRefusal:
        return ""


def options() -> dict[str, Any]:
    found: dict[str, Any] = read("meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    return found


@pytest.mark.parametrize("name", [name for name in FACTS if chosen(name)])
def test_packages_and_proxies_on_each_distribution(name: str) -> None:
    assert read(f"vars/{chosen(name)}.yml") == EXPECTED[chosen(name)]


def test_there_is_a_file_for_each() -> None:
    assert {path.stem for path in (ROLE / "vars").glob("[A-Z]*.yml")} == set(FILES)


def test_every_default_is_documented() -> None:
    defaults = read("defaults/main.yml")
    assert set(defaults) == set(options())
    literal = {name: value for name, value in defaults.items() if "{{" not in str(value)}
    assert {name: options()[name].get("default", value) for name, value in literal.items()} == literal


def test_the_readme_has_every_variable() -> None:
    text = (ROLE / "README.md").read_text()
    assert [name for name in read("defaults/main.yml") if not re.search(f"`{name}[`:]", text)] == []


def secrets(spec: dict[str, Any], above: str = "") -> set[str]:
    """The options that no log may show, with those above them."""
    found = {f"{above}{name}" for name, option in spec.items() if option.get("no_log")}
    for name, option in spec.items():
        found |= secrets(option.get("options", {}), f"{above}{name}.")
    return found


def test_secrets_are_hidden() -> None:
    assert secrets(options()) == {
        "cas_test_credentials.password",
        "cas_further_credentials.password",
        "cas_further_keytabs",
        "cas_further_keytabs.content",
        "cas_clients.ldap.bind_credential",
    }


def test_the_strategies_are_those_of_the_filter() -> None:
    clients = options()["cas_clients"]["options"]
    assert set(clients) == set(FIELDS)
    assert clients["strategy"]["choices"] == ["all", *STRATEGIES]
    assert set(clients["ldap"]["options"]) == set(LDAP_KEYS)


def test_the_filter_knows_what_it_is_asked_for() -> None:
    fields = {one.name for one in dataclasses.fields(Wishes)}
    assert set(read("vars/main.yml")["cas_asked"]) == fields


def test_users_log_in_where_the_fleet_believes() -> None:
    defaults = read("defaults/main.yml")
    assert (defaults["cas_port"], defaults["cas_tls"], defaults["cas_login_path"]) == dataclasses.astuple(USUAL)
    assert defaults["cas_header_size"] == LEAST_HEADER


def names(tasks: list[dict[str, Any]]) -> list[str]:
    return [key.removeprefix(MODULE) for task in tasks for key in task if key.startswith(MODULE)]


@pytest.mark.parametrize("file", ["preflight.yml", "preflight_overlay.yml", "preflight_proxy.yml"])
def test_nothing_is_written_before_everything_was_looked_at(file: str) -> None:
    builtin = {key.rsplit(".", 1)[1] for task in read(f"tasks/{file}") for key in task if key.startswith("ansible.")}
    assert set(names(read(f"tasks/{file}"))) <= LOOKING
    assert builtin <= {"include_role", "include_tasks", "import_tasks", "include_vars", "assert", "stat", "find"}
    keys, looks, *dummy = read("tasks/main.yml")
    assert keys["ansible.builtin.import_role"]["tasks_from"] == "preflight"
    assert "preflight.yml" in str(looks)


def test_every_file_of_foreign_lines_is_asked_first_in_check_mode() -> None:
    tasks = read("tasks/preflight_files.yml")
    assert [task["check_mode"] for task in tasks] == [True] * len(tasks)
    assert [task["changed_when"] for task in tasks] == [False] * len(tasks)
    written = {name for file in TASKS for name in names(read(f"tasks/{file}"))}
    assert set(names(tasks)) == written & {
        *("cas_overlay", "cas_properties", "jaas_config", "log4j2_loggers", "tomcat_connector")
    }


@pytest.mark.parametrize("file", TASKS)
def test_every_task_has_tags(file: str) -> None:
    assert [task["name"] for task in read(f"tasks/{file}") if not task.get("tags")] == []


def test_the_keytab_is_the_users_alone_and_new_keys_restart_nothing() -> None:
    for task in read("tasks/keytab.yml"):
        given = task["vars"]
        assert (given["keytab_owner"], given["keytab_mode"]) == ("{{ cas_user }}", "0400")
        assert given["keytab_notify"] == []


# The modules whose files a running JVM does not read again, by themselves or within a task file.
READ_ONCE = ("krb5_conf", "enctype_policy", "jaas_config", "cas_properties", "tomcat_connector")


def test_whatever_the_jvm_reads_once_restarts_it() -> None:
    written = " ".join(read("vars/main.yml")["cas_written"])
    registered = {}
    for file in TASKS:
        for task in read(f"tasks/{file}"):
            registered.update(dict.fromkeys(names([task]), task.get("register", "")))
    for module in READ_ONCE:
        assert re.search(rf"\b{registered[module]}\b", written), module
    client = yaml.safe_load((ROOT / "roles" / "client" / "tasks" / "main.yml").read_text())
    (files,) = [task for task in client if f"{MODULE}config_files" in task]
    for module in ("krb5_conf", "enctype_policy"):
        assert module in files[f"{MODULE}config_files"]
        assert f"{files['register']}['parts']['{module}']" in written
