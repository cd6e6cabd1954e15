# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role postfix asks for on each distribution, from recorded facts, and with each of its options."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
from typing import Any, Mapping

import pytest
import yaml
from ansible_collections.mailrealm.kerberos.plugins.module_utils._ansible import postfix_files, sasl_part
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import cyrus_sasl, master_cf, postfix
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.distribution import (
    FILES,
    DistributionRefusal,
    vars_file,
)
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import environment, program

ROOT = pathlib.Path(__file__).resolve().parents[3]
ROLE = ROOT / "roles" / "postfix"
FACTS = {path.stem: json.loads(path.read_text()) for path in sorted((ROOT / "tests" / "data" / "facts").glob("*.json"))}
ALIAS = {"kerberos_aliases": ["mail.example.test"]}
OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "shared": ALIAS,
    "jail": {"postfix_chroot": True, "postfix_submissions": True},
    "dovecot": {"postfix_sasl_backend": "dovecot", **ALIAS},
    "relay": {"postfix_relay": "[relay.example.test]:587", **ALIAS},
    "before-tls": {"postfix_auth_without_tls": True, "postfix_sasl_local_domain": "EXAMPLE.TEST"},
    "own": {
        "postfix_main": {"inet_interfaces": "loopback-only", "biff": False},
        "postfix_services": [{"name": "x", "type": "unix", "command": "smtpd"}],
        "postfix_tls_certificate": "/etc/mx.pem",
        "postfix_keytab_managed": False,
        "postfix_submission": False,
    },
}
CHOOSING = ("distribution", "distribution_version", "distribution_major_version", "pkg_mgr", "service_mgr")
ASKED = (
    "packages",
    "units",
    "certificate",
    "dovecot_version",
    "foreign_files",
    "sasl_folder",
    "sasl_wanted",
    "submissions_name",
    "wanted_append",
    "wanted_main",
    "wanted_services",
)
DEBIAN = {
    "packages": ["postfix", "libsasl2-modules", "libsasl2-modules-gssapi-mit", "ssl-cert"],
    "units": [{"name": "postfix@-"}, {"name": "postfix", "enabled": True}],
    "sasl_folder": "/etc/postfix/sasl",
    "certificate": "/etc/ssl/certs/ssl-cert-snakeoil.pem",
    "dovecot_version": "2.3",
    "submissions_name": "submissions",
}
ENTERPRISE = {
    "packages": ["postfix", "cyrus-sasl-gssapi", "cyrus-sasl-plain"],
    "units": [{"name": "postfix", "enabled": True}],
    "sasl_folder": "/etc/sasl2",
    "certificate": "/etc/pki/tls/certs/postfix.pem",
    "dovecot_version": "2.3",
    "submissions_name": "smtps",
}
FEDORA = {**ENTERPRISE, "submissions_name": "submissions"}
EL8 = {**ENTERPRISE, "packages": []}  # dnf has no bindings for a Python that may run
SUSE = {**ENTERPRISE, "certificate": ""}
# from the table of distributions that was recorded with the facts
EXPECTED = {
    "debian-12": DEBIAN,
    "debian-13": {**DEBIAN, "units": [{"name": "postfix", "enabled": True}], "dovecot_version": "2.4"},
    "ubuntu-22.04": DEBIAN,
    "ubuntu-24.04": DEBIAN,
    "almalinux-8": EL8,
    "rhel-8": EL8,
    "rhel-8-python3.12": EL8,
    "rocky-8": EL8,
    "almalinux-9": ENTERPRISE,
    "almalinux-10": ENTERPRISE,
    "amazon-2023": ENTERPRISE,
    "centos-stream-9": ENTERPRISE,
    "rhel-9": ENTERPRISE,
    "rhel-10": ENTERPRISE,
    "rocky-9": ENTERPRISE,
    "rocky-10": ENTERPRISE,
    "fedora-42": FEDORA,
    "fedora-44": {**FEDORA, "dovecot_version": "2.4"},
    "opensuse-leap-15.6": SUSE,
    "sles-15.6-python3.11": SUSE,
}


