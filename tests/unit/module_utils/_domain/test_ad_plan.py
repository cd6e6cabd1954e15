# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.active_directory import Account
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.ad_account import AccountWish
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.ad_keys import Evidence
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.ad_need import ResetNeeded
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.ad_plan import (
    AccountChange,
    DirectoryPlanRefusal,
    modifications,
    plan_accounts,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.ad_report import account_diffs, account_reports
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.ad_state import names_asked
from ansible_collections.mailrealm.kerberos.tests.unit.module_utils._domain.ad_samples import (
    ACCOUNT,
    AES256,
    BASE,
    NOW,
    PROVED,
    REALM,
    entries,
    state,
    wish,
    wishes,
)

SPN, ENCTYPES = "servicePrincipalName", "msDS-SupportedEncryptionTypes"
OTHER = Account(f"CN=old,CN=Users,{BASE}", "old", 1, ("HTTP/mx1",), f"imap/mx1@{REALM}")


def planned(asked: AccountWish, account: Account | None = ACCOUNT, **more: Any) -> AccountChange:
    (change,) = plan_accounts(state(account, entries(), **more), [asked])
    return change


def test_nothing_to_do() -> None:
    change = planned(wish(service_principals=["SMTP/mx1.example.test"], upn="", description=""))
    assert not change.changed
    assert (change.kvno, change.dn, change.need.reason, modifications(change)) == (3, ACCOUNT.dn, "", [])
    assert account_diffs([change]) == []
    assert account_reports([change], NOW) == [
        {
            "name": "axigen_smtp",
            "dn": ACCOUNT.dn,
            "created": False,
            "kvno": 3,
            "enctypes": ["aes256-cts-hmac-sha1-96", "aes128-cts-hmac-sha1-96"],
            "service_principals": ["smtp/mx1.example.test"],
            "upn": "",
            "path": "/etc/axigen.keytab",
            "password_set": False,
            "needs_reset": False,
            "reason": "",
            "password_age": 100,
        }
    ]


@pytest.mark.parametrize(
    ("item", "account", "modified"),
    [
        ({"service_principals": ["imap/mx1"]}, {}, [("add", SPN, ("imap/mx1",))]),
        (
            {"service_principals": ["imap/mx1"], "service_principals_exclusive": True},
            {},
            [("delete", SPN, ("smtp/mx1.example.test",)), ("add", SPN, ("imap/mx1",))],
        ),
        ({"service_principals": [], "service_principals_exclusive": True}, {}, []),
        ({"upn": "x"}, {}, [("replace", "userPrincipalName", (f"x@{REALM}",))]),
        ({"upn": ""}, {"upn": "x@y"}, [("delete", "userPrincipalName", ())]),
        ({}, {"upn": "x@y", "description": "mine"}, []),
        ({"description": "new"}, {"description": "old"}, [("replace", "description", ("new",))]),
        ({}, {"enctypes": None}, [("replace", ENCTYPES, ("24",))]),
        ({}, {"enctypes": 0x80010004}, [("replace", ENCTYPES, (str(0x80010018),))]),
        ({}, {"enctypes": 0x38}, []),
    ],
)
def test_attributes(item: dict[str, Any], account: dict[str, Any], modified: list[Any]) -> None:
    change = planned(wish(**item), dataclasses.replace(ACCOUNT, **account))
    assert modifications(change) == modified
    assert (change.changed, change.need.sets) == (bool(modified), False)


def test_diff_of_attributes() -> None:
    change = planned(wish(service_principals=["imap/mx1"], upn="x"), dataclasses.replace(ACCOUNT, enctypes=None))
    (part,) = account_diffs([change])
    assert part == {
        "before_header": ACCOUNT.dn,
        "after_header": ACCOUNT.dn,
        "before": "servicePrincipalName: smtp/mx1.example.test\nuserPrincipalName: not set\n"
        "msDS-SupportedEncryptionTypes: the domain's default\n",
        "after": "servicePrincipalName: smtp/mx1.example.test\nservicePrincipalName: imap/mx1\n"
        f"userPrincipalName: x@{REALM}\n"
        "msDS-SupportedEncryptionTypes: 0x18 (aes256-cts-hmac-sha1-96, aes128-cts-hmac-sha1-96)\n",
    }
    (told,) = account_reports([change], NOW)
    assert told["service_principals"] == ["smtp/mx1.example.test", "imap/mx1"]
    assert (told["upn"], len(told["enctypes"])) == (f"x@{REALM}", 2)


def test_creation() -> None:
    change = planned(wish(upn="x", description="Mail", ou=f"OU=Mail,{BASE}", password="secret"), None)
    assert {one.name: one.after for one in change.attributes} == {
        "objectClass": ("top", "person", "organizationalPerson", "user"),
        "sAMAccountName": ("axigen_smtp",),
        "userAccountControl": ("66048",),
        "servicePrincipalName": ("smtp/mx1.example.test",),
        "userPrincipalName": (f"x@{REALM}",),
        "msDS-SupportedEncryptionTypes": ("24",),
        "description": ("Mail",),
    }
    assert (change.dn, change.kvno, change.need.reason) == (f"CN=axigen_smtp,OU=Mail,{BASE}", None, "created")
    (part,) = account_diffs([change])
    assert part["before"] == "absent\n"
    assert part["after"].endswith("description: Mail\npassword: set, for it is new; kvno (chosen by the KDC)\n")
    assert "secret" not in repr(change)
    (told,) = account_reports([change], NOW, {"axigen_smtp": 2})
    assert (told["created"], told["kvno"], told["password_set"], told["password_age"]) == (True, 2, True, 0)
    assert account_reports([change], NOW)[0]["kvno"] is None


def test_creation_of_a_computer() -> None:
    change = planned(wish(name="MX1", type="computer"), None)
    found = {one.name: one.after for one in change.attributes}
    assert (found["objectClass"][-1], found["userAccountControl"]) == ("computer", ("4096",))
    assert change.dn == f"CN=MX1,CN=Computers,{BASE}"


def test_new_password() -> None:
    change = planned(wish(update_password="when_needed", max_age="1s"))
    assert (change.kvno, change.changed, modifications(change)) == (4, True, [])
    (part,) = account_diffs([change])
    assert part["before"] == "password: kvno 3\n"
    assert part["after"] == "password: changed, for its password is older than 1s; kvno 4\n"
    (settled,) = plan_accounts(state(), wishes({"update_password": "always"}), frozenset({"axigen_smtp"}))
    assert not settled.changed


@pytest.mark.parametrize(
    ("item", "account", "said"),
    [
        ({"service_principals": ["http/MX1"]}, ACCOUNT, f"service principal http/MX1 belongs to {OTHER.dn}"),
        ({"upn": "IMAP/mx1"}, ACCOUNT, f"UPN IMAP/mx1@{REALM} belongs to {OTHER.dn}"),
        ({"service_principals": ["HTTP/mx1"]}, None, f"service principal HTTP/mx1 belongs to {OTHER.dn}"),
        ({"create": False}, None, f"account 'axigen_smtp': is not in {BASE}, and create is false"),
        ({"name": "x" * 21}, None, "has a name of at most 20 characters"),
        ({"name": "x" * 16, "type": "computer"}, None, "has a name of at most 15 characters"),
        ({"ou": "OU=Mail,DC=other"}, None, f"ou 'OU=Mail,DC=other' is not in {BASE}"),
        ({"service_principals": []}, None, "has no service principal, so that there is nothing to put into"),
        ({}, {"control": 0x202}, f"{ACCOUNT.dn} is disabled"),
        ({}, {"expires": NOW}, f"{ACCOUNT.dn} has expired"),
        ({}, {"control": 0x1000}, "is a computer account; set type: computer"),
    ],
)
def test_refusals(item: dict[str, Any], account: Any, said: str) -> None:
    if isinstance(account, dict):
        account = dataclasses.replace(ACCOUNT, **account)
    with pytest.raises(DirectoryPlanRefusal) as caught:
        planned(wish(**item), account, owners=(OTHER,))
    assert said in str(caught.value)


def test_no_default_container() -> None:
    found = state(None)
    found = dataclasses.replace(found, domain=dataclasses.replace(found.domain, containers={}))
    with pytest.raises(DirectoryPlanRefusal, match="the domain names no default container"):
        plan_accounts(found, wishes({}))


def test_kvnos_of_shared_principals_tell_what_is_behind() -> None:
    found = state(ACCOUNT, entries(kvno=2), Evidence())
    with pytest.raises(ResetNeeded, match="has its keys of kvno 2, but the directory has kvno 3"):
        plan_accounts(found, wishes({"service_principals": ["imap/mx1"]}))
    with pytest.raises(ResetNeeded, match="no key of it is in"):
        plan_accounts(state(ACCOUNT, entries("HTTP/other"), Evidence()), wishes({}))


def test_known_entries_are_those_asked_for() -> None:
    change = planned(wish(service_principals=["imap/mx1"], enctypes=["aes256-cts"]), evidence=PROVED)
    assert [(str(name), kvno, enctype) for name, kvno, enctype, dummy in change.known_entries] == [
        (f"imap/mx1@{REALM}", 3, AES256)
    ]


def test_names_asked() -> None:
    asked = wishes({"upn": "x"}, {"name": "b", "service_principals": ["imap/mx1"]})
    assert names_asked(asked) == {SPN: ["smtp/mx1.example.test", "imap/mx1"], "userPrincipalName": [f"x@{REALM}"]}
