# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.dialogue import (
    Ending,
    Offered,
    ReadLine,
    Respond,
    Say,
    StartTls,
    text,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.imap_login import imap_login
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.pop3_login import pop3_login
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.sasl_gssapi import SaslRefusal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.smtp_login import smtp_login
from hypothesis import given
from hypothesis import strategies as st

TOKENS = [b"first", b"", b"layer"]
TLS = "<TLS>"
LINES = {b"first": "Zmlyc3Q=", b"": "", b"layer": "bGF5ZXI="}


class Unread(Exception):
    """The dialogue ended before the server did."""


def talk(dialogue, server):
    """Hold the dialogue with a server of given lines; what the client said, what was offered, and the ending.

    A server that has nothing left to say ends the test: no dialogue may wait for more.
    """
    lines, tokens = list(server), list(TOKENS)
    said, offered, challenges = [], None, []
    act = next(dialogue)
    try:
        while True:
            result = b""
            if isinstance(act, ReadLine):
                result = lines.pop(0)
            elif isinstance(act, Say):
                said.append(act.line.decode())
            elif isinstance(act, StartTls):
                said.append(TLS)
            elif isinstance(act, Offered):
                offered = act.mechanisms
            else:
                assert isinstance(act, Respond)
                challenges.append(act.challenge)
                result = tokens.pop(0)
            act = dialogue.send(result)
    except StopIteration as end:
        if lines:
            raise Unread(lines) from None
        return said, offered, challenges, end.value


SMTP_OPEN = [b"220 mx1.example.test ESMTP", b"250-mx1.example.test", b"250-SIZE 1", b"250-STARTTLS", b"250 HELP"]
SMTP_SECURE = [b"220 2.0.0 Ready", b"250-mx1.example.test", b"250-AUTH GSSAPI PLAIN", b"250 AUTH=GSSAPI PLAIN LOGIN"]
SMTP_AUTH = [b"334 ", b"334 " + base64.b64encode(b"proof"), b"334 " + base64.b64encode(b"\x07\0\0\0")]
EHLO = "EHLO [192.0.2.1]"


def smtp(tls="starttls"):
    return smtp_login(tls, "[192.0.2.1]")


def test_smtp_logs_in_under_starttls():
    said, offered, challenges, ending = talk(smtp(), [*SMTP_OPEN, *SMTP_SECURE, *SMTP_AUTH, b"235 2.7.0 Well done"])
    assert said == [EHLO, "STARTTLS", TLS, EHLO, "AUTH GSSAPI", "Zmlyc3Q=", "", "bGF5ZXI="]
    assert offered == ("GSSAPI", "PLAIN", "LOGIN")
    assert challenges == [b"", b"proof", b"\x07\0\0\0"]
    assert ending == Ending(True, "235 2.7.0 Well done", farewell=b"QUIT")


def test_smtp_takes_mechanisms_after_tls_only_from_the_second_ehlo():
    hidden = [b"220 x", b"250-x", b"250-AUTH GSSAPI", b"250 STARTTLS", b"220 go", b"250-x", b"250 AUTH PLAIN"]
    said, offered, dummy, ending = talk(smtp(), hidden)
    assert offered == ("PLAIN",)
    assert ending.symptom == "gssapi_not_offered"
    assert said[-1] == EHLO


@pytest.mark.parametrize(
    ("tls", "server", "symptom", "answer"),
    [
        ("none", [b"554 5.7.1 go away"], "", "554 5.7.1 go away"),
        ("none", [b"* OK IMAP"], "not_this_protocol", "* OK IMAP"),
        ("none", [b"220 x", b"502 no EHLO here"], "", "502 no EHLO here"),
        ("starttls", [b"220 x", b"250-x", b"250 AUTH GSSAPI"], "starttls_not_offered", "250 x AUTH GSSAPI"),
        ("starttls", [*SMTP_OPEN, b"454 4.7.0 no certificate"], "starttls_refused", "454 4.7.0 no certificate"),
        ("none", [b"220 x", b"250-x", b"250 STARTTLS"], "gssapi_only_under_tls", "250 x STARTTLS"),
        ("none", [b"220 x", b"250-STARTTLS", b"250 AUTH PLAIN"], "gssapi_not_offered", "250 STARTTLS AUTH PLAIN"),
        ("none", [b"220 x", b"250-x", b"250 AUTH PLAIN"], "gssapi_not_offered", "250 x AUTH PLAIN"),
        ("none", [b"220 x", b"250-x", b"250 AUTH GSSAPI", b"535 5.7.8 no"], "", "535 5.7.8 no"),
        ("none", [b"220 x", b"250-x", b"250 AUTH GSSAPI", b"hello"], "", "hello"),
    ],
)
def test_smtp_says_where_it_stopped(tls, server, symptom, answer):
    dummy, dummy, dummy, ending = talk(smtp(tls), server)
    assert (ending.ok, ending.symptom, ending.answer) == (False, symptom, answer)


def test_smtp_refuses_a_challenge_that_is_none():
    with pytest.raises(SaslRefusal, match="not base64"):
        talk(smtp("none"), [b"220 x", b"250-x", b"250 AUTH GSSAPI", b"334 what?"])


IMAP_OPEN = [b"* OK [CAPABILITY IMAP4rev1] ready", b"* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED", b"c1 OK done"]
IMAP_SECURE = [b"c2 OK begin", b"* CAPABILITY IMAP4rev1 AUTH=GSSAPI AUTH=PLAIN", b"c3 OK done"]
IMAP_AUTH = [b"+ ", b"+ " + base64.b64encode(b"proof"), b"+" + base64.b64encode(b"\x07\0\0\0")]


