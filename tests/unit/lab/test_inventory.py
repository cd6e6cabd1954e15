# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible is given."""

from __future__ import annotations

import ipaddress
import json

import pytest
import yaml
from lab import fleet, images, inventory, lifecycle, state
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


def test_the_inventory_of_active_directory_leaves_out_the_controller(tmp_path):
    made = state.State(Lab(str(tmp_path), "lab-ad"))
    inventory.ensure(made, SUBNET)
    tree = yaml.safe_load((made.home / "inventory.yml").read_text())["all"]
    assert {name: list(group["hosts"]) for name, group in tree["children"].items()} == {
        "axigen": ["axigen1.ad.example.test"],
        "cas": ["cas1.ad.example.test"],
        "workstations": ["client1.ad.example.test"],
    }
    assert tree["vars"]["kerberos_realm"] == "AD.EXAMPLE.TEST"
    assert tree["vars"]["kerberos_keytab_source"] == "ad"
    assert tree["vars"]["kerberos_kdcs"] == ["dc1.ad.example.test"]


def test_the_inventory_of_cas_tells_the_role_how_the_labs_cas_is_reached(tmp_path):
    made = state.State(Lab(str(tmp_path), "lab-cas"))
    inventory.ensure(made, SUBNET)
    tree = yaml.safe_load((made.home / "inventory.yml").read_text())["all"]
    hosts = tree["children"]["cas"]["hosts"]
    assert list(hosts) == ["cas1.example.test", "cas2.example.test"]
    assert [host.get("cas_debug") for host in hosts.values()] == [None, True]
    assert hosts["cas2.example.test"]["cas_clients"] == {"strategy": "address", "addresses": r"^10\."}
    assert (tree["vars"]["cas_war"], tree["vars"]["cas_port"], tree["vars"]["cas_tls"]) == ("/opt/cas/war", 8080, False)


def test_the_inventory_of_zimbra_has_its_servers_with_their_variables(tmp_path):
    made = state.State(Lab(str(tmp_path), "lab-zimbra"))
    inventory.ensure(made, SUBNET)
    tree = yaml.safe_load((made.home / "inventory.yml").read_text())["all"]
    servers = tree["children"]["zimbra"]
    assert list(servers["hosts"]) == ["zimbra1.example.test", "zimbra2.example.test"]
    assert servers["hosts"]["zimbra1.example.test"]["zimbra_mta_hostname"] == "mail.example.test"
    assert servers["hosts"]["zimbra2.example.test"]["zimbra_services"] == ["proxy", "mta"]
    assert servers["vars"]["kerberos_aliases"] == ["mail.example.test"]
    assert tree["vars"]["client_realms"] == {"PARTNER.TEST": {"kdc": ["partner1.partner.test"]}}
    assert "partner1.partner.test" not in str(tree["children"])
    assert {user["name"] for user in tree["vars"]["kdc_users"]} == {
        "alice",
        "krbtgt/EXAMPLE.TEST@PARTNER.TEST",
        "krbtgt/PARTNER.TEST@EXAMPLE.TEST",
    }
    told = json.loads((made.private("partner1") / "passwords.json").read_text())
    assert told == {name: inventory.passwords(made)[name] for name in ("bob", "trust")}


def test_a_host_is_told_the_passwords_that_it_needs_and_no_other(tmp_path):
    made = state.State(Lab(str(tmp_path), "lab-ad"))
    inventory.ensure(made, SUBNET)
    known = inventory.passwords(made)
    path = made.private("dc1") / "passwords.json"
    assert json.loads(path.read_text()) == {name: known[name] for name in ("alice", "probe", "reader", "joiner")}
    assert path.stat().st_mode & 0o777 == 0o600
    assert not made.private("client1").exists()


def test_a_password_that_a_lab_lacks_is_made_beside_those_that_it_has(written):
    path = written.home / "group_vars" / "all" / "secrets.yml"
    path.write_text("lab_alice_password: as it was\nlab_alice_password: kept\n")
    inventory.ensure(written, SUBNET)
    assert inventory.passwords(written)["alice"] == "kept"
    assert inventory.passwords(written)["master"].startswith(inventory.KINDS) and inventory.KINDS[0].isalpha()


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
    assert state.State(Lab(str(tmp_path), "lab-ad")).proof == tmp_path / ".lab" / "proof.json"
    assert state.State(Lab(str(tmp_path), "x")).proof == tmp_path / ".lab" / "x" / "proof.json"


def test_hosts_are_chosen_by_short_or_full_name():
    assert [host.name for host in lifecycle.find_hosts(fleet.MIT, ["mx2", "kdc1.example.test"])] == ["mx2", "kdc1"]
    assert len(lifecycle.find_hosts(fleet.MIT, [])) == 5
    with pytest.raises(LabError, match="no host 'mx3'"):
        lifecycle.find_hosts(fleet.MIT, ["mx3"])


def test_an_archive_of_the_sites_own_is_logged_in_to_on_its_own_page(monkeypatch, tmp_path):
    made = tmp_path / "own.war"
    made.write_bytes(b"x")
    for path, page, module in (("", "/cas/negotiate", "false"), (str(made), "/cas/login", "true")):
        monkeypatch.setenv(images.OWN_WAR, path)
        images.own_war.cache_clear()
        assert inventory.cas_page() == {"cas_page": page, "cas_module": module}
        script = images.cas("12").chain[1].script
        assert ("jar xf /downloads/own.war" in script) is bool(path)
    images.own_war.cache_clear()
