# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the clients of Zimbra's document must show."""

from __future__ import annotations

from lab import clients, proof
from lab.fleet import ZIMBRA

TICKETS = {user: [user, "krbtgt/EXAMPLE.TEST@PARTNER.TEST"] for user in ZIMBRA.users}


def every_login():
    users, services = ZIMBRA.users, clients.services(ZIMBRA)
    return [{"client": "gsasl", "user": user, **one, "ok": True, "said": "+OK"} for user in users for one in services]


def test_gsasl_goes_wherever_tls_begins_by_a_command():
    found = {(one["protocol"], one["host"].partition(".")[0], one["port"], one["name"]) for one in every_login()}
    assert ("imap", "zimbra1", 7143, "zimbra1.example.test") in found
    assert ("pop3", "mail", 110, "mail.example.test") in found
    assert ("smtp", "zimbra1", 587, "mail.example.test") in found
    assert {port for dummy, dummy_host, port, dummy_name in found} == {143, 110, 587, 7143, 7110}


def test_every_login_leaves_nothing_unproved():
    assert clients.unproved(ZIMBRA, every_login(), TICKETS) == []


def test_a_login_that_failed_is_told_in_gsasls_words():
    tried = every_login()
    tried[0] |= {"ok": False, "said": "mechanism error"}
    (sentence,) = clients.unproved(ZIMBRA, tried, TICKETS)
    assert sentence.startswith("gsasl as alice@EXAMPLE.TEST did not log in to zimbra1.example.test:7143 by imap")
    assert sentence.endswith(": mechanism error")


def test_a_login_that_was_not_tried_is_unproved():
    tried = every_login()
    gone = tried.pop()
    (sentence,) = clients.unproved(ZIMBRA, tried, TICKETS)
    assert sentence.startswith("gsasl did not try") and gone["user"] in sentence


def test_a_guest_must_have_come_by_the_trust_of_the_realms():
    (sentence,) = clients.unproved(ZIMBRA, every_login(), {**TICKETS, "bob@PARTNER.TEST": ["bob@PARTNER.TEST"]})
    assert (
        sentence == "bob@PARTNER.TEST got no ticket krbtgt/EXAMPLE.TEST@PARTNER.TEST, by which realms trust each other"
    )


def test_each_user_must_have_come_to_the_account_that_is_mapped():
    assert clients.unopened(ZIMBRA, ["alice@example.test", "bob@example.test"]) == []
    (sentence,) = clients.unopened(ZIMBRA, ["alice@example.test", "probe@example.test"])
    assert sentence.startswith("bob@PARTNER.TEST logged in, but not to bob@example.test: only alice@example.test, ")


def test_every_keytab_is_tested_as_the_user_who_reads_it():
    found = {(host.name, user, service) for host, user, keytab, service in clients.keytab_tests(ZIMBRA)}
    assert found == {
        (host, user, f"{service}@{name}.example.test")
        for host in ("zimbra1", "zimbra2")
        for user, service in (("zimbra", "imap"), ("zimbra", "pop"), ("postfix", "smtp"))
        for name in (host, "mail")
    }
    assert {keytab for dummy, user, keytab, dummy_service in clients.keytab_tests(ZIMBRA) if user == "postfix"} == {
        "/opt/zimbra/data/krb5/smtp.keytab"
    }


def test_a_key_that_is_not_accepted_is_told():
    (host, user, keytab, service), *dummy = clients.keytab_tests(ZIMBRA)
    tried = {"host": host.fqdn, "as": user, "keytab": keytab, "name": service, "ok": False, "said": "Permission denied"}
    assert clients.not_accepted([{**tried, "ok": True}]) == []
    (sentence,) = clients.not_accepted([tried])
    assert sentence.startswith("zimbra1.example.test: user zimbra accepts no context for imap@zimbra1.example.test")


def test_the_summary_counts_what_they_did():
    accepted = {"client": "gss-client", "user": ZIMBRA.user, "host": "zimbra1.example.test", "ok": True}
    made = proof.Proof("x-zimbra", "", ("zimbra",), clients=(*every_login(), accepted))
    text = proof.summary(made, "/logs", 1.0)
    count = len(clients.services(ZIMBRA))
    assert f"  bob@PARTNER.TEST logged in by gsasl to {count} of {count} services" in text
    assert "  zimbra1.example.test took tickets for 1 of 1 keys, each as its service's own user" in text
