# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.ad_account import AccountRefusal, read_realm
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.refusal import Refusal
from ansible_collections.mailrealm.kerberos.tests.unit.module_utils._domain.ad_samples import PATH, REALM, wish, wishes


def test_wish() -> None:
    one = wish(
        type="computer",
        name="MX1",
        service_principals=["smtp/mx1", f"smtp/mx1@{REALM}", "MSSQLSvc/mx1.example.test:1433"],
        upn="smtp/mx1",
        enctypes=["aes", "rc4"],
        max_age="90d",
        password="secret",
    )
    assert (one.name, one.kind, one.path, one.upn) == ("MX1$", "computer", PATH, f"smtp/mx1@{REALM}")
    assert [str(name) for name in one.service_principals] == [
        f"smtp/mx1@{REALM}",
        f"MSSQLSvc/mx1.example.test:1433@{REALM}",
    ]
    assert (one.enctypes, one.max_age) == ((18, 17, 23), 90 * 86400)
    assert "secret" not in repr(one)
    assert wish(upn="").upn == ""
    assert wish(path="/etc/a.keytab").path == "/etc/a.keytab"


def test_realm() -> None:
    assert read_realm(REALM) == REALM
    with pytest.raises(AccountRefusal, match=r"write AD\.EXAMPLE\.TEST"):
        read_realm("ad.Example.test")
    with pytest.raises(AccountRefusal, match="is not the name of a domain"):
        read_realm("AD EXAMPLE")


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ({"name": ""}, "account '': is not a sAMAccountName"),
        ({"name": "$"}, "is not a sAMAccountName"),
        ({"name": "a."}, "is not a sAMAccountName"),
        ({"name": " a"}, "is not a sAMAccountName"),
        ({"name": "a@b"}, "cannot hold '@'"),
        ({"name": "a\nb"}, r"cannot hold '\\x0a'"),
        ({"service_principals": ["smtp"]}, "service principal 'smtp' is not of the form service/host"),
        ({"service_principals": ["a/b/c/d"]}, "is not of the form service/host"),
        ({"service_principals": ["smtp/mx1@OTHER.TEST"]}, "is one of another realm than AD.EXAMPLE.TEST"),
        ({"service_principals": ["smtp/mü.example.test"]}, "write an international name in its form with xn--"),
        ({"service_principals": ["smtp/a b"]}, "service_principals: principal 'smtp/a b': holds white space"),
        ({"service_principals": ["smtp/"]}, "a part of the name is empty"),
        ({"upn": "a@b@c"}, "upn 'a@b@c' is not of the form name@suffix"),
        ({"upn": "@b"}, "is not of the form name@suffix"),
        ({"enctypes": []}, "enctypes is empty"),
        ({"enctypes": ["aes256-sha2"]}, "Active Directory has no keys of type aes256-cts-hmac-sha384-192"),
        ({"enctypes": ["camellia"]}, "has no keys of type camellia256-cts-cmac"),
        ({"enctypes": ["aes257"]}, "account 'axigen_smtp': enctypes: 'aes257' is not the name"),
        ({"enctypes": ["rc4"]}, "arcfour-hmac is weak; leave it out, or set accept_weak: true"),
        ({"password": ""}, "its password has 0 characters"),
        ({"password": "x" * 257}, "its password has 257 characters"),
        ({"max_age": "soon"}, "account 'axigen_smtp': max_age: 'soon' is not a duration"),
    ],
)
def test_slips(item: dict[str, Any], said: str) -> None:
    with pytest.raises(Refusal, match=said):
        wishes(item, accept_weak=False)


def test_no_keytab() -> None:
    with pytest.raises(AccountRefusal, match="no keytab is named; give 'path'"):
        wishes({}, path=None)


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ({"name": "AXIGEN_smtp", "service_principals": []}, "account 'AXIGEN_smtp': is listed twice"),
        ({"name": "b", "service_principals": ["SMTP/mx1.example.test"]}, "is also that of account 'axigen_smtp'"),
        ({"name": "b", "service_principals": [], "upn": f"X@{REALM}"}, f"UPN X@{REALM} is also that of account"),
    ],
)
def test_two_accounts_that_cannot_be(second: dict[str, Any], said: str) -> None:
    with pytest.raises(AccountRefusal, match=said):
        wishes({"upn": "x"}, second)
