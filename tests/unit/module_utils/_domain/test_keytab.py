# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import struct

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import (
    MAGIC,
    MAGIC_NATIVE,
    KeytabEntry,
    KeytabFormatError,
    parse,
    serialize,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import PrincipalName
from hypothesis import given
from hypothesis import strategies as st

WIDE = st.integers(0, 2**32 - 1)
NAMES = st.builds(
    PrincipalName, st.lists(st.binary(max_size=9), min_size=1, max_size=4).map(tuple), st.binary(max_size=9), WIDE
)
ENTRIES = st.builds(KeytabEntry, NAMES, WIDE, WIDE, st.integers(-32768, 32767), st.binary(max_size=40))
ENTRY = KeytabEntry(PrincipalName((b"smtp", b"mx1.example.test"), b"EXAMPLE.TEST"), 1700000000, 2, 18, b"k" * 32)


def hole(size):
    return struct.pack(">i", -size) + b"\0" * size


def native(entry, order):
    """The entry as version 0x0501 has it."""
    counted = [
        struct.pack(order + "H", len(part)) + part for part in (entry.principal.realm, *entry.principal.components)
    ]
    body = struct.pack(order + "H", len(counted)) + b"".join(counted)
    body += struct.pack(order + "IBhH", entry.timestamp, entry.kvno & 0xFF, entry.enctype, len(entry.key)) + entry.key
    return struct.pack(order + "i", len(body)) + body


def stretched(entry, more):
    """A 0x0502 entry with ``more`` in place of its 32-bit kvno."""
    body = serialize([entry])[6:-4] + more
    return MAGIC + struct.pack(">i", len(body)) + body


@given(st.lists(ENTRIES, max_size=5))
def test_entries_survive_being_written_and_read(entries):
    assert parse(serialize(entries), "file") == tuple(entries)


@given(st.binary(max_size=200))
def test_any_bytes_are_entries_or_refused(content):
    for magic in (b"", MAGIC, MAGIC_NATIVE):
        read_or_refused(magic + content)


@given(st.lists(ENTRIES, min_size=1, max_size=3), st.data())
def test_a_damaged_keytab_is_entries_or_refused(entries, data):
    content = bytearray(serialize(entries))
    for dummy in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(2, len(content) - 1))
        content[at : at + 1] = data.draw(st.binary(max_size=3))
        if len(content) < 4:
            break
    read_or_refused(bytes(content))


def read_or_refused(content):
    try:
        entries = parse(content, "file")
    except KeytabFormatError as refusal:
        assert str(refusal).startswith("file: ")
        assert "\n" not in str(refusal)
    else:
        # what is read takes no more room than what it was read from
        assert sum(len(entry.key) for entry in entries) <= len(content)


@given(st.lists(ENTRIES, min_size=1, max_size=3), st.data())
def test_every_cut_inside_an_entry_is_refused(entries, data):
    content = serialize(entries)
    cut = data.draw(st.integers(2, len(content) - 1))
    boundaries = {len(serialize(entries[:count])) for count in range(len(entries) + 1)}
    if cut in boundaries:
        assert parse(content[:cut], "file") == tuple(entries[: sorted(boundaries).index(cut)])
    else:
        with pytest.raises(KeytabFormatError):
            parse(content[:cut], "file")


@given(st.lists(ENTRIES, max_size=3), st.integers(1, 40), st.integers(0, 3))
def test_holes_are_skipped(entries, size, at):
    pieces = [serialize([entry])[2:] for entry in entries]
    pieces.insert(min(at, len(pieces)), hole(size))
    assert parse(MAGIC + b"".join(pieces), "file") == tuple(entries)


def test_a_length_of_zero_ends_the_file():
    whole = serialize([ENTRY])
    assert parse(whole + b"\0\0\0\0" + b"anything", "file") == (ENTRY,)


@pytest.mark.parametrize("order", ["<", ">"])
@given(st.lists(ENTRIES, min_size=1, max_size=3))
def test_the_old_version_is_read_in_both_byte_orders(order, entries):
    content = MAGIC_NATIVE + b"".join(native(entry, order) for entry in entries)
    read = parse(content, "file")
    assert [(one.principal.identity, one.timestamp, one.kvno, one.enctype, one.key) for one in read] == [
        (one.principal.identity, one.timestamp, one.kvno & 0xFF, one.enctype, one.key) for one in entries
    ]


@pytest.mark.parametrize(
    ("more", "kvno"),
    [
        (b"", 44),
        (b"\0\0\1", 44),
        (struct.pack(">I", 0), 44),
        (struct.pack(">I", 300), 300),
        (struct.pack(">I", 300) + b"trailing", 300),
        (struct.pack(">I", 0xFFFF0001), 0xFFFF0001),
    ],
)
def test_the_wide_kvno_replaces_the_narrow_one(more, kvno):
    entry = KeytabEntry(ENTRY.principal, ENTRY.timestamp, 300, 18, ENTRY.key)
    (read,) = parse(stretched(entry, more), "file")
    assert read.kvno == kvno


@pytest.mark.parametrize(
    ("content", "finding"),
    [
        (b"", "is empty"),
        (b"\x05", "not a keytab"),
        (b"BQIAAAA=", "base64"),
        (b"$ANSIBLE_VAULT;1.1;AES256\n", "ansible-vault"),
        (b"\x05\x04\0\0", "credential cache"),
        (b"# comment", "not a keytab"),
        (MAGIC + b"\0\0", "entry 1 at byte 2: its length takes 4 bytes, 2 are left"),
        (MAGIC + struct.pack(">i", 900) + b"x" * 61, "entry 1 at byte 6: it takes 900 bytes, 61 are left"),
        (MAGIC + struct.pack(">i", -(2**31)), "a hole left by a deletion takes 2147483648 bytes, 0 are left"),
        (serialize([ENTRY])[:-1], "entry 1 at byte 6"),
        (serialize([ENTRY, ENTRY])[:-1], "entry 2 at byte "),
        (MAGIC + struct.pack(">iHH", 4, 0, 0), "the principal has no name"),
        (MAGIC + struct.pack(">iHH", 4, 1, 9), "the realm takes 9 bytes, 0 are left"),
    ],
)
def test_what_is_no_keytab_is_refused_with_its_place(content, finding):
    with pytest.raises(KeytabFormatError) as refused:
        parse(content, "/etc/krb5.keytab")
    assert str(refused.value).startswith("/etc/krb5.keytab: ")
    assert finding in str(refused.value)


def test_no_key_is_in_the_text_of_an_entry():
    assert "kkk" not in repr(ENTRY)
    assert "kkk" not in str((ENTRY,))
