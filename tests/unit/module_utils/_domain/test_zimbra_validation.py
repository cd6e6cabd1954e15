# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of Zimbra's attributes: our verdict is that of the real product in every recorded case."""

from __future__ import annotations

import json
from typing import Any, Dict, List

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_catalogue import (
    all_known,
    known,
    nearest,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_validation import (
    ADD,
    REMOVE,
    SET,
    fault,
    repeated,
    same,
)
from ansible_collections.mailrealm.kerberos.tests.unit.module_utils._domain.zimbra_recordings import recording

TYPES = {"globalConfig": "config"}
OPERATIONS = {"+": ADD, "-": REMOVE, None: SET}
# What the directory alone can know. Other refusals than ours must be among these, and each must be there.
SERVER_UNKNOWN = [
    "TRUE",
    "true",
    "1",
    "-1",
    "bogus",
    "two words",
    " padded ",
    "line1\nline2",
    "a,b",
    "nosuch.example.test",
]
ONLY_THE_DIRECTORY_KNOWS = {
    # whether zimbraMailHost names a server
    *(("zimbraMailHost", "account", value) for value in [*SERVER_UNKNOWN, "y" * 256]),
    # whether the entry holds a value already, to which none can be added
    ("zimbraMtaMyHostname", "server", "value.example.test"),
    ("zimbraReverseProxyMailHostAttribute", "config", "value.example.test"),
    ("zimbraServerVersion", "server", "value.example.test"),
    ("zimbraServiceHostname", "server", "value.example.test"),
    ("zimbraSpnegoAuthEnabled", "config", "TRUE"),
}


def values_of(value: Any) -> List[str]:
    if isinstance(value, dict):
        return [value["char"] * value["times"]]
    return [value] if isinstance(value, str) else list(value)


def test_every_recorded_verdict() -> None:
    cases = recording("zimbra_attribute_validation.json")["cases"]
    assert len(cases) == 2507
    other, left = [], set(ONLY_THE_DIRECTORY_KNOWS)
    unknown = 0
    for case in cases:
        attribute = known(case["attribute"])
        if attribute is None:
            unknown += 1
            continue
        entry_type = TYPES.get(case["entry"], case["entry"])
        values = values_of(case["value"])
        found = fault(attribute, entry_type, values, OPERATIONS[case.get("op")])
        assert not found or ("; " in found and "\n" not in found.replace("line1\nline2", "")), found
        if (not found) != case["ok"]:
            place = (case["attribute"], entry_type, values[0])
            left.discard(place)
            if found or place not in ONLY_THE_DIRECTORY_KNOWS:
                other.append((case, found))
    assert other == []
    assert left == set()
    assert unknown == 35  # names that are not in the catalogue: another room judges them, and Zimbra


def test_the_catalogue_is_the_products() -> None:
    """The table holds what the product's definitions say, restarts of the MTA aside."""
    recorded = {one["name"]: one for one in recording("zimbra_attributes.json")}
    assert {one.name for one in all_known()} == set(recorded)
    for attribute in all_known():
        one = recorded[attribute.name]
        assert attribute.type == one["type"]
        assert attribute.multiple is (one["cardinality"] == "multi")
        assert ",".join(attribute.choices) == one.get("value", "")
        assert attribute.least == (int(one["min"]) if "min" in one else None)
        assert attribute.most == (int(one["max"]) if "max" in one else None)
        assert attribute.immutable is ("immutable" in one)
        for name, key in (("since", "since"), ("deprecated", "deprecatedSince")):
            assert getattr(attribute, name) == one.get(key, "").replace(" ", "").replace("_BETA1", "")
        above = [f"globalConfig->{one_type}" for one_type in ("server", "domain") if one_type in attribute.heirs]
        assert above == one["inherited_from"]
        restart = {"nginxproxy": "proxy"}.get(one.get("requiresRestart", ""), one.get("requiresRestart", ""))
        own = "mta_environment" if attribute.name == "zimbraMtaImportEnvironment" else "mta"
        assert attribute.restart == (restart or (own if attribute.name.startswith("zimbraMta") else ""))


def test_names_count_in_any_case() -> None:
    attribute = known("ZIMBRAimapsaslgssapienabled")
    assert attribute is not None
    assert attribute.name == "zimbraImapSaslGssapiEnabled"
    assert known("zimbraNoSuchAttribute") is None


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("zimbraImapSaslGssapiEnable", "zimbraImapSaslGssapiEnabled"),
        ("zimbraMtaSaslSmtpMechList", "zimbraMtaSaslSmtpdMechList"),
        ("description", ""),
    ],
)
def test_nearest_name(name: str, near: str) -> None:
    assert nearest(name) == near


