# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The principals that client libraries ask for. libkrb5 itself judges MIT's column in tests/integration."""

from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.profile import parse
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.profile_reading import (
    by_path,
    no_includes,
    readings,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.service_names import (
    CLIENTS,
    Lookup,
    Naming,
    asked_host,
    naming_from,
    principals,
    realm_of,
)


def naming(text: str) -> Naming:
    return naming_from(by_path(readings(parse(text, "f"), "f", no_includes)))


READ = {
    "": Naming(),
    "[libdefaults]\nrdns = Off\ndns_canonicalize_hostname = No\n": Naming("false", False),
    "[libdefaults]\nrdns = nonsense\ndns_canonicalize_hostname = Fallback\n": Naming("fallback", False),
    "[libdefaults]\nrdns = ON\nrdns = no\ndns_canonicalize_hostname = t\ndefault_realm = A\n": Naming(
        "true", True, "A"
    ),
    "[domain_realm]\n.a = A\na = B\n": Naming(realms=((".a", "A"), ("a", "B"))),
}


@pytest.mark.parametrize("text", READ)
def test_naming(text: str) -> None:
    assert naming(text) == READ[text]


REALMS = Naming(
    default_realm="DEFAULT",
    realms=(
        ("mx1.example.test", "HOST"),
        (".example.test", "DOTTED"),
        ("example.test", "PLAIN"),
        ("test", "TOP"),
        ("Mx3.test", "X"),
    ),
)


@pytest.mark.parametrize(
    ("host", "realm"),
    [
        ("mx1.example.test", "HOST"),
        ("MX2.Example.Test", "DOTTED"),
        ("example.test", "PLAIN"),
        ("other.test", "TOP"),
        ("mx3.test", "TOP"),
        ("elsewhere.invalid", "DEFAULT"),
        ("short", "DEFAULT"),
    ],
)
def test_realm(host: str, realm: str) -> None:
    assert realm_of(host, REALMS) == realm


LOOKUP = Lookup("Mail.example.test", ("192.0.2.1",), "mx1.example.test.", "pool-1.isp.test")
SHORT = Lookup("mx1", ("192.0.2.1",), "mx1.example.test", "MX1.example.test")
NONE = Lookup("gone.example.test", error="no such name")
ASKED = [
    (LOOKUP, Naming(), ("pool-1.isp.test", "mx1.example.test", "mail.example.test", "mail.example.test")),
    (LOOKUP, Naming(rdns=False), ("mx1.example.test", "mx1.example.test", "mail.example.test", "mail.example.test")),
    (LOOKUP, Naming("false"), ("mail.example.test",) * 4),
    (LOOKUP, Naming("fallback"), ("mail.example.test",) * 4),
    (SHORT, Naming("false"), ("mx1", "mx1", "mx1.example.test", "mx1")),
    (NONE, Naming(), ("gone.example.test",) * 4),
]


@pytest.mark.parametrize(("lookup", "configured", "hosts"), ASKED)
def test_host_in_the_principal(lookup: Lookup, configured: Naming, hosts: tuple) -> None:
    assert tuple(asked_host(client, lookup, configured) for client in CLIENTS) == hosts


def test_principals_of_each_name_and_service() -> None:
    found = principals([LOOKUP, NONE], ["smtp", "HTTP"], Naming("false"), None)
    assert [(one["name"], one["service"], one["java"]) for one in found] == [
        ("Mail.example.test", "smtp", "smtp/mail.example.test"),
        ("Mail.example.test", "HTTP", "HTTP/mail.example.test"),
        ("gone.example.test", "smtp", "smtp/gone.example.test"),
        ("gone.example.test", "HTTP", "HTTP/gone.example.test"),
    ]
    assert principals([SHORT], ["host"], REALMS, "ASKED")[0]["mit"] == "host/mx1.example.test@ASKED"
    assert principals([LOOKUP], ["host"], REALMS, None)[0]["windows"] == "host/mail.example.test@DOTTED"
