# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input of the roles client, kdc, keytab and postfix (bad_roles.py says how)."""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys
from typing import Sequence

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.installed_packages import FORMAT
from ansible_collections.mailrealm.kerberos.tests.integration import name_stage
from ansible_collections.mailrealm.kerberos.tests.integration.bad_input import BOTH, CANARY
from ansible_collections.mailrealm.kerberos.tests.integration.bad_roles import (
    CHOICES,
    TOO_LATE,
    Case,
    both_ways,
    judge,
    lower,
    messages,
)


def old(role: str) -> Case:
    said = "distribution 'CentOS' 7.9: is too old for ansible-core and these roles; use CentOS 8 or later"
    return Case(role, said, {"kerberos_kadmin_host": "kdc1.example.test"}, facts="centos-7")


CASES: dict[str, Case] = {
    "client without a realm": Case("client", "kerberos_realm: is empty; ", {"kerberos_realm": ""}),
    "kdc without a realm": Case("kdc", "kerberos_realm: is empty; ", {"kerberos_realm": ""}),
    "realm with a blank": Case(
        "client", "kerberos_realm 'EXAMPLE TEST': is no realm; ", {"kerberos_realm": "EXAMPLE TEST"}
    ),
    **{f"{role} with a realm in lower case": lower(role) for role in ("client", "kdc", "keytab", "postfix")},
    **{f"{role} on CentOS 7": old(role) for role in ("client", "kdc", "postfix")},
    "unknown distribution": Case(
        "client", "kerberos_distribution 'Gentoo': has no file", {"kerberos_distribution": "Gentoo"}
    ),
    "client on an address": Case(
        "client", "host 'localhost': an address makes no service principal; ", host={"kerberos_hostname": "192.0.2.7"}
    ),
    "client without an address": Case("client", "client_address: no default route tells by which address other "),
    "client's policy of encryption types": Case(
        "client", "policy: 'modem' is no policy of this collection; did you mean ", {"kerberos_enctype_policy": "modem"}
    ),
    "client's weak policy": Case(
        "client", "policy with_rc4: arcfour-hmac is weak (", {"kerberos_enctype_policy": "with_rc4"}
    ),
    "client's misspelt type": Case(
        "client", "enctypes: 'aes265-cts' is not the name of ", {"kerberos_enctypes": ["aes265-cts"]}
    ),
    "client's type that Zimbra cannot use": Case(
        "client",
        "enctypes: Heimdal 1.5 cannot use aes256-cts-hmac-sha384-192; ",
        {"kerberos_enctypes": ["aes256-sha2"], "kerberos_enctype_consumers": ["mit", "heimdal1.5"]},
    ),
    "client's type beside the policy": Case(
        "client",
        "client_libdefaults: permitted_enctypes would be undone by the policy of encryption types; ",
        {"client_libdefaults": {"permitted_enctypes": "rc4"}},
    ),
    "client's rekey": Case(
        "client", f"{CHOICES}client_rekey must be one of: never, when_enctypes_differ", {"kerberos_rekey": "always"}
    ),
    "kdc's policy of encryption types": Case(
        "kdc", "policy: 'modem' is no policy of this collection; ", {"kerberos_enctype_policy": "modem"}
    ),
    "client's hosts entry": Case(
        "client",
        "client_hosts_entries.ip_address. Supported parameters include: address, names.",
        {"client_hosts_entries": [{"ip_address": "192.0.2.10", "names": ["mx1"]}]},
    ),
    "kdc's acl": Case(
        "kdc",
        "kdc_acl.principle. Supported parameters include: permissions, principal, ",
        {"kdc_acl": [{"principle": "alice@EXAMPLE.TEST"}]},
    ),
    "kdc's users": Case(
        "kdc",
        "kdc_users.passwd. Supported parameters include: ",
        {"kdc_users": [{"name": "alice", "passwd": CANARY}]},
    ),
    "kdc's policies": Case(
        "kdc",
        "kdc_policies.minlength. Supported parameters include: ",
        {"kdc_policies": [{"name": "users", "minlength": 8}]},
    ),
    "keytab's sources": Case(
        "keytab",
        "keytab_sources.source. Supported parameters include: ",
        {"kerberos_keytab_source": "files", "keytab_sources": [{"source": "/mx1.keytab"}]},
    ),
    "kdc's replica of nothing": Case(
        "kdc",
        "The group kerberos_kdc_replicas has localhost, but kerberos_kdc has no ",
        {"kdc_replicas": ["localhost"]},
    ),
    "kdc's replica of itself": Case(
        "kdc",
        "The group kerberos_kdc_replicas has localhost, but kerberos_kdc has it too; ",
        {"kdc_replicas": ["localhost"], "kdc_primary": "localhost"},
    ),
    "kdc's backups": Case("kdc", "kdc_backup_keep: 0 would remove each dump at once; ", {"kdc_backup_keep": 0}),
    "kdc's ports": Case("kdc", "Elements value for option 'kdc_ports' is of type str ", {"kdc_ports": ["kerberos"]}),
    "keytab from nowhere": Case(
        "keytab", "kerberos_keytab_source 'kcd' is neither kdc, ad nor files; ", {"kerberos_keytab_source": "kcd"}
    ),
    "keytab from no file": Case("keytab", "keytab_sources names no keytab", {"kerberos_keytab_source": "files"}),
    "keytab without a KDC's group": Case("keytab", "The group kerberos_kdc has no host that could export keys; "),
    "keytab's conflict": Case(
        "keytab",
        f"{CHOICES}keytab_on_conflict must be one of: fail, source, file, got: ask",
        {"keytab_on_conflict": "ask"},
    ),
    "keytab of a malformed name": Case(
        "keytab",
        "host 'localhost': kerberos_aliases 'mail_1.example.test' is no full host name; ",
        {"keytab_product": "postfix", "kerberos_kadmin_host": "kdc1.example.test"},
        {"kerberos_hostname": "mx1.example.test", "kerberos_aliases": ["mail_1.example.test"]},
    ),
    "postfix without a KDC's group": Case("postfix", "The group kerberos_kdc has no host that could export keys; "),
    "postfix's backend": Case(
        "postfix",
        f"{CHOICES}postfix_sasl_backend must be one of: cyrus, dovecot, got: courier",
        {"postfix_sasl_backend": "courier"},
    ),
    "postfix without a certificate": Case(
        "postfix",
        "postfix_tls_certificate: this distribution brings no certificate, ",
        {"kerberos_kadmin_host": "kdc1.example.test"},
        facts="sles-15.6-python3.11",
    ),
    "postfix without its files": Case(
        "postfix",
        "/no/such.key, /etc: is no file on this host, and without it Postfix could not authenticate anybody, ",
        {
            "postfix_keytab_managed": False,
            "postfix_keytab": "/etc",
            "postfix_tls_certificate": "/etc/passwd",
            "postfix_tls_key": "/no/such.key",
        },
    ),
}


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, bool], str]:
    return both_ways(CASES, tmp_path_factory.mktemp("roles"))


