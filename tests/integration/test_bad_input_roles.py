# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input of the roles, up to the refusal: it comes before anything is written, in check mode and in the run.

The roles work on this machine with facts of recorded hosts, and with a Python that runs no module but those that
look: one that would write fails with `TOO_LATE`.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import shlex
import sys
from typing import Any, Mapping, Sequence

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration import name_stage
from ansible_collections.mailrealm.kerberos.tests.integration.bad_input import BOTH, CANARY
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import ROOT, play

FACTS = ROOT / "tests" / "data" / "facts"
LOOKING = ("stat", "setup", "dns_identity_info", "keytab_info", "axigen_config")
TOO_LATE = "the refusal did not come before a module that writes"
GUARD = """\
#!/bin/sh
case "$*" in
{cases}
*) echo '{{"failed": true, "msg": "{too_late}"}}' ;;
esac
"""
APT = "/usr/lib/python3/dist-packages/apt/__init__.py"
CHOICES = "Validation of arguments failed: value of "


@dataclasses.dataclass(frozen=True)
class Case:
    """A role with variables of the play and of the host, on a host of these facts; what its failure says.

    Ansible puts words of its own before a refusal that a filter makes.
    """

    role: str
    says: str
    variables: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    host: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    facts: str = "debian-12"


def lower(role: str) -> Case:
    given = {"kerberos_realm": "example.test", "axigen_admin_password": CANARY}
    return Case(role, "kerberos_realm 'example.test': holds lower-case letters, ", given)


def old(role: str) -> Case:
    said = "distribution 'CentOS' 7.9: is too old for ansible-core and these roles; use CentOS 8 or later"
    return Case(role, said, {"kerberos_kadmin_host": "kdc1.example.test"}, facts="centos-7")


AD = {"kerberos_keytab_source": "ad", "kerberos_ad_credentials": {"principal": "joiner", "password": CANARY}}
ADMIN = {"axigen_admin_password": CANARY, "kerberos_kadmin_host": "kdc1.example.test"}
QUIET = {**ADMIN, "axigen_names_check": False, "axigen_cli_port": 1}

CASES: dict[str, Case] = {
    "client without a realm": Case("client", "kerberos_realm: is empty; ", {"kerberos_realm": ""}),
    "kdc without a realm": Case("kdc", "kerberos_realm: is empty; ", {"kerberos_realm": ""}),
    "realm with a blank": Case(
        "client", "kerberos_realm 'EXAMPLE TEST': is no realm; ", {"kerberos_realm": "EXAMPLE TEST"}
    ),
    **{f"{role} with a realm in lower case": lower(role) for role in ("axigen", "client", "kdc", "keytab", "postfix")},
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


def guard(folder: pathlib.Path, python: str) -> str:
    """A program that runs Python for the modules that look."""
    program = folder / "guard"
    cases = "\n".join(f'*AnsiballZ_{name}.py*) exec {shlex.quote(python)} "$@" ;;' for name in LOOKING)
    program.write_text(GUARD.format(cases=cases, too_late=TOO_LATE))
    program.chmod(0o755)
    return str(program)


def steps(name: str, case: Case) -> dict[str, Any]:
    """The role on a host of its facts; what fails does not end the play."""
    facts = json.loads((FACTS / f"{case.facts}.json").read_text())
    known = {f"ansible_{fact}": value for fact, value in facts.items() if fact != "python" and not fact.startswith("_")}
    host: dict[str, Any] = {"kerberos_hostname": "mx1.example.test", "kerberos_domain": "example.test"}
    host |= {"kerberos_aliases": [], "kerberos_services": {}}
    return {
        "block": [
            {"name": "Be such a host", "ansible.builtin.set_fact": {**known, **host, **case.host, "cacheable": True}},
            {
                "name": f"CASE {name}",
                "ansible.builtin.include_role": {"name": f"mailrealm.kerberos.{case.role}"},
                "vars": {"kerberos_realm": "EXAMPLE.TEST", **case.variables},
            },
        ],
        "rescue": [{"ansible.builtin.meta": "noop"}],
        "tags": ["always"],
    }


def messages(
    cases: Mapping[str, Case], folder: pathlib.Path, check: bool, python: str = sys.executable, **options: Any
) -> dict[str, str]:
    """What each role says as it fails, line breaks of Ansible's as blanks."""
    options["interpreter"] = guard(folder, python)
    step, output = play([steps(name, case) for name, case in cases.items()], folder, check=check, **options)
    assert "Traceback" not in output, output
    assert CANARY not in output
    found: dict[str, list[str]] = {}
    for result in step.results:
        if result.name.startswith("CASE "):
            at = found.setdefault(result.name.removeprefix("CASE "), [])
        elif result.status == "failed":
            at.append(" ".join(result.msg.split()))
        assert not result.changed or result.name == "Be such a host", f"{result.name} came before the refusal"
    assert {name: len(said) for name, said in found.items()} == dict.fromkeys(cases, 1), output
    return {name: said for name, (said,) in found.items()}


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, bool], str]:
    return {
        (name, check): message
        for check in (True, False)
        for name, message in messages(CASES, tmp_path_factory.mktemp("roles"), check).items()
    }


@BOTH
@pytest.mark.parametrize("name", CASES)
def test_role(refused: dict[tuple[str, bool], str], name: str, check: bool) -> None:
    message = refused[name, check]
    before, said, after = message.partition(CASES[name].says)
    assert said, message
    assert not before or before.endswith(("failed: ", " ")), message
    assert "; " in said + after or message.startswith("Validation of arguments failed: "), f"no remedy: {message}"


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


def test_two_hosts_in_the_group_of_the_one_kdc(tmp_path: pathlib.Path) -> None:
    (tmp_path / "inventory.ini").write_text("localhost\n[kerberos_kdc]\nkdc1.example.test\nkdc2.example.test\n")
    cases = {"two": Case("kdc", "")}
    for check in (True, False):
        said = messages(cases, tmp_path, check, arguments=("-i", str(tmp_path / "inventory.ini")))
        assert said["two"].startswith("The group kerberos_kdc has 2 hosts, and each would get a database and keys of")


def test_check_mode_without_the_bindings_of_apt(tmp_path: pathlib.Path) -> None:
    hidden = ["strace", "-f", "-qq", "-o", "/dev/null", "-P", APT, "-e", "inject=%%stat:error=ENOENT", sys.executable]
    blind = tmp_path / "blind"
    blind.write_text(f'#!/bin/sh\nexec {shlex.join(hidden)} "$@"\n')
    blind.chmod(0o755)
    # ansible_check_mode speaks of the command line alone
    said = messages({"client": Case("client", "")}, tmp_path, True, str(blind), arguments=("--check",))
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
