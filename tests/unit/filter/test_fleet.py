# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of krb5.conf and kdc.conf, and the filters by which playbooks reach the fleet."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.mailrealm.kerberos.plugins.filter.fleet import FilterModule

FILTERS = FilterModule().filters()
REALM = "EXAMPLE.TEST"
HOSTVARS: dict[str, dict[str, Any]] = {
    name: {"inventory_hostname": name, "kerberos_domain": "example.test", **more}
    for name, more in {
        "kdc1.example.test": {},
        "mx1.example.test": {"kerberos_aliases": ["mail.example.test"]},
        "mx2.example.test": {"kerberos_aliases": ["mail.example.test"]},
        "client1.example.test": {},
    }.items()
}
GROUPS = {
    "all": list(HOSTVARS),
    "kerberos_kdc": ["kdc1.example.test"],
    "postfix": ["mx1.example.test", "mx2.example.test"],
    "workstations": ["client1.example.test"],
}
# kdc.conf of the Zimbra document, in its order, but for the ports, which stand in [kdcdefaults]
ZIMBRA = [
    "database_name",
    "admin_keytab",
    "acl_file",
    "dict_file",
    "key_stash_file",
    "kadmind_port",
    "max_life",
    "max_renewable_life",
    "master_key_type",
    "supported_enctypes",
]


def test_keytabs_and_the_probe_account() -> None:
    keytabs = FILTERS["fleet_keytabs"](GROUPS, HOSTVARS, REALM, "client1.example.test", "probe", ["aes256-cts"])
    assert keytabs == [
        {
            "name": "mx1.example.test postfix",
            "principals": ["smtp/mx1.example.test@EXAMPLE.TEST", "smtp/mail.example.test@EXAMPLE.TEST"],
            "enctypes": ["aes256-cts"],
        },
        {
            "name": "mx2.example.test postfix",
            "principals": ["smtp/mx2.example.test@EXAMPLE.TEST", "smtp/mail.example.test@EXAMPLE.TEST"],
            "enctypes": ["aes256-cts"],
        },
        {"name": "client1.example.test probe", "principals": ["probe@EXAMPLE.TEST"], "enctypes": ["aes256-cts"]},
    ]


def test_principals() -> None:
    assert FILTERS["fleet_principals"](GROUPS, HOSTVARS, REALM, "client1.example.test", "probe@EXAMPLE.TEST") == [
        {"name": f"{name}@EXAMPLE.TEST", "key": "random"}
        for name in ("smtp/mx1.example.test", "smtp/mail.example.test", "smtp/mx2.example.test", "probe")
    ]


def test_principals_to_be_brought_to_other_types() -> None:
    options = {"rekey": ["aes256-cts"], "tickets_end_after": "10h"}
    found = FILTERS["fleet_principals"](GROUPS, HOSTVARS, REALM, "client1.example.test", "probe", **options)
    end = {"old_keys": "purge_when_expired", "tickets_end_after": "10h"}
    assert found[0] == {"name": "smtp/mx1.example.test@EXAMPLE.TEST", "key": "random", **end}
    at_once = {"enctypes": ["aes256-cts"], "rekey": "when_enctypes_differ"}
    assert found[-1] == {"name": "probe@EXAMPLE.TEST", "key": "random", **end, **at_once}
    assert [one["name"] for one in found if "rekey" in one] == ["probe@EXAMPLE.TEST"]
    (plain, *dummy) = FILTERS["fleet_principals"](GROUPS, HOSTVARS, REALM, rekey=["aes256-cts"])
    assert plain["old_keys"] == "purge_when_expired" and "tickets_end_after" not in plain


def staged(hostvars: dict[str, dict[str, Any]], *names: str) -> list[str]:
    """Those of the staged principals, without the realm, that the KDC can give their keys."""
    given = [{"name": f"{name}@{REALM}", "key": "password", "password": "x", "new_kvno": 2} for name in names]
    found = FILTERS["fleet_staged"](given, GROUPS, hostvars, REALM, ["aes256-cts"], "1s")
    own = found[-3:]
    assert [one["name"] for one in own] == [
        f"{name}@{REALM}" for name in (f"krbtgt/{REALM}", "kadmin/admin", "kadmin/changepw")
    ]
    assert own[0] == {
        "name": f"krbtgt/{REALM}@{REALM}",
        "key": "random",
        "enctypes": ["aes256-cts"],
        "rekey": "when_enctypes_differ",
        "old_keys": "purge_when_expired",
        "tickets_end_after": "1s",
    }
    assert all(one in given for one in found[:-3])
    return [one["name"].partition("@")[0] for one in found[:-3]]


