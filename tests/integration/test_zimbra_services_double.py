# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zimbra's double: what zmprov has set comes into force by the module, and then users log in by tickets."""

from __future__ import annotations

import pathlib
import socket
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.proof import Service
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.sso_login import log_in_to_all
from ansible_collections.mailrealm.kerberos.tests.integration.forked_ladder import climb
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import Ladder
from ansible_collections.mailrealm.kerberos.tests.integration.sso_site import ME, running_site
from ansible_collections.mailrealm.kerberos.tests.integration.zimbra_double import (
    CERTIFICATE,
    HOST,
    KEYTAB,
    SMTP_KEYTAB,
    Zimbra,
    keytab,
    running_zimbra,
)

MODULE = "mailrealm.kerberos.zimbra_services"
PORTS = {"imap": (7143, 143), "pop3": (7110, 110), "smtp": (587,)}
NAMES = {"imap": "imap", "pop3": "pop", "smtp": "smtp"}
BOTH = {"imap": True, "pop3": True}
ALL: dict[str, Any] = {
    "hostname": HOST,
    "mailbox": BOTH,
    "proxy": {**BOTH, "realm": "EXAMPLE.TEST"},
    "mta": {"mechanisms": ["GSSAPI", "PLAIN"], "environment": {"KRB5_KTNAME": str(SMTP_KEYTAB)}, "myhostname": HOST},
}
SERVER = (
    *("zimbraImapSaslGssapiEnabled", "TRUE", "zimbraPop3SaslGssapiEnabled", "TRUE"),
    *("zimbraReverseProxyImapSaslGssapiEnabled", "TRUE", "zimbraReverseProxyPop3SaslGssapiEnabled", "TRUE"),
    *("zimbraReverseProxyDefaultRealm", "EXAMPLE.TEST"),
    *("zimbraMtaSaslSmtpdMechList", "GSSAPI", "zimbraMtaSaslSmtpdMechList", "PLAIN"),
    # MAIL_CONFIG is one of the names that Postfix has here by itself: a value of one's own replaces them all.
    *("zimbraMtaImportEnvironment", "MAIL_CONFIG", "zimbraMtaImportEnvironment", f"KRB5_KTNAME={SMTP_KEYTAB}"),
)


@pytest.fixture(scope="module")
def zimbra() -> Iterator[Zimbra]:
    """Set up, and nothing of it in force. zmconfigd's own poll comes too late to meddle."""
    with running_site() as site:
        site.realm.kadmin_local(*(f"addprinc -randkey {name}/{HOST}" for name in NAMES.values()))
        with running_zimbra(site.realm) as double:
            double.run("bin/zmlocalconfig", "-e", "zmconfigd_interval=3600")
            double.run("bin/zmconfigdctl", "restart")
            keytab(double.realm, KEYTAB, "zimbra", "zimbra", 0o600, f"imap/{HOST}", f"pop/{HOST}")
            keytab(double.realm, SMTP_KEYTAB, "zimbra", "postfix", 0o640, f"smtp/{HOST}")
            domain = ("zimbraAuthMech", "kerberos5", "zimbraAuthKerberos5Realm", "EXAMPLE.TEST")
            double.run("bin/zmprov", "md", "example.test", *domain)
            double.run("bin/zmprov", "mcf", "+zimbraReverseProxyAdminIPAddress", "127.0.0.1")
            double.run("bin/zmprov", "ms", HOST, *SERVER)
            yield double


def climbed(folder: pathlib.Path, **options: Any) -> Ladder:
    steps = climb([{MODULE: {**ALL, **options}}], folder)
    assert steps.changed == (True, True, False, False), steps.output
    assert steps.check.diff == steps.run.diff
    assert steps.check.only.data["commands"] == steps.run.only.data["commands"]
    return steps


def logins() -> dict[int, bool]:
    """By port, whether a user logs in with a ticket."""
    services = [
        Service(
            protocol,
            "localhost",
            port,
            "starttls",
            service_principal=f"{NAMES[protocol]}/{HOST}",
            ca_path=str(CERTIFICATE),
            timeout=15.0,
        )
        for protocol, ports in PORTS.items()
        for port in ports
    ]
    return {proof.port: bool(proof.ok) for proof in log_in_to_all(services, ME)}


