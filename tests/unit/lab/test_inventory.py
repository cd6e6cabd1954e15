# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible is given."""

from __future__ import annotations

import ipaddress
import json

import pytest
import yaml
from lab import inventory, lifecycle, state
from lab.failure import LabError
from lab.identity import Lab

SUBNET = ipaddress.IPv4Network("10.96.7.0/24")


@pytest.fixture
def written(tmp_path):
    made = state.State(Lab(str(tmp_path)))
    inventory.ensure(made, SUBNET)
    return made


def test_the_groups_are_those_that_the_roles_know(written):
    tree = yaml.safe_load((written.home / "inventory.yml").read_text())["all"]
    groups = tree["children"]
    assert {name: list(group["hosts"]) for name, group in groups.items()} == {
        "kerberos_kdc": ["kdc1.example.test"],
        "kerberos_kdc_replicas": ["kdc2.example.test"],
        "postfix": ["mx1.example.test", "mx2.example.test"],
        "workstations": ["client1.example.test"],
    }
    assert groups["postfix"]["vars"]["kerberos_aliases"] == ["mail.example.test"]
    assert groups["postfix"]["hosts"]["mx2.example.test"]["ansible_host"] == "10.96.7.21"
    assert tree["vars"]["kerberos_realm"] == "EXAMPLE.TEST"


def test_passwords_are_made_once_at_random_and_for_the_owner_alone(written, tmp_path):
    path = written.home / "group_vars" / "all" / "secrets.yml"
    before = path.read_text()
    inventory.ensure(written, SUBNET)
    assert path.read_text() == before
    assert path.stat().st_mode & 0o777 == 0o600
    other = state.State(Lab(str(tmp_path), "other"))
    inventory.ensure(other, SUBNET)
    assert (other.home / "group_vars" / "all" / "secrets.yml").read_text() != before


def test_the_environment_keeps_everything_in_the_checkout(written, tmp_path):
    settings = json.loads(written.environment.read_text())
    for name in ("ANSIBLE_CONFIG", "ANSIBLE_INVENTORY", "ANSIBLE_COLLECTIONS_PATH", "ANSIBLE_HOME"):
        assert settings[name].startswith(str(tmp_path))


def test_sockets_of_a_deep_checkout_lie_elsewhere(tmp_path):
    deep = state.State(Lab(str(tmp_path / ("d" * 80))))
    assert len(str(inventory.control_folder(deep))) <= inventory.LONGEST_SOCKET_FOLDER
    near = state.State(Lab("/srv/kerberos"))
    assert inventory.control_folder(near) == near.home / "cp"


def test_the_default_labs_proof_lies_where_the_readme_says(tmp_path):
    assert state.State(Lab(str(tmp_path))).proof == tmp_path / ".lab" / "proof.json"
    assert state.State(Lab(str(tmp_path), "x")).proof == tmp_path / ".lab" / "x" / "proof.json"


def test_hosts_are_chosen_by_short_or_full_name():
    assert [host.name for host in lifecycle.find_hosts(["mx2", "kdc1.example.test"])] == ["mx2", "kdc1"]
    assert len(lifecycle.find_hosts([])) == 5
    with pytest.raises(LabError, match="no host 'mx3'"):
        lifecycle.find_hosts(["mx3"])
