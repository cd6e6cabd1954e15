# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keytab file format (MIT's doc/formats/keytab_file_format.rst), as far as the double must sort keys out."""

from __future__ import annotations

import dataclasses
import struct
from typing import Callable, Iterator

# RFC 3961, 3962, 4757, 8009; Java's names of them, as its exceptions print them.
JAVA_NAMES = {
    1: "DES CBC mode with CRC-32",
    3: "DES CBC mode with MD5",
    16: "DES3 CBC mode with SHA1-KD",
    17: "AES128 CTS mode with HMAC SHA1-96",
    18: "AES256 CTS mode with HMAC SHA1-96",
    19: "AES128 CTS mode with HMAC SHA256-128",
    20: "AES256 CTS mode with HMAC SHA384-192",
    23: "RC4 with HMAC",
}
# Names as krb5.conf and MIT's messages have them (MIT's lib/crypto/krb/etypes.c).
ENCTYPES = {
    **dict.fromkeys(("aes256-cts-hmac-sha1-96", "aes256-cts", "aes256-sha1"), (18,)),
    **dict.fromkeys(("aes128-cts-hmac-sha1-96", "aes128-cts", "aes128-sha1"), (17,)),
    **dict.fromkeys(("aes256-cts-hmac-sha384-192", "aes256-sha2"), (20,)),
    **dict.fromkeys(("aes128-cts-hmac-sha256-128", "aes128-sha2"), (19,)),
    **dict.fromkeys(("arcfour-hmac", "rc4-hmac", "arcfour-hmac-md5", "rc4"), (23,)),
    **dict.fromkeys(("des3-cbc-sha1", "des3-hmac-sha1", "des3-cbc-sha1-kd", "des3"), (16,)),
    "des-cbc-crc": (1,),
    "des-cbc-md5": (3,),
    "aes": (17, 18, 19, 20),
}
HEIMDAL = frozenset({1, 3, 16, 17, 18, 23})  # 1.5.3 knows nothing newer than RFC 3962
JAVA = frozenset({17, 18, 19, 20})  # JDK 17 without allow_weak_crypto (JDK-8139348)


@dataclasses.dataclass(frozen=True)
class Entry:
    """`principal`: with its realm. `record`: the entry as it is in the file, with its length."""

    principal: str
    enctype: int
    record: bytes


class BadKeytab(Exception):
    """The file is no keytab of version 2."""


def entries(data: bytes) -> Iterator[Entry]:
    if data[:2] != b"\x05\x02":
        raise BadKeytab
    at = 2
    while at + 4 <= len(data):
        (length,) = struct.unpack_from(">i", data, at)
        end = at + 4 + abs(length)
        if length > 0:
            try:
                yield _entry(data[at:end])
            except (struct.error, UnicodeDecodeError):
                raise BadKeytab from None
        at = end


def _entry(record: bytes) -> Entry:
    (count,) = struct.unpack_from(">H", record, 4)
    at, parts = 6, []
    for dummy in range(count + 1):
        (size,) = struct.unpack_from(">H", record, at)
        parts.append(record[at + 2 : at + 2 + size].decode())
        at += 2 + size
    (enctype,) = struct.unpack_from(">H", record, at + 4 + 4 + 1)  # after name type, time, kvno of eight bits
    return Entry(f"{'/'.join(parts[1:])}@{parts[0]}", enctype, record)


def filtered(data: bytes, wanted: Callable[[Entry], bool]) -> bytes:
    """A keytab with the wanted entries only."""
    return b"\x05\x02" + b"".join(entry.record for entry in entries(data) if wanted(entry))