def test_everything_comes_into_force_at_once(zimbra: Zimbra, tmp_path: pathlib.Path) -> None:
    assert set(logins().values()) == {False}
    steps = climbed(tmp_path)
    assert steps.run.only.data["commands"] == [
        "configrewrite mailbox proxy mta sasl",
        "zmmailboxdctl restart",
        "zmproxyctl restart",
        "zmmtactl stop",
        "zmmtactl start norewrite",
    ]
    assert set(logins().values()) == {True}
    # The last two steps found everything as asked, and so asked Zimbra's programs nothing.
    programs = [call["program"] for call in zimbra.invocations()]
    assert programs.count("configrewrite") == 1
    assert (
        programs.count("zmmailboxdctl") == 2 == programs.count("zmmtactl") - 1
    )  # the start of the machine, and the run


def test_a_change_that_a_rewrite_has_swallowed(zimbra: Zimbra, tmp_path: pathlib.Path) -> None:
    """zmconfigd marks what it was not asked for as seen, and never looks at it again."""
    zimbra.run("bin/zmprov", "ms", HOST, "zimbraReverseProxyDefaultRealm", "OTHER.TEST")
    zimbra.run("libexec/configrewrite", "mta")
    steps = climbed(tmp_path, proxy={"realm": "OTHER.TEST"})
    assert steps.run.diff[0]["before"] == "proxy: default realm is EXAMPLE.TEST\n"
    zimbra.run("bin/zmprov", "ms", HOST, "zimbraReverseProxyDefaultRealm", "EXAMPLE.TEST")
    climbed(tmp_path)


def test_a_change_that_was_written_and_never_followed_by_a_restart(zimbra: Zimbra, tmp_path: pathlib.Path) -> None:
    zimbra.run("bin/zmprov", "ms", HOST, "zimbraReverseProxyImapSaslGssapiEnabled", "FALSE")
    zimbra.run("libexec/configrewrite", "proxy")
    steps = climbed(tmp_path, proxy={"imap": False, "pop3": True})
    assert "proxy: IMAP offers GSSAPI, PLAIN\n" in steps.run.diff[0]["before"]
    assert steps.run.only.data["restarted"] == ["proxy"]
    zimbra.run("bin/zmprov", "ms", HOST, "zimbraReverseProxyImapSaslGssapiEnabled", "TRUE")
    climbed(tmp_path)


def test_a_proxy_that_takes_its_time_to_stop(zimbra: Zimbra, tmp_path: pathlib.Path) -> None:
    zimbra.tell(rewrite_pause=0, slow_proxy=True)
    zimbra.run("bin/zmprov", "ms", HOST, "zimbraReverseProxyPop3SaslGssapiEnabled", "FALSE")
    try:
        with socket.create_connection(("127.0.0.1", 143)):
            climbed(tmp_path, proxy={"imap": True, "pop3": False})
    finally:
        zimbra.tell(rewrite_pause=0)
        zimbra.run("bin/zmprov", "ms", HOST, "zimbraReverseProxyPop3SaslGssapiEnabled", "TRUE")
    climbed(tmp_path)


def test_web_sign_on_needs_one_restart(zimbra: Zimbra, tmp_path: pathlib.Path) -> None:
    """Though zmmailboxdctl reads the options before it has them written."""
    zimbra.run("bin/zmprov", "mcf", "zimbraSpnegoAuthEnabled", "TRUE")
    steps = climbed(tmp_path, spnego=True, mailbox={})
    assert steps.run.only.data["commands"] == ["configrewrite mailbox", "zmmailboxdctl restart"]
    zimbra.run("bin/zmprov", "mcf", "zimbraSpnegoAuthEnabled", "FALSE")
    climbed(tmp_path, spnego=False, mailbox={})


def test_zmconfigd_that_does_not_run(zimbra: Zimbra, tmp_path: pathlib.Path) -> None:
    """configrewrite then does zmconfigd's work by itself."""
    zimbra.run("bin/zmprov", "ms", HOST, "zimbraMtaSaslSmtpdMechList", "PLAIN")
    zimbra.run("libexec/configrewrite", "mta", "sasl")
    # Not reloaded: a process of before would still answer the first who asks.
    zimbra.run("bin/zmmtactl", "stop")
    zimbra.run("bin/zmmtactl", "start", "norewrite")
    zimbra.run("bin/zmconfigdctl", "stop")
    zimbra.run("bin/zmprov", "ms", HOST, *SERVER)
    steps = climbed(tmp_path)
    assert steps.run.only.data["commands"] == ["configrewrite mta sasl", "zmmtactl reload norewrite"]
    assert set(logins().values()) == {True}
