# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions to a name server and its answers, byte by byte as RFC 1035 has them."""

from __future__ import annotations

import contextlib
import ipaddress
import struct

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.dns_message import (
    KINDS,
    DnsRefusal,
    dns_answers,
    dns_query,
    is_truncated,
    reverse_name,
)
from hypothesis import given
from hypothesis import strategies as st

NAME = "_kerberos._udp.example.test"
ASKED_NAME = b"\xc0\x0c"  # a pointer to the name in the question
RECORDS = {
    "A": ipaddress.ip_address("192.0.2.1").packed,
    "AAAA": ipaddress.ip_address("2001:db8::1").packed,
    "PTR": b"\3mx1\7example\4test\0",
    "SRV": b"\0\12\0\5\0\x58\4kdc1\xc0\x1b",  # a name that ends where the question's does
    "TXT": b"\7EXAMPLE\5.TEST",
}


def answer(query: bytes, *records: tuple[int, bytes], flags: int = 0x8180) -> bytes:
    head = struct.pack(">HHHHH", flags, 1, len(records), 0, 0)
    told = (ASKED_NAME + struct.pack(">HHIH", kind, 1, 300, len(data)) + data for kind, data in records)
    return query[:2] + head + query[12:] + b"".join(told)


def test_a_question_is_a_header_and_the_name_in_labels() -> None:
    wire = b"\x12\x67\1\0\0\1\0\0\0\0\0\0\3mx1\7example\4test\0\0\x1c\0\1"
    assert dns_query(4711, "mx1.example.test.", "AAAA") == wire


@pytest.mark.parametrize(
    ("name", "kind", "told"),
    [
        ("mx1.example.test", "A", "192.0.2.1"),
        ("mx1.example.test", "AAAA", "2001:db8::1"),
        ("1.2.0.192.in-addr.arpa", "PTR", "mx1.example.test"),
        (NAME, "SRV", "10 5 88 kdc1.example.test"),
        ("_kerberos.example.test", "TXT", '"EXAMPLE" ".TEST"'),
    ],
)
def test_records_of_each_kind(name: str, kind: str, told: str) -> None:
    query = dns_query(1, name, kind)
    assert dns_answers(answer(query, (KINDS[kind], RECORDS[kind])), query, kind) == (told,)


def test_an_alias_on_the_way_is_passed_over() -> None:
    query = dns_query(1, "mail.example.test", "A")
    assert dns_answers(answer(query, (5, RECORDS["PTR"]), (1, RECORDS["A"])), query, "A") == ("192.0.2.1",)


@pytest.mark.parametrize("rcode", [0, 2, 3, 5])
def test_none_where_there_is_none(rcode: int) -> None:
    query = dns_query(1, NAME, "SRV")
    assert dns_answers(answer(query, flags=0x8180 | rcode), query, "SRV") == ()


def test_an_answer_to_another_question_is_refused() -> None:
    with pytest.raises(DnsRefusal, match="no answer to what was asked"):
        dns_answers(answer(dns_query(2, NAME, "SRV")), dns_query(1, NAME, "SRV"), "SRV")
    with pytest.raises(DnsRefusal, match="no answer to what was asked"):
        dns_answers(dns_query(1, NAME, "SRV"), dns_query(1, NAME, "SRV"), "SRV")


def test_a_name_without_end_is_refused() -> None:
    query = dns_query(1, "a.test", "PTR")
    looping = query[:2] + b"\x81\x80\0\1\0\1\0\0\0\0" + b"\xc0\x0c\0\x0c\0\1"
    with pytest.raises(DnsRefusal, match="has no end"):
        dns_answers(looping, query, "PTR")


@pytest.mark.parametrize("name", ["", "a..test", "x" * 64, "m\u00fcller.test"])
def test_names_that_cannot_be_asked_for(name: str) -> None:
    with pytest.raises(DnsRefusal, match="is no name for DNS"):
        dns_query(1, name, "A")


def test_truncation_is_seen() -> None:
    query = dns_query(1, NAME, "SRV")
    assert not is_truncated(answer(query))
    assert is_truncated(answer(query, flags=0x8380))


def test_names_of_addresses() -> None:
    assert reverse_name("192.0.2.1") == "1.2.0.192.in-addr.arpa"
    assert reverse_name("fe80::1%eth0").endswith(".8.e.f.ip6.arpa")
    with pytest.raises(DnsRefusal, match="is no address"):
        reverse_name("mx1")


@given(st.binary(max_size=120), st.integers(0, 100), st.integers(0, 255))
def test_no_bytes_are_a_surprise(noise: bytes, at: int, byte: int) -> None:
    query = dns_query(1, NAME, "SRV")
    sound = answer(query, (KINDS["SRV"], RECORDS["SRV"]))
    for message in (query[:2] + noise, sound[:at] + bytes((byte,)) + sound[at + 1 :]):
        with contextlib.suppress(DnsRefusal):
            dns_answers(message, query, "SRV")
