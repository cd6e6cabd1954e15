# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of axigen.cfg matters here, and how it is told without passwords."""

from __future__ import annotations

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.axigen_cfg import server
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.axigen_configured import (
    Configured,
    Listener,
    configured,
    service_report,
)

TEXT = """\
Server {
    primaryDomain = "example.test"
    services = (log IMAP smtpIncoming)
    imap = {
        logLevel = 15
        secureConnAuthTypes = (plain gssapi)
        plainConnAuthTypes = ()
        relayPassword = "canary-5e1f"
        listeners = (
            { address = 0.0.0.0:143 }
            { address = [::]:993 enable = no sslEnable = YES }
        )
        serviceAccessControl = { rules = () }
        empties = ()
    }
    smtpIncoming = { maxErrors = 20 listeners = () }
    processing = { threads = 4 }
}
"""


def test_configured() -> None:
    found = configured(server(TEXT, "f"))
    assert found.services == {
        "imap": {
            "logLevel": "15",
            "secureConnAuthTypes": ("plain", "gssapi"),
            "plainConnAuthTypes": (),
            "relayPassword": "canary-5e1f",
        },
        "smtp_incoming": {"maxErrors": "20"},
    }
    assert found.started == ("log", "imap", "smtpincoming")
    assert found.primary_domain == "example.test"
    assert found.listeners == {
        "imap": (Listener("0.0.0.0:143", True, False), Listener("[::]:993", False, True)),
        "smtp_incoming": (),
    }


def test_of_nothing() -> None:
    assert configured(server("", "f")) == Configured()
    odd = configured(server("services = all\nprimaryDomain = (a b)\nimap = { listeners = x }", "f"))
    assert (odd.started, odd.primary_domain, odd.listeners) == (None, "", {"imap": ()})


def test_report() -> None:
    report = service_report(configured(server(TEXT, "f")))
    assert report["imap"]["started"] is True
    assert report["imap"]["attributes"]["relayPassword"] == "(not shown)"
    assert report["imap"]["attributes"]["secureConnAuthTypes"] == ["plain", "gssapi"]
    assert report["imap"]["listeners"] == [
        {"address": "0.0.0.0:143", "enabled": True, "tls": False},
        {"address": "[::]:993", "enabled": False, "tls": True},
    ]
    assert "canary" not in str(report)
    (untold,) = service_report(Configured({"pop3": {"logLevel": "15"}})).values()
    assert untold == {"started": None, "attributes": {"logLevel": "15"}, "listeners": None}
    (stopped,) = service_report(Configured({"pop3": {}}, started=("imap",))).values()
    assert stopped["started"] is False
