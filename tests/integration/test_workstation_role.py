# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role workstation on this machine: check mode and the run, and what it refuses. Needs root."""

from __future__ import annotations

import json
import pathlib
from typing import Any
from xml.etree import ElementTree

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration.bad_input import BOTH, FAST, snapshot
from ansible_collections.mailrealm.kerberos.tests.integration.bad_roles import (
    CHOICES,
    Case,
    both_ways,
    judge,
    lower,
)
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import play

SERVERS = [
    {"type": "imap", "hostname": "imap.example.test", "port": 993},
    {"type": "smtp", "hostname": "mail.example.test", "port": 587, "socket": "STARTTLS"},
]
ACCOUNTS = [{"product": "own", "servers": SERVERS}]
FOREIGN = {"policies": {"DisableTelemetry": True, "Authentication": {"SPNEGO": ["https://old.example.test"]}}}
OPTIONS: dict[str, Any] = {"environment_more": FAST}


def variables(folder: pathlib.Path, **more: Any) -> dict[str, Any]:
    given = {
        "kerberos_realm": "EXAMPLE.TEST",
        "kerberos_kdcs": ["kdc1.example.test"],
        "kerberos_hostname": "client1.example.test",
        "workstation_sites": ["cas1.example.test"],
        "workstation_browsers": ["firefox", "chromium", "edge"],
        "workstation_firefox_file": f"{folder}/firefox/policies.json",
        "workstation_chromium_file": f"{folder}/chromium/managed/kerberos.json",
        "workstation_edge_file": f"{folder}/edge/managed/kerberos.json",
        "workstation_accounts": ACCOUNTS,
        "workstation_thunderbird": True,
        "workstation_thunderbird_folder": f"{folder}/isp",
        "workstation_autoconfig_host": "localhost",
        "workstation_autoconfig_path": f"{folder}/www/config-v1.1.xml",
        "workstation_artifacts": f"{folder}/artifacts",
    }
    return {**given, **more}


def task(folder: pathlib.Path, **more: Any) -> list[dict[str, Any]]:
    return [
        {
            "name": "Set up the workstation",
            "ansible.builtin.include_role": {"name": "mailrealm.kerberos.workstation"},
            "vars": variables(folder, **more),
        }
    ]


def test_check_mode_foresees_what_is_written(tmp_path: pathlib.Path) -> None:
    """On a host where nothing is but another's policies. Molecule's scenario of the role runs it a second time."""
    folder = tmp_path / "host"
    (folder / "firefox").mkdir(parents=True)
    path = folder / "firefox" / "policies.json"
    path.write_text(json.dumps(FOREIGN, indent=4))
    before = snapshot(folder)
    check, output = play(task(folder), tmp_path, check=True, **OPTIONS)
    assert snapshot(folder) == before and not check.failed, output
    run, output = play(task(folder), tmp_path, **OPTIONS)
    assert not run.failed, output
    named = [[(one.name, one.changed) for one in step.results] for step in (check, run)]
    assert named[0] == named[1]
    policies = json.loads(path.read_text())["policies"]
    firefox = policies["Authentication"]
    assert policies["DisableTelemetry"] is True
    assert firefox["SPNEGO"] == ["https://old.example.test", "https://cas1.example.test"]
    assert (firefox["Delegated"], firefox["Locked"]) == ([], True)
    for browser in ("chromium", "edge"):
        found = json.loads((folder / browser / "managed" / "kerberos.json").read_text())
        assert (found["AuthServerAllowlist"], found["AuthNegotiateDelegateAllowlist"]) == ("cas1.example.test", "")
    for path in (folder / "isp" / "example.test.xml", folder / "www" / "config-v1.1.xml"):
        servers = [one for one in ElementTree.parse(path).iter() if one.tag.endswith("Server")]
        assert [one.findtext("hostname") for one in servers] == ["imap.example.test", "mail.example.test"]
    artifacts = folder / "artifacts"
    assert sorted(path.name for path in artifacts.iterdir()) == ["group-policy.md", "kerberos.reg", "kerberos.zone"]
    assert b'"https://cas1.example.test"="1"\r\n' in (artifacts / "kerberos.reg").read_bytes()
    zone = (artifacts / "kerberos.zone").read_text()
    assert "_kerberos._tcp       IN SRV 0 0 88 kdc1.example.test." in zone
    assert "_imaps._tcp          IN SRV 0 0 993 imap.example.test." in zone


def test_a_fleet_without_web_sites_brings_no_policy(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "host"
    folder.mkdir()
    step, output = play(task(folder, workstation_sites=[], workstation_artifacts=""), tmp_path, **OPTIONS)
    assert step.changed and not step.failed, output
    assert sorted(path.name for path in folder.iterdir()) == ["isp", "www"]


def case(says: str, **more: Any) -> Case:
    return Case("workstation", says, more)


CASES: dict[str, Case] = {
    "realm in lower case": lower("workstation"),
    "a site that is no full name": case(
        "workstation_sites: 'cas1' is no full host name, for which there could be ", workstation_sites=["cas1"]
    ),
    "a domain that is none": case("workstation_whole_domain '*': is no domain; ", workstation_whole_domain="*"),
    "a browser that is none": case(
        "value of workstation_browsers must be one or more of: ", workstation_browsers=["opera"]
    ),
    "lists": case(f"{CHOICES}workstation_lists must be one of: merge, exact, got: all", workstation_lists="all"),
    "no account for Thunderbird": case(
        "workstation_accounts: has no server of IMAP or POP3, ", workstation_thunderbird=True
    ),
    "an account without a port": case(
        "missing required arguments: port found in workstation_accounts -> servers",
        workstation_accounts=[{"product": "x", "servers": [{"type": "imap", "hostname": "a.test"}]}],
    ),
    "a web server that is not there": case(
        "workstation_autoconfig_host 'www': is no host of the inventory; ",
        workstation_autoconfig_host="www",
        workstation_accounts=ACCOUNTS,
    ),
    "a host for the files that is not there": case(
        "workstation_artifacts_host 'srv': is no host of the inventory; ", workstation_artifacts_host="srv"
    ),
    "a KDC by its address": case(
        "kerberos_kdcs: '192.0.2.1' is no full host name, ", kerberos_kdcs=["192.0.2.1"], workstation_artifacts="/srv"
    ),
    "Thunderbird on a distribution that is not known": Case(
        "workstation",
        "kerberos_distribution 'Gentoo': has no file",
        {"kerberos_distribution": "Gentoo", "workstation_thunderbird": True, "workstation_accounts": ACCOUNTS},
    ),
}


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, bool], str]:
    return both_ways(CASES, tmp_path_factory.mktemp("roles"))


@BOTH
@pytest.mark.parametrize("name", CASES)
def test_refusals(refused: dict[tuple[str, bool], str], name: str, check: bool) -> None:
    judge(refused[name, check], CASES[name])
