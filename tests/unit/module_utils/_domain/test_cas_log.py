# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of CAS's logs and journal, their symptoms, and that no token of a debug log is shown."""

from __future__ import annotations

import base64
import datetime

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import cas_log, cas_symptoms
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_log import (
    Entry,
    of_file,
    of_journal,
    shown,
)
from hypothesis import given
from hypothesis import strategies as st

ZONE = datetime.timezone(datetime.timedelta(hours=2))
NOW = datetime.datetime(2026, 1, 31, 12, 0, tzinfo=ZONE)
KEY_MISSING = (
    "Invalid argument (400) - Cannot find key of appropriate type to decrypt AP-REQ - AES256 CTS mode with HMAC SHA1-96"
)
TRACE = [
    "2026-01-31 11:59:00,123 ERROR [jcifs.spnego.Authentication] - <null>",
    f"java.security.PrivilegedActionException: GSSException: Failure unspecified (Mechanism level: {KEY_MISSING})",
    "\tat java.base/java.security.AccessController.doPrivileged(AccessController.java:573)",
    f"Caused by: KrbException: {KEY_MISSING}",
    "\t... 3 more",
]


@pytest.mark.parametrize(
    ("line", "time", "rest"),
    [
        ("2026-01-31 11:59:00,123 ERROR x", "2026-01-31T11:59:00+02:00", "ERROR x"),
        ("\x1b[31m2026-01-31 11:59:00,123 ERROR x\x1b[m", "2026-01-31T11:59:00+02:00", "ERROR x"),
        ("2026-01-31T11:59:00.1Z x", "2026-01-31T11:59:00+00:00", "x"),
        ("2026-01-31T11:59:00+01:00 x", "2026-01-31T11:59:00+01:00", "x"),
        ("31-Jan-2026 11:59:00.123 INFO [main] x", "2026-01-31T11:59:00+02:00", "INFO [main] x"),
        ("2026-13-31 11:59:00,123 x", None, "2026-13-31 11:59:00,123 x"),
        ("31-Foo-2026 11:59:00.123 x", None, "31-Foo-2026 11:59:00.123 x"),
        ("Caused by: x", None, "Caused by: x"),
    ],
)
def test_stamps(line: str, time: str | None, rest: str) -> None:
    found, text = cas_log.stamp(line, NOW)
    assert ((found.isoformat() if found else None), text) == (time, rest)


def test_a_stack_trace_is_one_entry() -> None:
    lines = ["loose", *TRACE, "2026-01-31 11:59:59,000 INFO y"]
    found = list(of_file("f", [f"{line}\n" for line in lines], None, NOW))
    assert [len(one.lines) for one in found] == [5, 1]
    (only,) = of_file("f", lines, NOW - datetime.timedelta(seconds=30), NOW)
    assert only.lines == ("INFO y",)


def test_a_stack_trace_in_the_journal_is_one_entry_too() -> None:
    rows = [(NOW, line) for line in ["Started cas.service", *TRACE, "2026-01-31 11:59:59,000 INFO y", "plain"]]
    found = list(of_journal("j", rows, NOW))
    assert [len(one.lines) for one in found] == [1, 5, 1, 1]
    assert all(one.time == NOW for one in found)


def entry(*lines: str) -> Entry:
    return Entry(NOW, "f", lines)


def gss(text: str) -> Entry:
    return entry("ERROR [jcifs] - <null>", f"Caused by: GSSException: Failure unspecified (Mechanism level: {text})")


@pytest.mark.parametrize(
    ("symptom", "found"),
    [
        ("service_key_missing", gss(KEY_MISSING)),
        ("service_key_missing", gss("Cannot find key of appropriate type to decrypt AP REP - RC4 with HMAC")),
        ("service_key_differs", gss("Checksum failed")),
        ("service_key_differs", gss("Integrity check on decrypted field failed (31)")),
        ("service_key_outdated", gss("Specified version of key is not available (44)")),
        ("clock_skew", gss("Clock skew too great (37)")),
        ("service_enctype_unusable", gss("Encryption type RC4 with HMAC is not supported/enabled")),
        (
            "service_enctype_unusable",
            gss("AES256 CTS mode with HMAC SHA1-96 encryption type not in permitted_enctypes list"),
        ),
        ("service_enctype_unusable", gss("KDC has no support for encryption type (14)")),
        ("ticket_expired", gss("Ticket expired (32)")),
        ("token_replayed", gss("Request is a replay (34)")),
        (
            "token_defective",
            entry("x", "GSSException: Defective token detected (Mechanism level: GSSHeader did not ...)"),
        ),
        ("ntlm_offered", entry("DEBUG - <Authorization: Negotiate TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAA=>")),
        ("ntlm_offered", entry("ERROR - <Unsupported NTLM token>")),
        ("login_entry_missing", entry("LoginException: No LoginModules configured for jcifs.spnego.accept")),
        (
            "login_conf_malformed",
            entry(
                "ERROR - <java.io.IOException: Configuration Error:", "\tLine 3: expected [option key], found [null]>"
            ),
        ),
        (
            "login_conf_unreadable",
            entry("SecurityException: java.io.IOException: Configuration Error:", "\tNo such file"),
        ),
        ("login_conf_unreadable", entry("IOException: /etc/cas/config/login.conf (Permission denied)")),
        ("krb5_conf_unusable", entry("IOException: /etc/cas/config/krb5.conf (No such file or directory)")),
        ("krb5_conf_unusable", entry("KrbException: Illegal config content:kdc")),
        ("keytab_unusable", entry("javax.security.auth.login.LoginException: Unable to obtain password from user", "")),
        ("principal_unknown", entry("KrbException: Client not found in Kerberos database (6)")),
        ("service_principal_unknown", entry("KrbException: Server not found in Kerberos database (7)")),
        ("service_credential_wrong", entry("LoginException: Pre-authentication information was invalid (24)")),
        ("default_realm_missing", entry("KrbException: Cannot locate default realm")),
        ("kdc_unknown", entry("KrbException: Cannot locate KDC")),
        (
            "kdc_unreachable",
            entry("LoginException", "Caused by: java.net.PortUnreachableException", "\tat sun.security.krb5.KdcComm"),
        ),
        (
            "http_header_too_large",
            entry("INFO - <Error parsing HTTP>", "IllegalArgumentException: Request header is too large"),
        ),
        ("spnego_classes_missing", entry("Caused by: java.lang.NoClassDefFoundError: jcifs/spnego/Authentication")),
        ("unknown", gss("what nobody knows")),
    ],
)
def test_symptoms(symptom: str, found: Entry) -> None:
    told = cas_symptoms.told(found)
    assert told is not None and told.finding.symptom == symptom
    assert told.line and (told.line in told.finding.cause or symptom == "login_entry_missing")
    assert "{" not in told.finding.cause + told.finding.remedy and "?" not in told.finding.cause


