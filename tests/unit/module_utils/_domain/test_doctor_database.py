# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of a KDC's database and of the keys in hosts' keytabs, from evidence made by hand."""

from __future__ import annotations

import copy
from typing import Any, Callable, Dict

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import doctor_database, doctor_database_keys
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor import (
    BROKEN,
    DATABASE,
    DEGRADED,
    Check,
    Trouble,
    diagnose,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.kadmin_symptoms import NO_DATABASE, NO_STASH

NOW = 1_800_000_000
DAY = 86400
AES = ["aes256-cts-hmac-sha1-96", "aes128-cts-hmac-sha1-96"]
SMTP, ALICE, TGT = "smtp/mx1.example.test@EXAMPLE.TEST", "alice@EXAMPLE.TEST", "krbtgt/EXAMPLE.TEST@EXAMPLE.TEST"
KDC, MX, CLIENT = "kdc1.example.test", "mx1.example.test", "client1.example.test"
CHECKS = (*doctor_database.CHECKS, *doctor_database_keys.CHECKS)


def record(**changes: Any) -> Dict[str, Any]:
    return {
        "kvno": 2,
        "enctypes": AES,
        "attributes": [],
        "expires": 0,
        "password_expires": 0,
        "failures": 0,
        "last_failure": 0,
        "most_failures": 0,
        "lockout": 0,
        **changes,
    }


def healthy() -> Dict[str, Any]:
    entries = [{"principal": SMTP, "kvno": kvno, "enctype": name} for kvno in (1, 2) for name in AES]
    return {
        KDC: {
            "asked": {"host": KDC, "products": ["kdc"]},
            "database": {
                "opens": True,
                "now": NOW,
                "users": [ALICE],
                "principals": {
                    SMTP: record(),
                    ALICE: record(attributes=["+requires_preauth"], most_failures=5, lockout=900),
                    TGT: record(attributes=["+lockdown_keys"]),
                },
            },
        },
        MX: {
            "asked": {"host": MX, "products": ["postfix"]},
            "keytabs": {"keytabs": [{"path": "/etc/postfix/smtp.keytab", "entries": entries}]},
        },
        CLIENT: {"asked": {"host": CLIENT, "products": ["prober"]}, "logins": {"services": []}},
    }


def principal(name: str, **changes: Any) -> Callable[[Dict[str, Any]], None]:
    def change(fleet: Dict[str, Any]) -> None:
        fleet[KDC]["database"]["principals"][name].update(changes)

    return change


def no_principal(fleet: Dict[str, Any]) -> None:
    fleet[KDC]["database"]["principals"][SMTP] = None


def no_user(fleet: Dict[str, Any]) -> None:
    fleet[KDC]["database"]["principals"][ALICE] = None


def does_not_open(kind: str) -> Callable[[Dict[str, Any]], None]:
    def change(fleet: Dict[str, Any]) -> None:
        fleet[KDC]["database"] = {"opens": False, "kind": kind, "said": "kadmin.local: the words"}

    return change


def held(**changes: Any) -> Callable[[Dict[str, Any]], None]:
    def change(fleet: Dict[str, Any]) -> None:
        fleet[MX]["keytabs"]["keytabs"][0]["entries"] = [{"principal": SMTP, "kvno": 2, "enctype": AES[0], **changes}]

    return change


CASES = {
    "principal missing": (no_principal, "database.principal_missing", KDC, BROKEN, SMTP),
    "user missing": (no_user, "database.principal_missing", KDC, BROKEN, "kdc_users"),
    "no database": (does_not_open(NO_DATABASE), "database.unopened", KDC, BROKEN, "there is no database"),
    "damaged": (does_not_open("other"), "database.unopened", KDC, BROKEN, "the words"),
    "no stash": (does_not_open(NO_STASH), "database.stash_missing", KDC, BROKEN, "the words"),
    "disabled": (principal(SMTP, attributes=["-allow_tix"]), "database.disabled", KDC, BROKEN, "-allow_tix"),
    "no service": (
        principal(SMTP, attributes=["-allow_svr"]),
        "database.no_service_tickets",
        KDC,
        BROKEN,
        "-allow_svr",
    ),
    "expired": (principal(SMTP, expires=NOW), "database.expired", KDC, BROKEN, "2027-01-15"),
    "expires soon": (principal(SMTP, expires=NOW + DAY), "database.expired", KDC, DEGRADED, "expires soon"),
    "password expired": (
        principal(ALICE, password_expires=NOW - 1),
        "database.password_expired",
        KDC,
        BROKEN,
        "password",
    ),
    "password soon": (principal(ALICE, password_expires=NOW + DAY), "database.password_expired", KDC, DEGRADED, "soon"),
    "must change": (
        principal(ALICE, attributes=["+requires_preauth", "+needchange"]),
        "database.password_expired",
        KDC,
        BROKEN,
        "+needchange",
    ),
    "locked": (principal(ALICE, failures=5, last_failure=NOW - 10), "database.locked", KDC, BROKEN, "failed attempts"),
    "locked for good": (
        principal(ALICE, failures=5, last_failure=NOW - DAY, lockout=0),
        "database.locked",
        KDC,
        BROKEN,
        "until an administrator",
    ),
    "no preauth": (principal(ALICE, attributes=[]), "database.no_preauth", KDC, DEGRADED, "requires_preauth"),
    "no keys": (principal(SMTP, enctypes=[]), "database.no_keys", KDC, BROKEN, SMTP),
    "weak keys": (
        principal(TGT, enctypes=["arcfour-hmac", "des3-cbc-sha1"]),
        "database.weak_keys",
        KDC,
        DEGRADED,
        "arcfour-hmac",
    ),
    "keys locked down": (
        principal(SMTP, attributes=["+lockdown_keys"]),
        "database.keys_locked_down",
        KDC,
        DEGRADED,
        "lockdown",
    ),
    "old kvno": (held(kvno=1), "database.kvno_differs", MX, BROKEN, "kvno 2"),
    "newer kvno": (held(kvno=3), "database.kvno_differs", MX, BROKEN, "other keys"),
    "other enctype": (held(enctype=AES[1]), "database.enctypes_differ", MX, BROKEN, AES[0]),
}


def test_a_healthy_fleet_has_nothing_to_say() -> None:
    assert diagnose(healthy(), CHECKS) == []


def test_staged_keys_and_an_old_lockout_are_no_trouble() -> None:
    fleet = healthy()
    fleet[MX]["keytabs"]["keytabs"][0]["entries"].append({"principal": SMTP, "kvno": 3, "enctype": AES[0]})
    principal(ALICE, failures=5, last_failure=NOW - 901)(fleet)
    assert diagnose(fleet, CHECKS) == []


@pytest.mark.parametrize(("change", "check", "host", "grade", "told"), CASES.values(), ids=list(CASES))
def test_a_trouble_is_named_first(
    change: Callable[[Dict[str, Any]], None], check: str, host: str, grade: str, told: str
) -> None:
    fleet = healthy()
    change(fleet)
    first = diagnose(fleet, CHECKS)[0]
    assert (first.check.id, first.host, first.trouble.grade) == (check, host, grade)
    shown = first.trouble
    assert told in f"{shown.subject} {shown.cause} {shown.evidence} {shown.remedy}"


def test_evidence_that_is_not_there_says_nothing() -> None:
    untested = {host: {"asked": {}, "database": {"untested": "no words"}, "keytabs": {}} for host in healthy()}
    assert diagnose(untested, CHECKS) == []
    assert diagnose({host: {} for host in healthy()}, CHECKS) == []


def test_the_hosts_that_notice_a_service_are_accounted_for() -> None:
    fleet = copy.deepcopy(healthy())
    no_principal(fleet)
    login = Check("login.ticket", DATABASE, "", lambda host, dummy: [Trouble("", "", "", "")] if host == MX else [])
    told = {one.check.id: one for one in diagnose(fleet, (*CHECKS, login))}
    assert told["login.ticket"].because == ("database.principal_missing",)
    assert told["database.principal_missing"].trouble.accounts_for == (CLIENT, MX)
