# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What CAS is asked for, line by line, and what is refused before anything is written."""

from __future__ import annotations

from typing import Any, Dict

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_release import LINES, CasRefusal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_sign_on import (
    ENTRIES,
    Wishes,
    problems,
    wanted,
)

REALM = "EXAMPLE.TEST"
OWN = f"HTTP/cas1.example.test@{REALM}"
SHARED = f"HTTP/sso.example.test@{REALM}"
FOREIGN = "HTTP/cas1.example.test@PARTNER.TEST"
LOGIN = "/etc/cas/config/login.conf"
S = "cas.authn.spnego."


def asked(version: str = "7.0.0", **wishes: Any) -> Dict[str, Any]:
    given: Dict[str, Any] = {"principals": [OWN], "realm": REALM, "keytab": "/etc/cas/cas.keytab", "login_conf": LOGIN}
    return wanted(Wishes(**{**given, **wishes}), {"version": version})


def test_all_of_todays_lines_get_the_same_properties_but_for_the_header() -> None:
    expected = {
        f"{S}principal-with-domain-name": False,
        f"{S}ntlm-allowed": False,
        f"{S}send401-on-authentication-failure": True,
        f"{S}supported-browsers": "MSIE,Trident,Firefox,AppleWebKit",
        f"{S}mixed-mode-authentication": "false",
        f"{S}system.kerberos-kdc": "",
        f"{S}system.kerberos-realm": "",
        f"{S}system.use-subject-creds-only": True,
        f"{S}system.login-conf": f"file:{LOGIN}",
        f"{S}properties[0].jcifs-service-principal": OWN,
        "cas.authn.accept.users": "",
        "cas.authn.accept.enabled": False,
    }
    assert asked("6.6.12")["properties"] == {**expected, "server.max-http-header-size": 65536}
    for version in ("7.0.10.1", "7.1.6", "7.2.7.1", "7.3.8.1", "8.0.1.1"):
        assert asked(version)["properties"] == {**expected, "server.max-http-request-header-size": 65536}


def test_5_3_has_flat_names_plain_paths_and_one_principal() -> None:
    found = asked("5.3.16", krb5_conf="/etc/cas/config/krb5.conf")
    assert found["properties"][f"{S}jcifs-service-principal"] == OWN
    assert found["properties"][f"{S}login-conf"] == LOGIN
    assert found["properties"][f"{S}kerberos-conf"] == "/etc/cas/config/krb5.conf"
    assert found["properties"][f"{S}use-subject-creds-only"] is True
    assert found["properties"][f"{S}kerberos-kdc"] == ""
    assert "cas.authn.accept.enabled" not in found["properties"]
    assert found["absent"] == []


def test_no_line_is_asked_for_names_of_the_other_dialect() -> None:
    for line in LINES:
        keys = asked(f"{line.name}.1")["properties"]
        assert any("properties[0]" in key for key in keys) is (line.name != "5.3")


def test_without_a_login_conf_the_jdk_looks_for_the_keytab_itself() -> None:
    found = asked(login_conf="")
    assert found["properties"][f"{S}system.use-subject-creds-only"] is False
    assert f"{S}system.login-conf" in found["absent"]
    assert f"{S}system.login-conf" not in found["properties"]
    assert found["entries"] == []


def test_login_conf_has_the_entries_of_cas_and_of_the_jdk_and_never_asks_for_a_ticket() -> None:
    entries = asked()["entries"]
    assert [one["name"] for one in entries] == list(ENTRIES)
    for one in entries:
        (module,) = one["modules"]
        assert module["options"] == {
            "useKeyTab": True,
            "keyTab": "/etc/cas/cas.keytab",
            "storeKey": True,
            "isInitiator": False,
            "doNotPrompt": True,
            "principal": OWN,
        }


def test_each_principal_has_an_index_and_those_from_before_go() -> None:
    found = asked(
        principals=[OWN, FOREIGN], principal_with_domain=True, properties={f"{S}properties[5].timeout": "PT1M"}
    )
    assert found["entries"][0]["modules"][0]["options"]["principal"] == "*"
    assert found["properties"][f"{S}properties[1].jcifs-service-principal"] == FOREIGN
    assert f"{S}properties[2].*" in found["absent"]
    assert f"{S}properties[5].*" not in found["absent"]
    assert found["properties"][f"{S}properties[5].timeout"] == "PT1M"


def test_clients_are_selected_in_mixed_mode_by_the_strategys_own_settings() -> None:
    ldap = {"url": "ldaps://dc1", "base_dn": "DC=x", "search_filter": "(dNSHostName={0})", "attribute": "spnego"}
    keys = asked(clients={"strategy": "ldap", "addresses": r"^10\.1\.", "ldap": ldap})["properties"]
    assert keys[f"{S}mixed-mode-authentication"] == "true"
    assert keys[f"{S}host-name-client-action-strategy"] == "ldapSpnegoClientAction"
    assert keys[f"{S}ips-to-check-pattern"] == r"^10\.1\."
    assert keys[f"{S}ldap.ldap-url"] == "ldaps://dc1"
    assert keys[f"{S}spnego-attribute-name"] == "spnego"
    keys = asked(clients={"strategy": "hostname", "addresses": "^10|^192", "hostnames": r"\.example\.test$"})[
        "properties"
    ]
    assert keys[f"{S}host-name-pattern-string"] == r"\.example\.test$"


def test_a_header_of_the_proxy_is_warned_of() -> None:
    found = asked(clients={"strategy": "address", "addresses": "^10", "header": "X-Real-Ip"})
    assert found["properties"][f"{S}alternative-remote-host-attribute"] == "X-Real-Ip"
    assert len(found["warnings"]) == 1
    assert "X-Real-Ip" in found["warnings"][0]


