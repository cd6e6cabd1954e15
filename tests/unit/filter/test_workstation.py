# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters for workstations, as playbooks reach them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.mailrealm.kerberos.plugins.filter.fleet import FilterModule

FILTERS = FilterModule().filters()
REALM = "EXAMPLE.TEST"
HOSTVARS: dict[str, dict[str, Any]] = {
    name: {"inventory_hostname": name, "kerberos_domain": "example.test"}
    for name in ("kdc1.example.test", "cas1.example.test", "axigen1.example.test", "client1.example.test")
}
GROUPS = {
    "all": list(HOSTVARS),
    "kerberos_kdc": ["kdc1.example.test"],
    "cas": ["cas1.example.test"],
    "axigen": ["axigen1.example.test"],
    "workstations": ["client1.example.test"],
}


def test_sites_and_what_follows_from_them() -> None:
    sites = FILTERS["workstation_sites"](GROUPS, HOSTVARS, REALM)
    assert sites == ["https://cas1.example.test"]
    assert FILTERS["workstation_sites"](GROUPS, HOSTVARS, REALM, "example.test") == ["https://*.example.test"]
    assert FILTERS["workstation_policies"](sites, "chromium", port=True)["EnableAuthNegotiatePort"] is True
    assert FILTERS["workstation_policies"](sites, "firefox")["Authentication"]["SPNEGO"] == sites
    assert '"https://cas1.example.test"="1"' in FILTERS["workstation_windows"](sites)
    assert "https://cas1.example.test = 1" in FILTERS["workstation_gpo"](sites, locked=False)


def test_accounts_and_what_follows_from_them() -> None:
    (account,) = accounts = FILTERS["workstation_accounts"](GROUPS, HOSTVARS, REALM)
    assert account["product"] == "axigen"
    assert account["servers"][0] == {
        "type": "imap",
        "hostname": "axigen1.example.test",
        "port": 993,
        "socket": "SSL",
        "username": "%EMAILLOCALPART%",
    }
    assert "<hostname>axigen1.example.test</hostname>" in FILTERS["workstation_autoconfig"](accounts, ["example.test"])
    zone = FILTERS["workstation_zone"](accounts, REALM, "example.test", ["kdc1.example.test"], "kdc1.example.test")
    assert "_imaps._tcp          IN SRV 0 0 993 axigen1.example.test." in zone


def test_a_refusal_is_one_message() -> None:
    with pytest.raises(AnsibleFilterError, match=r"^workstation_sites: 'cas1' is no full host name"):
        FILTERS["workstation_policies"](["cas1"], "firefox")


def test_no_web_product_is_no_site() -> None:
    assert FILTERS["workstation_sites"]({**GROUPS, "cas": []}, HOSTVARS, REALM) == []
