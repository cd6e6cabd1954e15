# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input of the role axigen, and of keytab with Active Directory or files (bad_roles.py says how)."""

from __future__ import annotations

import pathlib

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

AD = {"kerberos_keytab_source": "ad", "kerberos_ad_credentials": {"principal": "joiner", "password": CANARY}}
ADMIN = {"axigen_admin_password": CANARY, "kerberos_kadmin_host": "kdc1.example.test"}
QUIET = {**ADMIN, "axigen_names_check": False, "axigen_cli_port": 1}

CASES: dict[str, Case] = {
    "axigen with a realm in lower case": lower("axigen"),
    "keytab that nobody could check": Case(
        "keytab",
        "keytab_check_credentials: without a user nobody can ask the KDC whether the keys ",
        {"kerberos_keytab_source": "files", "keytab_sources": [{"remote_src": "/no/such.keytab"}]},
    ),
    "keytab of a directory that nobody may change": Case(
        "keytab",
        "kerberos_ad_credentials names nobody who may change accounts in the directory; ",
        {"kerberos_keytab_source": "ad", "keytab_product": "axigen"},
    ),
    "keytab of no account": Case("keytab", "keytab_ad_accounts names no account, ", AD),
    "keytab of a product without services": Case(
        "keytab",
        "keytab_product 'dovecot' has no service in the table of products; ",
        {**AD, "keytab_product": "dovecot"},
    ),
    "keytab of a group of accounts": Case(
        "keytab",
        f"{CHOICES}keytab_ad_account_type must be one of: user, computer, got: group",
        {**AD, "keytab_product": "axigen", "kerberos_ad_account_type": "group"},
    ),
    "keytab of a directory by another way": Case(
        "keytab",
        f"{CHOICES}keytab_ad_transport must be one of: gssapi, ldaps, got: ldap",
        {**AD, "kerberos_ad_transport": "ldap"},
    ),
    "keytab of RC4 that was not accepted": Case(
        "keytab",
        "policy with_rc4: arcfour-hmac is weak (",
        {**AD, "keytab_product": "axigen", "kerberos_enctype_policy": "with_rc4"},
    ),
    "axigen without a KDC's group": Case(
        "axigen", "The group kerberos_kdc has no host that could export keys; ", {"axigen_admin_password": CANARY}
    ),
    "axigen without a password": Case(
        "axigen", "missing required arguments: axigen_admin_password", {"kerberos_kadmin_host": "kdc1.example.test"}
    ),
    "axigen's method": Case(
        "axigen",
        "axigen_mechanisms must be one or more of: plain, login, cram-md5, digest-md5, gssapi. Got no match for: ntlm",
        {**ADMIN, "axigen_mechanisms": ["ntlm"]},
    ),
    "axigen's domain": Case(
        "axigen",
        "axigen_domain 'example.org': is not the realm EXAMPLE.TEST in lower case, ",
        {**ADMIN, "axigen_domain": "example.org"},
    ),
    "axigen's service": Case(
        "axigen",
        "kerberos_services: axigen has no service 'pop3'; write some of smtp, imap, pop, HTTP ",
        QUIET,
        {"kerberos_services": {"axigen": ["smtp", "pop3"]}},
    ),
    "axigen without its keytab": Case(
        "axigen",
        "/no/such.keytab: is not there, and without it nobody can log in by GSSAPI; ",
        {**QUIET, "axigen_keytab_managed": False, "axigen_keytab": "/no/such.keytab"},
    ),
}


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, bool], str]:
    return both_ways(CASES, tmp_path_factory.mktemp("roles"))


@BOTH
@pytest.mark.parametrize("name", CASES)
def test_role(refused: dict[tuple[str, bool], str], name: str, check: bool) -> None:
    judge(refused[name, check], CASES[name])


def test_axigen_that_does_not_run(tmp_path: pathlib.Path) -> None:
    """In check mode an earlier task may be going to start it."""
    said = messages({"stopped": Case("axigen", "", QUIET)}, tmp_path, False)
    assert said["stopped"] == (
        "axigen_cli_host '127.0.0.1': nobody answers on port 1, where Axigen's CLI should; start the unit axigen, or "
        "correct axigen_cli_host and axigen_cli_port."
    )


def test_hosts_that_share_an_account_without_a_password(tmp_path: pathlib.Path) -> None:
    shared = "axigen:\n  hosts: {localhost: , mx2.example.test: }\n  vars: {kerberos_aliases: [mail.example.test]}\n"
    (tmp_path / "inventory.yml").write_text(shared)
    cases = {
        "shared": Case("keytab", "", {**AD, "keytab_product": "axigen"}, {"kerberos_aliases": ["mail.example.test"]})
    }
    for check in (True, False):
        said = messages(cases, tmp_path, check, arguments=("-i", str(tmp_path / "inventory.yml")))
        assert (
            "kerberos_ad_passwords: has no password for 'axigen_smtp_mail', the account of smtp/mail." in said["shared"]
        )
