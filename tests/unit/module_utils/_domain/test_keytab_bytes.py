# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keytab format byte by byte: what MIT's tools wrote, the widths of its fields, and every place it may end in."""

from __future__ import annotations

import dataclasses
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
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import (
    NT_PRINCIPAL,
    NT_UNKNOWN,
    PrincipalName,
)

# ktutil of MIT 1.20.1: addent -key for two principals, wkt
WRITTEN_BY_MIT = bytes.fromhex(
    "0502"
    "00000049 0002 000c 4558414d504c452e54455354 0004 736d7470 0010 6d78312e6578616d706c652e74657374"
    "00000001 6b07aa54 2c 0011 0010 000102030405060708090a0b0c0d0e0f 0000012c"
    "00000038 0001 000c 4558414d504c452e54455354 0005 616c696365"
    "00000001 6b07aa54 01 0017 0010 101112131415161718191a1b1c1d1e1f 00000001"
)
MX1 = KeytabEntry(
    PrincipalName((b"smtp", b"mx1.example.test"), b"EXAMPLE.TEST", NT_PRINCIPAL), 0x6B07AA54, 300, 17, bytes(range(16))
)
ALICE = KeytabEntry(PrincipalName((b"alice",), b"EXAMPLE.TEST"), 0x6B07AA54, 1, 23, bytes(range(16, 32)))
REMEDY = "restore it from a backup or export it again with keytab_export"


def entry(body):
    return struct.pack(">i", len(body)) + body


def refusal(content):
    with pytest.raises(KeytabFormatError) as refused:
        parse(content, "/etc/krb5.keytab")
    return str(refused.value)


def test_what_mit_wrote_is_read_and_written_to_the_byte():
    assert parse(WRITTEN_BY_MIT, "file") == (MX1, ALICE)
    assert [one.principal.name_type for one in parse(WRITTEN_BY_MIT, "file")] == [NT_PRINCIPAL, NT_PRINCIPAL]
    assert serialize([MX1, ALICE]) == WRITTEN_BY_MIT


@pytest.mark.parametrize(("kvno", "narrow"), [(0, 0), (255, 255), (256, 0), (257, 1), (0xFFFF0001, 1)])
def test_readers_of_old_find_the_kvno_s_lowest_byte(kvno, narrow):
    written = serialize([dataclasses.replace(ALICE, kvno=kvno)])
    narrow_field, key, wide = written[-25], written[-20:-4], written[-4:]  # between the first two enctype and length
    assert (narrow_field, key, wide) == (narrow, ALICE.key, struct.pack(">I", kvno))


@pytest.mark.parametrize(
    "changed",
    [
        dataclasses.replace(ALICE, key=b"k" * 0xFFFF),
        dataclasses.replace(ALICE, principal=PrincipalName((b"a" * 0xFFFF,), b"R" * 0x8000)),
        dataclasses.replace(ALICE, principal=PrincipalName((b"",) * 0xFFFF, b"R")),
        dataclasses.replace(ALICE, principal=PrincipalName((b"a",), b"R", 2**32 - 1)),
        dataclasses.replace(ALICE, timestamp=2**32 - 1),
        dataclasses.replace(ALICE, enctype=-133),  # signed: Microsoft's RC4_HMAC_OLD
    ],
    ids=["key", "name", "components", "name type", "timestamp", "enctype"],
)
def test_fields_hold_what_their_width_holds(changed):
    assert parse(serialize([changed]), "file") == (changed,)


def test_the_old_version_has_no_name_type():
    body = struct.pack("<HH1sH1sIBhH", 2, 1, b"R", 1, b"a", 7, 3, 18, 4) + b"key!"
    (read,) = parse(MAGIC_NATIVE + struct.pack("<i", len(body)) + body, "file")
    assert read == KeytabEntry(PrincipalName((b"a",), b"R", NT_UNKNOWN), 7, 3, 18, b"key!")


def test_the_old_version_has_32_bits_of_kvno_behind_the_key_too():
    for order in "<>":
        body = struct.pack(order + "HH1sH1sIBhH", 2, 1, b"R", 1, b"a", 7, 44, 18, 4) + b"key!"
        body += struct.pack(order + "I", 300)
        (read,) = parse(MAGIC_NATIVE + struct.pack(order + "i", len(body)) + body, "file")
        assert read.kvno == 300


