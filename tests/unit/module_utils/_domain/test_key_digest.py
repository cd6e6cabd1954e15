# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import contextlib
import json

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.key_digest import (
    PREFIX,
    DigestRefusal,
    KeyDigest,
    decode_digests,
    digest_entry,
    encode_digests,
    holds_digests,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import KeytabEntry
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import PrincipalName
from hypothesis import given
from hypothesis import strategies as st

NAMES = st.builds(
    PrincipalName, st.lists(st.binary(max_size=6), min_size=1, max_size=3).map(tuple), st.binary(max_size=6)
)
DIGESTS = st.builds(
    KeyDigest,
    NAMES,
    st.none() | st.integers(0, 2**32 - 1),
    st.none() | st.integers(-32768, 32767),
    st.none() | st.binary(min_size=32, max_size=32).map(bytes.hex),
)
ENTRY = KeytabEntry(PrincipalName((b"smtp", b"mx1"), b"R"), 1700000000, 2, 18, b"k" * 32)


@given(st.binary(min_size=1, max_size=32), st.lists(DIGESTS, max_size=4))
def test_digests_survive_being_encoded(nonce, digests):
    text = encode_digests(nonce, digests)
    assert holds_digests(text)
    assert text.isascii()
    assert decode_digests(text, "sources[0]") == (nonce, tuple(digests))


@given(st.text(max_size=40) | st.binary(max_size=40).map(lambda data: base64.b64encode(data).decode()))
def test_damaged_digests_are_refused_and_nothing_else_is_raised(text):
    try:
        decode_digests(PREFIX + text, "sources[0]")
    except DigestRefusal as refusal:
        assert str(refusal).startswith("sources[0]: ")


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["nonce", "entries", "principal", "kvno", "enctype", "digest"]), inner)
        ),
    )
)
def test_json_of_another_shape_is_refused_and_nothing_else_is_raised(document):
    text = PREFIX + base64.b64encode(json.dumps(document).encode()).decode()
    with contextlib.suppress(DigestRefusal):
        decode_digests(text, "sources[0]")


def test_a_digest_depends_on_everything_and_the_timestamp_is_nothing():
    others = [
        KeytabEntry(PrincipalName((b"smtp", b"mx2"), b"R"), 0, 2, 18, b"k" * 32),
        KeytabEntry(ENTRY.principal, 0, 3, 18, b"k" * 32),
        KeytabEntry(ENTRY.principal, 0, 2, 17, b"k" * 32),
        KeytabEntry(ENTRY.principal, 0, 2, 18, b"l" * 32),
    ]
    digests = {digest_entry(b"n" * 32, entry).digest for entry in [ENTRY, *others]}
    assert len(digests) == 5
    assert digest_entry(b"m" * 32, ENTRY).digest not in digests
    assert digest_entry(b"n" * 32, KeytabEntry(ENTRY.principal, 5, 2, 18, b"k" * 32)).digest in digests


def test_no_key_is_in_the_string():
    text = encode_digests(b"n" * 32, [digest_entry(b"n" * 32, ENTRY)])
    inside = base64.b64decode(text[len(PREFIX) :])
    assert b"k" * 32 not in inside
    assert (b"k" * 32).hex().encode() not in inside


def test_damage_is_told_in_one_sentence():
    with pytest.raises(DigestRefusal, match=r"^sources\[1\]\.content: .* keytab_export"):
        decode_digests(PREFIX + "%%%", "sources[1].content")
