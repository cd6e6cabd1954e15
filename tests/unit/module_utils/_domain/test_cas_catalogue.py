# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which line of CAS knows which property, and which values it takes."""

from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_catalogue import (
    CATALOGUE,
    check_known,
    check_value,
    find,
    listed,
    other_dialect,
    same_value,
    spelling,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_property_names import name_of
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_release import (
    FLAT,
    LINES,
    CasRefusal,
    line_of,
)

SPNEGO = "cas.authn.spnego."
# Of LDAP's pool and connection, from the metadata of 6.6.12 and 7.0.0: not in the table, and taken all the same.
POOL = """
allow-multiple-dns allow-multiple-entries binary-attributes block-wait-time connection-strategy disable-pooling
fail-fast follow-referrals hostname-verifier idle-time keystore keystore-password keystore-type max-pool-size name
min-pool-size page-size pool-passivator prune-period response-timeout sasl-authorization-id sasl-mechanism
sasl-mutual-auth
sasl-quality-of-protection sasl-realm sasl-security-strength search-entry-handlers[0].type trust-manager trust-store
search-entry-handlers[0].primary-group-id.base-dn search-entry-handlers[0].recursive.search-attribute
trust-store-password trust-store-type validate-on-checkout validate-period validate-periodically validate-timeout
validator.attribute-name validator.attribute-value validator.dn validator.scope validator.type
"""


def check(version: str, key: str) -> None:
    check_known(name_of(key), key, line_of(version))


@pytest.mark.parametrize(
    ("version", "column"),
    [("5.3.16", "5.3"), ("6.0.1", "6.0"), ("6.2.4", "6.1"), ("6.6.12", "6.6"), ("7.0.0", "7.0"), ("8.0.1", "7.3")],
)
def test_a_line_that_is_not_listed_is_as_the_one_below(version: str, column: str) -> None:
    assert listed(line_of(version)) == column


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
def test_every_line_has_the_one_dialect(line: object) -> None:
    flat, indexed = "cas.authn.spnego.kerberos-conf", "cas.authn.spnego.system.kerberos-conf"
    right, wrong = (flat, indexed) if line.dialect == FLAT else (indexed, flat)  # type: ignore[attr-defined]
    assert other_dialect(name_of(right), line) is None  # type: ignore[arg-type]
    assert other_dialect(name_of(wrong), line) == right  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("version", "key", "right"),
    [
        ("6.0.0", "jcifsServicePrincipal", "properties[0].jcifs-service-principal"),
        ("8.0.0", "JCIFS_PASSWORD", "properties[0].jcifs-password"),
        ("7.0.0", "cache-policy", "properties[0].cache-policy"),
        ("7.0.0", "timeout", "properties[0].timeout"),
        ("7.0.0", "useSubjectCredsOnly", "system.use-subject-creds-only"),
        ("7.0.0", "login-conf", "system.login-conf"),
        ("7.0.0", "system.login-conf", None),
        ("7.0.0", "ntlm-allowed", None),
        ("5.3.0", "properties[0].jcifs-service-principal", "jcifs-service-principal"),
        ("5.3.0", "properties.1.timeout", "timeout"),
        ("5.3.0", "system.kerberos-kdc", "kerberos-kdc"),
        ("5.3.0", "mixed-mode-authentication", None),
    ],
)
def test_the_other_dialect_is_told_with_the_right_name(version: str, key: str, right: str | None) -> None:
    assert other_dialect(name_of(SPNEGO + key), line_of(version)) == (SPNEGO + right if right else None)
    if right is None:
        check(version, SPNEGO + key)
        return
    with pytest.raises(CasRefusal) as refused:
        check(version, SPNEGO + key)
    assert str(refused.value).startswith(f"settings: {SPNEGO}{key} is how CAS ")
    assert str(refused.value).endswith(f"does not read it; write {SPNEGO}{right}")


def test_what_has_no_other_name_is_refused_all_the_same() -> None:
    for key in ("properties", "properties[0]", "system", "system.bogus"):
        with pytest.raises(CasRefusal, match="write a key without 'properties' and 'system'"):
            check("5.3.16", SPNEGO + key)


