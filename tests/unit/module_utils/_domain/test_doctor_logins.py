# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told of logins that failed, and of which host."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor import UNTESTED, diagnose
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor_host import CHECKS as OF_HOSTS
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor_logins import CHECKS

TICKET = {"kvno": 3, "enctype": "aes256-cts-hmac-sha1-96", "service_principal": "smtp/mx1.example.test@EXAMPLE.TEST"}


def login(symptom: str, host: str = "mx1.example.test", ok: Any = False, **more: Any) -> dict[str, Any]:
    return {
        "protocol": "smtp",
        "host": host,
        "port": 587,
        "ok": ok,
        "symptom": symptom,
        "cause": f"{symptom} it is",
        "remedy": "mend it",
        "answer": "535 no",
        "kvno": None,
        "enctype": None,
        "service_principal": "",
        **more,
    }


def fleet(*logins: dict[str, Any]) -> dict[str, Any]:
    return {
        "kdc1": {"asked": {"host": "kdc1.example.test", "products": ["kdc"]}},
        "mx1": {"asked": {"host": "mx1.example.test", "products": ["postfix"]}},
        "client1": {
            "asked": {"host": "client1.example.test", "products": ["prober"]},
            "logins": {"services": list(logins)},
        },
    }


def test_good_logins_say_nothing() -> None:
    assert diagnose(fleet(login("", ok=True)), CHECKS) == []


@pytest.mark.parametrize(
    ("symptom", "more", "host", "check"),
    [
        ("kdc_unreachable", {}, "client1", "login.credentials"),
        ("keytab_missing", {}, "client1", "login.credentials"),
        ("service_principal_unknown", {}, "mx1", "login.ticket"),
        ("connection_refused", {}, "mx1", "login.connection"),
        ("gssapi_not_offered", {}, "mx1", "login.offer"),
        ("service_key_outdated", TICKET, "mx1", "login.service_key"),
        ("clock_skew", TICKET, "mx1", "login.refused"),
        ("login_refused", TICKET, "mx1", "login.refused"),
        ("unknown", TICKET, "mx1", "login.refused"),
    ],
)
def test_each_failure_is_of_the_host_where_it_happened(symptom: str, more: Any, host: str, check: str) -> None:
    (one,) = diagnose(fleet(login(symptom, **more)), CHECKS)
    assert (one.host, one.check.id) == (host, check)
    assert symptom in one.trouble.evidence


def test_the_same_cause_is_told_once_with_all_its_places() -> None:
    (one,) = diagnose(fleet(login("timeout"), login("timeout", port=25)), CHECKS)
    assert one.trouble.subject == "smtp mx1.example.test:587, smtp mx1.example.test:25"


def test_a_server_outside_the_fleet_is_told_of_the_prober() -> None:
    (one,) = diagnose(fleet(login("timeout", host="elsewhere.example.test")), CHECKS)
    assert one.host == "client1"


def test_the_ticket_is_evidence() -> None:
    (one,) = diagnose(fleet(login("service_key_outdated", **TICKET)), CHECKS)
    assert "smtp/mx1.example.test@EXAMPLE.TEST kvno 3 aes256-cts-hmac-sha1-96: 535 no" in one.trouble.evidence


def test_logins_that_nobody_could_try() -> None:
    (one,) = diagnose(fleet(login("bindings_missing", ok=None)), CHECKS)
    assert (one.host, one.check.id, one.trouble.grade) == ("client1", "login.untested", UNTESTED)
    (other,) = diagnose({"client1": {"logins": {"untested": "no python"}}}, CHECKS)
    assert (other.trouble.grade, other.trouble.evidence) == (UNTESTED, "no python")


def test_a_host_that_was_not_reached_and_a_section_that_was_not_gathered() -> None:
    found = diagnose(
        {"mx1": {"host": {"untested": "no route"}}, "mx2": {"clock": {"untested": "no chronyc"}}}, OF_HOSTS
    )
    assert [(one.host, one.check.id, one.trouble.evidence) for one in found] == [
        ("mx1", "host.reached", "no route"),
        ("mx2", "host.sections", "no chronyc"),
    ]
