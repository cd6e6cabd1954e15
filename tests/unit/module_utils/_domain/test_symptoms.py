# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re
import string

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.login_symptoms import LOGIN_SYMPTOMS
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.symptoms import (
    ANSWER,
    ANYWHERE,
    CONNECT,
    CREDENTIAL,
    TICKET,
    TLS,
    diagnose,
    named,
)
from hypothesis import given
from hypothesis import strategies as st

FACTS = {
    "protocol": "smtp",
    "host": "mx1.example.test",
    "port": "587",
    "user": "alice@EXAMPLE.TEST",
    "service_principal": "smtp/mx1.example.test",
    "offered": "offered: PLAIN",
    "kvno": "2",
    "enctype": "aes256-cts-hmac-sha1-96",
    "authzid": "",
    "header": "the ticket",
    "words": "the words",
}

# What libraries and servers really said: MIT 1.20 and 1.21, Postfix 3.7 and 3.10, Cyrus SASL 2.1.28, Dovecot 2.3
# and 2.4, OpenSSL 3, glibc; the last ones are of the products' documents.
HEARD = [
    (CREDENTIAL, "Cannot contact any KDC for realm 'EXAMPLE.TEST'", "kdc_unreachable"),
    (CREDENTIAL, 'Cannot find KDC for realm "example.test"', "kdc_unknown"),
    (TICKET, 'Cannot find KDC for realm "OTHER.TEST"', "kdc_unknown"),
    (CREDENTIAL, "Configuration file does not specify default realm", "default_realm_missing"),
    (CREDENTIAL, "Improper format of Kerberos configuration file", "krb5_conf_unusable"),
    (CREDENTIAL, "Clock skew too great", "clock_skew"),
    (ANSWER, "GSSAPI Error: Unspecified GSS failure (Clock skew too great)", "clock_skew"),
    (CREDENTIAL, "Client 'nobody@EXAMPLE.TEST' not found in Kerberos database", "principal_unknown"),
    (CREDENTIAL, "Password has expired", "password_expired"),
    (CREDENTIAL, "Client's entry in database has expired", "principal_expired"),
    (CREDENTIAL, "Client's credentials have been revoked", "principal_locked"),
    (CREDENTIAL, "Preauthentication failed", "credential_wrong"),
    (CREDENTIAL, "Decrypt integrity check failed", "credential_wrong"),
    (CREDENTIAL, "Password incorrect", "credential_wrong"),
    (CREDENTIAL, "KDC has no support for encryption type", "enctype_unsupported"),
    (CREDENTIAL, "No credentials cache found (filename: /tmp/krb5cc_0)", "ccache_missing"),
    (CREDENTIAL, "Credentials cache permissions incorrect (filename: x): Permission denied", "credential_unreadable"),
    (CREDENTIAL, "Principal in credential cache does not match desired name", "ccache_of_other_principal"),
    (CREDENTIAL, "the keytab /etc/probe.keytab does not exist on the host that logs in", "keytab_missing"),
    (CREDENTIAL, "keytab contains no key of alice", "keytab_without_principal"),
    (CREDENTIAL, "Generic preauthentication failure", "preauth_unsupported"),
    (CREDENTIAL, "something new", "credential_unusable"),
    (TICKET, "Ticket expired", "credential_expired"),
    (TICKET, "Server smtp/mx9@EXAMPLE.TEST not found in Kerberos database", "service_principal_unknown"),
    (TICKET, "Server imap/localhost@EXAMPLE.TEST not found in Kerberos database", "localhost_asked"),
    (TICKET, "Server krbtgt/OTHER.TEST@EXAMPLE.TEST not found in Kerberos database", "realm_mapping_wrong"),
    (TICKET, "Server's entry in database has expired", "service_principal_expired"),
    (TICKET, "KDC returned error string: FINDING_SERVER_KEY", "service_principal_without_key"),
    (TICKET, "Server principal valid for user2user only", "service_principal_locked"),
    (TICKET, "KDC policy rejects request", "service_principal_locked"),
    (TICKET, "Encryption type des3-cbc-sha1 not permitted", "enctype_unsupported"),
    (ANSWER, "Mutual authentication failed", "server_not_proven"),
    (ANSWER, "Message stream modified", "service_key_differs"),
    (ANSWER, "The ticket isn't for us", "service_principal_wrong"),
    (ANSWER, "Key version is not available", "service_key_outdated"),
    (ANSWER, "Ticket expired", "credential_expired"),
    (CONNECT, "Connection refused", "connection_refused"),
    (CONNECT, "Name or service not known", "host_unknown"),
    (CONNECT, "Temporary failure in name resolution", "host_unknown"),
    (CONNECT, "No route to host", "host_unreachable"),
    (CONNECT, "Connection timed out", "timeout"),
    (CONNECT, "timed out", "timeout"),
    (CONNECT, "the service closed the connection before it said anything", "closed_at_once"),
    (TLS, "certificate verify failed: self-signed certificate", "certificate_untrusted"),
    (TLS, "certificate verify failed: unable to get local issuer certificate", "certificate_untrusted"),
    (TLS, "certificate verify failed: certificate has expired", "certificate_expired"),
    (
        TLS,
        "certificate verify failed: Hostname mismatch, certificate is not valid for 'mx9'.",
        "certificate_wrong_name",
    ),
    (
        TLS,
        "certificate verify failed: IP address mismatch, certificate is not valid for '::1'",
        "certificate_wrong_name",
    ),
    (TLS, "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:992)", "tls_not_spoken"),
    (TLS, "[SSL: TLSV1_ALERT_PROTOCOL_VERSION] tlsv1 alert protocol version", "tls_failed"),
    (TLS, "ca_path /nowhere could not be read as certificates (No such file or directory)", "ca_path_unusable"),
    (TLS, "timed out", "timeout"),
    (ANSWER, "454 4.7.0 Temporary authentication failure: generic failure", "service_temporarily_unable"),
    (ANSWER, "NO [UNAVAILABLE] Temporary authentication failure. [mx1:2026-11-23 01:50]", "service_temporarily_unable"),
    (ANSWER, "-ERR [SYS/TEMP] Temporary authentication failure.", "service_temporarily_unable"),
    (ANSWER, "535 5.7.8 Error: authentication failed: authentication failure", "login_refused"),
    (ANSWER, "NO [AUTHENTICATIONFAILED] Authentication failed.", "login_refused"),
    (ANSWER, "-ERR [AUTH] Authentication failed.", "login_refused"),
    (ANSWER, "504 5.7.4 Unrecognized authentication type", "mechanism_refused"),
    (ANSWER, "530 5.7.0 Must issue a STARTTLS command first", "tls_required"),
    (ANSWER, "554 5.7.1 Service unavailable; Client host blocked", "client_not_welcome"),
    (ANSWER, "* BYE Too many connections", "client_not_welcome"),
    (ANSWER, "500 5.5.6 Authentication response too long", "answer_too_long"),
    (ANSWER, "the service closed the connection", "connection_lost"),
    (ANSWER, "Connection reset by peer", "connection_lost"),
    (ANSWER, "(Key table file '/etc/postfix/smtp.keytab' not found)", "service_keytab_missing"),
    (ANSWER, "GSSAPI Error: No credentials were supplied (Permission denied)", "service_keytab_unreadable"),
    (ANSWER, "(Permission denied in replay cache code: krb5_110.rcache2)", "replay_cache_unwritable"),
    (ANSWER, "(No key table entry found matching smtp/other.example.test@)", "service_principal_wrong"),
    (
        ANSWER,
        "(Request ticket server smtp/a@R found in keytab but does not match server principal smtp/b@)",
        "service_principal_wrong",
    ),
    (
        ANSWER,
        "(Request ticket server smtp/a@R kvno 3 not found in keytab; keytab is likely out of date)",
        "service_key_outdated",
    ),
    (ANSWER, "(Decrypt integrity check failed for checksum type hmac-sha1-96-aes256)", "service_key_differs"),
    (ANSWER, "(Request is a replay)", "replayed"),
    (ANSWER, "SASL(-13): authentication failure: Requested identity not authenticated identity", "authzid_refused"),
    (
        ANSWER,
        "AES256 CTS mode with HMAC SHA1- 96 encryption type not in permitted_enctypes list",
        "service_enctype_unusable",
    ),
    (ANSWER, "(Mechanism level: Failed to find any Kerberos Key)", "service_principal_wrong"),
]
NAMED = {symptom.name for symptom in LOGIN_SYMPTOMS if not symptom.pattern}