def test_the_old_version_that_fits_neither_order_is_told_as_the_usual_machine_reads_it():
    said = refusal(MAGIC_NATIVE + struct.pack("<i", 9) + b"x")
    assert said == f"/etc/krb5.keytab: entry 1 at byte 6: it takes 9 bytes, 1 are left; {REMEDY}"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty"),
        (b"BQIAAAA=", "is base64 text; decode it, or give the text itself as 'content'"),
        (
            b"$ANSIBLE_VAULT;1.1;AES256\n",
            "is encrypted by ansible-vault; give it as 'src', which decrypts on the controller",
        ),
        (b"\x05\x03\0\0", "is a credential cache"),
        (b"\x05\x04\0\0", "is a credential cache"),
        (b"\x05", f"is not a keytab (it does not begin with the bytes 05 02); {REMEDY}"),
        (b"\x05\x01"[::-1], f"is not a keytab (it does not begin with the bytes 05 02); {REMEDY}"),
    ],
)
def test_what_is_taken_for_a_keytab_is_named(content, what):
    assert refusal(content) == f"/etc/krb5.keytab: {what}"


# An entry cut off behind each of its fields, its length made right: byte of the file, what is missing there.
@pytest.mark.parametrize(
    ("body", "finding"),
    [
        (b"\0", "at byte 6: the number of components takes 2 bytes, 1 are left"),
        (b"\0\0", "at byte 8: the principal has no name"),
        (b"\0\1", "at byte 8: the realm takes 2 bytes, 0 are left"),
        (b"\0\1\0\5R", "at byte 10: the realm takes 5 bytes, 1 are left"),
        (b"\0\1\0\1R", "at byte 11: a component of the principal takes 2 bytes, 0 are left"),
        (b"\0\1\0\1R\0\3a", "at byte 13: a component of the principal takes 3 bytes, 1 are left"),
        (b"\0\1\0\1R\0\1a" + b"t" * 10, "at byte 14: the timestamp, kvno and enctype takes 11 bytes, 10 are left"),
        (b"\0\1\0\1R\0\1a" + b"t" * 11, "at byte 25: the key takes 2 bytes, 0 are left"),
        (b"\0\1\0\1R\0\1a" + b"t" * 11 + b"\0\2k", "at byte 27: the key takes 2 bytes, 1 are left"),
    ],
)
def test_an_entry_that_ends_early_is_refused_with_the_field(body, finding):
    assert refusal(MAGIC + entry(body)) == f"/etc/krb5.keytab: entry 1 {finding}; {REMEDY}"


@pytest.mark.parametrize(
    ("body", "finding"),
    [
        (b"\1\0", "at byte 8: the principal has no name"),  # the realm counts as a component
        (b"\2\0\1\0R\1\0a" + b"t" * 6, "at byte 14: the timestamp, kvno and enctype takes 7 bytes, 6 are left"),
    ],
)
def test_an_entry_of_the_old_version_that_ends_early_is_refused_with_the_field(body, finding):
    said = refusal(MAGIC_NATIVE + struct.pack("<i", len(body)) + body)
    assert said == f"/etc/krb5.keytab: entry 1 {finding}; {REMEDY}"


def test_the_number_of_an_entry_counts_entries_and_no_holes():
    hole = struct.pack(">i", -3) + b"\0\0\0"
    said = refusal(WRITTEN_BY_MIT + hole + b"\0\0")
    assert said == f"/etc/krb5.keytab: entry 3 at byte 146: its length takes 4 bytes, 2 are left; {REMEDY}"


def test_a_hole_that_is_cut_off_is_refused():
    said = refusal(MAGIC + struct.pack(">i", -3) + b"\0\0")
    assert said == f"/etc/krb5.keytab: entry 1 at byte 6: a hole left by a deletion takes 3 bytes, 2 are left; {REMEDY}"


def test_an_entry_is_a_value():
    with pytest.raises(dataclasses.FrozenInstanceError):
        ALICE.kvno = 2
    assert len({ALICE, dataclasses.replace(ALICE)}) == 1
