# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of accounts in Active Directory and of the keytabs made of them, from evidence made by hand."""

from __future__ import annotations

from typing import Any, Callable, Dict

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor import BROKEN, DEGRADED, diagnose
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor_directory import CHECKS

NOW = 1_800_000_000
AES = ["aes256-cts-hmac-sha1-96", "aes128-cts-hmac-sha1-96"]
HOST, SPN, DN = "axigen1.example.test", "imap/axigen1.example.test", "CN=axigen_imap,OU=Mail,DC=example,DC=test"
Fleet = Dict[str, Any]


def proof(**changes: Any) -> Dict[str, Any]:
    return {
        "path": "/etc/axigen.keytab",
        "principal": f"{SPN}@EXAMPLE.TEST",
        "ok": True,
        "kvno": 3,
        "enctype": AES[0],
        "held": [{"kvno": 3, "enctype": AES[0]}],
        "symptom": "",
        "cause": "",
        "remedy": "",
        **changes,
    }


def healthy() -> Fleet:
    entries = [{"principal": f"{SPN}@EXAMPLE.TEST", "kvno": 3, "enctype": name} for name in AES]
    account = {
        "dn": DN,
        "name": "axigen_imap",
        "kvno": 3,
        "allowed": AES,
        "disabled": False,
        "locked": False,
        "expires": 0,
        "password_expired": False,
        "password_set": NOW - 1000,
    }
    return {
        HOST: {
            "asked": {"host": HOST, "realm": "EXAMPLE.TEST", "products": ["axigen"]},
            "keytabs": {"keytabs": [{"path": "/etc/axigen.keytab", "entries": entries}]},
            "krb5": {"enctypes": {"permitted_enctypes": {"value": "aes256-cts aes128-cts", "where": "line 3"}}},
            "directory": {"accounts": [account], "owners": {SPN: [DN]}, "users": {}, "now": NOW, "proofs": [proof()]},
        }
    }


def account(**changes: Any) -> Callable[[Fleet], None]:
    return lambda fleet: fleet[HOST]["directory"]["accounts"][0].update(changes)


def owners(*names: str) -> Callable[[Fleet], None]:
    return lambda fleet: fleet[HOST]["directory"]["owners"].update({SPN: list(names)})


def proved(**changes: Any) -> Callable[[Fleet], None]:
    return lambda fleet: fleet[HOST]["directory"].update(proofs=[proof(ok=False, **changes)])


def rc4_where_it_is_permitted(fleet: Fleet) -> None:
    account(allowed=["arcfour-hmac"])(fleet)
    fleet[HOST]["krb5"] = {}


def user(dn: Any, **changes: Any) -> Callable[[Fleet], None]:
    """Somebody who logs in on the host, beside its services."""

    def change(fleet: Fleet) -> None:
        found = fleet[HOST]["directory"]
        found["users"] = {"probe": dn}
        found["accounts"].append({**found["accounts"][0], "dn": "CN=probe", "name": "probe", **changes})

    return change


CASES = {
    "a user": (user(None), "directory.user_missing", BROKEN, "kerberos_probe_credentials"),
    "a user's account": (user("CN=probe", disabled=True), "directory.account_disabled", BROKEN, "CN=probe"),
    "duplicate": (owners(DN, "CN=other"), "directory.spn_duplicate", BROKEN, "CN=other"),
    "missing": (owners(), "directory.spn_missing", BROKEN, "no account"),
    "disabled": (account(disabled=True), "directory.account_disabled", BROKEN, "ACCOUNTDISABLE"),
    "locked": (account(locked=True), "directory.account_locked", BROKEN, SPN),
    "expired": (account(expires=NOW - 1), "directory.account_expired", BROKEN, "has expired"),
    "expires soon": (account(expires=NOW + 86400), "directory.account_expired", DEGRADED, "expires soon"),
    "password": (account(password_expired=True), "directory.password_expired", BROKEN, "2027-01-15"),
    "kvno": (account(kvno=4), "directory.kvno_differs", BROKEN, "axigen_imap: 4"),
    "enctype": (account(allowed=["aes256-cts-hmac-sha384-192", *AES]), "directory.enctypes", BROKEN, "sha384"),
    "RC4": (account(allowed=["arcfour-hmac"]), "directory.weak_enctypes", BROKEN, "permitted_enctypes: aes256-cts"),
    "RC4 permitted": (rc4_where_it_is_permitted, "directory.weak_enctypes", DEGRADED, "permitted_enctypes: not set"),
    "other key": (
        proved(symptom="key_wrong", cause="does not open", remedy="export it again"),
        "directory.key_wrong",
        BROKEN,
        "export it again",
    ),
    "no ticket": (proved(symptom="unknown", kvno=None, cause="no ticket"), "directory.ticket", BROKEN, "ticket: none"),
}


def test_healthy_accounts_have_nothing_to_say() -> None:
    assert diagnose(healthy(), CHECKS) == []
    assert diagnose({HOST: {"directory": {"untested": "no words"}}}, CHECKS) == []


def test_a_user_that_may_log_in_is_no_trouble() -> None:
    fleet = healthy()
    user("CN=probe", kvno=9, allowed=None)(fleet)
    assert diagnose(fleet, CHECKS) == []


def test_an_account_that_leaves_its_types_to_the_domain_is_no_trouble() -> None:
    fleet = healthy()
    account(allowed=None)(fleet)
    assert diagnose(fleet, CHECKS) == []


@pytest.mark.parametrize(("change", "check", "grade", "told"), CASES.values(), ids=list(CASES))
def test_a_trouble_is_named_first(change: Callable[[Fleet], None], check: str, grade: str, told: str) -> None:
    fleet = healthy()
    change(fleet)
    first = next(one for one in diagnose(fleet, CHECKS) if not one.because)
    assert (first.check.id, first.trouble.grade) == (check, grade)
    shown = first.trouble
    assert told in f"{shown.subject} {shown.cause} {shown.evidence} {shown.remedy}"


def test_a_ticket_that_was_not_made_is_what_a_disabled_account_accounts_for() -> None:
    fleet = healthy()
    account(disabled=True)(fleet)
    proved(symptom="service_principal_revoked", kvno=None)(fleet)
    told = {one.check.id: one.because for one in diagnose(fleet, CHECKS)}
    assert told == {"directory.account_disabled": (), "directory.ticket": ("directory.account_disabled",)}
