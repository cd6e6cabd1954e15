# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role zimbra on a blank double: what was called, and what the site of the lab has not. Needs root (the toolbox).

Keys come from a file and names from 127.0.0.1; the lab has a whole site of several hosts. There check mode is held
against the run, on blank hosts and with what others changed; the web client and another keytab are here alone.
"""

from __future__ import annotations

import pathlib
from typing import Any, Iterator, Mapping

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import Step, play
from ansible_collections.mailrealm.kerberos.tests.integration.realm import Realm, running_realm
from ansible_collections.mailrealm.kerberos.tests.integration.zimbra_double import (
    HOME,
    HOST,
    KEYTAB,
    SMTP_KEYTAB,
    Zimbra,
    running_zimbra,
)

REALM = "EXAMPLE.TEST"
PRINCIPALS = [f"{service}/{HOST}@{REALM}" for service in ("imap", "pop", "smtp", "HTTP")]
OTHER = HOME / "data" / "krb5" / "other.keytab"
ALICE = {"principal": f"alice@{REALM}", "password": "password of alice"}
LOGINS = [
    {"protocol": "imap", "port": 7143},
    {"protocol": "pop3", "port": 7110},
    {"protocol": "imap"},
    {"protocol": "pop3"},
    {"protocol": "smtp", "port": 587},
]
LONGEST = 7.0  # seconds that Zimbra's programs take together where nothing is to do, with 2 s for each call


@pytest.fixture(scope="module")
def realm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Realm]:
    with running_realm(tmp_path_factory.mktemp("realm"), name=REALM) as one:
        add = [f"addprinc -randkey {name}" for name in PRINCIPALS]
        export = [f"ktadd -norandkey -k {one.folder}/all.keytab {name}" for name in PRINCIPALS]
        one.kadmin_local(f'addprinc -pw "{ALICE["password"]}" alice', *add, *export)
        yield one


@pytest.fixture(scope="module")
def zimbra(realm: Realm) -> Iterator[Zimbra]:
    with running_zimbra(realm) as double:
        yield double


def tasks(zimbra: Zimbra, spnego: bool = False, **variables: Any) -> list[Mapping[str, Any]]:
    host = {"kerberos_hostname": HOST, "kerberos_domain": "example.test", "kerberos_realm": REALM}
    host |= {"zimbra_spnego": spnego, "zimbra_kdcs": ["kdc1.example.test"]}
    given = {
        "kerberos_keytab_source": "files",
        "keytab_sources": [{"remote_src": f"{zimbra.realm.folder}/all.keytab"}],
        "keytab_check": False,
        "zimbra_names_check": False,
        "zimbra_proxy_addresses": ["127.0.0.1"],
        "zimbra_test_credentials": ALICE,
        "zimbra_principals": {"bob@example.test": "bob@PARTNER.TEST"},
        **variables,
    }
    return [
        {"name": "Be such a host", "ansible.builtin.set_fact": {**host, "cacheable": True}, "tags": ["always"]},
        {
            "name": "ROLE",
            "ansible.builtin.include_role": {"name": "mailrealm.kerberos.zimbra"},
            "vars": given,
            "tags": ["always"],
        },
    ]


OPTIONS: dict[str, Any] = {"arguments": ("--tags", "keytab,configure,verify")}  # no package can be had there


@pytest.fixture(scope="module")
def blank(zimbra: Zimbra, tmp_path_factory: pytest.TempPathFactory) -> Step:
    """The first run."""
    return ran(tasks(zimbra), tmp_path_factory.mktemp("blank"))


@pytest.fixture(scope="module")
def drifted(zimbra: Zimbra, blank: Step, tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """A run where others changed a server and an account, and the MTA is to read another keytab: its calls."""
    assert blank.changed
    zimbra.run("bin/zmprov", "ms", HOST, "zimbraMtaSaslSmtpdMechList", "PLAIN")
    zimbra.run("bin/zmprov", "ma", "bob@example.test", "zimbraForeignPrincipal", "ad:bob")
    before = len(zimbra.invocations())
    step = ran(tasks(zimbra, zimbra_mta_keytab=str(OTHER)), tmp_path_factory.mktemp("drifted"))
    assert step.changed
    return calls(zimbra, before)


@pytest.fixture(scope="module")
def web(zimbra: Zimbra, drifted: dict[str, int], tmp_path_factory: pytest.TempPathFactory) -> Step:
    """A run for the web client too; the MTA reads its usual keytab again."""
    assert drifted
    return ran(tasks(zimbra, spnego=True), tmp_path_factory.mktemp("web"))


def ran(asked: list[Mapping[str, Any]], folder: pathlib.Path) -> Step:
    """One run of the role; no package can be had there."""
    step, output = play(asked, folder, arguments=("--tags", "keytab,configure,verify"))
    assert not step.failed, output
    return step


def calls(zimbra: Zimbra, since: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in zimbra.invocations()[since:]:
        found[one["program"]] = found.get(one["program"], 0) + 1
    return found


def mta_keytabs(zimbra: Zimbra) -> list[str]:
    printed = zimbra.run("bin/zmprov", "gs", HOST, "zimbraMtaImportEnvironment")
    return [line.partition("KRB5_KTNAME=")[2] for line in printed.splitlines() if "KRB5_KTNAME" in line]


@pytest.mark.usefixtures("blank")
def test_a_user_logs_in_everywhere(tmp_path: pathlib.Path) -> None:
    services = [{**login, "host": HOST, "tls": "starttls", "validate_certs": False} for login in LOGINS]
    task = {"mailrealm.kerberos.sso_probe": {"services": services, "credentials": ALICE}}
    step, output = play([task], tmp_path, environment_more={"KRB5_CONFIG": "/etc/krb5.conf"})
    assert not step.failed, output


@pytest.mark.usefixtures("blank")
def test_each_reader_has_its_keytab(zimbra: Zimbra) -> None:
    def access(path: pathlib.Path) -> tuple[str, str, str]:
        return path.owner(), path.group(), oct(path.stat().st_mode & 0o7777)

    assert access(KEYTAB) == ("zimbra", "zimbra", "0o600")
    assert access(SMTP_KEYTAB) == ("zimbra", "postfix", "0o640")
    assert mta_keytabs(zimbra) == [str(SMTP_KEYTAB)]


def test_a_change_costs_two_calls_of_zmprov(zimbra: Zimbra, drifted: dict[str, int]) -> None:
    assert drifted["zmprov"] == 2
    assert "GSSAPI" in zimbra.run("bin/zmprov", "gs", HOST, "zimbraMtaSaslSmtpdMechList")
    printed = zimbra.run("bin/zmprov", "ga", "bob@example.test", "zimbraForeignPrincipal")
    assert "ad:bob" in printed and "kerberos5:bob@PARTNER.TEST" in printed


@pytest.mark.usefixtures("drifted")
def test_another_keytab_of_the_mta_takes_the_place_of_the_first(zimbra: Zimbra) -> None:
    assert mta_keytabs(zimbra) == [str(OTHER)]


def test_the_web_client(zimbra: Zimbra, web: Step) -> None:
    assert web.changed
    assert mta_keytabs(zimbra) == [str(SMTP_KEYTAB)]
    assert f"HTTP/{HOST}@{REALM}" in zimbra.run("bin/zmprov", "gs", HOST, "zimbraSpnegoAuthPrincipal")
    assert "TRUE" in zimbra.run("bin/zmprov", "gcf", "zimbraSpnegoAuthEnabled")
    kept = HOME / "data" / "mailboxd" / "spnego" / "jetty.keytab"
    assert (kept.owner(), oct(kept.stat().st_mode & 0o7777)) == ("zimbra", "0o600")
    java = (HOME / "jetty_base" / "etc" / "krb5.ini").read_text()
    assert "kdc = kdc1.example.test" in java and "arcfour" not in java and "rc4" not in java


@pytest.mark.usefixtures("web")
def test_one_zmprov_where_nothing_is_to_do(zimbra: Zimbra, tmp_path: pathlib.Path) -> None:
    before = len(zimbra.invocations())
    zimbra.tell(rewrite_pause=0, latency=2)
    try:
        step = ran(tasks(zimbra, spnego=True), tmp_path)
    finally:
        zimbra.tell(rewrite_pause=0)
    assert not step.changed
    assert calls(zimbra, before) == {"zmprov": 1, "zmlocalconfig": 1, "zmcontrol": 1}
    assert sum(one["seconds"] for one in zimbra.invocations()[before:]) < LONGEST
