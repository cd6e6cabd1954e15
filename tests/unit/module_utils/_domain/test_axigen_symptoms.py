# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The symptoms of Axigen's log: the document's three troubles, libkrb5's words in them, Axigen's own lines."""

from __future__ import annotations

import datetime
import re
import string

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.axigen_log import ACCEPTED, REFUSED, Login
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.axigen_symptoms import (
    AXIGEN_SYMPTOMS,
    heard_in,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.heard import report
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.symptoms import ANSWER, ANYWHERE, diagnose

FACTS = {"module": "IMAP", "client": "192.0.2.7", "user": "alice"}
GSS = (
    "sasl_server_step error: 'SASL(-1): generic failure: GSSAPI Error: Unspecified GSS failure. "
    "Minor code may provide more information "
)
FAILURE = "sasl_server_step error: 'SASL(-13): authentication failure: GSSAPI Failure: gss_accept_sec_context"
# The first three as the vendor's document has them; the others with MIT's words in the same place.
HEARD = [
    (f"{GSS}(Permission denied)'", "service_keytab_unreadable"),
    (f"{FAILURE}'", "service_enctype_unusable"),
    (
        "sasl_server_step error: 'SASL(-13): authentication failure: Requested identity not authenticated identity'",
        "authzid_refused",
    ),
    (f"{GSS}(Key table file '/etc/krb5.keytab' not found)'", "service_keytab_missing"),
    (f"{GSS}(No such file or directory)'", "service_keytab_missing"),
    (f"{GSS}(Clock skew too great)'", "clock_skew"),
    (f"{GSS}(No key table entry found matching imap/mx1.example.test@)'", "service_principal_wrong"),
    (
        f"{GSS}(Request ticket server imap/mx1@R found in keytab but does not match server principal imap/mx2@)'",
        "service_principal_wrong",
    ),
    (
        f"{GSS}(Request ticket server imap/mx1@R kvno 3 not found in keytab; keytab is likely out of date)'",
        "service_key_outdated",
    ),
    (f"{GSS}(Key version is not available)'", "service_key_outdated"),
    (f"{FAILURE} (Decrypt integrity check failed)'", "service_key_differs"),
    (f"{GSS}(Encryption type arcfour-hmac not permitted)'", "service_enctype_unusable"),
    ("Authentication error for user 'bob@x.test': Account not found locally", "account_unknown"),
    ("Authentication error for user 'bob@x.test': Invalid password", "password_wrong"),
    ("sasl_server_step error: 'SASL(-4): something new'", "unknown"),
]


@pytest.mark.parametrize(("words", "symptom"), HEARD)
def test_words_lead_to_their_symptom(words: str, symptom: str) -> None:
    finding = diagnose(ANSWER, words, FACTS, AXIGEN_SYMPTOMS)
    assert finding.symptom == symptom
    assert "?" not in finding.cause + finding.remedy


def test_the_user_of_the_line_is_named() -> None:
    finding = diagnose(ANSWER, HEARD[12][0], FACTS, AXIGEN_SYMPTOMS)
    assert finding.cause == "Axigen has no account bob@x.test"


def test_every_symptom_is_heard_in_an_example() -> None:
    assert {symptom for dummy, symptom in HEARD} == {row.name for row in AXIGEN_SYMPTOMS}


@pytest.mark.parametrize("symptom", AXIGEN_SYMPTOMS, ids=lambda symptom: symptom.name)
def test_symptom_is_well_formed(symptom) -> None:
    assert [row.name for row in AXIGEN_SYMPTOMS].count(symptom.name) == 1
    known = {*FACTS, "words", *re.compile(symptom.pattern).groupindex}
    for sentence in (symptom.cause, symptom.remedy):
        assert {name for dummy, name, dummy, dummy in string.Formatter().parse(sentence) if name} <= known
        assert not sentence.endswith((".", " "))


def test_the_last_row_fits_anything() -> None:
    assert (AXIGEN_SYMPTOMS[-1].stages, AXIGEN_SYMPTOMS[-1].pattern) == (ANYWHERE, "")


NOON = datetime.datetime(2026, 1, 31, 12, tzinfo=datetime.timezone.utc)


def refused(minute: int, *errors: str, module: str = "IMAP", result: str = REFUSED) -> Login:
    when = NOON + datetime.timedelta(minutes=minute)
    return Login(module, "0000A01F", when, when, user="alice", result=result, lines=(">> 535 no",), errors=errors)


def test_symptoms_are_counted_by_session() -> None:
    unreadable, identity = HEARD[0][0], HEARD[2][0]
    found = heard_in(
        [
            refused(0, identity),
            refused(1, unreadable, unreadable, identity),
            refused(2, unreadable, module="POP3"),
            refused(3, unreadable),
            refused(4),
            refused(5, unreadable, result=ACCEPTED),
        ]
    )
    assert [(one.symptom, one.count, one.places, one.last[11:16]) for one in found] == [
        ("service_keytab_unreadable", 3, ("IMAP", "POP3"), "12:03"),
        ("authzid_refused", 2, ("IMAP",), "12:01"),
        ("unknown", 1, ("IMAP",), "12:04"),
    ]
    assert found[2].cause == "the login failed: >> 535 no"
    assert set(report(found[0], "modules")) == {"symptom", "cause", "remedy", "count", "modules", "last"}
    assert report(found[0], "modules")["modules"] == ["IMAP", "POP3"]
    assert heard_in([]) == []
