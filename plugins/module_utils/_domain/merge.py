# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a keytab is to hold once chosen keys of other keytabs are merged into it, or taken out: a pure plan.

Entries are told apart by their slot (principal, kvno, enctype) and their key, never by timestamp or place in
the file; so a file that holds what is wanted is left alone to the byte.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Dict, FrozenSet, Iterable, List, Optional, Sequence, Set, Tuple, Union

from .enctypes import enctype_name
from .key_digest import KeyDigest, digest_entry
from .keytab import KeytabEntry, parse, serialize
from .principal import PrincipalName
from .principal_pattern import is_name, matcher
from .refusal import Refusal

CHOSEN_BY_KDC = "(chosen by the KDC)"
RODC_SHIFT = 16  # bits: above them stands the id of a read-only domain controller, which numbers its own kvnos
UNDECIDED = b"what the file will hold is decided by the run"
Identity = Tuple[bytes, Tuple[bytes, ...]]
Slot = Tuple[Identity, Optional[int], Optional[int]]
Series = Tuple[Identity, int]


class MergeRefusal(Refusal):
    """Sources that do not hold what was asked for, or hold another key than the file."""


@dataclass(frozen=True)
class PromisedEntry:
    """A key that the run will bring, seen in check mode: ``key`` is its digest, equal to no key of a file."""

    principal: PrincipalName
    kvno: Optional[int]
    enctype: Optional[int]
    key: bytes = field(repr=False)
    nonce: bytes = field(repr=False)


Entry = Union[KeytabEntry, PromisedEntry]


@dataclass(frozen=True)
class Source:
    """Where keys come from; ``label`` names it in messages. Either ``entries``, or digests under ``nonce``."""

    label: str
    entries: Tuple[KeytabEntry, ...] = ()
    nonce: bytes = b""
    digests: Tuple[KeyDigest, ...] = ()


@dataclass(frozen=True)
class Wanted:
    """The module's options as values: ``principals`` are shell patterns, ``enctypes`` numbers; empty means all."""

    sources: Tuple[Source, ...] = ()
    principals: Tuple[str, ...] = ()
    enctypes: Tuple[int, ...] = ()
    present: bool = True
    exclusive: bool = False
    keep_kvnos: int = 0
    on_conflict: str = "fail"
    prune: bool = False


@dataclass(frozen=True)
class KeytabPlan:
    """A keytab before and after; None where there is no file. ``replaced``: slots whose key alone changes."""

    content: Optional[bytes] = field(repr=False)
    before: Optional[Tuple[KeytabEntry, ...]]
    after: Optional[Tuple[Entry, ...]]
    replaced: FrozenSet[Slot] = frozenset()


def slot(entry: Entry) -> Slot:
    return (entry.principal.identity, entry.kvno, entry.enctype)


def plan_keytab(content: Optional[bytes], path: str, wanted: Wanted) -> KeytabPlan:
    """The plan for the keytab at ``path``, whose bytes are ``content`` (None: no file).

    Refusals: ``content`` is no keytab; a source lacks a principal that was named; two keys for one slot.
    """
    before = None if content is None else parse(content, path) if content else ()
    held = before or ()
    if wanted.present:
        after, replaced = _merged(held, path, wanted)
        return KeytabPlan(content, before, after if after or before is not None else None, replaced)
    if before is None or not (wanted.sources or wanted.principals or wanted.enctypes):
        return KeytabPlan(content, before, None)
    left = _without(held, wanted)
    return KeytabPlan(content, before, left if left or not held else None)


def planned_content(plan: KeytabPlan) -> Optional[bytes]:
    """The file's bytes after the plan: the very same ones where the entries stay as they are."""
    if plan.after == plan.before:
        return plan.content
    if plan.after is None:
        return None
    known = [entry for entry in plan.after if isinstance(entry, KeytabEntry)]
    return serialize(known) if len(known) == len(plan.after) else UNDECIDED


def describe(plan: KeytabPlan) -> Tuple[str, str]:
    """The entries before and after as text, a line each: principal, kvno and enctype, never a key."""
    before = "".join(_line(entry) for entry in plan.before or ())
    if plan.after == plan.before:
        return before, before
    return before, "".join(_line(entry, slot(entry) in plan.replaced) for entry in plan.after or ())


