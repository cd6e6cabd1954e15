# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the listeners of Axigen's double make of the lines of real servers, and of a client's."""

from __future__ import annotations

import pytest
from lab.doubles.axigen import protocols
from lab.doubles.axigen.protocols import Imap, Policy, Pop3, Smtp, Step

CLEAR = Policy(frozenset({"CRAM-MD5", "GSSAPI"}), login=False, starttls=True)
SECURE = Policy(frozenset({"PLAIN", "GSSAPI"}), login=True, starttls=False)
GREETING = b"* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=CRAM-MD5 AUTH=GSSAPI] ready"


def passed(line):
    return Step(to_server=(line,))


def said(*lines):
    return Step(to_client=lines)


@pytest.mark.parametrize(
    ("policy", "line", "shown"),
    [
        (
            CLEAR,
            GREETING,
            b"* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=CRAM-MD5 AUTH=GSSAPI STARTTLS LOGINDISABLED] ready",
        ),
        (SECURE, GREETING, b"* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=GSSAPI] ready"),
        (SECURE, b"* CAPABILITY IMAP4rev1 AUTH=GSSAPI", b"* CAPABILITY IMAP4rev1 AUTH=GSSAPI"),
        (CLEAR, b"* BYE bye", b"* BYE bye"),
    ],
)
def test_imap_shows_what_the_policy_has(policy, line, shown):
    assert Imap().server(line, policy) == said(shown)


@pytest.mark.parametrize(
    ("policy", "line", "step"),
    [
        (CLEAR, b"a STARTTLS", Step(to_client=(b"a OK Begin TLS negotiation now",), begin_tls=True)),
        (SECURE, b"a starttls", said(b"a BAD double: no STARTTLS here")),
        (CLEAR, b"a AUTHENTICATE PLAIN", said(b"a NO double: this method is not offered")),
        (CLEAR, b"a LOGIN x y", said(b"a NO double: LOGIN is not allowed here")),
        (CLEAR, b"a authenticate gssapi YII=", passed(b"a authenticate gssapi YII=")),
        (SECURE, b"a LOGIN x y", passed(b"a LOGIN x y")),
        (CLEAR, b"a CAPABILITY", passed(b"a CAPABILITY")),
        (CLEAR, b"", passed(b"")),
    ],
)
def test_imap_commands(policy, line, step):
    assert Imap().client(line, policy) == step


def test_imap_login_is_held():
    imap = Imap()
    imap.client(b"a AUTHENTICATE GSSAPI", CLEAR)
    assert imap.method == "GSSAPI"
    assert imap.server(b"+ ", CLEAR) == said(b"+ ")
    assert imap.client(b"b LOGIN", CLEAR) == passed(b"b LOGIN")  # a token, whatever it looks like
    assert imap.server(b"a OK Logged in", CLEAR) == Step(held=b"a OK Logged in")
    assert imap.refusal(b"a OK Logged in") == b"a NO double: authentication failed"


def test_imap_login_fails():
    imap = Imap()
    imap.client(b"a AUTHENTICATE GSSAPI", CLEAR)
    assert imap.server(b"a NO no", CLEAR) == Step(to_client=(b"a NO no",), failed=True)
    assert imap.server(b"a NO no", CLEAR) == said(b"a NO no")


def answers(protocol, policy, *lines):
    return [line for one in lines for line in protocol.server(one, policy).to_client]


@pytest.mark.parametrize(
    ("policy", "shown"),
    [
        (CLEAR, [b"+OK", b"TOP", b"SASL CRAM-MD5 GSSAPI", b"STLS", b"."]),
        (SECURE, [b"+OK", b"TOP", b"USER", b"SASL PLAIN GSSAPI", b"."]),
        (Policy(frozenset(), login=False, starttls=False), [b"+OK", b"TOP", b"."]),
    ],
)
def test_pop3_lists_what_the_policy_has(policy, shown):
    pop3 = Pop3()
    assert pop3.client(b"CAPA", policy) == passed(b"CAPA")
    pop3.client(b"QUIT", policy)  # sent at once: it ends no list
    assert answers(pop3, policy, b"+OK", b"TOP", b"USER", b"SASL PLAIN CRAM-MD5 GSSAPI", b".") == shown
    assert answers(pop3, policy, b"USER", b".") == [b"USER", b"."]  # of another answer


