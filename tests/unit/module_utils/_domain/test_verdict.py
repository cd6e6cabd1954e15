# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.dialogue import Ending
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.proof import Service
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.symptoms import ANSWER, CONNECT, CREDENTIAL
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.verdict import failure, untried, verdict

SMTP = Service("smtp", "mx1.example.test", 587, "starttls")
IMAP = Service("imap", "mx1.example.test", 143, "starttls")
TICKET = ("smtp/mx1.example.test@EXAMPLE.TEST", 2, "aes256-cts-hmac-sha1-96")
ALICE = "alice@EXAMPLE.TEST"


def test_a_good_login_has_no_symptom():
    proof = verdict(SMTP, ALICE, ANSWER, Ending(True, "235 good"), ("GSSAPI",), *TICKET)
    assert proof.ok is True
    assert proof.authenticated_as == ALICE
    assert (proof.service_principal, proof.kvno, proof.enctype) == TICKET
    assert (proof.symptom, proof.cause, proof.remedy) == ("", "", "")
    assert failure([proof]) == ""


def test_another_identity_is_who_one_is():
    service = Service("smtp", "mx1", 587, "none", authzid="bob")
    assert verdict(service, ALICE, ANSWER, Ending(True, "235")).authenticated_as == "bob"
    refused = verdict(service, ALICE, ANSWER, Ending(False, "535 no"))
    assert refused.authenticated_as == ""
    assert "'bob' asked for by authzid" in refused.remedy


def test_the_dialogues_own_symptom_wins_over_the_words():
    proof = verdict(SMTP, ALICE, ANSWER, Ending(False, "250 x AUTH PLAIN", "gssapi_not_offered"), ("PLAIN",))
    assert proof.symptom == "gssapi_not_offered"
    assert "offered: PLAIN" in proof.cause
    assert proof.service_principal == "smtp/mx1.example.test"


def test_the_ticket_stands_in_the_remedy():
    proof = verdict(SMTP, ALICE, ANSWER, Ending(False, "535 5.7.8 no"), ("GSSAPI",), *TICKET)
    assert proof.symptom == "login_refused"
    assert "kvno 2, aes256-cts-hmac-sha1-96" in proof.remedy


def test_one_cause_is_said_once():
    wrong = [verdict(service, ALICE, CREDENTIAL, Ending(False, "Password incorrect")) for service in (SMTP, IMAP)]
    gone = verdict(IMAP, ALICE, CONNECT, Ending(False, "Connection refused"))
    message = failure([*wrong, gone])
    assert message.startswith(
        "3 of 3 logins failed: smtp mx1.example.test:587, imap mx1.example.test:143: the password"
    )
    assert message.count("the password or keytab key") == 1
    assert "imap mx1.example.test:143: nothing listens on port 143" in message


def test_untried_is_neither_good_nor_bad():
    proof = untried(SMTP, "alice")
    assert proof.ok is None
    assert proof.symptom == "bindings_missing"
    assert "python3-gssapi" in failure([proof])
