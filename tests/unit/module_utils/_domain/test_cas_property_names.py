# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys that Spring takes for one property, keys as users write them, and which values are secret.

The tables hold what Spring Boot's documentation of relaxed binding says, and what its ConfigurationPropertyName and
Binder of 2.7.3 and 3.2.1 answered; its jars are no package of a distribution, so that no test can ask them.
"""

from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_property_names import (
    asked_name,
    name_of,
    pattern_of,
    secret,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_release import CasRefusal
from hypothesis import given
from hypothesis import strategies as st

KEY = "cas.authn.spnego.properties[0].jcifs-service-principal"


@pytest.mark.parametrize(
    "key",
    [
        "cas.authn.spnego.properties[0].jcifsServicePrincipal",
        "cas.authn.spnego.properties[0].jcifs_service_principal",
        "CAS.AUTHN.SPNEGO.PROPERTIES[0].JCIFS-SERVICE-PRINCIPAL",
        "cas.authn.spnego.properties.0.jcifsServicePrincipal",
        "cas.authn.spnego.properties[0]jcifsServicePrincipal",
        "cas..authn.spnego.properties[0].jcifs-service-principal",
        "cas.authn.spnego.properties[0].jcifs-service-principal.",
        ".cas.authn.spnego.properties[0].jcifs-service-principal",
        "cas.authn.spnego.properties[0].jcifs service$principal",
        "cas.authn.spnego.properties[0].jcifs--service-principal",
        "cas.authn.spnego.[properties][0].jcifs-service-principal",
    ],
)
def test_one_property(key: str) -> None:
    assert name_of(key) == name_of(KEY) == ("cas", "authn", "spnego", "properties", "0", "jcifsserviceprincipal")


@pytest.mark.parametrize(
    "key",
    [
        "cas.authn.spnego.properties[00].jcifs-service-principal",
        "cas.authn.spnego.properties[ 0].jcifs-service-principal",
        "cas.authn.spnego.properties[1].jcifs-service-principal",
        "CAS_AUTHN_SPNEGO_PROPERTIES_0_JCIFS_SERVICE_PRINCIPAL",
        "casAuthn.spnego.properties[0].jcifs-service-principal",
        "cas.authn.spnego.properties[0].[jcifs-service-principal]",
        "cas.authn.spnego.properties[0][jcifsServicePrincipal]",
        "cas.authn.spnego.properties[0.jcifs-service-principal",
    ],
)
def test_another_property(key: str) -> None:
    assert name_of(key) != name_of(KEY)


@given(st.text(max_size=30))
def test_any_key_of_a_file_has_a_name(key: str) -> None:
    assert all(name_of(key))


@pytest.mark.parametrize(
    "key", ["server.port", "a[0]", "a[0][1].b", "logging.level.org.apereo.cas", "a[x y/z]", "A_B-c"]
)
def test_what_users_may_ask_for(key: str) -> None:
    assert asked_name(key) == name_of(key)


@pytest.mark.parametrize(
    "key", ["", " ", "a b", "a=b", "a:", ".a", "a.", "a..b", "a[", "a[]", "[0]", "#a", "a\n", "é", "a[\0]"]
)
def test_what_is_no_name(key: str) -> None:
    with pytest.raises(CasRefusal, match=r"^settings: '.*' is no name of a property; write it as cas.authn"):
        asked_name(key)


@pytest.mark.parametrize(
    ("pattern", "key", "meant"),
    [
        ("a.b", "a.b", True),
        ("a.b", "A.B", True),
        ("a.b", "a.b.c", False),
        ("a.b.*", "a.b", False),
        ("a.b.*", "a.b.c", True),
        ("a.b.*", "a.b[0].c", True),
        ("a.b.*", "a.bc.d", False),
        ("a.b[*]", "a.b[1]", True),
        ("a.b[*]", "a.b.2.c.d", True),
        ("a.b[*]", "a.b.c", False),
        ("a.b[*]", "a.b", False),
        ("a.b[*].*", "a.b[1].c", True),
        ("a.b[*].c", "a.b[1].c", True),
        ("a.b[*].c", "a.b[1].d", False),
        ("a.b[*].c", "a.b[1].c.d", False),
        ("a.b[1].*", "a.b[1].c", True),
        ("a.b[1].*", "a.b[2].c", False),
    ],
)
def test_what_a_pattern_means(pattern: str, key: str, meant: bool) -> None:
    assert pattern_of(pattern).matches(name_of(key)) is meant


@pytest.mark.parametrize("pattern", ["", "*", ".*", "a.*.b", "a*", "a.b*", "[*]", "a[*", "a.**"])
def test_what_is_no_pattern(pattern: str) -> None:
    with pytest.raises(CasRefusal, match=r"^absent: '.*' is no name of a property; "):
        pattern_of(pattern)


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("cas.authn.accept.users", "casuser::Mellon", True),
        ("cas.authn.spnego.properties[0].jcifs-password", "x", True),
        ("cas.authn.spnego.properties[0].jcifsServicePassword", "x", True),
        ("cas.authn.spnego.ldap.bind-credential", "x", True),
        ("cas.tgc.crypto.signing.key", "x", True),
        ("cas.tgc.crypto.encryption_KEY", "x", True),
        ("cas.x.secrets[0]", "x", True),
        ("cas.x[api.token]", "x", True),
        ("cas.authn.spnego.properties[0].jcifs-service-principal", "HTTP/x@X", False),
        ("cas.authn.spnego.ldap.bind-dn", "cn=x", False),
        ("server.ssl.key-store", "file:/x", False),
        ("cas.token.crypto.enabled", "true", False),
        ("spring.datasource.url", "jdbc:x://h/d?user=a&password=b", True),
        ("spring.data.mongodb.uri", "mongodb:/" + "/a:b@h/d", True),
        ("cas.server.name", "https://h:8443/x@y", False),
    ],
)
def test_what_is_secret(key: str, value: str, expected: bool) -> None:
    assert secret(name_of(key), value) is expected