def test_staged_keys_of_which_every_host_has_got_its_share() -> None:
    shared, mx1, mx2 = "smtp/mail.example.test", "smtp/mx1.example.test", "smtp/mx2.example.test"
    got = {
        name: {**variables, "keytab_brought": [f"{name} postfix"] if name.startswith("mx") else []}
        for name, variables in HOSTVARS.items()
    }
    assert staged(got, mx1, shared, mx2) == [mx1, shared, mx2]
    one_missed = {**got, "mx2.example.test": HOSTVARS["mx2.example.test"]}
    assert staged(one_missed, mx1, shared, mx2) == [mx1]
    other_product = {**got, "mx2.example.test": {**HOSTVARS["mx2.example.test"], "keytab_brought": ["mx2 probe"]}}
    assert staged(other_product, mx1, shared, mx2) == [mx1]
    assert staged(HOSTVARS, mx1, shared, mx2) == []
    assert staged(HOSTVARS) == []


def test_consumers_of_the_fleet_and_of_a_host() -> None:
    groups = {"zimbra": ["zimbra1"], "cas": [], "postfix": ["mx1"]}
    assert FILTERS["fleet_consumers"](groups) == ["mit", "heimdal1.5", "java17"]
    assert FILTERS["fleet_consumers"](groups, "mx1") == ["mit"]
    assert FILTERS["fleet_consumers"]({**groups, "cas": ["zimbra1"]}, "zimbra1") == [
        "mit",
        "heimdal1.5",
        "java17",
        "java11",
    ]


def test_keysalts_of_a_policy() -> None:
    aes = ["aes256-cts-hmac-sha1-96:normal", "aes128-cts-hmac-sha1-96:normal"]
    assert FILTERS["policy_keysalts"]("modern", ["mit", "heimdal1.5"]) == aes
    assert FILTERS["policy_keysalts"]("modern", ["mit"], ["aes128-sha1"]) == aes[1:]
    assert FILTERS["policy_keysalts"]("with_rc4", ["mit"], accept_weak=True)[-1] == "arcfour-hmac:normal"
    with pytest.raises(AnsibleFilterError, match="policy with_rc4: arcfour-hmac is weak"):
        FILTERS["policy_keysalts"]("with_rc4", ["mit"])


def test_a_fleet_without_products() -> None:
    assert FILTERS["fleet_keytabs"]({"all": []}, {}, REALM) == []
    assert FILTERS["fleet_logins"]({"all": []}, {}, REALM) == []


def test_logins() -> None:
    found = FILTERS["fleet_logins"](GROUPS, HOSTVARS, REALM, {"validate_certs": False})
    assert found[0] == {
        "validate_certs": False,
        "protocol": "smtp",
        "tls": "starttls",
        "host": "mx1.example.test",
        "service_principal": "smtp/mx1.example.test@EXAMPLE.TEST",
        "product": "postfix",
    }
    assert len(found) == 4
    groups = {"axigen": ["mx1.example.test"]}
    assert FILTERS["fleet_logins"](groups, HOSTVARS, REALM, {}, "alice@EXAMPLE.TEST")[0]["authzid"] == "alice"


def test_enctypes_of_a_policy() -> None:
    aes = ["aes256-cts-hmac-sha1-96", "aes128-cts-hmac-sha1-96"]
    assert FILTERS["policy_enctypes"]("compatible", ["mit", "active_directory"]) == aes
    assert FILTERS["policy_enctypes"]("", ["mit"]) == []
    assert FILTERS["policy_enctypes"]("", ["mit"], ["aes128-sha1"]) == aes[1:]
    with pytest.raises(AnsibleFilterError, match="enctypes: Active Directory cannot use aes256-cts-hmac-sha384-192; "):
        FILTERS["policy_enctypes"]("", ["active_directory"], ["aes256-cts-hmac-sha384-192"])


def test_accounts_of_a_host() -> None:
    groups = {"axigen": ["mx1.example.test", "mx2.example.test"]}
    wishes: dict[str, Any] = {"ou": "OU=Mail", "enctypes": ["aes256-cts-hmac-sha1-96"]}
    passwords = {f"axigen_{service}_mail": "x" for service in ("smtp", "imap", "pop")}
    host = "mx2.example.test"
    found = FILTERS["host_accounts"](groups, HOSTVARS, host, "axigen", REALM, passwords=passwords, **wishes)
    assert found[0] == {
        "name": "axigen_smtp_mx2",
        "type": "user",
        "service_principals": ["smtp/mx2.example.test@EXAMPLE.TEST"],
        **wishes,
    }
    assert found[3]["password"] == "x"
    with pytest.raises(AnsibleFilterError, match="kerberos_ad_passwords: has no password for 'axigen_smtp_mail'"):
        FILTERS["host_accounts"](groups, HOSTVARS, host, "axigen", REALM)
    alone = FILTERS["host_accounts"]({}, HOSTVARS, "client1.example.test", "axigen", REALM, type="computer")
    assert [one["name"] for one in alone] == ["axigen_smtp", "axigen_imap", "axigen_pop"]


