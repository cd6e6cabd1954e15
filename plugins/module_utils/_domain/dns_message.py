# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions to a name server and its answers (RFC 1035 section 4, RFC 2782, RFC 3596), as text like a zone file's."""

from __future__ import annotations

import ipaddress
import struct
from typing import Callable, Dict, List, Tuple

from .refusal import Refusal

KINDS = {"A": 1, "PTR": 12, "TXT": 16, "AAAA": 28, "SRV": 33}
INTERNET = 1
RECURSION_DESIRED = 0x0100
TRUNCATED = 0x0200
IS_ANSWER = 0x8000
LONGEST_LABEL = 63  # bytes
MOST_JUMPS = 64  # pointers in one name; more is a loop


class DnsRefusal(Refusal):
    """A name that cannot be asked for, or bytes that are no answer to the question."""


class UnaskableName(DnsRefusal):
    """A name that DNS cannot have."""


def dns_query(number: int, name: str, kind: str) -> bytes:
    """The question for the records of ``kind`` (a key of KINDS); ``number``: 16 bits that nobody can foresee.

    UnaskableName where there can be no such name.
    """
    return struct.pack(">HHHHHH", number, RECURSION_DESIRED, 1, 0, 0, 0) + _question(name, kind)


def _question(name: str, kind: str) -> bytes:
    try:
        labels = [label.encode("ascii") for label in name.rstrip(".").split(".")]
    except UnicodeError:
        raise UnaskableName(f"{name}: is no name for DNS; write it in ASCII") from None
    if not all(0 < len(label) <= LONGEST_LABEL for label in labels):
        raise UnaskableName(f"{name}: is no name for DNS; its parts have 1 to {LONGEST_LABEL} characters")
    written = b"".join(bytes((len(label),)) + label for label in labels)
    return written + b"\0" + struct.pack(">HH", KINDS[kind], INTERNET)


def dns_answers(message: bytes, query: bytes, kind: str) -> Tuple[str, ...]:
    """The records of ``kind`` in the answer to ``query``; none where the name or such a record does not exist.

    A name server that does not want to, or cannot, answer has none either. DnsRefusal for other bytes.
    """
    try:
        flags, questions, records = struct.unpack_from(">HHH", message, 2)
        if message[:2] != query[:2] or not flags & IS_ANSWER:
            raise DnsRefusal("it is no answer to what was asked")
        at = 12
        for dummy in range(questions):
            at = _name(message, at)[1] + 4
        found = []
        for dummy in range(records):
            at = _name(message, at)[1]
            number, length = struct.unpack_from(">H6xH", message, at)  # between them: class and time to live
            at += 10
            if at + length > len(message):
                raise DnsRefusal("it is cut short")
            if number == KINDS[kind]:
                found.append(READERS[kind](message, at, length))
            at += length
    except (struct.error, IndexError, ValueError) as error:
        raise DnsRefusal(f"it is no answer of DNS ({error})") from None
    return tuple(found)


def is_truncated(message: bytes) -> bool:
    """Whether the answer was too long for a datagram and is to be had over TCP."""
    return len(message) > 3 and bool(int.from_bytes(message[2:4], "big") & TRUNCATED)


def reverse_name(address: str) -> str:
    """The name under which the PTR records of an address are; DnsRefusal where it is none."""
    try:
        return ipaddress.ip_address(address.partition("%")[0]).reverse_pointer
    except ValueError:
        raise DnsRefusal(f"{address}: is no address") from None


def _name(message: bytes, at: int) -> Tuple[str, int]:
    """The name at ``at`` and where what follows it begins."""
    labels: List[str] = []
    end = -1
    for dummy in range(MOST_JUMPS + 256):
        length = message[at]
        if length & 0xC0 == 0xC0:
            end = at + 2 if end < 0 else end
            at = int.from_bytes(message[at : at + 2], "big") & 0x3FFF
        elif length & 0xC0:
            raise DnsRefusal("a name in it is malformed")
        elif length == 0:
            return ".".join(labels), at + 1 if end < 0 else end
        else:
            labels.append(message[at + 1 : at + 1 + length].decode("ascii", "backslashreplace"))
            at += 1 + length
    raise DnsRefusal("a name in it has no end")


def _address(message: bytes, at: int, length: int) -> str:
    return str(ipaddress.ip_address(message[at : at + length]))


def _pointer(message: bytes, at: int, dummy: int) -> str:
    return _name(message, at)[0]


def _service(message: bytes, at: int, dummy: int) -> str:
    priority, weight, port = struct.unpack_from(">HHH", message, at)
    return f"{priority} {weight} {port} {_name(message, at + 6)[0]}"


def _text(message: bytes, at: int, length: int) -> str:
    parts, end = [], at + length
    while at < end:
        parts.append(message[at + 1 : at + 1 + message[at]].decode("utf-8", "replace"))
        at += 1 + message[at]
    return " ".join(f'"{part}"' for part in parts)


READERS: Dict[str, Callable[[bytes, int, int], str]] = {
    "A": _address,
    "AAAA": _address,
    "PTR": _pointer,
    "SRV": _service,
    "TXT": _text,
}
