# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""zimbra_info on hosts with the double, whose programs are held against the recordings of the real ones."""

from __future__ import annotations

import pathlib
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration import forked_module
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import climb
from ansible_collections.mailrealm.kerberos.tests.integration.zimbra_double import HOME, HOST, SERVICES
from ansible_collections.mailrealm.kerberos.tests.integration.zimbra_installed import LOCALCONFIG, Installed, installed

MODULE = "mailrealm.kerberos.zimbra_info"
PASSWORD = "password of the double's directory"


@pytest.fixture(scope="module")
def host() -> Iterator[Installed]:
    with installed() as found:
        yield found


@pytest.fixture
def zimbra(host: Installed) -> Iterator[Installed]:
    host.restore()
    yield host
    host.restore()


def told(zimbra: Installed, folder: pathlib.Path, **options: Any) -> dict[str, Any]:
    """What the module returns, in check mode as in the run, with two calls each."""
    before = LOCALCONFIG.read_bytes()
    results = []
    for check in (True, False):
        zimbra.calls()
        outcome = forked_module.run("zimbra_info", options, folder, check=check)
        assert PASSWORD not in outcome.output
        assert outcome.result, outcome.output
        results.append(outcome.result)
        assert sorted(zimbra.calls()) == [["zmcontrol", "-v"], ["zmlocalconfig", "-m", "xml"]]
    assert results[0] == results[1]
    assert (results[0]["changed"], LOCALCONFIG.read_bytes()) == (False, before)
    return results[1]


def names(result: dict[str, Any]) -> list[str]:
    return [problem["problem"] for problem in result["problems"]]


# First, since the fixture leaves one host's Zimbra in place until the last test.
@pytest.mark.parametrize(
    ("services", "release", "legacy", "wrong"),
    [
        (("proxy", "mta"), "9.0.0", False, []),
        (("mailbox",), "8.8.15", False, []),
        (("mta",), "8.0.9", True, []),
    ],
)
def test_other_hosts_and_releases(
    tmp_path: pathlib.Path, services: tuple[str, ...], release: str, legacy: bool, wrong: list[str]
) -> None:
    with installed(services, release) as zimbra:
        found = told(zimbra, tmp_path)
        assert found["services"] == [service for service in SERVICES if service in services]
        assert (found["release"], found["legacy"], names(found)) == (release, legacy, wrong)
        assert found["localconfig"]["zimbra_zmprov_default_to_ldap"] == str("mailbox" not in services).lower()


def test_a_host_in_order(zimbra: Installed, tmp_path: pathlib.Path) -> None:
    steps = climb([{"name": "Ask", MODULE: {"hostname": HOST}}], tmp_path, watch=[LOCALCONFIG])
    assert steps.changed == (False, False, False, False)
    found = told(zimbra, tmp_path, hostname=HOST)
    assert steps.run.only.data["localconfig"] == found["localconfig"]
    assert (found["release"], found["legacy"], found["services"]) == ("10.0.8", False, list(SERVICES))
    assert found["release_line"].startswith("Release 10.0.8.GA.")
    assert (found["hostname"], found["problems"], found["stale"], found["calls"]) == (HOST, [], {}, 2)
    assert found["localconfig"]["krb5_keytab"] == f"{HOME}/conf/krb5.keytab"
    assert found["localconfig"]["spnego_java_options"].startswith("-Djava.security.krb5.conf=/opt/zimbra/")
    assert "zimbra_ldap_password" not in found["localconfig"]


def test_what_is_wrong(zimbra: Installed, tmp_path: pathlib.Path) -> None:
    text = LOCALCONFIG.read_text().replace(HOST, "localhost")
    key = "<key name='sasl_smtpd_mech_list'><value>GSSAPI PLAIN</value></key></localconfig>"
    LOCALCONFIG.write_text(text.replace("</localconfig>", key))
    LOCALCONFIG.chmod(0o644)
    found = told(zimbra, tmp_path, hostname=HOST)
    assert names(found) == ["localconfig_access", "hostname_differs", "key_stale"]
    assert found["stale"] == {"sasl_smtpd_mech_list": "zimbraMtaSaslSmtpdMechList"}
    assert found["localconfig"]["sasl_smtpd_mech_list"] == "GSSAPI PLAIN"
    assert found["sentences"][0] == (
        f"{LOCALCONFIG}: has owner and mode zimbra:zimbra 0644 instead of zimbra:zimbra 0640, and holds passwords; let "
        "zimbra_localconfig put it right, or zmfixperms."
    )


def test_a_localconfig_that_stops_all_programs(zimbra: Installed, tmp_path: pathlib.Path) -> None:
    LOCALCONFIG.write_text("<localconfig><key name='site_a'><value>${nosuch}</value></key></localconfig>")
    found = told(zimbra, tmp_path)
    assert names(found) == ["localconfig_unusable"]
    assert "the value of site_a refers to ${nosuch}" in found["sentences"][0]
    assert (found["hostname"], found["localconfig"], found["release"]) == (None, {}, "10.0.8")
