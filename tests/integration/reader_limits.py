# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a reader of keytabs shows something else than what a file holds: each limit once, with a file that shows it.

A limit turns what is there into what the reader makes of it. docs/keytab-readers.md repeats the table to users.
"""

from __future__ import annotations

import dataclasses
from typing import Callable, Iterable, Mapping, Optional

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctypes import BY_NUMBER
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import KeytabEntry
from ansible_collections.mailrealm.kerberos.tests.integration.keytab_readers import MIT_NAMES, READERS
from ansible_collections.mailrealm.kerberos.tests.integration.keytab_samples import (
    ENTRY,
    NATIVE,
    PLAIN,
    Format,
    Sample,
    entry,
    sample,
)

# What was run, and how each is called in the guide: Debian 12's, Debian 13's.
MEASURED = {
    "klist": ("MIT `klist`", ("1.20", "1.21")),
    "ktutil": ("MIT `ktutil`", ("1.20", "1.21")),
    "libkrb5": ("libkrb5", ("1.20", "1.21")),
    "heimdal": ("Heimdal `ktutil`", ("7.8",)),
    "samba": ("Samba `net ads keytab list`", ("4.17", "4.22")),
    "jdk": ("OpenJDK", ("17", "21")),
}
MIT = ("klist", "ktutil", "libkrb5")
HEIMDAL = ("heimdal", "samba")
PRINTED = ("klist", "ktutil", "heimdal", "samba", "jdk")
Entries = tuple[KeytabEntry, ...]


@dataclasses.dataclass(frozen=True)
class Limit:
    """``apply``: what the readers see in place of the entries; None where it cannot be foretold.

    The limits of a reader act in the order of the table. ``shown_by``: a file that shows the difference.
    """

    readers: tuple[str, ...]
    where: str
    then: str
    apply: Callable[[Entries, Sample], Optional[Entries]]
    shown_by: Sample


def each(change: Callable[[KeytabEntry], KeytabEntry]) -> Callable[[Entries, Sample], Entries]:
    """A limit that concerns each entry alone."""
    return lambda entries, dummy: tuple(map(change, entries))


def until(stops: Callable[[KeytabEntry], bool]) -> Callable[[Entries, Sample], Entries]:
    """A limit by which reading ends in front of an entry."""

    def cut(entries: Entries, dummy: Sample) -> Entries:
        return entries[: next((at for at, one in enumerate(entries) if stops(one)), len(entries))]

    return cut


def all_or_none(refuses: Callable[[KeytabEntry], bool]) -> Callable[[Entries, Sample], Entries]:
    """A limit by which one entry makes the whole file unreadable."""
    return lambda entries, dummy: () if any(map(refuses, entries)) else entries


def renamed(one: KeytabEntry, change: Callable[[bytes], bytes]) -> KeytabEntry:
    name = one.principal
    changed = dataclasses.replace(name, components=tuple(map(change, name.components)), realm=change(name.realm))
    return dataclasses.replace(one, principal=changed)


def parts(one: KeytabEntry) -> tuple[bytes, ...]:
    return (*one.principal.components, one.principal.realm)


def signed(number: int) -> int:
    return number - 2**32 if number >= 2**31 else number


def is_utf8(part: bytes) -> bool:
    return part == replaced(part)


def replaced(part: bytes) -> bytes:
    return part.decode("utf-8", "replace").encode()


def realm_behind_at(one: KeytabEntry) -> KeytabEntry:
    """The JDK takes the realm for a whole name, and what follows its first unescaped '@' for the realm."""
    realm = one.principal.realm
    at = next((at for at in range(len(realm)) if realm[at : at + 1] == b"@" and realm[at - 1 : at] != b"\\"), None)
    if at is None:
        return one
    return dataclasses.replace(one, principal=dataclasses.replace(one.principal, realm=realm[at + 1 :]))


def nothing_where(found: Callable[[Sample], bool]) -> Callable[[Entries, Sample], Entries]:
    return lambda entries, whole: () if found(whole) else entries


def ktutil_knows(one: KeytabEntry) -> bool:
    return one.enctype in BY_NUMBER or one.enctype in MIT_NAMES


def ended(behind: bytes, *beyond: KeytabEntry) -> Sample:
    """A file that ends behind its first entry, and bytes that lie there."""
    return Sample(sample(ENTRY).content + bytes(4) + behind, (ENTRY,), beyond, ends=True)


def negative_where_narrow(entries: Entries, whole: Sample) -> Entries:
    """Heimdal reads a kvno of eight bits as a signed number (lib/krb5/keytab_file.c)."""
    return tuple(
        dataclasses.replace(one, kvno=one.kvno - 256) if at in whole.narrow and one.kvno >= 128 else one
        for at, one in enumerate(entries)
    )


LAST = entry(b"last")
LIMITS = (
    Limit(
        HEIMDAL,
        "a kvno from 128 to 255 in eight bits alone",
        "takes it for the number less 256",
        negative_where_narrow,
        Sample(PLAIN.magic + PLAIN.entry(entry(kvno=255), b""), (entry(kvno=255),), narrow=frozenset({0})),
    ),
    Limit(
        ("jdk",),
        "a length of zero, where a keytab ends",
        "reads on, and shows what lies behind it",
        lambda entries, whole: entries + whole.beyond,
        ended(PLAIN.entry(LAST), LAST),
    ),
    Limit(
        HEIMDAL,
        "a length of zero, where a keytab ends",
        "takes the bytes behind it for an entry, or dies of a segmentation fault",
        lambda entries, whole: None if whole.ends else entries,
        ended(PLAIN.entry(LAST)[4:]),
    ),
    Limit(
        ("jdk",),
        "version 0x0501",
        "misreads every entry, or refuses the file",
        lambda entries, whole: None if whole.version == NATIVE and entries else entries,
        sample(ENTRY, form=Format(NATIVE, "<")),
    ),
    Limit(
        ("heimdal",),
        "version 0x0501 in the other byte order than the host's",
        "shows no entry, or dies of a segmentation fault",
        lambda entries, whole: None if whole.version == NATIVE and whole.order == ">" else entries,
        sample(ENTRY, form=Format(NATIVE, ">")),
    ),
    Limit(
        (*MIT, "samba"),
        "version 0x0501 in the other byte order than the host's",
        "shows no entry",
        nothing_where(lambda whole: whole.version == NATIVE and whole.order == ">"),
        sample(ENTRY, form=Format(NATIVE, ">")),
    ),
    Limit(
        MIT,
        "an empty component, realm or key",
        "stops in front of the entry without a word; the entries behind it are lost to it",
        until(lambda one: not all((*parts(one), one.key))),
        sample(ENTRY, entry(b"", b"x"), LAST),
    ),
    Limit(
        ("ktutil",),
        "an enctype without a name",
        "`list -e` stops at the entry with `Invalid argument While converting enctype to string`",
        until(lambda one: not ktutil_knows(one)),
        sample(ENTRY, entry(enctype=99), LAST),
    ),
    Limit(
        ("jdk",),
        "an '@' in the realm",
        "takes what follows it for the realm",
        each(realm_behind_at),
        sample(entry(realm=b"A@EXAMPLE.TEST")),
    ),
    Limit(
        ("jdk",),
        "an empty component or realm, a '/' or a NUL in the realm",
        "refuses the whole file, and shows no entry",
        all_or_none(lambda one: not all(parts(one)) or bool({*b"/\0"} & {*one.principal.realm})),
        sample(ENTRY, entry(b"smtp", b"")),
    ),
    Limit(
        ("jdk",),
        "bytes in a name that are no UTF-8",
        "puts U+FFFD in their place, so that the name matches none",
        each(lambda one: renamed(one, replaced)),
        sample(entry(b"caf\xe9")),
    ),
    Limit(
        ("samba",),
        "bytes in a name that are no UTF-8",
        "stops in front of the entry; the entries behind it are lost to it",
        until(lambda one: not all(map(is_utf8, parts(one)))),
        sample(ENTRY, entry(b"caf\xe9"), LAST),
    ),
    Limit(
        HEIMDAL,
        "a NUL in a component or realm",
        "takes it for the part's end",
        each(lambda one: renamed(one, lambda part: part.partition(b"\0")[0])),
        sample(entry(b"a\0b")),
    ),
    Limit(
        ("heimdal",),
        "an empty key",
        "`list --keys` prints what happens to be in its memory",
        lambda entries, dummy: entries if all(one.key for one in entries) else None,
        sample(entry(key=b"")),
    ),
    Limit(
        ("jdk",),
        "a negative enctype (private use)",
        "takes it for the number plus 65536",
        each(lambda one: dataclasses.replace(one, enctype=one.enctype & 0xFFFF)),
        sample(entry(enctype=-1)),
    ),
    Limit(
        PRINTED,
        "a kvno above 2147483647 (keys of read-only domain controllers)",
        "shows it as a negative number",
        each(lambda one: dataclasses.replace(one, kvno=signed(one.kvno))),
        sample(entry(kvno=0xFFFF0001)),
    ),
    Limit(
        ("jdk",),
        "a timestamp after January 2038",
        "takes it for one before 1970",
        each(lambda one: dataclasses.replace(one, timestamp=signed(one.timestamp))),
        sample(entry(timestamp=2**31)),
    ),
)


def expected(reader: str, whole: Sample, limits: Iterable[Limit] = LIMITS) -> Optional[list[tuple[object, ...]]]:
    """The rows that the reader is to show of the file under these limits; None where that cannot be foretold."""
    entries = whole.entries
    for limit in limits:
        if reader in limit.readers:
            changed = limit.apply(entries, whole)
            if changed is None:
                return None
            entries = changed
    return [READERS[reader].row(one) for one in entries]


# -- damaged files, which we refuse


@dataclasses.dataclass(frozen=True)
class Damage:
    """``shown``: how many entries each reader shows, all of them right; None: it shows what is not there."""

    what: str
    content: bytes = dataclasses.field(repr=False)
    shown: Mapping[str, Optional[int]]


def each_shows(mit: Optional[int], heimdal: Optional[int], jdk: Optional[int]) -> dict[str, Optional[int]]:
    return {**dict.fromkeys(MIT, mit), **dict.fromkeys(HEIMDAL, heimdal), "jdk": jdk}


def between(damaged: bytes) -> bytes:
    """The damaged entry between two whole ones."""
    return PLAIN.magic + PLAIN.entry(ENTRY) + PLAIN.number("i", len(damaged)) + damaged + PLAIN.entry(LAST)


BODY = PLAIN.entry(ENTRY)[4:]
KEY_AT = BODY.index(ENTRY.key)
DAMAGES = (
    Damage("a last entry that is cut off", sample(ENTRY, LAST).content[:-9], each_shows(1, 1, 0)),
    Damage("one to three bytes behind its last entry", sample(ENTRY).content + bytes(2), each_shows(1, 1, 0)),
    Damage("a hole that is longer than the file", sample(ENTRY).content + PLAIN.hole(40)[:-30], each_shows(1, 1, 1)),
    Damage(
        "a key that is longer than its entry",
        between(BODY[: KEY_AT - 2] + PLAIN.number("H", 80) + BODY[KEY_AT:]),
        each_shows(None, None, 0),
    ),
    Damage(
        "a principal without components",
        between(PLAIN.number("H", 0) + BODY[2:16] + BODY[KEY_AT - 13 :]),
        each_shows(1, None, 0),
    ),
)
OUTCOMES = {None: "shows an entry that is not there", 0: "shows no entry", 1: "shows the entries in front of it"}


def guide() -> str:
    """The tables of docs/keytab-readers.md."""
    lines = ["| reader | measured with |", "|---|---|"]
    lines += [f"| {called} | {', '.join(versions)} |" for called, versions in MEASURED.values()]
    lines += ["", "| reader | where a file has | it |", "|---|---|---|"]
    for limit in LIMITS:
        called = ", ".join(MEASURED[reader][0] for reader in limit.readers)
        lines.append(f"| {called} | {limit.where} | {limit.then} |")
    lines += ["", "| a damaged file has | MIT | Heimdal, Samba | OpenJDK |", "|---|---|---|---|"]
    for damage in DAMAGES:
        outcomes = [OUTCOMES[damage.shown[family[0]]] for family in (MIT, HEIMDAL, ("jdk",))]
        lines.append("| " + " | ".join((damage.what, *outcomes)) + " |")
    return "\n".join(lines) + "\n"
