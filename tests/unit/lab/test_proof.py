# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proof is read from the record, and the summary from the proof."""

from __future__ import annotations

import dataclasses
import json

import pytest
from lab import fleet, proof
from lab.progress import Phase
from lab.promises import promised
from lab.proof import Proof, TaskRun

PROMISED = {site.name: promised(site) for site in fleet.SITES}


def login(promise):
    told = {"protocol": promise.protocol, "tls": promise.tls, "host": promise.host, "port": promise.port, "ok": True}
    ticket = {"service_principal": promise.principal, "kvno": 2, "enctype": "aes256-cts-hmac-sha1-96", "symptom": ""}
    return {**told, **ticket, "user": promise.user, "authenticated_as": promise.named or promise.user}


def every_login(site=fleet.MIT):
    made = tuple(login(promise) for promise in PROMISED[site.name])
    return proof.logins(site, [TaskRun("client1", "t", "ok", False, made)])


def test_the_promise_is_each_mail_host_and_the_shared_name_on_both():
    assert {(promise.protocol, promise.tls, promise.named) for promise in PROMISED["mit"]} == {("smtp", "starttls", "")}
    assert {(promise.host, promise.principal) for promise in PROMISED["mit"]} == {
        ("mx1.example.test", "smtp/mx1.example.test@EXAMPLE.TEST"),
        ("mx2.example.test", "smtp/mx2.example.test@EXAMPLE.TEST"),
        ("mail.example.test", "smtp/mail.example.test@EXAMPLE.TEST"),
        ("mx1.example.test", "smtp/mail.example.test@EXAMPLE.TEST"),
        ("mx2.example.test", "smtp/mail.example.test@EXAMPLE.TEST"),
    }


def test_the_promise_for_axigen_is_each_protocol_both_ways_named_without_the_domain():
    promises = [promise for promise in PROMISED["ad"] if promise.protocol != "http"]
    found = {(promise.protocol, promise.tls, promise.principal.partition("/")[0]) for promise in promises}
    ways = ("starttls", "implicit")
    assert found == {
        (one, tls, of) for one, of in (("smtp", "smtp"), ("imap", "imap"), ("pop3", "pop")) for tls in ways
    }
    assert {promise.host for promise in promises} == {"axigen1.ad.example.test"}
    assert {promise.named for promise in promises} == {"alice"}


def test_the_promise_for_cas_is_its_page_on_each_host():
    for site, hosts in (("cas", ["cas1.example.test", "cas2.example.test"]), ("ad", ["cas1.ad.example.test"])):
        promises = [promise for promise in PROMISED[site] if promise.protocol == "http"]
        assert [promise.host for promise in promises] == hosts
        assert {(promise.tls, promise.port) for promise in promises} == {("none", 8080)}
        assert {promise.principal.partition("@")[0] for promise in promises} == {f"HTTP/{host}" for host in hosts}


def test_the_promise_for_zimbra_is_both_users_at_mailbox_proxies_and_mtas_by_each_name_that_they_serve():
    promises = PROMISED["zimbra"]
    assert {promise.user for promise in promises} == {"alice@EXAMPLE.TEST", "bob@PARTNER.TEST"}
    one = [promise for promise in promises if promise.user == "bob@PARTNER.TEST"]
    assert len(one) * 2 == len(promises) == len(set(promises))
    found = {(promise.port, promise.host, promise.principal.partition("@")[0]) for promise in one}
    names = [(host, host) for host in ("zimbra1", "zimbra2")]
    names += [(host, "mail") for host in ("mail", "zimbra1", "zimbra2")]
    assert found == {
        (7143, "zimbra1.example.test", "imap/zimbra1.example.test"),
        (7110, "zimbra1.example.test", "pop/zimbra1.example.test"),
        *((port, f"{host}.example.test", f"imap/{own}.example.test") for port in (143, 993) for host, own in names),
        *((port, f"{host}.example.test", f"pop/{own}.example.test") for port in (110, 995) for host, own in names),
        *((port, "zimbra1.example.test", "smtp/mail.example.test") for port in (587, 465)),
        *((port, "zimbra2.example.test", "smtp/zimbra2.example.test") for port in (587, 465)),
    }
    assert {promise.principal.partition("@")[2] for promise in promises} == {"EXAMPLE.TEST"}


@pytest.mark.parametrize("site", fleet.SITES, ids=lambda site: site.name)
def test_every_promised_login_leaves_nothing_unproved(site):
    assert proof.missing_logins(site, every_login(site)) == []


