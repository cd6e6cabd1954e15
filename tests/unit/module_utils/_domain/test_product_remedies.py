# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A product's own remedy takes the place of the general one, and every symptom that has one is known."""

from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.dialogue import Ending
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.login_symptoms import LOGIN_SYMPTOMS
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.product_remedies import (
    CAS_HEADER,
    CAS_NEGOTIATE,
    REMEDIES,
    SMTP_IN_WEBADMIN,
    SYMPTOMS,
    product_remedy,
    product_symptom,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.proof import Service
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.symptoms import ANSWER, Finding
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.verdict import verdict


def test_every_symptom_is_one_of_the_tables() -> None:
    assert {symptom for dummy, dummy, symptom in REMEDIES} <= {one.name for one in LOGIN_SYMPTOMS}
    assert not [remedy for remedy in REMEDIES.values() if "{" in remedy]
    assert {*SYMPTOMS.values(), *(symptom for dummy, dummy, symptom in SYMPTOMS)} <= {
        one.name for one in LOGIN_SYMPTOMS
    }


@pytest.mark.parametrize(
    ("product", "protocol", "symptom", "said"),
    [
        ("axigen", "smtp", "gssapi_not_offered", "Security & Filtering > Acceptance & Routing > Advanced Settings"),
        ("axigen", "imap", "gssapi_not_offered", "add gssapi to secureConnAuthTypes"),
        ("axigen", "pop3", "gssapi_not_offered", "CONFIG POP3"),
        ("axigen", "http", "negotiate_not_offered", "switch on allowSPNEGOAuth"),
        ("axigen", "imap", "authzid_refused", "without the domain"),
        ("axigen", "imap", "service_keytab_unreadable", "KRB5_KTNAME"),
        ("axigen", "imap", "service_enctype_unusable", "permitted_enctypes"),
        ("zimbra", "imap", "gssapi_not_offered", "zimbraReverseProxyImapSaslGssapiEnabled"),
        ("zimbra", "pop3", "gssapi_not_offered", "zimbraPop3SaslGssapiEnabled"),
        ("zimbra", "smtp", "gssapi_not_offered", "zimbra_mta_mechanisms"),
        ("zimbra", "http", "negotiate_not_offered", "zimbra_spnego"),
        ("zimbra", "imap", "service_keytab_missing", "zimbra_keytab"),
        ("zimbra", "smtp", "service_keytab_missing", "zimbra_mta_keytab"),
        ("zimbra", "smtp", "service_keytab_unreadable", "zimbra:postfix 0640"),
        ("zimbra", "imap", "service_enctype_unusable", "never allow_weak_crypto"),
        ("zimbra", "pop3", "service_principal_unknown", "zimbra_aliases"),
        ("zimbra", "imap", "login_refused", "zimbra_proxy_addresses"),
        ("cas", "http", "negotiate_not_offered", "cas.authn.spnego.supported-browsers (cas_supported_browsers;"),
        ("cas", "http", "negotiate_not_offered", "ips-to-check-pattern"),
        ("cas", "http", "negotiate_not_offered", "cas_overlay"),
        ("cas", "http", "http_header_too_large", "raise cas_header_size"),
        ("cas", "http", "http_header_too_large", "tomcat_connector"),
        ("cas", "http", "http_refused", "default_keytab_name"),
        ("cas", "http", "http_refused", "cas_keytab with the KDC (keytab_check)"),
        ("cas", "http", "http_refused", "after each ktpass"),
        ("cas", "http", "http_refused", "permitted_enctypes"),
        ("cas", "http", "service_principal_unknown", "cas_aliases"),
        ("cas", "http", "connection_refused", "cas_port"),
        ("cas", "http", "clock_skew", "general"),
        ("zimbra", "imap", "clock_skew", "general"),
        ("postfix", "smtp", "gssapi_not_offered", "general"),
        ("", "smtp", "gssapi_not_offered", "general"),
        ("axigen", "smtp", "connection_lost", "general"),
    ],
)
def test_remedies(product: str, protocol: str, symptom: str, said: str) -> None:
    assert said in product_remedy(product, protocol, Finding(symptom, "cause", "general"))


def test_a_verdict_names_the_place_in_webadmin() -> None:
    service = Service("smtp", "axigen1.ad.example.test", 25, "starttls", product="axigen")
    proof = verdict(service, "alice@R", ANSWER, Ending(False, "", "gssapi_not_offered"), ("PLAIN", "LOGIN"))
    assert proof.remedy == SMTP_IN_WEBADMIN
    assert proof.cause == "axigen1.ad.example.test does not offer GSSAPI on port 25 (offered: PLAIN, LOGIN)"


def test_the_form_of_cas_is_no_offer_of_negotiate() -> None:
    service = Service("http", "cas1.example.test", 8443, "implicit", product="cas")
    proof = verdict(service, "alice@R", ANSWER, Ending(False, "200 OK", "http_not_protected"))
    assert (proof.symptom, proof.remedy) == ("negotiate_not_offered", CAS_NEGOTIATE)
    assert proof.cause == "cas1.example.test asks for a login, but not by Negotiate (nothing is offered)"
    assert product_symptom("axigen", "http", "http_not_protected") == "http_not_protected"
    assert product_symptom("cas", "http", "") == ""


def test_a_verdict_names_what_was_too_long() -> None:
    padded = Service("http", "cas1.example.test", 8443, "implicit", product="cas", padding=40000)
    ending = Ending(False, "400 Bad Request", "http_header_too_large")
    proof = verdict(padded, "alice@R", ANSWER, ending)
    assert proof.cause == "cas1.example.test does not take a padding of 40000 bytes in a header (400 Bad Request)"
    assert proof.remedy == CAS_HEADER
    plain = verdict(Service("http", "www", 80, "none"), "alice@R", ANSWER, ending)
    assert plain.cause == "www does not take the ticket in a header (400 Bad Request)"
