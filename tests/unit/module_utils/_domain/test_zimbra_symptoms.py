# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The symptoms of Zimbra's logs: the document's troubles, and the words of its programs and libraries."""

from __future__ import annotations

import datetime
import string

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.heard import report
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.symptoms import ANSWER, ANYWHERE, diagnose
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_log import Entry
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.zimbra_symptoms import (
    ZIMBRA_SYMPTOMS,
    finding,
    heard_in,
)

NOW = datetime.datetime(2026, 1, 2, 12, 0, 0, tzinfo=datetime.timezone.utc)
JAVA = "GSS initiate failed [Caused by GSSException: Failure unspecified at GSS-API level (Mechanism level: "
HEIMDAL = "warning: SASL authentication failure: GSSAPI Error:  Miscellaneous failure (see text) ("
GSASL = (
    "gsasl: mechanism error: GSSAPI error in client while negotiating security context in gss_init_sec_context() in "
    "SASL library.  This is most likely due insufficient credentials or malicious interactions."
)
NO_KEY = (
    "Failure to initialize security context [Caused by GSSException: No valid credentials provided (Mechanism level: "
    "Failed to find any Kerberos Key)]"
)
NGINX = (
    "GSSAPI Error:  No credentials were supplied, or the credentials were unavailable or inaccessible. (unknown "
    "mech-code 0 for mech unknown)"
)
KDC = "TGS_REQ (3 etypes {16 3 1}) UNKNOWN_SERVER: authtime 1043800211,  user1@EXAMPLE.COM for imap/"
PROXY = "[ip=192.0.2.7;] nginxlookup - X-Proxy-IP 192.0.2.20 is not allowed"
MAPPED = "authentication failed (no account associated with Kerberos principal bob@PARTNER.TEST)"
# The document's troubles first, as it has them.
HEARD = [
    (
        f"{JAVA}AES256 CTS mode with HMAC SHA1-96 encryption type not in permitted_enctypes list)]",
        "service_enctype_unusable",
    ),
    (f"{HEIMDAL}encryption type 1 not supported)", "service_key_weak"),
    (f"{KDC}localhost@EXAMPLE.COM,", "localhost_asked"),
    (GSASL, "credential_missing"),
    (NO_KEY, "service_principal_wrong"),
    (NGINX, "service_principal_wrong"),
    ("[ip=192.0.2.7;] security - Encryption type RC4 with HMAC is not supported/enabled", "service_enctype_unusable"),
    (
        "nginxlookup - user not found:alice: NginxLookupException: X-Proxy-IP 192.0.2.21 is not allowed",
        "proxy_not_allowed",
    ),
    (PROXY, "proxy_not_allowed"),
    (MAPPED, "account_not_mapped"),
    ("Keytab file '/opt/zimbra/conf/krb5.keytab' not found", "service_keytab_missing"),
    ("Key not found in keystore for service principal 'imap/zimbra1@R'", "service_principal_wrong"),
    (f"{JAVA}Clock skew too great (37))]", "clock_skew"),
    (f"{JAVA}Encryption type DES CBC mode with CRC-32 is not supported/enabled)]", "service_key_weak"),
    (f"{JAVA}Encryption type RC4 with HMAC is not supported/enabled)]", "service_enctype_unusable"),
    (
        f"{JAVA}Invalid argument (400) - Cannot find key of appropriate type to decrypt AP-REQ - AES256 CTS)]",
        "service_enctype_unusable",
    ),
    (f"{JAVA}Specified version of key is not available (44))]", "service_key_outdated"),
    (f"{JAVA}Checksum failed)]", "service_key_differs"),
    ("Caused by: KrbException: Integrity check on decrypted field failed (31)", "service_key_differs"),
    (
        f"{HEIMDAL}Failed to find smtp/zimbra1@R(kvno 3) in keytab FILE:/k (aes256-cts-hmac-sha1-96))",
        "service_key_outdated",
    ),
    (f"{HEIMDAL}open(/opt/zimbra/data/krb5/smtp.keytab): No such file or directory)", "service_keytab_missing"),
    (f"{HEIMDAL}open(/opt/zimbra/data/krb5/smtp.keytab): Permission denied)", "service_keytab_unreadable"),
    (f"{HEIMDAL}Decrypt integrity check failed)", "service_key_differs"),
    (f"{HEIMDAL}ticket expired)", "credential_expired"),
    (
        "TGS_REQ UNKNOWN_SERVER: authtime 1, a@R for imap/mail.example.test@R, Server not found",
        "service_principal_unknown",
    ),
    ("GSSAPI Error: Failed to find key in keytab", "service_principal_wrong"),
    ("GSSAPI Error: Improper format of Kerberos configuration file", "krb5_conf_unusable"),
    ("GSSAPI Error: something new failed", "unknown"),
]