def test_what_axigen_is_asked_for() -> None:
    found = FILTERS["axigen_settings"](["imap/mx1.example.test@EXAMPLE.TEST"], protocol_log=True)
    assert found["services_add"] == {"imap": {"secureConnAuthTypes": ["gssapi"], "logLevel": 16}}


def test_one_host() -> None:
    variables = HOSTVARS["mx2.example.test"]
    assert FILTERS["host_principals"](variables, "postfix", REALM) == [
        "smtp/mx2.example.test@EXAMPLE.TEST",
        "smtp/mail.example.test@EXAMPLE.TEST",
    ]
    assert FILTERS["host_principals"](variables, "unknown", REALM) == []
    assert FILTERS["host_fqdn"]({"inventory_hostname": "mx9"}, "example.test") == "mx9.example.test"


def test_krb5_conf() -> None:
    parts = {"domain": "example.test", "kdcs": ["kdc1.example.test"], "admin_server": "kdc1.example.test"}
    settings = FILTERS["realm_client_settings"](
        REALM,
        **parts,
        libdefaults={"rdns": True},
        realms={"OTHER.TEST": {"kdc": "k.other.test"}},
        logging={"default": "SYSLOG"},
    )
    assert settings["libdefaults"] == {
        "default_realm": REALM,
        "dns_lookup_realm": False,
        "dns_lookup_kdc": False,
        "rdns": True,
        "forwardable": True,
    }
    assert settings["realms"][REALM] == {
        "default_domain": "example.test",
        "kdc": ["kdc1.example.test"],
        "admin_server": "kdc1.example.test",
    }
    assert settings["realms"]["OTHER.TEST"] == {"kdc": "k.other.test"}
    assert settings["domain_realm"] == {".example.test": REALM, "example.test": REALM}
    assert settings["logging"] == {"default": "SYSLOG"}


def test_krb5_conf_of_a_site_that_finds_its_kdcs_by_dns() -> None:
    settings = FILTERS["realm_client_settings"](REALM, domain="example.test", kdcs=[], admin_server="")
    assert settings["libdefaults"]["dns_lookup_kdc"] is True
    assert settings["realms"][REALM] == {"default_domain": "example.test"}


def test_kdc_conf() -> None:
    relations = dict.fromkeys(ZIMBRA, "x")
    settings = FILTERS["realm_kdc_settings"](
        REALM, ports=[88, 750], relations={**relations, "supported_enctypes": ["a:normal", "b:normal"], "empty": ""}
    )
    assert settings["kdcdefaults"] == {"kdc_ports": "88,750", "kdc_tcp_ports": "88,750"}
    assert settings["realms"][REALM] == {**relations, "supported_enctypes": "a:normal b:normal"}


@pytest.mark.parametrize(
    ("name", "call", "said"),
    [
        ("realm_name", {"realm": "example.test"}, "kerberos_realm_lower_case"),
        ("realm_kdc_settings", {"realm": REALM, "ports": [], "relations": {}}, "kdc_ports: is empty"),
        ("host_fqdn", {"variables": {"inventory_hostname": "10.0.0.1"}, "domain": "a.test"}, "set kerberos_hostname"),
        ("fleet_keytabs", {"groups": GROUPS, "hostvars": HOSTVARS, "realm": ""}, "kerberos_realm: is empty"),
        ("distribution_vars", {"facts": {}}, "its packages are not known"),
    ],
)
def test_a_refusal_is_ansibles_one_message(name: str, call: dict[str, Any], said: str) -> None:
    with pytest.raises(AnsibleFilterError, match=said):
        FILTERS[name](**call)


@pytest.mark.parametrize(
    ("told", "asked", "hosts", "found"),
    [
        ({}, "", None, ["client1.example.test"]),
        ({}, "mx1.example.test", None, ["mx1.example.test"]),
        # A slice of the fleet without the prober has none.
        ({}, "", ["mx1.example.test", "mx2.example.test"], []),
        ({"mx1.example.test": True}, "", None, ["mx1.example.test", "client1.example.test"]),
        ({"mx1.example.test": "yes", "client1.example.test": "no"}, "", None, ["mx1.example.test"]),
    ],
)
def test_who_verifies(told: dict[str, Any], asked: str, hosts: list[str] | None, found: list[str]) -> None:
    hostvars = {
        name: {**variables, **({"client_prober": told[name]} if name in told else {})}
        for name, variables in HOSTVARS.items()
    }
    assert FILTERS["fleet_probers"](GROUPS, hostvars, hosts or GROUPS["all"], asked) == found


def test_a_prober_that_is_no_host() -> None:
    with pytest.raises(AnsibleFilterError, match="kerberos_prober 'mx9'"):
        FILTERS["fleet_probers"](GROUPS, HOSTVARS, GROUPS["all"], "mx9")