@pytest.mark.parametrize(
    ("policy", "line", "step"),
    [
        (CLEAR, b"STLS", Step(to_client=(b"+OK Begin TLS negotiation now",), begin_tls=True)),
        (SECURE, b"STLS", said(b"-ERR double: no STLS here")),
        (CLEAR, b"AUTH PLAIN", said(b"-ERR double: this method is not offered")),
        (CLEAR, b"AUTH", said(b"+OK", b"CRAM-MD5", b"GSSAPI", b".")),
        (CLEAR, b"USER x", said(b"-ERR double: USER and PASS are not allowed here")),
        (SECURE, b"USER x", passed(b"USER x")),
    ],
)
def test_pop3_commands(policy, line, step):
    assert Pop3().client(line, policy) == step


@pytest.mark.parametrize("command", [b"AUTH GSSAPI", b"PASS x"])
def test_pop3_login(command):
    pop3 = Pop3()
    assert pop3.client(command, SECURE) == passed(command)
    assert pop3.server(b"+ ", SECURE) == said(b"+ ")
    assert pop3.server(b"-ERR no", SECURE) == Step(to_client=(b"-ERR no",), failed=True)
    pop3.client(command, SECURE)
    assert pop3.server(b"+OK in", SECURE) == Step(held=b"+OK in")
    assert pop3.refusal(b"+OK in") == b"-ERR double: authentication failed"


def test_smtp_answers_ehlo_in_axigens_words():
    smtp = Smtp()
    assert smtp.server(b"220 h Axigen ESMTP ready", CLEAR) == said(b"220 h Axigen ESMTP ready")
    smtp.client(b"EHLO x", CLEAR)
    lines = (b"250-h", b"250-SIZE 5", b"250-ETRN", b"250-AUTH GSSAPI LOGIN", b"250-AUTH=GSSAPI LOGIN", b"250 8BITMIME")
    shown = [b"h Axigen ESMTP hello", b"SIZE 5", b"AUTH LOGIN GSSAPI", b"AUTH=LOGIN GSSAPI", b"8BITMIME", b"STARTTLS"]
    assert answers(smtp, CLEAR, *lines) == [*(b"250-" + line for line in [*shown, b"HELP"]), b"250 OK"]
    assert smtp.server(b"250 2.1.0 Ok", CLEAR) == said(b"250 2.1.0 Ok")
    smtp.client(b"EHLO x", SECURE)
    assert answers(smtp, SECURE, *lines)[-3:] == [b"250-8BITMIME", b"250-HELP", b"250 OK"]


def test_smtp_ehlo_that_is_refused():
    smtp = Smtp()
    smtp.client(b"EHLO", CLEAR)
    assert smtp.server(b"501 no", CLEAR) == said(b"501 no")
    assert smtp.server(b"250 ok", CLEAR) == said(b"250 ok")


def test_smtp_login():
    smtp = Smtp()
    assert smtp.client(b"AUTH GSSAPI", CLEAR) == passed(b"AUTH GSSAPI")
    assert smtp.server(b"334 ", CLEAR) == said(b"334 ")
    assert smtp.client(b"STARTTLS", CLEAR) == passed(b"STARTTLS")  # a token
    assert smtp.server(b"535 5.7.8 no: reason", CLEAR) == Step(to_client=(b"535 Authentication failed",), failed=True)
    smtp.client(b"AUTH GSSAPI", CLEAR)
    assert smtp.server(b"235 in", CLEAR) == Step(held=b"235 in")
    assert smtp.client(b"STARTTLS", CLEAR) == Step(to_client=(b"220 Ready to start TLS",), begin_tls=True)
    assert smtp.client(b"STARTTLS", SECURE) == said(b"502 double: no STARTTLS here")


def test_every_mail_service_has_a_protocol():
    assert sorted(protocols.PROTOCOLS) == ["imap", "pop3", "smtpIncoming"]