def count(plan: KeytabPlan) -> Dict[str, int]:
    """How many entries the file holds afterwards, and how many were added, removed and given another key."""
    before = Counter(map(slot, plan.before or ()))
    after = Counter(map(slot, plan.after or ()))
    return {
        "entries": len(plan.after or ()),
        "added": sum((after - before).values()),
        "removed": sum((before - after).values()),
        "replaced": len(plan.replaced),
    }


def _line(entry: Entry, replaced: bool = False) -> str:
    kvno = CHOSEN_BY_KDC if entry.kvno is None else entry.kvno
    enctype = f"enctype {CHOSEN_BY_KDC}" if entry.enctype is None else enctype_name(entry.enctype)
    return f"{entry.principal} kvno {kvno} {enctype}{' (key replaced)' if replaced else ''}\n"


# -- which entries are meant


def _chosen(entries: Iterable[Entry], wanted: Wanted) -> List[Entry]:
    matches = matcher(wanted.principals)
    enctypes = {*wanted.enctypes, None}
    return [
        entry for entry in entries if (not wanted.enctypes or entry.enctype in enctypes) and matches(entry.principal)
    ]


def _resolved(wanted: Wanted, held: Tuple[KeytabEntry, ...]) -> List[Tuple[str, Sequence[Entry]]]:
    """Each source's label and entries; a digest becomes the entry of the file or of another source that it is of."""
    known = [*held, *(entry for source in wanted.sources for entry in source.entries)]
    return [(source.label, _recognised(source, known) if source.nonce else source.entries) for source in wanted.sources]


def _recognised(source: Source, known: Iterable[KeytabEntry]) -> List[Entry]:
    """A key without a digest, which check mode must not see, is taken for the one that is known of its slot."""
    promised = [_promised(digest, source.nonce) for digest in source.digests]
    slots = set(map(slot, promised))
    keys: Dict[Tuple[Slot, Optional[str]], KeytabEntry] = {}
    for entry in known:
        if slot(entry) in slots:
            keys.setdefault((slot(entry), digest_entry(source.nonce, entry).digest), entry)
            keys.setdefault((slot(entry), None), entry)
    return [keys.get((slot(one), digest.digest), one) for one, digest in zip(promised, source.digests)]


def _promised(digest: KeyDigest, nonce: bytes) -> PromisedEntry:
    return PromisedEntry(digest.principal, digest.kvno, digest.enctype, (digest.digest or "").encode("ascii"), nonce)


def _differ(one: Entry, other: Entry) -> bool:
    """Whether two keys are known to differ: digests of two exports have two nonces and cannot be compared."""
    if isinstance(one, PromisedEntry) and isinstance(other, PromisedEntry) and one.nonce != other.nonce:
        return False
    return one.key != other.key


# -- present


def _merged(held: Tuple[KeytabEntry, ...], path: str, wanted: Wanted) -> Tuple[Tuple[Entry, ...], FrozenSet[Slot]]:
    sources = _resolved(wanted, held)
    incoming = _incoming(sources, wanted)
    scope = _scope(held, incoming, wanted)
    kept: Dict[Tuple[Slot, bytes], Entry] = {}
    replaced = set()
    for entry in held:
        place = slot(entry)
        if place in incoming:
            offered, label = incoming[place]
            differs = offered.key != entry.key
            if differs and wanted.on_conflict == "fail":
                raise _conflict(entry, label, path)
            if differs and wanted.on_conflict == "source":
                replaced.add(place)
                kept.setdefault((place, offered.key), offered)
                continue
        elif wanted.exclusive or (place[0] in scope and wanted.enctypes and entry.enctype not in wanted.enctypes):
            continue
        kept.setdefault((place, entry.key), entry)
    present = {place for place, dummy in kept}
    after = [*kept.values(), *(entry for place, (entry, dummy) in incoming.items() if place not in present)]
    if wanted.prune:
        after = _unpurged(after, scope, [entry for dummy, entries in sources for entry in entries])
    return tuple(_newest(after, scope, wanted.keep_kvnos)), frozenset(replaced)