@pytest.mark.parametrize(
    ("site", "left_out"), [(site, number) for site in fleet.SITES for number in range(len(PROMISED[site.name]))]
)
def test_a_promised_login_that_was_not_tried_is_unproved(site, left_out):
    tried = every_login(site)
    promise = PROMISED[site.name][left_out]
    del tried[left_out]
    (sentence,) = proof.missing_logins(site, tried)
    assert sentence.startswith(
        f"{promise.user} did not log in to {promise.host} by {promise.protocol} ({promise.tls}, "
    )
    assert sentence.endswith(f"with a ticket for {promise.principal}")


def test_a_login_with_the_domain_in_the_name_is_not_the_promised_one():
    tried = every_login(fleet.AD)
    tried[0]["authenticated_as"] = "alice@AD.EXAMPLE.TEST"
    (sentence,) = proof.missing_logins(fleet.AD, tried)
    assert "by smtp (starttls, port 587) as alice with a ticket for smtp/axigen1" in sentence


def test_a_login_of_another_user_is_not_alices():
    tried = every_login()
    tried[0]["user"] = "probe@EXAMPLE.TEST"
    assert len(proof.missing_logins(fleet.MIT, tried)) == 1


@pytest.mark.parametrize("answer", [False, None])
def test_a_login_that_failed_is_told_once_with_cause_and_remedy(answer):
    tried = every_login()
    tried[1] |= {"ok": answer, "symptom": "no_key", "cause": "the keytab has no key", "remedy": "run site"}
    (sentence,) = proof.missing_logins(fleet.MIT, tried)
    assert sentence.endswith("no_key; the keytab has no key; run site")
    assert PROMISED["mit"][1].host in sentence
    tried[1]["service_principal"] = PROMISED["mit"][1].principal.partition("@")[0]
    assert proof.missing_logins(fleet.MIT, tried) == [sentence]


def test_a_login_is_recorded_with_its_product():
    (first, *dummy) = every_login()
    assert set(first) == set(proof.LOGIN_FIELDS)
    assert first["product"] == "postfix"
    assert proof.product(fleet.MIT, "mail.example.test") == "postfix"
    assert proof.product(fleet.AD, "axigen1.ad.example.test") == "axigen"
    assert proof.product(fleet.ZIMBRA, "mail.example.test") == "zimbra"
    assert proof.product(fleet.MIT, "elsewhere.example.test") == ""


def test_a_record_is_read_up_to_a_line_that_was_cut_short():
    whole = {"host": "mx1", "task": "Install", "outcome": "ok", "changed": True, "logins": [{"host": "x"}]}
    text = json.dumps(whole) + "\n" + json.dumps(whole)[:30]
    assert proof.read_record(text) == [TaskRun("mx1", "Install", "ok", True, ({"host": "x"},))]


def test_a_change_of_the_second_run_is_unproved():
    runs = [TaskRun("mx1", "Write main.cf", "ok", True), TaskRun("mx2", "Write main.cf", "ok", False)]
    assert proof.second_changes(runs) == ["the second run changed mx1: Write main.cf"]


def whole_proof():
    phases = (
        Phase("hosts", "mit", 2.0),
        Phase("site", "mit", 60.0, tasks=120, changes=80),
        Phase("site again", "mit", 20.0, tasks=118, changes=0),
    )
    return Proof("lab", "2026-01-01T00:00:00+00:00", ("mit",), phases, tuple(every_login()))


def test_the_summary_says_who_logged_in_where_with_which_ticket():
    text = proof.summary(whole_proof(), "/logs", 90.0)
    for words in ("alice@EXAMPLE.TEST", "smtp/mail.example.test@EXAMPLE.TEST, kvno 2, aes256-cts-hmac-sha1-96"):
        assert words in text
    assert "a run of site over the configured hosts looked at 118 tasks and changed nothing" in text
    assert "120 tasks   80 changes" in text
    assert "in all                90.0 s" in text
    assert "What to try next\n  python3 tests/lab run client1 -- kinit alice" in text
    assert "not proved" not in text


def test_what_to_try_next_names_the_instance():
    text = proof.summary(dataclasses.replace(whole_proof(), lab="x"), "/logs", 90.0)
    assert "\n  LAB=x python3 tests/lab run mx1" in text
    assert ".lab/x/group_vars" in text


def test_the_summary_of_two_sites_tells_their_phases_apart():
    phases = (Phase("site", "mit", 60.0, tasks=120, changes=0), Phase("site", "ad", 50.0, tasks=80, changes=0))
    made = (*every_login(), *every_login(fleet.AD))
    text = proof.summary(Proof("x", "", ("mit", "ad"), phases, made), "/logs", 110.0)
    assert "site (ad)             50.0 s    80 tasks    0 changes" in text
    assert "imaps axigen1.ad.example.test says that we are alice " in text
    assert "looked at 120 tasks and changed" in text
    assert "looked at 80 tasks and changed" in text
    assert "\n  LAB=x-ad python3 tests/lab run dc1 --" in text


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