@BOTH
@pytest.mark.parametrize("name", CASES)
def test_role(refused: dict[tuple[str, bool], str], name: str, check: bool) -> None:
    judge(refused[name, check], CASES[name])


def test_two_hosts_in_the_group_of_the_one_kdc(tmp_path: pathlib.Path) -> None:
    (tmp_path / "inventory.ini").write_text("localhost\n[kerberos_kdc]\nkdc1.example.test\nkdc2.example.test\n")
    cases = {"two": Case("kdc", "")}
    for check in (True, False):
        said = messages(cases, tmp_path, check, arguments=("-i", str(tmp_path / "inventory.ini")))
        assert said["two"].startswith("The group kerberos_kdc has 2 hosts, and each would get a database and keys of")


def test_check_mode_without_the_bindings_of_apt(tmp_path: pathlib.Path) -> None:
    """dpkg knows no python3-apt here, and all else that it knows."""
    listing = subprocess.run(["dpkg-query", "--show", f"--showformat={FORMAT}"], check=True, capture_output=True)
    (tmp_path / "listing").write_bytes(re.sub(rb"(?m)^.* python3-apt\n", b"", listing.stdout))
    (tmp_path / "dpkg-query").write_text(f"#!/bin/sh\nexec cat {tmp_path}/listing\n")
    (tmp_path / "dpkg-query").chmod(0o755)
    blind = tmp_path / "blind"
    blind.write_text(f'#!/bin/sh\nPATH="{tmp_path}:$PATH" exec {sys.executable} "$@"\n')
    blind.chmod(0o755)
    # ansible_check_mode speaks of the command line alone
    said = messages(
        {"client": Case("client", "", {"client_hosts_file": False})}, tmp_path, True, str(blind), arguments=("--check",)
    )
    assert said["client"] == (
        "python3-apt is missing on this host, without which check mode cannot foresee packages; install it first."
    )


@pytest.mark.parametrize("hosts", ["127.0.1.1 mx1.example.test mx1\n", "127.0.0.1 localhost mx1.example.test\n"])
@BOTH
def test_a_name_that_leads_to_the_host_itself(hosts: str, check: bool, tmp_path: pathlib.Path) -> None:
    """Where the site keeps /etc/hosts itself. Of the role, only what verifies."""
    python = name_stage.interpreter(tmp_path, f"127.0.0.1 localhost\n{hosts}", {})
    cases = {"names": Case("client", "", {"client_hosts_file": False, "client_krb5_conf": "/nowhere"})}
    arguments: Sequence[str] = ("--tags", "verify")
    said = messages(cases, tmp_path, check, python, arguments=arguments)
    address = hosts.partition(" ")[0]
    assert address in said["names"] and "mx1.example.test" in said["names"] and "/etc/hosts" in said["names"]
    assert "; " in said["names"] and TOO_LATE not in said["names"]
    assert said["names"].endswith(".")
