# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet: principals, keytabs and logins as the inventory tells them."""

from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.fleet import (
    FleetRefusal,
    all_principals,
    check_realm,
    host_principals,
    member,
    prober,
    shares,
)

REALM = "EXAMPLE.TEST"
DOMAIN = "example.test"
MX1 = member("mx1.example.test", DOMAIN, aliases=["mail.example.test"])
MX2 = member("mx2.example.test", DOMAIN, aliases=["mail.example.test"])
CAS = member("cas1", DOMAIN)
MEMBERS = {one.host: one for one in (MX1, MX2, CAS)}
GROUPS = {"all": list(MEMBERS), "postfix": ["mx1.example.test", "mx2.example.test"], "cas": ["cas1"], "axigen": []}


def test_each_product_on_each_host_has_a_share() -> None:
    assert [(share.name, share.principals) for share in shares(GROUPS, MEMBERS, REALM)] == [
        ("mx1.example.test postfix", ("smtp/mx1.example.test@EXAMPLE.TEST", "smtp/mail.example.test@EXAMPLE.TEST")),
        ("mx2.example.test postfix", ("smtp/mx2.example.test@EXAMPLE.TEST", "smtp/mail.example.test@EXAMPLE.TEST")),
        ("cas1 cas", ("HTTP/cas1.example.test@EXAMPLE.TEST",)),
    ]


def test_kdcs_have_keys_of_their_own_where_there_are_replicas() -> None:
    members = {name: member(name, DOMAIN) for name in ("kdc1", "kdc2")}
    groups = {"all": list(members), "kerberos_kdc": ["kdc1"], "kerberos_kdc_replicas": ["kdc2"]}
    found = shares(groups, members, REALM)
    assert [(share.name, share.principals) for share in found] == [
        ("kdc1 kerberos_kdc", ("host/kdc1.example.test@EXAMPLE.TEST",)),
        ("kdc2 kerberos_kdc_replicas", ("host/kdc2.example.test@EXAMPLE.TEST",)),
    ]
    assert shares({**groups, "kerberos_kdc_replicas": []}, members, REALM) == ()


def test_a_shared_principal_is_one() -> None:
    principals = all_principals(shares(GROUPS, MEMBERS, REALM))
    assert principals.count("smtp/mail.example.test@EXAMPLE.TEST") == 1
    assert len(principals) == 4


def test_another_host_changes_no_share() -> None:
    before = shares({"postfix": ["mx1.example.test"]}, MEMBERS, REALM)
    assert before[0] in shares(GROUPS, MEMBERS, REALM)


def test_a_product_of_the_site_is_added_and_one_of_ours_replaced() -> None:
    one = member("mx1", DOMAIN, services={"dovecot": ["imap", "pop"], "axigen": ["imap"], "zimbra": []})
    groups = {"dovecot": ["mx1"], "axigen": ["mx1"], "zimbra": ["mx1"]}
    assert [(share.product, share.principals) for share in shares(groups, {"mx1": one}, REALM)] == [
        ("axigen", ("imap/mx1.example.test@EXAMPLE.TEST",)),
        ("dovecot", ("imap/mx1.example.test@EXAMPLE.TEST", "pop/mx1.example.test@EXAMPLE.TEST")),
    ]


def test_the_prober() -> None:
    groups = {"all": ["kdc1", "mx1", "ws1"], "workstations": ["ws1"], "kerberos_kdc": ["kdc1"]}
    assert prober(groups, "mx1") == "mx1"
    assert prober(groups) == "ws1"
    assert prober({**groups, "workstations": []}) == "kdc1"
    assert prober({"all": ["mx1"]}) == "mx1"
    assert prober({"all": []}) == ""
    with pytest.raises(FleetRefusal, match="kerberos_prober 'ws9': is no host of the inventory"):
        prober(groups, "ws9")


def test_names_are_lower_case_and_full() -> None:
    assert member("MX1", "Example.Test").fqdn == "mx1.example.test"
    assert member("mx1", DOMAIN, hostname="Mail.Other.Test.").fqdn == "mail.other.test"
    assert member("10.0.0.5", DOMAIN, hostname="mx1").fqdn == "mx1.example.test"
    assert host_principals(member("mx1", DOMAIN, aliases=["MX1.example.test"]), "postfix", REALM) == (
        "smtp/mx1.example.test@EXAMPLE.TEST",
    )


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: member("10.0.0.5", DOMAIN), "an address makes no service principal; set kerberos_hostname"),
        (lambda: member("fd00::5", DOMAIN), "an address makes no service principal"),
        (lambda: member("mx_1", DOMAIN), "'mx_1.example.test' is no full host name"),
        (lambda: member("mx1", ""), "is no full host name"),
        (lambda: member("mx1", DOMAIN, aliases=["mail"]), "kerberos_aliases 'mail' is no full host name"),
        (lambda: member("mx1", DOMAIN, hostname="a..b"), "kerberos_hostname 'a..b'"),
        (
            lambda: host_principals(member("a", DOMAIN, services={"x": ["a/b"]}), "x", REALM),
            "'a/b' is no service class",
        ),
        (lambda: check_realm(""), "kerberos_realm: is empty"),
        (lambda: check_realm("EXAMPLE TEST"), "is no realm"),
        (lambda: check_realm("example.test"), "write EXAMPLE.TEST, or set kerberos_realm_lower_case"),
    ],
)
def test_refused(call: object, said: str) -> None:
    with pytest.raises(FleetRefusal, match=said):
        call()  # type: ignore[operator]


def test_a_realm_in_lower_case_if_it_was_said() -> None:
    assert check_realm("example.test", lower_case=True) == "example.test"
    assert check_realm("EXAMPLE.TEST") == "EXAMPLE.TEST"
