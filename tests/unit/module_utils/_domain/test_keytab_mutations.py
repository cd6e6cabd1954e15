# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A keytab is a file that others write: whatever its bytes, it is read or refused, in memory of its own size."""

from __future__ import annotations

import random
import struct
import tracemalloc

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

CHUNKS = 10
MUTANTS = 10_000  # in each chunk
LARGE = (b"\xff\xff", b"\x7f\xff", b"\x80\x00", b"\x00\x00", b"\xff" * 4, b"\x7f\xff\xff\xff", b"\x80\0\0\0", bytes(4))
LENGTHS_AT = (2, 6, 8)  # of the first entry, of its components, of its realm
# Of memory for one of the file; measured: 12 for many small entries, and 10 KiB for a refusal of a few bytes.
BYTES_FOR_A_BYTE = 24
AT_LEAST = 32 * 1024


def entry(*components, kvno=300, key=b"k" * 32):
    return KeytabEntry(PrincipalName(components, b"EXAMPLE.TEST"), 1_700_000_000, kvno, 18, key)


def native(one, order):
    """The entry as version 0x0501 has it."""
    parts = (one.principal.realm, *one.principal.components)
    body = struct.pack(order + "H", len(parts)) + b"".join(struct.pack(order + "H", len(part)) + part for part in parts)
    body += struct.pack(order + "IBhH", one.timestamp, one.kvno & 0xFF, one.enctype, len(one.key)) + one.key
    return struct.pack(order + "i", len(body)) + body


MX1, HTTP, ODD = entry(b"smtp", b"mx1.example.test"), entry(b"HTTP", b"mail", kvno=2), entry(b"", b"a/b@c", key=b"")
HOLE = struct.pack(">i", -40) + bytes(40)
WHOLE = (
    serialize([MX1]),
    serialize([HTTP, MX1, ODD]),
    serialize([MX1]) + HOLE + serialize([HTTP])[2:],
    MAGIC + HOLE + serialize([HTTP])[2:] + bytes(4) + serialize([MX1])[2:],
    *(MAGIC_NATIVE + native(MX1, order) + native(HTTP, order) for order in "<>"),
)


def some_bytes(chance, most):
    return bytes(chance.getrandbits(8) for dummy in range(chance.randint(1, most)))


def flip(chance, content):
    at = chance.randrange(len(content))
    content[at] ^= 1 << chance.randrange(8)


def cut(chance, content):
    del content[chance.randrange(2, len(content)) :]


def enlarge(chance, content):
    at = chance.choice((*LENGTHS_AT, chance.randrange(len(content)), chance.randrange(len(content))))
    large = chance.choice(LARGE)
    content[at : at + len(large)] = large


def insert(chance, content):
    at = chance.randint(0, len(content))
    content[at:at] = some_bytes(chance, 9)


def remove(chance, content):
    at = chance.randrange(len(content))
    del content[at : at + chance.randint(1, 9)]


def replace_the_beginning(chance, content):
    content[: chance.randint(1, 24)] = some_bytes(chance, 24)


def replace_behind_the_magic(chance, content):
    content[2 : 2 + chance.randint(1, 24)] = some_bytes(chance, 24)


def repeat(chance, content):
    at = chance.randrange(len(content))
    content += content[at : at + chance.randint(1, 90)]


KINDS = (flip, cut, enlarge, enlarge, insert, remove, replace_the_beginning, replace_behind_the_magic, repeat)


def mutants(seed, count):
    chance = random.Random(seed)
    for dummy in range(count):
        content = bytearray(chance.choice(WHOLE))
        for _time in range(chance.choice((1, 1, 1, 2, 3))):
            chance.choice(KINDS)(chance, content)
            if len(content) < 3:
                break
        yield bytes(content)


def size(entries):
    return sum(len(one.key) + len(one.principal.realm) + sum(map(len, one.principal.components)) for one in entries)


def read_or_refused(content):
    """The entries; None where the bytes are refused in one short sentence."""
    try:
        return parse(content, "file")
    except KeytabFormatError as refusal:
        text = str(refusal)
        assert text.startswith("file: "), content.hex()
        assert len(text) < 200, content.hex()
        assert text.isprintable(), content.hex()
        return None


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_mutant_is_read_or_refused(chunk):
    read = 0
    for content in mutants(chunk, MUTANTS):
        entries = read_or_refused(content)
        if entries is not None:
            read += 1
            assert size(entries) <= len(content), content.hex()
            assert parse(serialize(entries), "file") == entries, content.hex()
    # the mutants are near enough to keytabs that both ways are walked
    assert MUTANTS // 10 < read < MUTANTS - MUTANTS // 10


@pytest.mark.parametrize(
    "contents",
    [
        pytest.param(tuple(mutants(CHUNKS, 300)), id="mutants"),
        pytest.param((MAGIC + struct.pack(">iH", 2**31 - 1, 0xFFFF),), id="an entry of 2 GiB"),
        pytest.param((MAGIC + struct.pack(">i", 1 - 2**31),), id="a hole of 2 GiB"),
        pytest.param((MAGIC_NATIVE + b"\x7f" * 4,), id="an entry of 2 GiB in either order"),
        pytest.param(
            (MAGIC + struct.pack(">iH", 2 * 0xFFFF + 2 + 19, 0xFFFF) + bytes(2 * 0xFFFF + 2 + 17),),
            id="many components",
        ),
        pytest.param((serialize([entry(b"", key=b"")] * 5000),), id="many entries"),
        pytest.param((MAGIC + (struct.pack(">i", -1) + b"\0") * 20_000,), id="many holes"),
    ],
)
def test_reading_takes_memory_of_the_size_of_the_file(contents):
    for content in contents:
        tracemalloc.start()
        try:
            read_or_refused(content)
            dummy, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < AT_LEAST + BYTES_FOR_A_BYTE * len(content), content[:99].hex()
