# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import contextlib

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import der
from hypothesis import given
from hypothesis import strategies as st

# X.690, sections 8.1.3 and 8.3, by hand.
LENGTHS = {0: "00", 127: "7f", 128: "8180", 255: "81ff", 256: "820100", 65536: "83010000"}
INTEGERS = {
    0: "020100",
    127: "02017f",
    128: "02020080",
    256: "02020100",
    -1: "0201ff",
    -128: "020180",
    -129: "0202ff7f",
}


@pytest.mark.parametrize("length", LENGTHS)
def test_lengths(length):
    whole = der.encode(der.OCTET_STRING, bytes(length))
    assert whole[1 : -length or None].hex() == LENGTHS[length]
    assert der.element(whole, 0) == (der.OCTET_STRING, bytes(length), len(whole))


@pytest.mark.parametrize("number", INTEGERS)
def test_integers(number):
    assert der.encode_integer(number).hex() == INTEGERS[number]


@given(st.integers(-(2**70), 2**70))
def test_integers_are_read_back(number):
    assert der.integer(der.encode_integer(number)) == number


def test_fields():
    fields = der.sequence(der.encode(der.SEQUENCE, der.encode(der.context(1), b"one"), der.encode(der.context(3), b"")))
    assert (der.field(fields, 1), der.optional_field(fields, 3), der.optional_field(fields, 2)) == (b"one", b"", None)
    with pytest.raises(der.DerRefusal, match="it has no field 0xa2"):
        der.field(fields, 2)
    assert der.application(10) == 0x6A


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it is cut short"),
        (b"\x30", "it is cut short"),
        (b"\x30\x02\x00", "it is cut short"),
        (b"\x30\x80", "a length is malformed"),
        (b"\x30\x82\x01", "a length is malformed"),
        (b"\x30\x85\x00\x00\x00\x00\x00", "a length is malformed"),
        (b"\x31\x00", "tag 0x31 stands where 0x30 is due"),
        (b"\x30\x84\xff\xff\xff\xff", "it is cut short"),
    ],
)
def test_other_bytes_are_refused(data, said):
    with pytest.raises(der.DerRefusal, match=said):
        der.sequence(data)


@given(st.binary(max_size=80))
def test_no_bytes_bring_the_reader_down(data):
    with contextlib.suppress(der.DerRefusal):
        der.sequence(b"\x30" + data)
