# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import dataclasses
import re
import string

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.ccache import Ticket
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.key_proof import (
    PROOFS,
    failure,
    held,
    judge,
    principals_to_prove,
    same_kvno,
    untried,
    without_ticket,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import KeytabEntry
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import (
    PrincipalRefusal,
    parse_principal,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.symptoms import CREDENTIAL, TICKET

SMTP, HTTP = parse_principal("smtp/mx1@R"), parse_principal("HTTP/mx1@R")
TODAYS = Ticket(SMTP, 3, 18, b"right")
RIGHT = KeytabEntry(SMTP, 0, 3, 18, b"right")
OTHER = KeytabEntry(HTTP, 0, 3, 18, b"right")
AES128 = KeytabEntry(SMTP, 0, 3, 17, b"right")


def having(**fields):
    return dataclasses.replace(RIGHT, **fields)


def opens(dummy, key, cipher):
    """A cipher is opened by the key of the same bytes; of one key nobody can tell."""
    return None if key == b"unknown" else key == cipher


def judged(*entries, ticket=TODAYS):
    return judge(SMTP, ticket, entries, opens, "/x", "me")


@pytest.mark.parametrize(
    ("entries", "symptom", "opened"),
    [
        ([RIGHT], "", 3),
        ([OTHER, AES128, having(kvno=2, key=b"old"), RIGHT], "", 3),
        ([having(key=b"wrong"), RIGHT], "", 3),
        ([having(kvno=1), RIGHT], "", 3),
        ([], "principal_not_in_keytab", None),
        ([OTHER], "principal_not_in_keytab", None),
        ([having(kvno=1)], "kvno_wrong", 1),
        ([having(kvno=1), having(key=b"wrong")], "kvno_wrong", 1),
        ([having(kvno=1, key=b"old"), having(kvno=2, key=b"old")], "kvno_behind", None),
        ([having(kvno=1, key=b"old"), having(kvno=4, key=b"new")], "kvno_ahead", None),
        ([having(kvno=2, enctype=17)], "kvno_behind", None),
        ([AES128], "enctype_missing", None),
        ([having(key=b"wrong")], "key_wrong", None),
        ([having(key=b"unknown")], "key_not_judged", None),
        ([having(kvno=1, key=b"unknown")], "key_not_judged", None),
    ],
)
def test_what_is_told_apart(entries, symptom, opened):
    proof = judged(*entries)
    assert proof.symptom == symptom
    assert proof.ok is {"": True, "key_not_judged": None}.get(symptom, False)
    assert (proof.kvno, proof.enctype, proof.opened_kvno) == (3, 18, opened)
    assert bool(proof.cause) == bool(proof.remedy) == bool(symptom)


def test_the_sentences_name_what_is_held():
    assert judged(having(kvno=1, key=b"old"), having(kvno=2, enctype=17)).cause == (
        "the KDC seals tickets for smtp/mx1@R with kvno 3, and /x holds older keys only "
        "(kvno 1 aes256-cts-hmac-sha1-96, kvno 2 aes128-cts-hmac-sha1-96)"
    )
    assert judged(having(kvno=1)).cause == (
        "/x holds the right key of smtp/mx1@R, but under kvno 1 where the KDC says 3"
    )
    assert judged(AES128).cause == (
        "the KDC seals tickets for smtp/mx1@R with aes256-cts-hmac-sha1-96, of which /x holds no key "
        "(kvno 3 aes128-cts-hmac-sha1-96)"
    )
    revoked = without_ticket(SMTP, [], "/x", "", TICKET, "credentials have been revoked", "")
    assert revoked.symptom == "service_principal_revoked"
    assert "as its account or that of the user is disabled" in revoked.cause
    skew = without_ticket(SMTP, [], "/x", "me", TICKET, "Clock skew too great", "").cause
    assert skew.startswith("the clocks of this host, the KDC and the service differ")
    other = without_ticket(SMTP, [], "/x", "me", TICKET, "something new", "")
    assert (other.symptom, other.cause) == ("unknown", "the KDC issued no ticket for smtp/mx1@R: something new")


def test_the_tickets_own_name_counts():
    """A KDC may issue a ticket for the name that it was asked for as an alias of."""
    proof = judged(OTHER, ticket=dataclasses.replace(TODAYS, service=HTTP))
    assert (proof.ok, proof.principal) == (True, SMTP)
    missing = judged(RIGHT, ticket=dataclasses.replace(TODAYS, service=HTTP))
    assert missing.cause == "/x holds no key of HTTP/mx1@R"


@pytest.mark.parametrize(
    ("in_keytab", "in_ticket", "same"),
    [(3, 3, True), (3, 4, False), (3, 0, True), (0x2C, 0x12C, True), (0x12C, 0x12C, True), (0x22C, 0x12C, False)],
)
def test_kvnos_as_libkrb5_compares_them(in_keytab, in_ticket, same):
    assert same_kvno(in_keytab, in_ticket) is same


def test_no_ticket():
    unknown = without_ticket(SMTP, [RIGHT], "/x", "me", TICKET, "Server smtp/mx1@R not found in Kerberos database", "")
    assert (unknown.ok, unknown.symptom, unknown.kvno, unknown.held) == (
        False, "service_principal_unknown", None, ((3, 18),),
    )  # fmt: skip
    assert unknown.cause == "the KDC knows no principal smtp/mx1@R"
    wrong = without_ticket(SMTP, [], "/x", "me", CREDENTIAL, "Preauthentication failed", "")
    assert (wrong.symptom, wrong.cause) == (
        "credential_wrong", "the password or keytab key of me is not the one that the KDC holds",
    )  # fmt: skip
    assert without_ticket(SMTP, [], "/x", "", TICKET, "", "ticket_missing").symptom == "ticket_missing"


@pytest.mark.parametrize("row", PROOFS, ids=lambda row: row.name)
def test_sentences_need_known_facts_only(row):
    parts = [part for text in (row.cause, row.remedy) for part in string.Formatter().parse(text)]
    known = {"keytab", "user", "host", "service_principal", "kvno", "enctype", "held", "opened"}
    assert {part[1] for part in parts if part[1]} <= {*known, *re.compile(row.pattern).groupindex}


def test_which_are_proved():
    users = KeytabEntry(parse_principal("me@R"), 0, 3, 18, b"")
    tgt = KeytabEntry(parse_principal("krbtgt/R@R"), 0, 3, 18, b"")
    foreign = KeytabEntry(parse_principal("smtp/mx1@OTHER"), 0, 3, 18, b"")
    entries = [users, tgt, RIGHT, AES128, foreign, OTHER]
    assert principals_to_prove([], entries, b"R") == (SMTP, HTTP)
    assert principals_to_prove([], entries, None) == (SMTP, foreign.principal, HTTP)
    assert principals_to_prove(["HTTP/mx1", "smtp/mx1@OTHER"], [], b"R") == (HTTP, foreign.principal)
    assert principals_to_prove(["HTTP/mx1"], [], None)[0].realm == b""
    with pytest.raises(PrincipalRefusal):
        principals_to_prove(["smtp/mx 1"], [], b"R")


def test_the_result_holds_no_key():
    proof = judged(having(key=b"CANARY"), AES128)
    assert proof.as_result() == {
        "principal": "smtp/mx1@R",
        "ok": False,
        "kvno": 3,
        "enctype": "aes256-cts-hmac-sha1-96",
        "held": [
            {"kvno": 3, "enctype": "aes256-cts-hmac-sha1-96"},
            {"kvno": 3, "enctype": "aes128-cts-hmac-sha1-96"},
        ],
        "symptom": "key_wrong",
        "cause": proof.cause,
        "remedy": proof.remedy,
    }
    assert "CANARY" not in repr(proof)
    assert held(SMTP, [RIGHT, dataclasses.replace(OTHER, kvno=9), RIGHT]) == ((3, 18),)


def test_one_sentence_for_all():
    good, bad = judged(RIGHT), judged(having(key=b"wrong"))
    assert failure([good], "/x") == ""
    assert failure([good, bad, bad], "/x") == f"2 of 3 keys are not proved: {bad.cause}; {bad.remedy}"
    worse = judged(AES128)
    assert f"{bad.cause}; {bad.remedy}; {worse.cause}; {worse.remedy}" in failure([bad, worse], "/x")
    assert failure([], "/x").startswith("/x: holds no service principal of the user's realm")
    (proof,) = untried([], [RIGHT, AES128])
    assert (proof.ok, proof.symptom, proof.held) == (None, "bindings_missing", ((3, 18), (3, 17)))
    assert proof.cause == "no Python of this host has the gssapi bindings"
    assert "install python3-gssapi" in failure([proof], "/x")
    assert untried(["HTTP/mx1"], [])[0].as_result()["principal"] == "HTTP/mx1"