def test_kdc_and_realm_go_together() -> None:
    keys = asked(kdc="kdc1.example.test", kdc_realm=REALM)["properties"]
    assert keys[f"{S}system.kerberos-kdc"] == "kdc1.example.test"
    assert keys[f"{S}system.kerberos-realm"] == REALM


def test_an_external_tomcat_has_its_header_in_server_xml_and_static_users_may_stay() -> None:
    keys = asked(embedded=False, static_users=True, log4j2="/etc/cas/config/log4j2.xml")["properties"]
    assert not [key for key in keys if "header-size" in key or "accept" in key]
    assert keys["logging.config"] == "file:/etc/cas/config/log4j2.xml"


REFUSED = {
    "no version": ({"version": ""}, "cas_version: is not set"),
    "a version of another line": ({"version": "9.1.0"}, "cas_version: CAS 9.1 is none of the lines"),
    "no version at all": ({"version": "latest"}, "cas_version: 'latest' is not a version"),
    "no principal": ({"principals": []}, "cas_hostname: no service principal"),
    "a mail service's": ({"principals": [f"smtp/a@{REALM}"]}, "is no principal that browsers ask for"),
    "without a realm": ({"principals": ["HTTP/a"]}, "cas_further_principals: "),
    "two realms as one": ({"principals": [OWN, FOREIGN]}, "cas_principal_with_domain: is false"),
    "two names in 5.3": (
        {"principals": [OWN, SHARED], "version": "5.3.16"},
        "cas_aliases: CAS 5.3 takes tickets for one service principal",
    ),
    "a KDC without a realm": ({"kdc": "kdc1"}, "cas_kdc: is set without cas_kdc_realm"),
    "a realm without a KDC": ({"kdc_realm": REALM}, "cas_kdc_realm: is set without cas_kdc"),
    "a KDC with a port": ({"kdc": "kdc1:88", "kdc_realm": REALM}, "cas_kdc: 'kdc1:88' is no host name"),
    "a small header": ({"header_size": 8192}, "cas_header_size: 8192 is less than 65536"),
    "a header in words": ({"header_size": "64KB"}, "cas_header_size: 64KB is less"),
    "mixed mode without a strategy": ({"mixed_mode": True}, "cas_mixed_mode: is true without a strategy"),
    "a strategy without mixed mode": (
        {"mixed_mode": False, "clients": {"strategy": "address", "addresses": "^10"}},
        "cas_mixed_mode: is false",
    ),
    "an unknown strategy": ({"clients": {"strategy": "dns"}}, "strategy 'dns' is not known"),
    "addresses without a strategy": ({"clients": {"addresses": "^10"}}, "addresses is set, but the strategy all"),
    "no addresses": ({"clients": {"strategy": "address"}}, "addresses is not set"),
    "loose addresses": (
        {"clients": {"strategy": "address", "addresses": "^10|192"}},
        "'^10|192' does not begin with ^",
    ),
    "loose names": (
        {"clients": {"strategy": "hostname", "addresses": "^10", "hostnames": r"example\.test"}},
        "does not end in $",
    ),
    "a broken expression": ({"clients": {"strategy": "address", "addresses": "^("}}, "is no regular expression"),
    "a stray field": ({"clients": {"stratgy": "all"}}, "cas_clients has 'stratgy'"),
    "clients as a list": ({"clients": ["all"]}, "cas_clients is no mapping"),
    "LDAP without a filter": (
        {"clients": {"strategy": "ldap", "addresses": "^10", "ldap": {"url": "ldap://a", "base_dn": "DC=x"}}},
        "ldap has no search_filter",
    ),
    "LDAP with half a login": (
        {
            "clients": {
                "strategy": "ldap",
                "addresses": "^10",
                "ldap": {"url": "ldap://a", "base_dn": "DC=x", "search_filter": "(cn={0})", "bind_dn": "CN=y"},
            }
        },
        "has one of bind_dn and bind_credential",
    ),
    "LDAP with one entry for all": (
        {
            "clients": {
                "strategy": "ldap",
                "addresses": "^10",
                "ldap": {"url": "ldap://a", "base_dn": "DC=x", "search_filter": "(cn=a)"},
            }
        },
        "does not hold {0}",
    ),
    "a header that is none": (
        {"clients": {"strategy": "address", "addresses": "^10", "header": "X Y"}},
        "header 'X Y' is no name",
    ),
    "a property of the role's own": (
        {"properties": {"cas.authn.spnego.ntlmAllowed": True}},
        "cas_properties: cas.authn.spnego.ntlmAllowed is what another variable",
    ),
}


@pytest.mark.parametrize("wishes, told", REFUSED.values(), ids=REFUSED)
def test_what_makes_no_sense_is_refused(wishes: Dict[str, Any], told: str) -> None:
    with pytest.raises(CasRefusal) as refused:
        asked(**wishes)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_property_that_agrees_with_the_role_is_taken() -> None:
    keys = asked(properties={"cas.authn.spnego.ntlmAllowed": False, "cas.server.name": "https://cas"})["properties"]
    assert keys["cas.server.name"] == "https://cas"


def test_problems_are_sentences_and_settled_ones_are_left_out() -> None:
    found = {"problems": [{"check": name, "where": name, "what": "is off", "remedy": "mend it"} for name in ("a", "b")]}
    assert problems(found, ["a"]) == ["b: is off; mend it."]
    assert problems({}) == []
    absent = {"check": "war_absent", "where": "/x", "what": "is not there", "remedy": "say where it is (war)"}
    assert problems({"problems": [absent]}) == ["/x: is not there; say where it is (cas_war)."]
