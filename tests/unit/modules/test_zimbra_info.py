# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.zimbra_programs import Ran
from ansible_collections.mailrealm.kerberos.plugins.modules import zimbra_info
from ansible_collections.mailrealm.kerberos.tests.unit.modules.zimbra_stage import OWN, RELEASE, Stage, run, stage

__all__ = ["stage"]  # a fixture

ALL = ("common/libexec/slapd", "jetty_base/x", "common/sbin/nginx", "common/sbin/postconf")


@pytest.fixture
def info(stage: Stage, capsys: pytest.CaptureFixture[str]) -> Any:
    def ask(check: bool = False, **options: Any) -> dict[str, Any]:
        return run(zimbra_info, capsys, check, **options)

    install(stage, *ALL)
    return ask


def install(stage: Stage, *files: str) -> None:
    for file in files:
        (stage.home / file).parent.mkdir(parents=True, exist_ok=True)
        (stage.home / file).touch()


def names(found: dict[str, Any]) -> list[str]:
    assert len(found["problems"]) == len(found["sentences"])
    assert all(sentence.endswith(".") and "; " in sentence for sentence in found["sentences"])
    return [problem["problem"] for problem in found["problems"]]


@pytest.mark.parametrize("check", [True, False])
def test_a_host_in_order(stage: Stage, info: Any, check: bool) -> None:
    found = info(check, hostname="zimbra1.example.test")
    assert names(found) == []
    assert (found["release"], found["release_line"], found["legacy"]) == ("10.0.8", RELEASE.strip(), False)
    assert found["services"] == ["ldap", "mailbox", "proxy", "mta"]
    assert found["hostname"] == "zimbra1.example.test"
    assert found["localconfig"] == {
        "zimbra_home": "/opt/zimbra",
        "zimbra_server_hostname": "zimbra1.example.test",
        "krb5_keytab": "/opt/zimbra/conf/krb5.keytab",
        "krb5_debug_enabled": "false",
        "zimbra_zmprov_default_to_ldap": "false",
    }
    assert (found["stale"], found["calls"], len(stage.calls)) == ({}, 2, 2)


def test_every_problem_of_localconfig(stage: Stage, info: Any) -> None:
    (stage.home / "jetty_base" / "x").unlink()
    (stage.home / "jetty_base").rmdir()
    stage.write({"postfix_import_environment": "KRB5_KTNAME=${zimbra_ldap_password}", "zimbra_ldap_password": "canary"})
    stage.file.chmod(0o644)
    stage.answers["-v"] = Ran(0, "Release 8.8.15_GA_3869.UBUNTU18.64 UBUNTU18_64 FOSS edition.\n", "")
    found = info()
    assert found["services"] == ["ldap", "proxy", "mta"]
    assert names(found) == ["localconfig_access", "hostname_short", "zmprov_without_mailbox", "key_stale"]
    assert found["stale"] == {"postfix_import_environment": "zimbraMtaImportEnvironment"}
    assert found["localconfig"]["postfix_import_environment"] == "KRB5_KTNAME=*"
    assert names(info(hostname="zimbra1.example.test"))[1] == "hostname_differs"


def test_a_release_before_the_move(stage: Stage, info: Any) -> None:
    for file in ALL:
        (stage.home / file).unlink()
    (stage.home / "jetty_base").rmdir()
    install(stage, "openldap/sbin/slapd", "mailboxd/x", "nginx/sbin/nginx", "postfix/sbin/postconf")
    stage.write({**OWN, "postfix_import_environment": "KRB5_KTNAME=/x"})
    stage.answers["-v"] = Ran(0, "Release 8.0.9_GA_6191.RHEL6_64_20141103151557 RHEL6_64 FOSS edition.\n", "")
    found = info()
    assert (found["release"], found["legacy"], found["stale"], names(found)) == ("8.0.9", True, {}, [])
    assert found["services"] == ["ldap", "mailbox", "proxy", "mta"]


def test_a_localconfig_that_cannot_be_used(stage: Stage, info: Any) -> None:
    stage.write({**OWN, "site_custom": "${nosuch}/x"})
    stage.answers["-m"] = Ran(1, "", 'Exception in thread "main" java.lang.ExceptionInInitializerError\n')
    stage.answers["-v"] = Ran(1, "", "")
    found = info()
    assert names(found) == ["localconfig_unusable", "release_unknown"]
    assert "the value of site_custom refers to ${nosuch}" in found["sentences"][0]
    assert found["sentences"][0].endswith("; correct it in the file by hand.")
    assert (found["release"], found["hostname"], found["localconfig"], found["stale"]) == (None, None, {}, {})


def test_a_host_without_zimbra(stage: Stage, info: Any) -> None:
    stage.missing = True
    assert info()["msg"].endswith("install Zimbra first")
    found = info(True, hostname="zimbra1.example.test")
    assert (found["services"], found["release"], names(found), found["calls"]) == ([], None, [], 0)
    assert "check mode goes on" in str(found["warnings"])