@pytest.mark.parametrize(
    ("version", "key", "words"),
    [
        (
            "7.0.8",
            "cas.authn.ntlm.enabled",
            "CAS 7.0 does not know cas.authn.ntlm.enabled, which is of CAS 6.1 to 6.6; ",
        ),
        ("7.2.0", "cas.authn.spnego.ntlm", "does not know cas.authn.spnego.ntlm, which is of CAS 6.6 and earlier; "),
        (
            "6.5.0",
            "cas.authn.spnego.poolSize",
            "does not know cas.authn.spnego.poolSize, which is of CAS 6.6 and later; ",
        ),
        ("6.2.0", "cas.authn.accept.enabled", "which is of CAS 6.3 and later; take it out, or correct the version"),
        ("7.0.0", "cas.authn.spnego.ntlm-alowed", "; did you mean cas.authn.spnego.ntlm-allowed?"),
        ("7.0.0", "cas.authn.spnego.properties[1].jcifs-servicePrincipa", "properties[0].jcifs-service-principal?"),
        ("7.0.0", "cas.authn.spnego.ldap.bind-credentials", "; did you mean cas.authn.spnego.ldap.bind-credential?"),
        ("7.0.0", "cas.authn.spnego.zzz", "CAS 7.0 knows no cas.authn.spnego.zzz; take it out"),
        ("7.0.0", "cas.authn.ntlm.zzz", "CAS 7.0 knows no cas.authn.ntlm.zzz; "),
        ("7.0.0", "cas.authn.spnego.properties", "holds a list and no value of its own; set the keys below it"),
        ("7.0.0", "cas.authn.spnego", "CAS 7.0 knows no cas.authn.spnego; "),
    ],
)
def test_what_a_line_does_not_know(version: str, key: str, words: str) -> None:
    with pytest.raises(CasRefusal) as refused:
        check(version, key)
    assert words in str(refused.value)


def test_a_name_of_another_line_or_area_is_no_suggestion() -> None:
    for version, key, other in (("5.3.16", "spnego.pool-siz", "pool-size"), ("6.6.0", "ntlm.pool-siz", "spnego")):
        with pytest.raises(CasRefusal) as refused:
            check(version, f"cas.authn.{key}")
        assert f"{other}?" not in str(refused.value) and "spnego.pool-size" not in str(refused.value)


def test_the_dialects_are_of_spnego_alone() -> None:
    for version in ("5.3.16", "7.0.0"):
        for key in ("a.b.c.properties[0].timeout", "a.b.c.system.login-conf", "a.b.c.login-conf"):
            assert other_dialect(name_of(key), line_of(version)) is None
            check(version, key)
    with pytest.raises(CasRefusal, match=r"is how CAS 5 names it, and CAS 7\.0 does not read it; write cas"):
        check("7.0.0", SPNEGO + "login-conf")
    with pytest.raises(CasRefusal, match=r"is how CAS 6 and later names it, and CAS 5\.3 does not read it; write cas"):
        check("5.3.16", SPNEGO + "system.login-conf")


def test_what_is_outside_is_left_to_the_user() -> None:
    for key in (
        "cas.authn.accept.users",
        "cas.authn.accept.anything",
        "cas.authn.spnegoish.x",
        "server.port",
        "cas.authn.spnego.principal.attribute-repository-selection.some-handler",
        *(f"cas.authn.spnego.ldap.{name}" for name in POOL.split()),
    ):
        check("7.0.0", key)


def test_every_entry_is_found_by_its_name_and_known_somewhere() -> None:
    assert len(CATALOGUE) == 89
    for name, one in CATALOGUE.items():
        assert one.lines, one
        asked = one.key.replace("[]", "[3]")
        assert find(name_of(asked)) == one
        assert spelling(name_of(asked), asked.upper()) == asked
        assert name == name_of(one.key)
    assert spelling(name_of("Some.Other_key"), "Some.Other_key") == "Some.Other_key"


@pytest.mark.parametrize(
    ("key", "good", "bad"),
    [
        ("ntlm-allowed", ["true", "FALSE", " on ", "off", "yes", "no", "1", "0"], ["", "t", "maybe", "2", "undefined"]),
        ("principal.return-null", ["true", "False", "undefined"], ["", "on", "1"]),
        (
            "order",
            ["0", "-1", " 7", "+7", "0x10", "#1f", "010", "2147483647", "-2147483648"],
            ["", "1.5", "2147483648"],
        ),
        ("pool-size", ["10"], ["ten", "1e3", "1_0", "10L", "\u0663"]),
        ("properties[0].cache-policy", ["600", "5000000000", "-1"], ["", "x", "PT5M"]),
        (
            "dns-timeout",
            ["PT2S", "pt5m", "P1D", "P1DT2H3M4.5S", "PT-5S", "2", "-1", "0", "never", "INFINITE"],
            ["", "5s"],
        ),
        ("properties[1].timeout", ["PT5M"], ["PT", "P", "P1DT", "PT5M ", "2000ms", "1.5", "0x10", "5 minutes", "PT5X"]),
        ("principal-transformation.case-conversion", ["NONE", "lowercase"], ["", "LOWER"]),
        ("name", ["", "anything"], []),
    ],
)
def test_what_a_property_takes(key: str, good: list[str], bad: list[str]) -> None:
    name = name_of(SPNEGO + key)
    for value in [*good, "${x:y}", "{cas-cipher}abc"]:
        check_value(name, key, value)
    for value in bad:
        with pytest.raises(CasRefusal, match=f"^settings: {SPNEGO}.*: '.*' is not what it takes, and .*; write "):
            check_value(name, SPNEGO + key, value)


def test_equal_in_meaning() -> None:
    allowed, principal = name_of(SPNEGO + "ntlm-allowed"), name_of(SPNEGO + "name")
    assert same_value(allowed, "TRUE", "yes") and not same_value(allowed, "true", "off")
    assert same_value(principal, "a", "a") and not same_value(principal, "yes", "true")