def entry(*lines: str, age: int = 0, log: str = "mailbox.log") -> Entry:
    return Entry(NOW - datetime.timedelta(seconds=age), log, lines)


@pytest.mark.parametrize(("words", "symptom"), HEARD)
def test_words_lead_to_their_symptom(words: str, symptom: str) -> None:
    found = finding(entry(words))
    assert found and found.symptom == symptom
    assert "?" not in found.cause + found.remedy


def test_every_symptom_is_heard_in_an_example() -> None:
    assert {symptom for dummy, symptom in HEARD} == {row.name for row in ZIMBRA_SYMPTOMS}


@pytest.mark.parametrize("row", ZIMBRA_SYMPTOMS, ids=lambda row: row.name)
def test_every_remedy_names_something_to_set_or_to_do(row: object) -> None:
    names = {name for dummy, name, dummy2, dummy3 in string.Formatter().parse(row.cause + row.remedy) if name}  # type: ignore[attr-defined]
    assert names <= {"words", "log", "principal", "address", "service_principal"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (HEARD[2][0], "somebody asked the KDC for imap/localhost@EXAMPLE.COM,"),
        (PROXY, "the look-up refuses the proxy whose address is 192.0.2.20"),
        (MAPPED, "no account of Zimbra belongs to bob@PARTNER.TEST,"),
    ],
)
def test_facts_of_the_line_are_named(words: str, said: str) -> None:
    found = finding(entry(words))
    assert found and found.cause.startswith(said)


@pytest.mark.parametrize(
    "words",
    [
        "postfix/smtpd: warning: SASL LOGIN authentication failed: authentication failure",
        "amavis: open(/var/x): Permission denied",
        "zmconfigd: Rewrote: /opt/zimbra/conf/sasl2/smtpd.conf with mode 440 (0.01 sec)",
        "imap - user alice@example.test authenticated, mechanism=GSSAPI [TLS]",
        "mailbox - message not found: checksum failed",
    ],
)
def test_lines_about_something_else(words: str) -> None:
    assert finding(entry(words)) is None


def test_the_cause_in_a_stack_trace_counts() -> None:
    found = finding(
        entry(
            "imap - SaslServer.evaluateResponse() failed",
            "javax.security.sasl.SaslException: GSS initiate failed [Caused by GSSException: Failure unspecified]",
            "Caused by: KrbException: Clock skew too great (37)",
        )
    )
    assert found and found.symptom == "clock_skew"


def test_what_is_heard_is_counted() -> None:
    mapped = MAPPED
    heard = heard_in(
        [
            entry(mapped.replace("bob", "eve"), age=1),
            entry(mapped, age=5, log="other.log"),
            entry(PROXY, age=9),
            entry("nothing"),
        ]
    )
    assert [report(one, "logs") for one in heard] == [
        {
            "symptom": "account_not_mapped",
            "cause": "no account of Zimbra belongs to eve@PARTNER.TEST, whose ticket is good",
            "remedy": diagnose(ANSWER, mapped.replace("bob", "eve"), {}, ZIMBRA_SYMPTOMS).remedy,
            "count": 2,
            "logs": ["other.log", "mailbox.log"],
            "last": "2026-01-02T11:59:59+00:00",
        },
        {**report(heard[1], "logs"), "symptom": "proxy_not_allowed", "count": 1, "last": "2026-01-02T11:59:51+00:00"},
    ]
    assert ZIMBRA_SYMPTOMS[-1].stages == ANYWHERE
