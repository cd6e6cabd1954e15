# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Axigen is asked for, by service principal."""

from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.axigen_sign_on import settings
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.fleet import FleetRefusal

HOST = "axigen1.ad.example.test@AD.EXAMPLE.TEST"
DOCUMENT = [f"{service}/{HOST}" for service in ("smtp", "imap", "pop")]
SECURE = {"secureConnAuthTypes": ["gssapi"]}


def test_the_documents_three_services() -> None:
    assert settings(DOCUMENT) == {
        "services": {},
        "services_add": {"imap": SECURE, "pop3": SECURE},
        "running": ["smtp_incoming", "imap", "pop3"],
    }


def test_webmail_by_its_principal() -> None:
    found = settings([*DOCUMENT, f"HTTP/{HOST}"])
    assert found["services"] == {"webmail": {"allowSPNEGOAuth": True}}
    assert found["running"][-1] == "webmail"


def test_before_tls_and_with_other_methods() -> None:
    found = settings(DOCUMENT[1:2], mechanisms=["gssapi", "plain"], before_tls=True)["services_add"]
    both = ["gssapi", "plain"]
    assert found == {"imap": {"secureConnAuthTypes": both, "plainConnAuthTypes": both}}


def test_each_service_writes_its_sessions() -> None:
    found = settings(DOCUMENT, protocol_log=True)["services_add"]
    assert found == {
        "smtp_incoming": {"logLevel": 16},
        "imap": {**SECURE, "logLevel": 16},
        "pop3": {**SECURE, "logLevel": 16},
    }


def test_what_the_site_sets_besides_wins_and_is_not_changed() -> None:
    further = {"webmail": {"allowSPNEGOAuth": False, "sessionIdleTimeout": 600}, "imap": {"maxAuthErrors": 3}}
    found = settings([f"HTTP/{HOST}"], further=further)["services"]
    assert found == further
    assert found["imap"] is not further["imap"]


def test_a_class_that_axigen_does_not_serve() -> None:
    with pytest.raises(FleetRefusal, match="kerberos_services: axigen has no service 'pop3'; write some of smtp, imap"):
        settings([f"pop3/{HOST}"])