SENTENCES: Dict[str, Any] = {
    "zimbraAuthMech belongs to domains": (
        ("zimbraAuthMech", "server", ["kerberos5"], SET),
        "zimbraAuthMech is no attribute of type server; name it in an entry of type domain",
    ),
    "two homes": (
        ("zimbraImapSaslGssapiEnabled", "domain", ["TRUE"], SET),
        "zimbraImapSaslGssapiEnabled is no attribute of type domain; name it in an entry of type config or server",
    ),
    "no home": (
        ("zimbraDataSourceAuthMechanism", "server", ["PLAIN"], SET),
        "zimbraDataSourceAuthMechanism belongs to none of config, server, domain, cos, account; leave it out",
    ),
    "one string for two": (
        ("zimbraMtaSmtpdSaslSecurityOptions", "server", ["noanonymous, noplaintext"], SET),
        (
            "zimbraMtaSmtpdSaslSecurityOptions must be one of noplaintext, noactive, nodictionary, noanonymous, "
            "mutual_auth, not 'noanonymous, noplaintext'; give a list"
        ),
    ),
    "not an option": (
        ("zimbraMtaSmtpdTlsCiphers", "server", ["HIGH"], SET),
        "zimbraMtaSmtpdTlsCiphers must be one of export, low, medium, high, null, not 'HIGH'; correct it",
    ),
    "too long": (
        ("zimbraForeignPrincipal", "account", ["x" * 257], ADD),
        f"zimbraForeignPrincipal takes 256 characters, and '{'x' * 60}...' has 257; shorten it",
    ),
    "umlaut": (
        ("zimbraMtaMyHostname", "server", ["b\u00fccher.test"], SET),
        "zimbraMtaMyHostname holds ASCII alone, unlike 'b\u00fccher.test'; write a domain's name in its form xn--",
    ),
    "two of one": (
        ("zimbraMtaMyHostname", "server", ["a", "b"], SET),
        "zimbraMtaMyHostname holds one value, and 2 are given; leave one",
    ),
    "twice": (
        ("zimbraMtaSaslSmtpdMechList", "server", ["PLAIN", "GSSAPI", "plain"], SET),
        "zimbraMtaSaslSmtpdMechList: 'PLAIN' and 'plain' are one value to Zimbra's directory; leave one",
    ),
    "number": (
        ("zimbraMtaSmtpdTlsLoglevel", "server", ["9"], SET),
        "zimbraMtaSmtpdTlsLoglevel must be a number from 1 to 4, not '9'; correct it",
    ),
    "boolean": (
        ("zimbraImapSaslGssapiEnabled", "server", ["yes"], SET),
        "zimbraImapSaslGssapiEnabled must be TRUE or FALSE, not 'yes'; write it so, or as YAML's true or false",
    ),
    "mechanism": (
        ("zimbraAuthMech", "domain", ["Kerberos5"], SET),
        "zimbraAuthMech must be one of zimbra, ldap, ad, kerberos5, custom:..., not 'Kerberos5'; correct it",
    ),
    "immutable": (("zimbraId", "server", ["x"], SET), "zimbraId cannot be changed; leave it out"),
    "empty among others": (
        ("zimbraMtaSaslSmtpdMechList", "server", ["", "GSSAPI"], SET),
        (
            "zimbraMtaSaslSmtpdMechList holds no empty value; leave it out, or delete all values by attributes: "
            'zimbraMtaSaslSmtpdMechList: ""'
        ),
    ),
}


@pytest.mark.parametrize("name", SENTENCES)
def test_sentences(name: str) -> None:
    (attribute, *rest), sentence = SENTENCES[name]
    found = known(attribute)
    assert found is not None
    assert fault(found, *rest) == sentence


def test_long_text_counts_as_java_counts() -> None:
    """A character beyond the basic plane is two of Java's."""
    attribute = known("zimbraForeignPrincipal")
    assert attribute is not None
    assert fault(attribute, "account", ["\U0001f511" * 128]) == ""
    assert "has 258; shorten it" in fault(attribute, "account", ["\U0001f511" * 129])


def test_values_that_the_directory_takes_for_one() -> None:
    assert same(" A  b ") == same("a B")
    assert same("a\tb") != same("a b")
    assert repeated("x", ["a", "b"]) == ""
    assert repeated("x", ["a", "a"]).startswith("x: 'a' and 'a' are one value")
    assert json.loads(json.dumps(same("\u00c9"))) == "\u00e9"
