# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the doctor makes of known lines in logs."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.axigen_symptoms import AXIGEN_SYMPTOMS
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_symptoms import CAS_SYMPTOMS, symptoms_of
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor import DEGRADED, LOG, UNTESTED, diagnose
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor_logs import CHECKS, OF_A_CLIENT, OFTEN
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.log_entries import Entry
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_symptoms import ZIMBRA_SYMPTOMS

TIME = "2026-11-27T19:45:11+00:00"
IDS = {check.id for check in CHECKS}
# The document of CAS has this under its troubles.
OF_THE_DOCUMENT = """\
Caused by: GSSException: Failure unspecified at GSS-API level (Mechanism level: Invalid argument (400) - Cannot find \
key of appropriate type to decrypt AP REP - AES256 CTS mode with HMAC SHA1-96)
\tat sun.security.jgss.krb5.Krb5Context.acceptSecContext(Unknown Source)
Caused by: KrbException: Invalid argument (400) - Cannot find key of appropriate type to decrypt AP REP"""


def fleet(
    symptom: str, count: int = 1, product: str = "cas", principal: str = "", logins: tuple[bool, ...] = ()
) -> dict[str, Any]:
    one = {
        "symptom": symptom,
        "cause": "a cause",
        "remedy": "a remedy",
        "count": count,
        "places": ["cas.log"],
        "last": TIME,
        **({"principal": principal} if principal else {}),
    }
    asked = {"host": "cas1.example.test", "aliases": ["login.example.test"]}
    return {
        "cas1": {"asked": asked, "logs": {"logs": [{"product": product, "since": TIME, "symptoms": [one]}]}},
        "client1": {"logins": {"services": [{"host": "cas1.example.test", "ok": ok} for ok in logins]}},
    }


def ids(evidence: dict[str, Any]) -> list[str]:
    return [one.check.id for one in diagnose(evidence, CHECKS)]


def test_a_known_line_is_the_least_of_all_causes() -> None:
    (one,) = diagnose(fleet("service_key_missing"), CHECKS)
    assert one.check.id == "log.service_key_missing"
    assert (one.check.layer, one.trouble.grade) == (LOG, DEGRADED)
    assert "once since" in one.trouble.evidence


def test_logins_that_succeed_make_it_history() -> None:
    assert ids(fleet("service_key_missing", logins=(True, True))) == []
    assert ids(fleet("service_key_missing", logins=(True, False))) == ["log.service_key_missing"]


@pytest.mark.parametrize("symptom", sorted(OF_A_CLIENT))
def test_what_one_client_does_counts_where_it_happens_often(symptom: str) -> None:
    assert f"log.{symptom}" in IDS
    assert ids(fleet(symptom, OFTEN - 1)) == []
    assert ids(fleet(symptom, OFTEN, logins=(True,))) == [f"log.{symptom}"]


def test_services_of_others_are_nothing_to_us() -> None:
    assert ids(fleet("service_principal_unknown", 9, "kdc", "HTTP/www.example.org@EXAMPLE.TEST")) == []
    for name in ("cas1", "login"):
        found = diagnose(fleet("service_principal_unknown", 1, "kdc", f"HTTP/{name}.example.test@EXAMPLE.TEST"), CHECKS)
        assert [one.trouble.subject for one in found] == [f"HTTP/{name}.example.test@EXAMPLE.TEST"]


def test_every_symptom_of_the_products_has_a_check() -> None:
    names = {one.name for table in (AXIGEN_SYMPTOMS, ZIMBRA_SYMPTOMS, CAS_SYMPTOMS) for one in table}
    assert {f"log.{name}" for name in names} <= IDS


def test_the_trouble_of_the_document_of_cas() -> None:
    entry = Entry(datetime.datetime.fromisoformat(TIME), "cas.log", tuple(OF_THE_DOCUMENT.splitlines()))
    (one,) = symptoms_of([entry])
    assert f"log.{one['symptom']}" == "log.service_key_missing"


def test_a_log_that_may_not_be_read() -> None:
    evidence = {"cas1": {"logs": {"logs": [{"product": "cas", "since": TIME, "untested": "paths: no; use become"}]}}}
    (one,) = diagnose(evidence, CHECKS)
    assert (one.check.id, one.trouble.grade, one.trouble.remedy) == ("log.untested", UNTESTED, "use become")
