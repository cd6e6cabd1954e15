# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proof is read from the record, and the summary from the proof."""

from __future__ import annotations

import dataclasses
import json

import pytest
from lab import proof
from lab.progress import Phase
from lab.proof import Proof, TaskRun


def login(host, principal, ok=True, user=proof.USER, **more):
    told = {"protocol": "smtp", "host": host, "user": user, "service_principal": principal, "ok": ok}
    ticket = {"kvno": 2, "enctype": "aes256-cts-hmac-sha1-96", "authenticated_as": user, "symptom": ""}
    return {**told, **ticket, **more}


def every_login():
    return proof.logins([TaskRun("client1", "t", "ok", False, tuple(login(*promise) for promise in proof.PROMISED))])


def test_the_promise_is_each_mail_host_and_the_shared_name_on_both():
    assert set(proof.PROMISED) == {
        ("mx1.example.test", "smtp/mx1.example.test@EXAMPLE.TEST"),
        ("mx2.example.test", "smtp/mx2.example.test@EXAMPLE.TEST"),
        ("mail.example.test", "smtp/mail.example.test@EXAMPLE.TEST"),
        ("mx1.example.test", "smtp/mail.example.test@EXAMPLE.TEST"),
        ("mx2.example.test", "smtp/mail.example.test@EXAMPLE.TEST"),
    }


def test_every_promised_login_leaves_nothing_unproved():
    assert proof.missing_logins(every_login()) == []


@pytest.mark.parametrize("left_out", range(len(proof.PROMISED)))
def test_a_promised_login_that_was_not_tried_is_unproved(left_out):
    tried = every_login()
    host, principal = proof.PROMISED[left_out]
    del tried[left_out]
    assert proof.missing_logins(tried) == [f"alice@EXAMPLE.TEST did not log in to {host} with a ticket for {principal}"]


def test_a_login_of_another_user_is_not_alices():
    tried = every_login()
    tried[0]["user"] = "probe@EXAMPLE.TEST"
    assert len(proof.missing_logins(tried)) == 1


@pytest.mark.parametrize("answer", [False, None])
def test_a_login_that_failed_is_told_once_with_cause_and_remedy(answer):
    tried = every_login()
    tried[1] |= {"ok": answer, "symptom": "no_key", "cause": "the keytab has no key", "remedy": "run site"}
    (sentence,) = proof.missing_logins(tried)
    assert sentence.endswith("no_key; the keytab has no key; run site")
    assert proof.PROMISED[1][0] in sentence
    tried[1]["service_principal"] = proof.PROMISED[1][1].partition("@")[0]
    assert proof.missing_logins(tried) == [sentence]


def test_a_login_is_recorded_with_its_product():
    (first, *dummy) = every_login()
    assert set(first) == set(proof.LOGIN_FIELDS)
    assert first["product"] == "postfix"
    assert proof.product("mail.example.test") == "postfix"
    assert proof.product("elsewhere.example.test") == ""


def test_a_record_is_read_up_to_a_line_that_was_cut_short():
    whole = {"host": "mx1", "task": "Install", "outcome": "ok", "changed": True, "logins": [{"host": "x"}]}
    text = json.dumps(whole) + "\n" + json.dumps(whole)[:30]
    assert proof.read_record(text) == [TaskRun("mx1", "Install", "ok", True, ({"host": "x"},))]


def test_a_change_of_the_second_run_is_unproved():
    runs = [TaskRun("mx1", "Write main.cf", "ok", True), TaskRun("mx2", "Write main.cf", "ok", False)]
    assert proof.second_changes(runs) == ["the second run changed mx1: Write main.cf"]


def whole_proof():
    phases = (
        Phase("hosts", 2.0),
        Phase("site", 60.0, tasks=120, changes=80),
        Phase("site again", 20.0, tasks=118, changes=0),
    )
    return Proof("lab", "2026-01-01T00:00:00+00:00", phases, tuple(every_login()))


def test_the_summary_says_who_logged_in_where_with_which_ticket():
    text = proof.summary(whole_proof(), "/logs", 90.0)
    for words in ("alice@EXAMPLE.TEST", "smtp/mail.example.test@EXAMPLE.TEST, kvno 2, aes256-cts-hmac-sha1-96"):
        assert words in text
    assert "a run of site over the configured hosts looked at 118 tasks and changed nothing" in text
    assert "120 tasks   80 changes" in text
    assert "in all          90.0 s" in text
    assert "What to try next\n  python3 tests/lab run client1 -- kinit alice" in text
    assert "not proved" not in text


def test_what_to_try_next_names_the_instance():
    text = proof.summary(dataclasses.replace(whole_proof(), lab="x"), "/logs", 90.0)
    assert "\n  LAB=x python3 tests/lab run mx1" in text
    assert ".lab/x/group_vars" in text


def test_the_summary_of_a_failure_says_what_is_not_proved():
    failed = every_login()[0] | {"ok": False, "symptom": "no_key"}
    text = proof.summary(dataclasses.replace(whole_proof(), logins=(failed,), unproved=("a sentence",)), "/logs", 90.0)
    assert "REFUSED alice@EXAMPLE.TEST: no_key" in text
    assert "What is not proved\n  a sentence" in text
    assert "/logs" in text
    assert "What was proved" not in text
    assert "What to try next" not in text


def test_the_proof_as_json_says_whether_all_is_well():
    assert json.loads(whole_proof().as_json())["ok"] is True
    assert json.loads(dataclasses.replace(whole_proof(), unproved=("x",)).as_json())["ok"] is False
