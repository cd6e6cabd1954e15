# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role workstation decides, and how its tasks hang together."""

from __future__ import annotations

import pathlib
import re
from typing import Any

import pytest
import yaml
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.distribution import FILES
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.workstation import MAIL, accounts_from

ROOT = pathlib.Path(__file__).resolve().parents[3]
ROLE = ROOT / "roles" / "workstation"


def read(file: str) -> Any:
    return yaml.safe_load((ROLE / file).read_text())


OPTIONS = read("meta/argument_specs.yml")["argument_specs"]["main"]["options"]


def test_every_default_is_documented() -> None:
    defaults = read("defaults/main.yml")
    assert set(defaults) == set(OPTIONS)
    literal = {name: value for name, value in defaults.items() if "{{" not in str(value)}
    assert {name: OPTIONS[name].get("default", value) for name, value in literal.items()} == literal


def test_each_browser_has_a_file() -> None:
    files = read("vars/main.yml")["workstation_files"]
    assert list(files) == OPTIONS["workstation_browsers"]["choices"]
    assert {one["path"] for one in files.values()} == {f"{{{{ workstation_{name}_file }}}}" for name in files}
    # No two of them are in one folder, of which every file is read
    folders = {read("defaults/main.yml")[f"workstation_{name}_file"].rpartition("/")[0] for name in files}
    assert len(folders) == len(files)


@pytest.mark.parametrize("file", FILES)
def test_thunderbird_has_a_place_on_each_distribution(file: str) -> None:
    library = "lib" if file in ("Debian", "Ubuntu") else "lib64"
    assert read(f"vars/{file}.yml") == {"workstation_thunderbird_isp": f"/usr/{library}/thunderbird/isp"}


def test_the_spec_of_a_server_is_that_of_the_account() -> None:
    spec = OPTIONS["workstation_accounts"]["options"]["servers"]["options"]
    (account,) = accounts_from([{"product": "x", "servers": [{"type": "imap", "hostname": "a.test", "port": 1}]}])
    assert set(spec) == set(vars(account.servers[0]))
    assert {name for name, option in spec.items() if option.get("required")} == {"type", "hostname", "port"}
    defaults = {name: option["default"] for name, option in spec.items() if "default" in option}
    assert defaults == {name: getattr(account.servers[0], name) for name in defaults}
    assert set(spec["type"]["choices"]) == {protocol for protocol, dummy in MAIL}
    assert set(spec["socket"]["choices"]) == {word for dummy, word in MAIL.values()}


def test_nothing_is_written_before_everything_was_looked_at() -> None:
    looking = {"ansible.builtin.assert", "mailrealm.kerberos.host_facts", "ansible.builtin.include_vars"}
    assert {key for task in read("tasks/preflight.yml") for key in task if "." in key} <= looking
    assert "preflight" in str(read("tasks/main.yml")[0])
    assert [task["name"] for task in read("tasks/main.yml") if not task.get("tags")] == []


def test_workstations_are_set_up_before_the_prober_logs_in() -> None:
    plays = [play["name"] for play in yaml.safe_load((ROOT / "playbooks" / "site.yml").read_text())]
    assert plays.index("Set up the workstations") < plays.index("Give the prober the keys of its account")


def test_the_readme_names_no_variable_that_is_not_there() -> None:
    text = (ROLE / "README.md").read_text() + (ROOT / "docs" / "workstation.md").read_text()
    assert set(re.findall(r"\b(workstation_\w+)", text)) <= {*OPTIONS}