def test_imap_logs_in_under_starttls():
    last = [b"* CAPABILITY IMAP4rev1 IDLE", b"c4 OK [CAPABILITY IMAP4rev1] Logged in"]
    said, offered, challenges, ending = talk(imap_login("starttls"), [*IMAP_OPEN, *IMAP_SECURE, *IMAP_AUTH, *last])
    assert said == ["c1 CAPABILITY", "c2 STARTTLS", TLS, "c3 CAPABILITY", "c4 AUTHENTICATE GSSAPI", *LINES.values()]
    assert offered == ("GSSAPI", "PLAIN")
    assert challenges == [b"", b"proof", b"\x07\0\0\0"]
    assert ending == Ending(True, "OK [CAPABILITY IMAP4rev1] Logged in", farewell=b"c5 LOGOUT")


IMAP_CLEAR = [b"* OK ready", b"* CAPABILITY IMAP4rev1 AUTH=GSSAPI", b"c1 OK done"]


@pytest.mark.parametrize(
    ("tls", "server", "symptom", "answer"),
    [
        ("none", [b"* BYE too many"], "", "* BYE too many"),
        ("none", [b"+OK POP3"], "not_this_protocol", "+OK POP3"),
        ("starttls", IMAP_CLEAR, "starttls_not_offered", "* OK ready"),
        ("starttls", [*IMAP_OPEN, b"c2 NO no certificate"], "starttls_refused", "NO no certificate"),
        ("none", IMAP_OPEN, "gssapi_only_under_tls", "* OK [CAPABILITY IMAP4rev1] ready"),
        ("none", [b"* OK x", b"* CAPABILITY AUTH=PLAIN", b"c1 OK"], "gssapi_not_offered", "* OK x"),
        ("none", [b"* OK x", b"c1 BAD what"], "", "BAD what"),
        ("none", [*IMAP_CLEAR, b"c4 NO [UNAVAILABLE] later"], "", "NO [UNAVAILABLE] later"),
        ("none", [*IMAP_CLEAR, b"+ ", b"* BYE dying"], "", "* BYE dying"),
        ("none", [*IMAP_CLEAR, b"hello"], "not_this_protocol", "hello"),
    ],
)
def test_imap_says_where_it_stopped(tls, server, symptom, answer):
    dummy, dummy, dummy, ending = talk(imap_login(tls), server)
    assert (ending.ok, ending.symptom, ending.answer) == (False, symptom, answer)


POP3_OPEN = [b"+OK ready", b"+OK", b"STLS", b"USER", b"."]
POP3_SECURE = [b"+OK begin", b"+OK", b"SASL GSSAPI PLAIN", b"."]
POP3_AUTH = [b"+ ", b"+ " + base64.b64encode(b"proof"), b"+ " + base64.b64encode(b"\x07\0\0\0")]


def test_pop3_logs_in_under_stls():
    said, offered, challenges, ending = talk(
        pop3_login("starttls"), [*POP3_OPEN, *POP3_SECURE, *POP3_AUTH, b"+OK Logged in."]
    )
    assert said == ["CAPA", "STLS", TLS, "CAPA", "AUTH GSSAPI", *LINES.values()]
    assert offered == ("GSSAPI", "PLAIN")
    assert challenges == [b"", b"proof", b"\x07\0\0\0"]
    assert ending == Ending(True, "+OK Logged in.", farewell=b"QUIT")


POP3_CLEAR = [b"+OK x", b"+OK", b"SASL GSSAPI", b"."]


@pytest.mark.parametrize(
    ("tls", "server", "symptom", "answer"),
    [
        ("none", [b"-ERR busy"], "", "-ERR busy"),
        ("none", [b"220 mail"], "not_this_protocol", "220 mail"),
        ("starttls", POP3_CLEAR, "starttls_not_offered", "+OK x"),
        ("starttls", [*POP3_OPEN, b"-ERR no certificate"], "starttls_refused", "-ERR no certificate"),
        ("none", POP3_OPEN, "gssapi_only_under_tls", "+OK ready"),
        ("none", [b"+OK x", b"-ERR unknown"], "gssapi_not_offered", "+OK x"),
        ("none", [*POP3_CLEAR, b"-ERR [AUTH] no"], "", "-ERR [AUTH] no"),
        ("none", [*POP3_CLEAR, b"hello"], "not_this_protocol", "hello"),
    ],
)
def test_pop3_says_where_it_stopped(tls, server, symptom, answer):
    dummy, dummy, dummy, ending = talk(pop3_login(tls), server)
    assert (ending.ok, ending.symptom, ending.answer) == (False, symptom, answer)


@pytest.mark.parametrize("login", [smtp, imap_login, pop3_login])
@given(lines=st.lists(st.one_of(st.binary(max_size=40), st.sampled_from([*SMTP_OPEN, *IMAP_OPEN, *POP3_OPEN]))))
def test_no_server_brings_a_dialogue_down(login, lines):
    """Whatever comes: an ending, a refusal, or the wait for one more line."""
    try:
        talk(login("none"), [line.replace(b"\n", b"") for line in lines])
    except (SaslRefusal, Unread):
        pass
    except IndexError as waiting:
        assert str(waiting) == "pop from empty list"


@given(st.binary())
def test_answers_are_safe_to_print(line):
    assert text(line).isprintable()


@pytest.mark.parametrize("login", [smtp, imap_login, pop3_login])
def test_a_server_that_talks_on_is_left(login):
    greeting = {smtp: b"220-x", imap_login: b"* OK x", pop3_login: b"+OK x"}[login]
    dialogue = login("none")
    act = next(dialogue)
    endless = {smtp: b"220-x", imap_login: b"* x", pop3_login: b"+OK x"}[login]
    with pytest.raises(StopIteration):
        for number in range(2000):
            act = dialogue.send((greeting if number == 0 else endless) if isinstance(act, ReadLine) else b"")