@pytest.mark.parametrize(("stage", "words", "symptom"), HEARD)
def test_words_lead_to_their_symptom(stage, words, symptom):
    finding = diagnose(stage, words, FACTS, LOGIN_SYMPTOMS)
    assert finding.symptom == symptom
    assert finding.cause
    assert finding.remedy


def test_facts_of_the_words_win():
    finding = diagnose(TICKET, "Server smtp/mx9@R not found in Kerberos database", FACTS, LOGIN_SYMPTOMS)
    assert "smtp/mx9@R" in finding.cause
    finding = diagnose(CREDENTIAL, 'Cannot find KDC for realm "example.test"', FACTS, LOGIN_SYMPTOMS)
    assert finding.cause.endswith("example.test")


@pytest.mark.parametrize("stage", sorted(ANYWHERE - {CREDENTIAL, TLS}))
def test_what_nobody_knows_is_shown(stage):
    finding = diagnose(stage, "gibberish {0} {user!r:>9}", FACTS, LOGIN_SYMPTOMS)
    assert finding.symptom == "unknown"
    assert "gibberish {0} {user!r:>9}" in finding.cause


@given(st.sampled_from(sorted(ANYWHERE)), st.text())
def test_any_words_lead_somewhere(stage, words):
    finding = diagnose(stage, words, FACTS, LOGIN_SYMPTOMS)
    assert "?" not in finding.cause.replace(words, "")
    assert named(finding.symptom, FACTS, LOGIN_SYMPTOMS).symptom == finding.symptom


def test_every_symptom_with_a_pattern_is_heard_in_an_example():
    assert {symptom for dummy, dummy, symptom in HEARD} == {row.name for row in LOGIN_SYMPTOMS} - NAMED


@pytest.mark.parametrize("symptom", LOGIN_SYMPTOMS, ids=lambda symptom: symptom.name)
def test_symptom_is_well_formed(symptom):
    assert re.fullmatch(r"[a-z_0-9]+", symptom.name)
    assert [row.name for row in LOGIN_SYMPTOMS].count(symptom.name) == 1
    known = set(FACTS) | set(re.compile(symptom.pattern).groupindex) | {"realm"}
    for sentence in (symptom.cause, symptom.remedy):
        assert {name for dummy, name, dummy, dummy in string.Formatter().parse(sentence) if name} <= known
        assert not sentence.endswith((".", " "))
        assert sentence[0] == "{" or sentence[0].islower() or sentence[0].isupper()
    assert named(symptom.name, FACTS, LOGIN_SYMPTOMS).remedy


def test_the_last_row_fits_anything():
    assert LOGIN_SYMPTOMS[-1].stages == ANYWHERE
    assert LOGIN_SYMPTOMS[-1].pattern == ""