def managed(facts: Mapping[str, Any]) -> bool:
    try:
        return bool(vars_file(facts))
    except DistributionRefusal:
        return False


def playbook(folder: pathlib.Path) -> list[dict[str, Any]]:
    """Reads the role's variables in the order of the role and writes those of ASKED, by host."""
    files = [ROLE / "vars" / "main.yml", f"{ROLE}/vars/{{{{ postfix_vars_file }}}}"]
    facts = {name: f"{{{{ recorded['{name}'] }}}}" for name in CHOOSING}
    by_host = "{{ dict(ansible_play_hosts | zip(ansible_play_hosts | map('extract', hostvars, 'said'))) | to_json }}"
    tasks = [
        {"ansible.builtin.set_fact": {**facts, "cacheable": True}},
        *({"ansible.builtin.include_vars": str(file)} for file in files),
        {"ansible.builtin.copy": {"content": by_host, "dest": f"{folder}/said.json", "mode": "0600"}, "run_once": True},
    ]
    return [{"hosts": "all", "gather_facts": False, "tasks": tasks}]


def inventory(hosts: Mapping[str, tuple[dict[str, Any], dict[str, Any]]]) -> dict[str, Any]:
    """Hosts with their options and recorded facts; the role's defaults are below both, as in a run."""
    names = ", ".join(f"'{name}': postfix_{name}" for name in ASKED)
    common = {
        **yaml.safe_load((ROLE / "defaults" / "main.yml").read_text()),
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "kerberos_realm": "EXAMPLE.TEST",
        "postfix_hostname": "mx1.example.test",  # its default asks hostvars, which hostvars cannot answer
        "said": f"{{{{ {{{names}, 'packaged': postfix_packaged | default(none)}} }}}}",
    }
    given = {
        f"{name}.example.test": {**options, "recorded": {fact: facts[fact] for fact in CHOOSING}}
        for name, (options, facts) in hosts.items()
    }
    return {"all": {"vars": common, "hosts": given}}


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """For each distribution, and on Debian 12 for each set of options, the role's variables as Ansible makes them."""
    folder = tmp_path_factory.mktemp("roles")
    hosts: dict[str, tuple[dict[str, Any], dict[str, Any]]]
    hosts = {name: ({}, facts) for name, facts in FACTS.items() if managed(facts)}
    hosts.update({name: (options, FACTS["debian-12"]) for name, options in OPTIONS.items()})
    (folder / "inventory.json").write_text(json.dumps(inventory(hosts)))
    (folder / "playbook.json").write_text(json.dumps(playbook(folder)))
    done = subprocess.run(
        [program("ansible-playbook"), "-i", str(folder / "inventory.json"), str(folder / "playbook.json")],
        env=environment(folder, LADDER_RECORD=str(folder / "record.jsonl"), LADDER_WATCH="[]"),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    said = json.loads((folder / "said.json").read_text())
    return {host.removesuffix(".example.test"): values for host, values in said.items()}


SERVICE = {"command": None, "options": {}, "options_absent": [], "state": "present", **dict.fromkeys(master_cf.FIELDS)}


def plan(given: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The diff, before and after, that the module makes of the role's wishes on a blank host in check mode."""
    packaged = given["packaged"]
    if packaged is not None:
        packaged = {**packaged, "services": [{**SERVICE, **one} for one in packaged["services"]]}
    params = {
        "main": given["wanted_main"],
        "main_append": given["wanted_append"],
        "main_absent": [],
        "services": [{**SERVICE, **one} for one in given["wanted_services"]],
        "packaged": packaged,
    }
    blank = postfix.Found("/etc/postfix", None, None, None)
    planned = postfix.plan(blank, postfix_files.wish(params), postfix_files.packaged(params), promised=True)
    diff = postfix.diff("/etc/postfix", planned.changes)
    return diff["before"].splitlines(), diff["after"].splitlines()


def test_every_recorded_host_that_is_managed_is_spoken_of() -> None:
    assert {name for name, facts in FACTS.items() if managed(facts)} == set(EXPECTED)


@pytest.mark.parametrize("host", EXPECTED)
def test_names_on_this_distribution(asked: dict[str, dict[str, Any]], host: str) -> None:
    assert {name: asked[host][name] for name in EXPECTED[host]} == EXPECTED[host]
    before, after = plan(asked[host])
    assert "main.cf: smtpd_sasl_auth_enable = yes" in after
    assert "master.cf: smtp/inet: chroot = n" in after
    folder = "main.cf: cyrus_sasl_config_path = /etc/postfix/sasl"
    assert (folder in after) is (asked[host]["sasl_folder"] == "/etc/postfix/sasl" and host != "debian-13")
    known = not any(postfix.UNKNOWN in line for line in before)
    assert known is host.startswith("debian-")  # of the others' packages nothing was measured


@pytest.mark.parametrize("options", OPTIONS)
def test_the_module_takes_what_the_role_asks_for(asked: dict[str, dict[str, Any]], options: str) -> None:
    given = asked[options]
    before, dummy = plan(given)
    chroot = ["master.cf: smtp/inet: chroot = y"] if options not in ("jail", "dovecot") else []
    assert before[: len(chroot)] == chroot or options in ("relay", "own")
    planned = cyrus_sasl.plan("/f", None, sasl_part.settings_of(given["sasl_wanted"]), ())
    assert planned.content is not None
    assert f"keytab: {given['sasl_wanted']['keytab']}\n".encode() in planned.content


def test_each_option_asks_for_what_it_says(asked: dict[str, dict[str, Any]]) -> None:
    assert asked["plain"]["wanted_append"] == {}
    krb5 = "KRB5_CONFIG=/etc/krb5.conf:/etc/postfix/krb5.conf"
    assert asked["shared"]["wanted_append"] == {"import_environment": [krb5]}
    relay = ["KRB5_CLIENT_KTNAME=/etc/postfix/smtp-client.keytab", "KRB5CCNAME=MEMORY:smtp"]
    assert asked["relay"]["wanted_append"] == {"import_environment": [krb5, *relay]}
    assert asked["relay"]["wanted_main"]["relayhost"] == "[relay.example.test]:587"
    assert {"name": "smtp", "type": "unix", "chroot": "n"} in asked["relay"]["wanted_services"]
    jail = {(one["name"], one["type"]): one["chroot"] for one in asked["jail"]["wanted_services"]}
    assert jail == {("smtp", "inet"): "y", ("submission", "inet"): "y", ("submissions", "inet"): "y"}
    assert asked["dovecot"]["wanted_append"] == {}
    assert asked["dovecot"]["wanted_main"]["smtpd_sasl_path"] == "private/auth"
    assert not any("chroot" in one for one in asked["dovecot"]["wanted_services"])
    assert asked["before-tls"]["wanted_main"]["smtpd_sasl_security_options"] == ["noanonymous", "noplaintext"]
    assert asked["before-tls"]["wanted_main"]["smtpd_sasl_local_domain"] == "EXAMPLE.TEST"
    assert "smtpd_sasl_local_domain" not in asked["plain"]["wanted_main"]
    assert asked["own"]["foreign_files"] == ["/etc/mx.pem", "/etc/postfix/smtp.keytab"]
    assert asked["own"]["wanted_main"]["inet_interfaces"] == "loopback-only"
    assert [one["name"] for one in asked["own"]["wanted_services"]] == ["smtp", "x"]


def test_every_vars_file_names_the_same_things() -> None:
    some = {"postfix_packaged", "postfix_packaged_main", "postfix_release", "postfix_releases", "postfix_sysconfig"}
    names = {path.stem: set(yaml.safe_load(path.read_text())) - some for path in (ROLE / "vars").glob("[A-Z]*.yml")}
    assert set(names) == set(FILES)
    assert len({frozenset(one) for one in names.values()}) == 1, names
