# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.dialogue import Ending, Offered, Respond
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.http_login import (
    Challenge,
    Get,
    Response,
    http_login,
    parse_challenges,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.sasl_gssapi import SaslRefusal
from hypothesis import given
from hypothesis import strategies as st

ASKED = Response(401, "Unauthorized", ("Negotiate", 'Basic realm="mail, and more"'))
PROOF = "Negotiate " + base64.b64encode(b"server").decode()
TICKET = "Negotiate " + base64.b64encode(b"ticket").decode()


def browse(*responses, padded=False):
    """Hold the dialogue with a server of given responses: the headers that were sent, offers, challenges, ending."""
    left, sent, offered, challenges = list(responses), [], None, []
    dialogue = http_login(padded)
    act = next(dialogue)
    try:
        while True:
            if isinstance(act, Get):
                sent.append(act.authorization)
                result = left.pop(0)
            elif isinstance(act, Offered):
                offered, result = act.mechanisms, None
            else:
                assert isinstance(act, Respond)
                challenges.append(act.challenge)
                result = b"ticket"
            act = dialogue.send(result)
    except StopIteration as end:
        assert not left
        return sent, offered, challenges, end.value


def test_logs_in_with_one_ticket_and_checks_the_servers_proof():
    sent, offered, challenges, ending = browse(ASKED, Response(200, "OK", (PROOF,)))
    assert sent == ["", TICKET]
    assert offered == ("Negotiate", "Basic")
    assert challenges == [b"", b"server"]
    assert ending == Ending(True, "200 OK")


def test_a_second_leg_is_gone_along_with():
    sent, dummy, challenges, ending = browse(ASKED, Response(401, "More", (PROOF,)), Response(302, "Found"))
    assert sent == ["", TICKET, TICKET]
    assert challenges == [b"", b"server"]
    assert ending == Ending(True, "302 Found")


def test_endless_legs_are_ended():
    again = Response(401, "More", (PROOF,))
    dummy, dummy, dummy, ending = browse(ASKED, *[again] * 6)
    assert ending == Ending(False, "401 More", "http_refused")


@pytest.mark.parametrize(
    ("responses", "symptom"),
    [
        ([Response(200, "OK")], "http_not_protected"),
        ([Response(302, "Found")], "http_moved"),
        ([Response(404, "Not Found")], "http_error"),
        ([Response(503, "Busy", ("Negotiate",))], "http_error"),
        ([Response(401, "No", ('Basic realm="Negotiate"',))], "negotiate_not_offered"),
        ([ASKED, ASKED], "http_refused"),
        ([ASKED, Response(403, "Forbidden")], "http_forbidden"),
        ([ASKED, Response(400, "Bad Request")], "http_header_too_large"),
        ([ASKED, Response(431, "Too Large")], "http_header_too_large"),
        ([ASKED, Response(500, "Oh")], "http_error"),
    ],
)
def test_says_what_a_refusal_means(responses, symptom):
    dummy, dummy, dummy, ending = browse(*responses)
    assert (ending.ok, ending.symptom) == (False, symptom)
    assert ending.answer == responses[-1].answer


@pytest.mark.parametrize("status", [400, 413, 431])
def test_a_first_request_with_padding_may_be_too_long_already(status):
    refused = Response(status, "No")
    assert browse(refused)[3].symptom == "http_error"
    assert browse(refused, padded=True)[3] == Ending(False, f"{status} No", "http_header_too_large")
    assert browse(Response(404, "Not Found"), padded=True)[3].symptom == "http_error"


def test_a_token_that_is_none_is_refused():
    with pytest.raises(SaslRefusal):
        browse(ASKED, Response(200, "OK", ("Negotiate !!",)))


@pytest.mark.parametrize(
    ("values", "challenges"),
    [
        ((), ()),
        (("Negotiate",), (Challenge("Negotiate"),)),
        (("Negotiate YII=",), (Challenge("Negotiate", "YII="),)),
        (('Basic realm="a, Negotiate", charset="UTF-8", NEGOTIATE',), (Challenge("Basic"), Challenge("NEGOTIATE"))),
        (('Digest realm="x", nonce="\\"y", qop=auth', "NTLM"), (Challenge("Digest"), Challenge("NTLM"))),
        (('Negotiate, Basic realm="x"',), (Challenge("Negotiate"), Challenge("Basic"))),
    ],
)
def test_challenges_are_told_from_parameters(values, challenges):
    assert parse_challenges(values) == challenges


@given(st.lists(st.text()))
def test_no_header_brings_the_parser_down(values):
    for challenge in parse_challenges(tuple(values)):
        assert challenge.scheme
