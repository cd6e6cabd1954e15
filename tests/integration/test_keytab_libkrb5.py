# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What libkrb5 writes, our codec writes to the byte; what one reads the other reads, of a damaged file too."""

from __future__ import annotations

import contextlib
import pathlib
import tempfile
from typing import Iterator

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import (
    MAGIC,
    KeytabEntry,
    KeytabFormatError,
    parse,
    serialize,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import PrincipalName, unparse
from ansible_collections.mailrealm.kerberos.tests.integration.mit_keytab import Writer, libkrb5_reads
from hypothesis import given, settings
from hypothesis import strategies as st

# libkrb5 takes no empty realm, component or key, and writes names as C strings of bytes
PART = st.binary(min_size=1, max_size=9)
NAMES = st.builds(PrincipalName, st.lists(PART, min_size=1, max_size=4).map(tuple), PART, st.integers(0, 2**31 - 1))
ENTRIES = st.builds(
    KeytabEntry,
    NAMES,
    st.integers(0, 2**31 - 1),
    st.integers(0, 2**32 - 1),
    st.integers(-32768, 32767),
    st.binary(min_size=1, max_size=40),
)


# Few, so that entries are met again and their holes are filled; of sizes that differ, so that a hole is left in part
SLOTS = st.sampled_from([(b"a@R", 1, 17, b"k" * 16), (b"a@R", 2, 18, b"k" * 32), (b"smtp/mail@R", 300, 18, b"q" * 32)])


@pytest.fixture(scope="module")
def path() -> Iterator[pathlib.Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield pathlib.Path(folder) / "keytab"


def text(entry: KeytabEntry) -> bytes:
    return unparse(entry.principal).encode("utf-8", "surrogateescape")


def ours(content: bytes) -> list[tuple[bytes, int, int, bytes]]:
    return [(text(entry), entry.kvno, entry.enctype, entry.key) for entry in parse(content, "keytab")]


@given(st.lists(ENTRIES, max_size=4))
def test_libkrb5_reads_what_we_write(path: pathlib.Path, entries: list[KeytabEntry]) -> None:
    path.write_bytes(serialize(entries))
    assert libkrb5_reads(path) == ours(path.read_bytes())


@given(st.lists(ENTRIES, max_size=4))
def test_we_write_what_libkrb5_writes(path: pathlib.Path, entries: list[KeytabEntry]) -> None:
    path.unlink(missing_ok=True)
    with contextlib.closing(Writer(path)) as writer:
        for one in entries:
            writer.put(text(one), one.kvno, one.enctype, one.key)
    content = path.read_bytes() if entries else MAGIC
    read = parse(content, "keytab")
    assert [(one.principal.identity, one.kvno, one.enctype, one.key) for one in read] == [
        (one.principal.identity, one.kvno, one.enctype, one.key) for one in entries
    ]
    assert serialize(read) == content


@given(st.lists(st.tuples(st.booleans(), SLOTS), max_size=12))
def test_we_read_the_holes_that_libkrb5_leaves_and_fills(
    path: pathlib.Path, steps: list[tuple[bool, tuple[bytes, int, int, bytes]]]
) -> None:
    path.unlink(missing_ok=True)
    there: list[tuple[bytes, int, int, bytes]] = []
    with contextlib.closing(Writer(path)) as writer:
        for removes, one in [(False, (b"first@R", 1, 18, b"k" * 32)), *steps]:
            if not removes:
                writer.put(*one)
                there.append(one)
            elif one in there:
                writer.take_out(*one[:3])
                there.remove(one)
    read = ours(path.read_bytes())
    assert read == libkrb5_reads(path)
    assert sorted(read) == sorted(there)


@settings(max_examples=500)
@given(st.lists(ENTRIES, min_size=1, max_size=3), st.data())
def test_a_damaged_file_is_refused_or_read_as_libkrb5_reads_it(
    path: pathlib.Path, entries: list[KeytabEntry], data: st.DataObject
) -> None:
    content = bytearray(serialize(entries))
    for dummy in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + 1] = data.draw(st.binary(max_size=3)) or b"\0"
    path.write_bytes(content)
    theirs = libkrb5_reads(path)
    try:
        read = ours(bytes(content))
    except KeytabFormatError:
        return
    if content[:2] == b"\x05\x02":
        assert theirs is not None
        assert read[: len(theirs)] == theirs
        # where libkrb5 stops without a word, it met an empty part or key
        rest = parse(bytes(content), "keytab")[len(theirs) :]
        assert not rest or not all((*rest[0].principal.components, rest[0].principal.realm, rest[0].key))
