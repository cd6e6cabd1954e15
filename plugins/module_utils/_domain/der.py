# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DER (ITU-T X.690), as much of it as the messages of Kerberos need: tags of one byte, lengths of up to four."""

from __future__ import annotations

from typing import Optional, Tuple

from .refusal import Refusal

INTEGER, BIT_STRING, OCTET_STRING, SEQUENCE = 0x02, 0x03, 0x04, 0x30
GENERALIZED_TIME, GENERAL_STRING = 0x18, 0x1B

Fields = Tuple[Tuple[int, bytes], ...]


class DerRefusal(Refusal):
    """Bytes that are not DER, or not of the type that is due; a few words that go into the reader's sentence."""


def context(number: int) -> int:
    """The tag ``[number]`` of a field."""
    return 0xA0 | number


def application(number: int) -> int:
    """The tag ``[APPLICATION number]`` of a message."""
    return 0x60 | number


def encode(tag: int, *contents: bytes) -> bytes:
    """An element of the contents one after the other."""
    body = b"".join(contents)
    if len(body) < 0x80:
        return bytes((tag, len(body))) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + body


def encode_integer(number: int) -> bytes:
    """The shortest form in two's complement."""
    length = (number if number >= 0 else ~number).bit_length() // 8 + 1
    return encode(INTEGER, number.to_bytes(length, "big", signed=True))


def element(data: bytes, at: int) -> Tuple[int, bytes, int]:
    """The tag, the contents and the end of the element at ``at``; all reading goes through this one check."""
    if at + 2 > len(data):
        raise DerRefusal("it is cut short")
    tag, length, start = data[at], data[at + 1], at + 2
    if length & 0x80:
        size = length & 0x7F
        if not 1 <= size <= 4 or start + size > len(data):
            raise DerRefusal("a length is malformed")
        length, start = int.from_bytes(data[start : start + size], "big"), start + size
    if start + length > len(data):
        raise DerRefusal("it is cut short")
    return tag, data[start : start + length], start + length


def contents(data: bytes, wanted: int) -> bytes:
    """What is in the element at the beginning of ``data``, which must have the tag ``wanted``."""
    tag, found, dummy = element(data, 0)
    if tag != wanted:
        raise DerRefusal(f"tag {tag:#x} stands where {wanted:#x} is due")
    return found


def sequence(data: bytes) -> Fields:
    """The elements of a SEQUENCE, as tag and contents."""
    inner = contents(data, SEQUENCE)
    found = []
    at = 0
    while at < len(inner):
        tag, part, at = element(inner, at)
        found.append((tag, part))
    return tuple(found)


def field(fields: Fields, number: int) -> bytes:
    """What is in the field ``[number]``."""
    found = optional_field(fields, number)
    if found is None:
        raise DerRefusal(f"it has no field {context(number):#x}")
    return found


def optional_field(fields: Fields, number: int) -> Optional[bytes]:
    return next((part for tag, part in fields if tag == context(number)), None)


def integer(data: bytes) -> int:
    """The number that an INTEGER holds."""
    return int.from_bytes(contents(data, INTEGER), "big", signed=True)