@pytest.mark.parametrize(
    "line",
    [
        "INFO [org.apereo.cas] - <Ticket [ST-1-abc] has expired>",
        "WARN [ldap] - <Connection refused>",
        "ERROR - </etc/motd (No such file or directory)>",
        "WARN - <Permission denied>",
        "INFO - <Ready to process requests>",
    ],
)
def test_no_symptoms(line: str) -> None:
    assert cas_symptoms.told(entry(line)) is None


def test_the_line_is_the_one_that_tells_it() -> None:
    (only,) = cas_symptoms.symptoms_of(of_file("f", [*TRACE, *TRACE], None, NOW))
    assert (only["symptom"], only["count"], only["logs"]) == ("service_key_missing", 2, ["f"])
    assert only["line"] == TRACE[1] and "kvno" in only["cause"]
    told = cas_symptoms.told(entry("x Configuration Error:", "\tLine 3: expected [;], found [null]"))
    assert told is not None and told.line == "Line 3: expected [;], found [null]"


def test_what_happens_most_often_comes_first() -> None:
    rows = [gss("Checksum failed"), gss("Clock skew too great (37)"), gss("Clock skew too great (37)")]
    found = cas_symptoms.symptoms_of(rows)
    assert [(one["symptom"], one["count"]) for one in found] == [("clock_skew", 2), ("service_key_differs", 1)]
    assert set(found[0]) == {"symptom", "cause", "remedy", "count", "logs", "last", "line"}


@pytest.mark.parametrize(
    "kept",
    [
        "KrbException: Checksum failed for HTTP/cas1.example.test@EXAMPLE.TEST, aes128-cts-hmac-sha256-128",
        "/etc/cas/config/kerberos/login.conf (Permission denied)",
        "org.apereo.cas.support.spnego.authentication.handler.support.JcifsSpnegoAuthenticationHandler",
        "Negotiate is not offered",
    ],
)
def test_what_is_kept(kept: str) -> None:
    assert shown(kept) == kept


def test_what_is_hidden() -> None:
    dump = "0000: 60 82 02 6B 06 09 2A 86   48 86 F7 12 01 02 02 01  .`..."
    assert shown(f"keyBytes {dump}") == "keyBytes 0000: (hidden)"
    assert shown("TGT-1-abcdefgh-cas1 and ST-12-xyzxyzxyz") == "TGT-(hidden) and ST-(hidden)"
    assert shown("Authorization: Basic YWxpY2U6eA==") == "Authorization: Basic (hidden)"
    assert len(shown("word " * 200)) == cas_log.LONGEST


@given(st.binary(min_size=60, max_size=400), st.sampled_from(["Negotiate {}", "token [{}] <", "a={}", "{}"]))
def test_no_token_is_shown(token: bytes, form: str) -> None:
    encoded = base64.b64encode(b"`\x82" + token).decode()
    line = f"GSSException: Defective token {form.format(encoded)}"
    told = cas_symptoms.told(entry(line))
    assert told is not None
    for text in (told.line, told.finding.cause, told.finding.remedy):
        assert not any(encoded[at : at + 24] in text for at in range(0, len(encoded) - 24, 8))


@given(st.lists(st.text(max_size=40), max_size=6))
def test_any_lines(lines: list[str]) -> None:
    for found in (*of_file("f", lines, None, NOW), *of_journal("j", [(NOW, one) for one in lines], NOW)):
        cas_symptoms.told(found)
        assert len(shown(" ".join(found.lines))) <= cas_log.LONGEST
