# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input of the role zimbra (bad_roles.py says how), on a host with a mail store and a proxy. Needs root."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration.bad_input import BOTH, CANARY
from ansible_collections.mailrealm.kerberos.tests.integration.bad_roles import (
    CHOICES,
    Case,
    both_ways,
    judge,
    lower,
    messages,
)
from ansible_collections.mailrealm.kerberos.tests.integration.zimbra_installed import HOST, installed

SERVICES = ("ldap", "mailbox", "proxy")
HERE = {"kerberos_hostname": HOST, "zimbra_services": ["mailbox", "proxy"], "zimbra_mta_hostname": ""}
GIVEN = {"kerberos_kadmin_host": "kdc1.example.test", "zimbra_names_check": False}


def case(says: str, host: dict[str, Any] | None = None, **variables: Any) -> Case:
    return Case("zimbra", says, {**GIVEN, **variables}, {**HERE, **(host or {})})


CASES: dict[str, Case] = {
    "realm in lower case": lower("zimbra"),
    "no KDC's group": Case("zimbra", "The group kerberos_kdc has no host that could export keys; ", host=HERE),
    "a part that is none": case(
        "value of zimbra_services must be one or more of: mailbox, proxy, mta", zimbra_services=["nginx"]
    ),
    "a part that is not installed": case(
        "zimbra_services: has mta, which is not installed on this host; ",
        {"zimbra_services": ["mailbox", "proxy", "mta"]},
    ),
    "a variable that only the play sees": case(
        "zimbra_services: is set where the KDC and the host that verifies do not see it, ", zimbra_services=["mailbox"]
    ),
    "a name of the MTA without a key": case(
        "host 'localhost': zimbra_mta_hostname 'mail.example.test' is neither its own name ",
        {"zimbra_mta_hostname": "mail.example.test"},
    ),
    "another server": case(
        f"zimbra_server_hostname: is '{HOST}' and not 'mx1.example.test'; ", {"kerberos_hostname": "mx1.example.test"}
    ),
    "a principal for nobody": case("zimbra_principals 'bob': is no account; ", zimbra_principals={"bob": "bob@A.TEST"}),
    "a principal without a realm": case(
        "zimbra_principals 'bob@example.test': 'bob' is no principal with its realm; ",
        zimbra_principals={"bob@example.test": "bob"},
    ),
    "keytabs that nobody brings": case(
        "/opt/zimbra/conf/krb5.keytab: is not there, and without it nobody can log in by GSSAPI; ",
        zimbra_keytab_managed=False,
    ),
    "old settings that are to stay": case(
        f"{CHOICES}zimbra_stale_keys must be one of: report, remove, got: keep", zimbra_stale_keys="keep"
    ),
    "tests as nobody": case(
        "zimbra_test_credentials.user. Supported parameters include: ",
        zimbra_test_credentials={"user": "probe", "password": CANARY},
    ),
}


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, bool], str]:
    with installed(SERVICES):
        return both_ways(CASES, tmp_path_factory.mktemp("roles"))


@BOTH
@pytest.mark.parametrize("name", CASES)
def test_role(refused: dict[tuple[str, bool], str], name: str, check: bool) -> None:
    judge(refused[name, check], CASES[name])


@BOTH
def test_a_krb5_conf_that_heimdal_cannot_read(check: bool, tmp_path: pathlib.Path) -> None:
    conf = tmp_path / "krb5.conf"
    conf.write_text("includedir /etc/krb5.conf.d\n[libdefaults]\n")
    with installed(SERVICES):
        said = messages({"conf": case("", zimbra_krb5_conf=str(conf))}, tmp_path, check)["conf"]
    assert said.startswith(f"{conf}: has a line include or includedir, at which Heimdal 1.5.3 of "), said


def test_a_host_without_zimbra(tmp_path: pathlib.Path) -> None:
    said = [messages({"none": case("")}, tmp_path, check)["none"] for check in (True, False)]
    assert said[0].startswith("zimbra_services: has mailbox and proxy, which is not installed on this host; ")
    assert said[1].startswith("/opt/zimbra") and "; install Zimbra" in said[1]  # its user may be there still
