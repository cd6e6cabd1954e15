# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory says that hosts are to be, for the doctor."""

from __future__ import annotations

from typing import Any

from ansible_collections.mailrealm.kerberos.plugins.filter.fleet import FilterModule

FILTERS = FilterModule().filters()
REALM = "EXAMPLE.TEST"
GROUPS = {
    "all": [
        "kdc1.example.test",
        "kdc2.example.test",
        "mx1.example.test",
        "zimbra1.example.test",
        "client1.example.test",
    ],
    "kerberos_kdc": ["kdc1.example.test"],
    "kerberos_kdc_replicas": ["kdc2.example.test"],
    "postfix": ["mx1.example.test"],
    "zimbra": ["zimbra1.example.test"],
    "workstations": ["client1.example.test"],
}
HOSTVARS: dict[str, dict[str, Any]] = {
    name: {"inventory_hostname": name, "kerberos_domain": "example.test"} for name in GROUPS["all"]
}


def test_products_by_group() -> None:
    told = {host: FILTERS["doctor_products"](GROUPS, host, "client1.example.test") for host in GROUPS["all"]}
    assert told == {
        "kdc1.example.test": ["kdc"],
        "kdc2.example.test": ["kdc_replica"],
        "mx1.example.test": ["postfix"],
        "zimbra1.example.test": ["zimbra"],
        "client1.example.test": ["workstation", "prober"],
    }


def test_services_of_one_host_with_their_ports() -> None:
    hostvars = {
        **HOSTVARS,
        "mx1.example.test": {**HOSTVARS["mx1.example.test"], "kerberos_aliases": ["mail.example.test"]},
    }
    assert FILTERS["doctor_services"](GROUPS, hostvars, "mx1.example.test", REALM) == [
        {
            "protocol": "smtp",
            "host": "mx1.example.test",
            "port": 587,
            "tls": "starttls",
            "product": "postfix",
            "path": "/",
        }
    ]
    assert FILTERS["doctor_services"](GROUPS, HOSTVARS, "client1.example.test", REALM) == []
    assert FILTERS["doctor_services"](GROUPS, HOSTVARS, "kdc1.example.test", REALM) == []


def test_every_port_of_a_login_is_known() -> None:
    told = FILTERS["doctor_services"](GROUPS, HOSTVARS, "zimbra1.example.test", REALM)
    assert {(one["protocol"], one["port"]) for one in told} >= {("imap", 143), ("imap", 993), ("smtp", 587)}


def test_keytabs_are_to_hold_the_principals_of_their_product() -> None:
    given = {
        "postfix": [{"path": "/a", "user": "postfix"}, {"path": "/b", "user": "postfix", "principals": ["x@Y"]}],
        "client": [],
    }
    assert FILTERS["doctor_keytabs"](given, HOSTVARS["mx1.example.test"], REALM) == [
        {"path": "/a", "user": "postfix", "product": "postfix", "principals": ["smtp/mx1.example.test@EXAMPLE.TEST"]},
        {"path": "/b", "user": "postfix", "product": "postfix", "principals": ["x@Y"]},
    ]
    (replica,) = FILTERS["doctor_keytabs"](
        {"kdc_replica": [{"path": "/c", "user": "root"}]}, HOSTVARS["kdc2.example.test"], REALM
    )
    assert replica["principals"] == ["host/kdc2.example.test@EXAMPLE.TEST"]


def test_who_had_a_part_in_logins_that_failed() -> None:
    logins = [{"host": "mx1.example.test", "ok": False}, {"host": "zimbra1.example.test", "ok": True}]
    assert FILTERS["doctor_doubted"](GROUPS, HOSTVARS, REALM, "client1.example.test", logins) == [
        "client1.example.test",
        "kdc1.example.test",
        "kdc2.example.test",
        "mx1.example.test",
    ]
