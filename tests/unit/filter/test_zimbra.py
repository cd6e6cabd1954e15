# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters by which the role zimbra and the whole fleet compute what Zimbra needs."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.mailrealm.kerberos.plugins.filter.fleet import FilterModule

FILTERS = FilterModule().filters()
REALM = "EXAMPLE.TEST"
LB = "mail.example.test"
HOSTVARS: dict[str, dict[str, Any]] = {
    name: {"inventory_hostname": name, "kerberos_domain": "example.test", "kerberos_aliases": [LB], **more}
    for name, more in {
        "zimbra2.example.test": {"zimbra_services": ["proxy", "mta"]},
        "zimbra1.example.test": {"zimbra_spnego": "true", "zimbra_mta_hostname": LB},
    }.items()
}
GROUPS = {"all": list(HOSTVARS), "zimbra": list(HOSTVARS)}
FOUND = {"legacy": False, "services": ["ldap", "mailbox"], "localconfig": {"krb5_keytab": "/k"}}


def test_shares_follow_the_variables_of_the_hosts() -> None:
    keytabs = {one["name"]: one["principals"] for one in FILTERS["fleet_keytabs"](GROUPS, HOSTVARS, REALM)}
    assert [name.partition("@")[0] for name in keytabs["zimbra1.example.test zimbra"]] == [
        f"{service}/{name}" for name in ("zimbra1.example.test", LB) for service in ("imap", "pop", "smtp", "HTTP")
    ]
    assert not [name for name in keytabs["zimbra2.example.test zimbra"] if name.startswith("HTTP/")]


def test_the_place_of_each_host() -> None:
    one, two = (FILTERS["zimbra_place"](GROUPS, HOSTVARS, f"zimbra{n}.example.test", REALM) for n in (1, 2))
    assert (one["first"], one["web"], one["mta_hostname"]) == (True, True, LB)
    assert (two["first"], two["web"], two["parts"]) == (False, False, ["proxy", "mta"])
    assert one["proxies"] == ["zimbra2.example.test", "zimbra1.example.test"]


def test_a_host_outside_the_group_stands_alone() -> None:
    assert FILTERS["zimbra_place"]({"zimbra": []}, HOSTVARS, "zimbra1.example.test", REALM)["first"]


def test_wishes_come_by_name() -> None:
    wishes = {"hostname": "zimbra1.example.test", "realm": REALM, "parts": ["mailbox"], "keytab": "/k"}
    assert FILTERS["zimbra_wanted"](FOUND, **wishes)["localconfig"] == {}
    assert FILTERS["zimbra_missing"](FOUND, ["mailbox", "proxy"]) == ["proxy"]
    with pytest.raises(AnsibleFilterError, match="zimbra_principals 'bob': is no account"):
        FILTERS["zimbra_wanted"](FOUND, **wishes, first=True, principals={"bob": "bob@R.TEST"})


def test_a_part_that_is_none_is_one_error() -> None:
    hosts = {"zimbra1": {"inventory_hostname": "zimbra1", "zimbra_services": ["nginx"]}}
    with pytest.raises(AnsibleFilterError, match="zimbra_services names 'nginx'"):
        FILTERS["fleet_keytabs"]({"zimbra": ["zimbra1"]}, hosts, REALM)


def test_accounts_of_active_directory_for_one_keytab_of_a_product() -> None:
    groups, host = {"zimbra": ["zimbra1.example.test"]}, "zimbra1.example.test"
    hostvars = {host: {"inventory_hostname": host, "kerberos_domain": "example.test"}}
    every = FILTERS["host_accounts"](groups, hostvars, host, "zimbra", REALM)
    assert [one["name"] for one in every] == ["zimbra_imap", "zimbra_pop", "zimbra_smtp"]
    some = FILTERS["host_accounts"](groups, hostvars, host, "zimbra", REALM, principals=[f"smtp/{host}@{REALM}"])
    assert some == every[2:]
    assert FILTERS["host_accounts"](groups, hostvars, host, "zimbra", REALM, principals=["[ip]*/*"]) == every[:2]
