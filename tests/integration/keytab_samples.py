# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keytab files of every kind, with what they hold: written here field by field, without the codec under test."""

from __future__ import annotations

import dataclasses
import random
import struct

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctypes import BY_NUMBER
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import KeytabEntry
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import PrincipalName

SEED = 20260101
TODAY = 0x0502
NATIVE = 0x0501  # numbers in the byte order of the machine that wrote it, no name type, the realm is counted
ENTRY = KeytabEntry(
    PrincipalName((b"smtp", b"mx1.example.test"), b"EXAMPLE.TEST"), 1_700_000_000, 2, 18, bytes(range(32))
)


@dataclasses.dataclass(frozen=True)
class Sample:
    """A keytab file. ``ends``: by a length of zero (MIT's kt_file.c), behind which ``beyond`` lies unread.

    ``narrow``: the places of the entries whose kvno is written in eight bits alone.
    """

    content: bytes = dataclasses.field(repr=False)
    entries: tuple[KeytabEntry, ...]
    beyond: tuple[KeytabEntry, ...] = ()
    ends: bool = False
    version: int = TODAY
    order: str = ">"
    narrow: frozenset[int] = frozenset()

    @property
    def text(self) -> str:
        """The file in hexadecimal, for a message."""
        return self.content.hex(" ", 4)


@dataclasses.dataclass(frozen=True)
class Format:
    """A version of the format in one byte order."""

    version: int = TODAY
    order: str = ">"

    def number(self, letter: str, value: int) -> bytes:
        return struct.pack(self.order + letter, value)

    def counted(self, part: bytes) -> bytes:
        return self.number("H", len(part)) + part

    def entry(self, entry: KeytabEntry, tail: bytes | None = None) -> bytes:
        """The entry with its length; ``tail`` stands in place of the 32-bit kvno."""
        name = entry.principal
        native = self.version == NATIVE
        body = self.number("H", len(name.components) + native) + self.counted(name.realm)
        body += b"".join(map(self.counted, name.components))
        body += b"" if native else self.number("I", name.name_type)
        body += self.number("I", entry.timestamp) + self.number("B", entry.kvno & 0xFF)
        body += self.number("h", entry.enctype) + self.counted(entry.key)
        body += self.number("I", entry.kvno) if tail is None else tail
        return self.number("i", len(body)) + body

    def wide(self, entry: KeytabEntry, tail: bytes | None = None) -> int:
        """The 32-bit kvno; 0 where less than four bytes are there, or all of them are zero: then it does not count."""
        written = self.number("I", entry.kvno) if tail is None else tail
        return struct.unpack(self.order + "I", written[:4])[0] if len(written) >= 4 else 0

    def read_back(self, entry: KeytabEntry, tail: bytes | None = None) -> KeytabEntry:
        """What a reader is to make of `entry`."""
        kvno = self.wide(entry, tail) or entry.kvno & 0xFF
        name = entry.principal
        if self.version == NATIVE:
            name = dataclasses.replace(name, name_type=0)
        return dataclasses.replace(entry, principal=name, kvno=kvno)

    def hole(self, size: int) -> bytes:
        """What a deletion leaves."""
        return self.number("i", -size) + bytes(size)

    @property
    def magic(self) -> bytes:
        return self.version.to_bytes(2, "big")


PLAIN = Format()


def sample(*entries: KeytabEntry, form: Format = PLAIN) -> Sample:
    """A keytab with these entries and nothing besides."""
    content = form.magic + b"".join(map(form.entry, entries))
    return Sample(content, tuple(map(form.read_back, entries)), (), False, form.version, form.order)


def entry(*components: bytes, **fields: object) -> KeytabEntry:
    """`ENTRY` with another name and other fields; ``realm`` and ``name_type`` are the principal's."""
    name = {field: fields.pop(field) for field in ("realm", "name_type") if field in fields}
    principal = dataclasses.replace(ENTRY.principal, components=components or ENTRY.principal.components, **name)  # type: ignore[arg-type]
    return dataclasses.replace(ENTRY, principal=principal, **fields)  # type: ignore[arg-type]


# -- any keytab: mostly what is met, often what is odd, now and then what is wild

MET = (b"smtp", b"imap", b"HTTP", b"mx1.example.test", b"mail.example.test", b"MX1$")
REALMS = (b"EXAMPLE.TEST", b"R", b"AD.EXAMPLE.TEST")
ODD = "ab/@\\ .$-\n\t\r\x7fß中🦔"
KVNOS = (0, 1, 2, 3, 255, 256, 300, 2**31 - 1, 2**31, 0xFFFF0001, 2**32 - 1)
TIMES = (0, 1_700_000_000, 2**31 - 1, 2**31, 2**32 - 1)
ENCTYPES = (*sorted(BY_NUMBER) * 5, -32768, -4096, -1, 0, 4, 5, 15, 99, 32767)
KEY_SIZES = (1, 8, 16, 16, 16, 24, 32, 32, 32, 64, 300)
NAME_TYPES = (0, 1, 2, 3, 10, 2**32 - 1)
FORMATS = (*[Format()] * 8, Format(NATIVE, "<"), Format(NATIVE, ">"))


def any_part(chance: random.Random, met: tuple[bytes, ...]) -> bytes:
    kind = chance.random()
    if kind < 0.85:
        return chance.choice(met)
    if kind < 0.98:
        return "".join(chance.choices(ODD, k=chance.randint(1, 9))).encode()
    return chance.randbytes(chance.randint(0, 9))


def any_entry(chance: random.Random) -> KeytabEntry:
    count = chance.choice((1, 2, 2, 2, 3, 12))
    components = tuple(any_part(chance, MET) for dummy in range(count))
    return KeytabEntry(
        PrincipalName(components, any_part(chance, REALMS), chance.choice(NAME_TYPES)),
        chance.choice((*TIMES, chance.getrandbits(32))),
        chance.choice((*KVNOS, chance.getrandbits(32))),
        chance.choice(ENCTYPES),
        chance.randbytes(chance.choice(KEY_SIZES)),
    )


def any_tail(chance: random.Random) -> bytes | None:
    """What follows the key: the kvno, nothing, less than a kvno, more than one, one that is zero."""
    return chance.choice((None, None, None, b"", chance.randbytes(chance.randint(1, 12)), bytes(chance.randint(4, 9))))


def any_sample(chance: random.Random) -> Sample:
    """A keytab file of either version, with holes, trailing bytes and early ends."""
    form = chance.choice(FORMATS)
    parts, entries, narrow = [form.magic], [], []
    for at in range(chance.randint(0, 6)):
        if chance.random() < 0.2:
            parts.append(form.hole(chance.randint(1, 90)))
        one, tail = any_entry(chance), any_tail(chance)
        parts.append(form.entry(one, tail))
        entries.append(form.read_back(one, tail))
        if not form.wide(one, tail):
            narrow.append(at)
    ends = chance.random() < 0.15
    beyond = [any_entry(chance) for dummy in range(chance.randint(0, 2))] if ends else []
    if ends:
        parts += (bytes(4), *map(form.entry, beyond))
    return Sample(
        b"".join(parts),
        tuple(entries),
        tuple(map(form.read_back, beyond)),
        ends,
        form.version,
        form.order,
        frozenset(narrow),
    )


def samples(count: int) -> list[Sample]:
    """As many files, the same ones at every run.

    By a seed: drawing them from hypothesis takes a hundred times as long, and there is nothing to shrink, since
    all of them are read by one process of each reader.
    """
    chance = random.Random(SEED)
    return [any_sample(chance) for dummy in range(count)]
