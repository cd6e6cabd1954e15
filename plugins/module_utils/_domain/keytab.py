# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keytab file format, read and written natively (MIT's doc/formats/keytab_file_format, kt_file.c).

Both versions are read: 0x0502, and 0x0501 in either byte order, which has no name type and counts the realm
among the components. A negative length is a hole that a deletion left; a length of zero ends the file.
"""

from __future__ import annotations

import base64
import binascii
import struct
from dataclasses import dataclass, field
from typing import Iterable, List, Tuple

from .principal import NT_UNKNOWN, PrincipalName
from .refusal import Refusal

MAGIC = b"\x05\x02"
MAGIC_NATIVE = b"\x05\x01"
KVNO_FIELD = 4  # bytes: the kvno in full, behind the entry of old, where at least that many are left
REMEDY = "restore it from a backup or export it again with keytab_export"
# What people take for a keytab: how it begins, what it is.
MISTAKEN = (
    (b"", "is empty"),
    (b"BQ", "is base64 text; decode it, or give the text itself as 'content'"),
    (b"$ANSIBLE_VAULT;", "is encrypted by ansible-vault; give it as 'src', which decrypts on the controller"),
    (b"\x05\x03", "is a credential cache"),
    (b"\x05\x04", "is a credential cache"),
)


@dataclass(frozen=True)
class KeytabEntry:
    """One key. ``timestamp``: seconds since 1970 (UTC) of its writing; ``enctype``: see `enctypes`."""

    principal: PrincipalName
    timestamp: int
    kvno: int
    enctype: int
    key: bytes = field(repr=False)


class KeytabFormatError(Refusal):
    """Bytes that are not a keytab: the file's name, the entry (from 1), the byte and what would mend it."""


def parse(content: bytes, label: str) -> Tuple[KeytabEntry, ...]:
    """The entries of a keytab's bytes, in their order; KeytabFormatError names ``label``.

    An entry's trailing bytes that nobody defined are dropped, as all readers do.
    """
    magic = content[:2]
    if magic == MAGIC:
        return _entries(content, label, ">")
    if magic == MAGIC_NATIVE:
        return _native_entries(content, label)
    mistaken = next((what for begins, what in MISTAKEN if (content.startswith(begins) if begins else not content)), "")
    raise KeytabFormatError(
        f"{label}: {mistaken or f'is not a keytab (it does not begin with the bytes 05 02); {REMEDY}'}"
    )


def parse_base64(content: str, label: str) -> Tuple[KeytabEntry, ...]:
    """The entries of a keytab in base64, white space anywhere; KeytabFormatError names ``label``."""
    try:
        keytab = base64.b64decode("".join(content.split()), validate=True)
    except (binascii.Error, ValueError):
        raise KeytabFormatError(f"{label}: is not base64; encode the keytab, or name the file as 'src'") from None
    return parse(keytab, label)


def serialize(entries: Iterable[KeytabEntry]) -> bytes:
    """The bytes of a keytab, version 0x0502, kvno in both widths as MIT 1.14 and later write it."""
    parts = [MAGIC]
    for entry in entries:
        name = entry.principal
        body = b"".join(
            (
                struct.pack(">H", len(name.components)),
                _counted(name.realm),
                *map(_counted, name.components),
                struct.pack(">IIBh", name.name_type, entry.timestamp, entry.kvno & 0xFF, entry.enctype),
                _counted(entry.key),
                struct.pack(">I", entry.kvno),
            )
        )
        parts += (struct.pack(">i", len(body)), body)
    return b"".join(parts)


def _counted(part: bytes) -> bytes:
    return struct.pack(">H", len(part)) + part


class _Cursor:
    """Reads numbers and counted bytes of one entry, in one byte order, and never past its end."""

    def __init__(self, content: bytes, label: str, order: str) -> None:
        self.content = content
        self.label = label
        self.at = len(MAGIC)
        self.end = len(content)
        self.entry = 1
        self.length = struct.Struct(order + "i")
        self.count = struct.Struct(order + "H")
        self.kvno = struct.Struct(order + "I")
        self.tail = struct.Struct(order + "IIBh")  # name type, timestamp, kvno, enctype
        self.native_tail = struct.Struct(order + "IBh")

    def take(self, size: int, what: str) -> bytes:
        """The next ``size`` bytes; all reading goes through this one check."""
        start = self.at
        left = self.end - start
        if size > left:
            raise self.error(f"{what} takes {size} bytes, {left} are left")
        self.at = start + size
        return self.content[start : self.at]

    def counted(self, what: str) -> bytes:
        (size,) = self.count.unpack(self.take(2, what))
        return self.take(size, what)

    def error(self, finding: str) -> KeytabFormatError:
        return KeytabFormatError(f"{self.label}: entry {self.entry} at byte {self.at}: {finding}; {REMEDY}")


def _entries(content: bytes, label: str, order: str, native: bool = False) -> Tuple[KeytabEntry, ...]:
    cursor = _Cursor(content, label, order)
    found: List[KeytabEntry] = []
    while cursor.at < len(content):
        cursor.entry = len(found) + 1
        (length,) = cursor.length.unpack(cursor.take(4, "its length"))
        if length == 0:
            break
        if length < 0:
            cursor.take(-length, "a hole left by a deletion")
            continue
        start = cursor.at
        cursor.take(length, "it")
        cursor.at, cursor.end = start, start + length
        found.append(_entry(cursor, native))
        cursor.at, cursor.end = start + length, len(content)
    return tuple(found)


def _entry(cursor: _Cursor, native: bool) -> KeytabEntry:
    (count,) = cursor.count.unpack(cursor.take(2, "the number of components"))
    count -= native
    if count < 1:
        raise cursor.error("the principal has no name")
    realm = cursor.counted("the realm")
    components = tuple([cursor.counted("a component of the principal") for dummy in range(count)])
    name_type = NT_UNKNOWN
    if native:
        timestamp, kvno, enctype = cursor.native_tail.unpack(cursor.take(7, "the timestamp, kvno and enctype"))
    else:
        name_type, timestamp, kvno, enctype = cursor.tail.unpack(cursor.take(11, "the timestamp, kvno and enctype"))
    key = cursor.counted("the key")
    if cursor.end - cursor.at >= KVNO_FIELD:
        (wide,) = cursor.kvno.unpack(cursor.take(KVNO_FIELD, "the kvno"))
        kvno = wide or kvno
    return KeytabEntry(PrincipalName(components, realm, name_type), timestamp, kvno, enctype, key)


def _native_entries(content: bytes, label: str) -> Tuple[KeytabEntry, ...]:
    """Version 0x0501 does not say its byte order: the one in which every length fits is right."""
    try:
        return _entries(content, label, "<", native=True)
    except KeytabFormatError as little:
        try:
            return _entries(content, label, ">", native=True)
        except KeytabFormatError:
            raise little from None
