# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recorded facts of every distribution choose vars files that name its packages and units."""

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

ROOT = pathlib.Path(__file__).resolve().parents[4]
FACTS = {path.stem: json.loads(path.read_text()) for path in sorted((ROOT / "tests" / "data" / "facts").glob("*.json"))}
DEBIAN = {
    "packages": ["krb5-user"],
    "kdc": "krb5-kdc",
    "admin": "krb5-admin-server",
    "folder": "/etc/krb5kdc",
    "time": "chrony",
}
ENTERPRISE = {
    "packages": ["krb5-workstation"],
    "kdc": "krb5kdc",
    "admin": "kadmin",
    "folder": "/var/kerberos/krb5kdc",
    "time": "chronyd",
}
SUSE = {
    "packages": ["krb5-client"],
    "kdc": "krb5kdc",
    "admin": "kadmind",
    "folder": "/var/lib/kerberos/krb5kdc",
    "time": "chronyd",
}
# from the table of distributions that was recorded with the facts; EL 8: dnf has no bindings for a Python that may run
EXPECTED = {
    "debian-12": DEBIAN,
    "debian-13": DEBIAN,
    "ubuntu-22.04": DEBIAN,
    "ubuntu-24.04": DEBIAN,
    "almalinux-8": {**ENTERPRISE, "packages": []},
    "rhel-8": {**ENTERPRISE, "packages": []},
    "rhel-8-python3.12": {**ENTERPRISE, "packages": []},
    "rocky-8": {**ENTERPRISE, "packages": []},
    "almalinux-9": ENTERPRISE,
    "almalinux-10": ENTERPRISE,
    "amazon-2023": ENTERPRISE,
    "centos-stream-9": ENTERPRISE,
    "rhel-9": ENTERPRISE,
    "rhel-10": ENTERPRISE,
    "rocky-9": ENTERPRISE,
    "rocky-10": ENTERPRISE,
    "fedora-42": ENTERPRISE,
    "fedora-44": ENTERPRISE,
    "opensuse-leap-15.6": SUSE,
    "sles-15.6-python3.11": SUSE,
}
REFUSED = {"centos-7": r"distribution 'CentOS' 7\.9: is too old .* use CentOS 8 or later"}


def role_vars(role: str, facts: dict[str, Any]) -> dict[str, Any]:
    return yaml.safe_load((ROOT / "roles" / role / "vars" / f"{vars_file(facts)}.yml").read_text())


def test_every_recorded_host_is_spoken_of() -> None:
    assert set(FACTS) == set(EXPECTED) | set(REFUSED)


@pytest.mark.parametrize("host", EXPECTED)
def test_names_on_this_distribution(host: str) -> None:
    client, kdc = role_vars("client", FACTS[host]), role_vars("kdc", FACTS[host])
    assert {
        "packages": client["client_packages"],
        "time": client["client_time_unit"],
        "kdc": kdc["kdc_unit"],
        "admin": kdc["kdc_admin_unit"],
        "folder": kdc["kdc_folder"],
    } == EXPECTED[host]


@pytest.mark.parametrize("host", REFUSED)
def test_refused(host: str) -> None:
    with pytest.raises(DistributionRefusal, match=REFUSED[host]):
        vars_file(FACTS[host])


def test_a_distribution_that_nobody_knows() -> None:
    with pytest.raises(DistributionRefusal, match=r"'Haiku' 1: its packages are not known; set kerberos_distribution"):
        vars_file({"distribution": "Haiku", "distribution_version": "1", "service_mgr": "systemd"})


def test_the_site_chooses() -> None:
    haiku = {"distribution": "Haiku", "distribution_version": "1", "service_mgr": "systemd"}
    assert vars_file(haiku, "Debian") == "Debian"
    assert vars_file(FACTS["centos-7"], "RedHat8") == "RedHat8"
    with pytest.raises(DistributionRefusal, match=r"^kerberos_distribution 'BeOS': .*; take one of Debian, Ubuntu, "):
        vars_file(haiku, "BeOS")


def test_a_host_without_systemd() -> None:
    with pytest.raises(DistributionRefusal, match="runs sysvinit where the roles work with systemd"):
        vars_file({**FACTS["debian-12"], "service_mgr": "sysvinit"})


@pytest.mark.parametrize("role", ["client", "kdc"])
def test_every_vars_file_names_the_same_things(role: str) -> None:
    folder = ROOT / "roles" / role / "vars"
    names = {
        path.stem: set(yaml.safe_load(path.read_text())) - {"kdc_folder_mode"} for path in folder.glob("[A-Z]*.yml")
    }
    assert set(FILES) == set(names)
    assert len({frozenset(one) for one in names.values()}) == 1, names
