# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the sizes of tickets must show, and how a ticket is found in a token."""

from __future__ import annotations

import importlib
import sys
import types

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab import fleet, tickets
from lab.failure import LabError
from lab.judges.forged_tokens import der, negotiated


@pytest.fixture(scope="module")
def judge():
    """The judge without python3-gssapi, which the workstations have."""
    stub = types.ModuleType("gssapi")
    stub.OID = types.SimpleNamespace(from_int_seq=str)
    had = sys.modules.get("gssapi")
    sys.modules["gssapi"] = stub
    try:
        yield importlib.import_module("lab.judges.large_ticket")
    finally:
        del sys.modules["gssapi"]
        if had is not None:
            sys.modules["gssapi"] = had


def proved():
    return {
        "host": "cas1.ad.example.test",
        "limit": 65536,
        "stock_limit": 8192,
        "groups": 700,
        "few": {"ticket": 1143, "header": 1959, "request": 2100, "padding": 0, "status": 200, "named": "alice"},
        "many": {"ticket": 6743, "header": 9423, "request": 9580, "padding": 0, "status": 200, "named": "alice"},
        "refused": {"ticket": 6743, "request": 9580, "padding": 0, "status": 400, "named": "", "bare": 401},
    }


def test_sizes_as_they_should_be_leave_nothing_unproved():
    assert tickets.unproved(fleet.AD, proved()) == []


@pytest.mark.parametrize(
    ("where", "change", "word"),
    [
        ("few", {"named": "", "status": 401}, "without the groups: status 401"),
        ("many", {"ticket": 1143}, "700 groups are not in a request of 9580 bytes with a ticket of 1143"),
        ("many", {"request": 70000}, "has a limit of 65536 bytes for 70000"),
        ("many", {"request": 8000}, "8000 bytes is below the stock limit"),
        ("many", {"status": 400}, "does not take a request of 9580 bytes"),
        ("refused", {"request": 8000}, "8000 bytes is below the stock limit"),
        ("refused", {"status": 200, "named": "alice"}, "with the stock limit does not refuse a request"),
        ("refused", {"bare": 0}, "with the stock limit answers 0 to a small request"),
    ],
)
def test_others_are_told(where, change, word):
    found = proved()
    found[where] |= change
    (sentence,) = tickets.unproved(fleet.AD, found)
    assert word in sentence


@pytest.mark.parametrize("gone", ["few", "many", "refused"])
def test_what_was_not_measured_is_unproved(gone):
    found = proved()
    del found[gone]
    assert tickets.unproved(fleet.AD, found) == ["no ticket was measured"]


def test_the_summary_prints_the_sizes():
    first, second = tickets.lines(proved())
    assert first == "the ticket of alice in 700 groups has 6743 bytes (1143 without them), its header 9423"
    assert second.endswith("with its limit of 65536, and answers 400 with Tomcat's own of 8192")


@pytest.mark.parametrize("name", ["server.max-http-header-size", "server.max-http-request-header-size"])
def test_the_limit_is_read_and_lowered_and_all_else_stays(name):
    text = f"# {name}=1\n{name}: 65535\nserver.port=8080\n{name} = 65536\n\ncas.x=y"
    assert tickets.limit(text) == 65536
    assert tickets.lowered(text) == text.replace("65535", "8192").replace("65536", "8192")


def test_properties_without_a_limit_are_not_lowered():
    assert tickets.limit("server.port=8080\n") is None
    with pytest.raises(LabError, match="no limit of headers"):
        tickets.lowered("server.port=8080\n")


@given(ticket=st.binary(min_size=1, max_size=70000), options=st.binary(min_size=5, max_size=5))
def test_the_ticket_in_a_token_is_found(judge, ticket, options):
    fields = der(0xA0, b"\x02\x01\x05") + der(0xA1, b"\x02\x01\x0e") + der(0xA2, der(0x03, options))
    ap_req = der(0x6E, der(0x30, fields + der(0xA3, ticket) + der(0xA4, b"\x30\x00")))
    assert judge.ticket_in(negotiated(ap_req)) == ticket


@given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=300))))
def test_elements_are_read_as_they_were_written(judge, written):
    assert judge.elements(b"".join(der(tag, content) for tag, content in written)) == written


def test_a_request_is_padded_to_what_is_asked_for(judge):
    order = {"host": "cas1", "port": 8080, "path": "/cas/negotiate"}
    bare = judge.request(order)
    assert bare.startswith(b"GET /cas/negotiate HTTP/1.1\r\nHost: cas1:8080\r\n") and bare.endswith(b"\r\n\r\n")
    assert len(judge.request(order, "X-Padding: " + "x" * 10)) == len(bare) + len("X-Padding: ") + 10 + 2
