# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules for Axigen on its running double: what axigen_config sets is what real logins meet, and what they leave
in the log is read back."""

from __future__ import annotations

import pathlib
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.proof import Proof, Service
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.sso_login import log_in_to_all
from ansible_collections.mailrealm.kerberos.tests.integration import forked_module
from ansible_collections.mailrealm.kerberos.tests.integration.axigen_double import (
    CERTIFICATE,
    HOST,
    PASSWORD,
    PORTS,
    Axigen,
    running_axigen,
)
from ansible_collections.mailrealm.kerberos.tests.integration.mail_servers import readable_keytab
from ansible_collections.mailrealm.kerberos.tests.integration.sso_site import ME, running_site

NAMES = {"imap": "imap", "pop3": "pop", "smtp": "smtp"}
LABELS = {"imap": "IMAP", "pop3": "POP3", "smtp": "SMTP-IN"}
LEVELS = {name: {"logLevel": 16} for name in ("imap", "pop3", "smtp_incoming")}


@pytest.fixture(scope="module")
def axigen() -> Iterator[Axigen]:
    with running_site() as site:
        site.realm.kadmin_local(*(f"addprinc -randkey {name}/{HOST}" for name in NAMES.values()))
        with running_axigen(site.realm, site.new_folder()) as double:
            keytab(double)
            yield double


def keytab(axigen: Axigen, mode: int = 0o640) -> None:
    readable_keytab(axigen.realm, axigen.keytab, "axigen", *(f"{name}/{HOST}" for name in NAMES.values()), mode=mode)


def logins(authzid: str = "alice") -> list[Proof]:
    services = [
        Service(
            protocol,
            "localhost",
            PORTS[protocol][1],
            "implicit",
            service_principal=f"{NAMES[protocol]}/{HOST}",
            ca_path=str(CERTIFICATE),
            timeout=15.0,
            authzid=authzid,
        )
        for protocol in NAMES
    ]
    return log_in_to_all(services, ME)


def configure(folder: pathlib.Path, changes: bool = True, **options: Any) -> dict[str, Any]:
    return forked_module.climb("axigen_config", {"login": {"password": PASSWORD}, **options}, folder, changes)


def read_back(folder: pathlib.Path, **options: Any) -> dict[str, Any]:
    outcome = forked_module.run("axigen_log_info", {"services": ["imap", "pop3", "smtp"], **options}, folder)
    assert outcome.result, outcome.output
    return outcome.result


def test_methods_that_are_set_are_those_that_are_offered(axigen: Axigen, tmp_path: pathlib.Path) -> None:
    mail = ("imap", "pop3")
    off = {name: {"secureConnAuthTypes": ["gssapi"]} for name in mail}
    result = configure(tmp_path, services_remove=off, domain="example.test", running=["imap", "pop3"])
    assert [change["after"] for change in result["changes"]] == ["(plain login cram-md5 digest-md5)"] * 2
    assert [proof.ok for proof in logins()] == [False, False, True]
    result = configure(tmp_path, services_add=off)
    assert (result["saved"], result["unsaved"]) == (True, [])
    assert [proof.ok for proof in logins()] == [True, True, True]
    assert set(axigen.saved()["imap"]["secureConnAuthTypes"]) >= {"gssapi", "plain"}


def test_real_logins_are_read_back(axigen: Axigen, tmp_path: pathlib.Path) -> None:
    configure(tmp_path, services_add=LEVELS)
    seen = len(read_back(tmp_path)["sessions"])
    assert all(proof.ok for proof in logins())
    keytab(axigen, mode=0o600)
    assert not any(proof.ok for proof in logins())
    keytab(axigen)
    assert not any(proof.ok for proof in logins("alice@example.test"))
    configure(tmp_path, services_remove=LEVELS)
    told = read_back(tmp_path)
    new = told["sessions"][seen:]
    for label in LABELS.values():
        own = [one for one in new if one["module"] == label]
        assert [one["mechanism"] for one in own if one["mechanism"]] == ["GSSAPI"] * len(own)
        assert [one["result"] for one in own] == ["accepted", "refused", "refused"], own
        assert own[0]["user"] == "alice@example.test"
        assert own[0]["client"].startswith("127.0.0.1")
        assert not any(len(word) > 60 for one in own for line in one["lines"] for word in line.split())
    found = {one["symptom"]: one["modules"] for one in told["symptoms"]}
    assert set(found["service_keytab_unreadable"]) == set(found["authzid_refused"]) == set(LABELS.values())
    assert read_back(tmp_path, since="0")["sessions"] == []


def test_a_stopped_axigen(axigen: Axigen, tmp_path: pathlib.Path) -> None:
    wanted = {"login": {"password": PASSWORD}, "services": {"imap": {"maxErrors": 19}}, "running": ["imap"]}
    axigen.init("stop")
    foreseen = forked_module.run("axigen_config", wanted, tmp_path, check=True).result
    refused = forked_module.run("axigen_config", wanted, tmp_path).result
    axigen.init("start")
    ran = forked_module.run("axigen_config", wanted, tmp_path).result
    assert foreseen and refused and ran
    assert refused["msg"].startswith("login: Axigen at 127.0.0.1:7000 refuses connections; start Axigen")
    assert (foreseen["diff"], foreseen["changes"]) == (ran["diff"], ran["changes"])
    assert ran["started"] == foreseen["started"] == []