def _incoming(sources: Iterable[Tuple[str, Sequence[Entry]]], wanted: Wanted) -> Dict[Slot, Tuple[Entry, str]]:
    """The chosen entries of all sources, each with its source's label; of two keys for a slot the later stays."""
    incoming: Dict[Slot, Tuple[Entry, str]] = {}
    for label, entries in sources:
        for entry in _chosen(entries, wanted):
            earlier, other = incoming.get(slot(entry), (entry, label))
            if _differ(earlier, entry) and wanted.on_conflict == "fail":
                raise _conflict(entry, label, other)
            incoming[slot(entry)] = (entry, label)
    if wanted.sources:
        _refuse_missing([entry for entry, dummy in incoming.values()], wanted)
    return incoming


def _scope(held: Iterable[KeytabEntry], incoming: Iterable[Slot], wanted: Wanted) -> FrozenSet[Identity]:
    """The principals whose superfluous entries go: those that the sources bring, or without sources those named."""
    if wanted.sources:
        return frozenset(place[0] for place in incoming)
    matches = matcher(wanted.principals)
    return frozenset(entry.principal.identity for entry in held if matches(entry.principal))


def _newest(entries: List[Entry], scope: FrozenSet[Identity], keep: int) -> List[Entry]:
    """Without the entries of older kvnos than the ``keep`` newest of each principal in scope; 0 keeps all.

    A kvno that the KDC is yet to choose is the newest. Those of a read-only domain controller count apart.
    """
    if not keep:
        return entries

    def age(entry: Entry) -> float:
        return float("inf") if entry.kvno is None else entry.kvno

    ages: Dict[Series, Set[float]] = {}
    for entry in entries:
        ages.setdefault(_series(entry), set()).add(age(entry))
    oldest = {one: sorted(all_ages)[-keep:][0] for one, all_ages in ages.items()}
    return [entry for entry in entries if entry.principal.identity not in scope or age(entry) >= oldest[_series(entry)]]


def _unpurged(entries: List[Entry], scope: FrozenSet[Identity], sources: Iterable[Entry]) -> List[Entry]:
    """Without the entries of lower kvnos than the lowest that ``sources``, whole, hold of a principal in scope.

    A kvno that the KDC is yet to choose says nothing of those that it has purged.
    """
    lowest: Dict[Series, int] = {}
    for entry in sources:
        if entry.kvno is not None:
            lowest[_series(entry)] = min(entry.kvno, lowest.get(_series(entry), entry.kvno))

    def purged(entry: Entry) -> bool:
        return entry.kvno is not None and entry.kvno < lowest.get(_series(entry), entry.kvno)

    return [entry for entry in entries if entry.principal.identity not in scope or not purged(entry)]


def _series(entry: Entry) -> Series:
    """Kvnos of which one can be older than another."""
    return (entry.principal.identity, (entry.kvno or 0) >> RODC_SHIFT)


def _refuse_missing(chosen: Sequence[Entry], wanted: Wanted) -> None:
    """MergeRefusal where a principal that was named in full, or everything, is missing from the sources."""
    found = {text for entry in chosen for text in (str(entry.principal), entry.principal.name)}
    missing = [pattern for pattern in wanted.principals if is_name(pattern) and pattern not in found]
    if chosen and not missing:
        return
    labels = ", ".join(source.label for source in wanted.sources)
    meant = f"of {', '.join(missing or wanted.principals)} " if wanted.principals else ""
    of_types = f"with enctype {', '.join(map(enctype_name, wanted.enctypes))} " if wanted.enctypes else ""
    raise MergeRefusal(
        f"{labels}: no key {meant}{of_types}is there; correct 'principals' or 'enctypes', "
        "or export the keytab again with those keys"
    )


def _conflict(entry: Entry, label: str, other: str) -> MergeRefusal:
    return MergeRefusal(
        f"{label}: the key of {_line(entry).rstrip()} is another one than in {other}; find out which one the KDC "
        "has, then set 'on_conflict' to 'source' or 'file', or export the outdated one again"
    )


# -- absent


def _without(held: Tuple[KeytabEntry, ...], wanted: Wanted) -> Tuple[KeytabEntry, ...]:
    if wanted.sources:
        gone = {slot(entry) for dummy, entries in _resolved(wanted, held) for entry in _chosen(entries, wanted)}
    else:
        gone = {slot(entry) for entry in _chosen(held, wanted)}
    return tuple(entry for entry in held if slot(entry) not in gone)
