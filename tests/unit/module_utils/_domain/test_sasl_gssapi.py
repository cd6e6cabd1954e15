# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.sasl_gssapi import (
    LayerOffer,
    SaslRefusal,
    choose_layer,
    decode_token,
    encode_token,
    parse_offer,
)
from hypothesis import given
from hypothesis import strategies as st


def test_the_example_of_all_layers():
    # What Cyrus SASL sends: all three layers, 64 KiB.
    assert parse_offer(b"\x07\x01\x00\x00") == LayerOffer(layers=7, largest=65536)


@given(st.integers(0, 255), st.integers(0, 2**24 - 1))
def test_every_four_bytes_are_an_offer(layers, largest):
    assert parse_offer(bytes((layers,)) + largest.to_bytes(3, "big")) == LayerOffer(layers, largest)


@given(st.binary(max_size=20).filter(lambda message: len(message) != 4))
def test_other_lengths_are_refused(message):
    with pytest.raises(SaslRefusal, match="4 of RFC 4752"):
        parse_offer(message)


def test_no_layer_is_chosen_with_an_empty_buffer_and_the_identity_behind():
    assert choose_layer(LayerOffer(7, 65536), "") == b"\x01\x00\x00\x00"
    assert choose_layer(LayerOffer(1, 0), "jörg") == b"\x01\x00\x00\x00j\xc3\xb6rg"


@pytest.mark.parametrize("layers", [0, 2, 4, 6])
def test_a_server_that_insists_on_a_layer_is_refused(layers):
    with pytest.raises(SaslRefusal, match="min_ssf"):
        choose_layer(LayerOffer(layers, 65536), "")


@given(st.binary(max_size=200))
def test_tokens_survive_the_line(token):
    line = encode_token(token)
    assert b"\n" not in line
    assert base64.b64decode(line) == token
    assert decode_token(b" " + line + b" ") == token


@pytest.mark.parametrize("text", [b"abc", b"a b c d", b"no base64!", b"\xff\xfe"])
def test_what_is_not_base64_is_refused(text):
    with pytest.raises(SaslRefusal, match="not base64"):
        decode_token(text)
