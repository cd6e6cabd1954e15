# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shares of the realm's keys: which keys go into which keytab, and what check mode says in their place."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import AbstractSet, Any, Dict, FrozenSet, Iterable, List, Mapping, Optional, Sequence, Tuple, TypeVar, Union

from .enctypes import enctype_name, expand_enctypes
from .key_digest import KeyDigest, encode_digests
from .keytab import KeytabEntry, serialize
from .principal import PrincipalName, parse_principal
from .refusal import Refusal

Key = TypeVar("Key", KeytabEntry, KeyDigest)
Keys = Mapping[PrincipalName, Tuple[Key, ...]]  # of each principal that exists; of no other
NOBODY: AbstractSet[PrincipalName] = frozenset()


class ExportRefusal(Refusal):
    """A share that cannot be made."""


@dataclass(frozen=True)
class ExportWish:
    """One keytab: its name, its principals in order, and the enctypes to which its keys are kept (none: all)."""

    name: str
    principals: Tuple[PrincipalName, ...]
    enctypes: Tuple[int, ...] = ()


def parse_exports(items: Iterable[Mapping[str, Any]], realm: Optional[str]) -> Tuple[ExportWish, ...]:
    """The wishes in the option `keytabs`; ExportRefusal where two have the same name."""
    wishes: Dict[str, ExportWish] = {}
    for item in items:
        name = item["name"]
        option = f"keytabs: '{name}'"
        if name in wishes:
            raise ExportRefusal(f"{option}: is listed twice; give each keytab a name of its own")
        principals = dict.fromkeys(parse_principal(text, realm) for text in item["principals"])
        enctypes = expand_enctypes(item.get("enctypes") or (), f"{option}: enctypes")
        wishes[name] = ExportWish(name, tuple(principals), enctypes)
    return tuple(wishes.values())


def wanted_principals(wishes: Sequence[ExportWish]) -> Tuple[PrincipalName, ...]:
    """Every principal of all wishes once; one that several keytabs share is read once."""
    return tuple(dict.fromkeys(principal for wish in wishes for principal in wish.principals))


def with_staged(keys: Keys[Key], staged: Keys[Key]) -> Dict[PrincipalName, Tuple[Key, ...]]:
    """The keys that the realm has, behind those that are staged for the principal."""
    return {principal: staged.get(principal, ()) + found for principal, found in keys.items()}


def share(
    wish: ExportWish, keys: Keys[KeytabEntry], looked_after: AbstractSet[PrincipalName] = NOBODY
) -> Tuple[KeytabEntry, ...]:
    """The entries of a keytab, every kvno that the realm still knows.

    Of principals that are ``looked_after``, whose enctypes change one day, keys older than the newest pass whatever
    their type, for tickets may still be made with them.
    ExportRefusal where a principal does not exist or has no key of the enctypes.
    """
    return tuple(entry for principal in wish.principals for entry in _chosen(wish, principal, keys, looked_after))


def _passes(wish: ExportWish, one: Union[KeytabEntry, KeyDigest]) -> bool:
    return not wish.enctypes or one.enctype in wish.enctypes


def _chosen(
    wish: ExportWish, principal: PrincipalName, keys: Keys[Key], looked_after: AbstractSet[PrincipalName]
) -> Tuple[Key, ...]:
    if principal not in keys:
        raise ExportRefusal(
            f"principal {principal}: does not exist, so keytab '{wish.name}' cannot get its key; "
            "create it with mailrealm.kerberos.principal"
        )
    found = keys[principal]
    chosen = tuple(entry for entry in found if _passes(wish, entry))
    usable = chosen
    if principal in looked_after:
        newest = max((entry.kvno or 0 for entry in found), default=0)
        chosen = tuple(entry for entry in found if _passes(wish, entry) or (entry.kvno or 0) < newest)
        usable = tuple(entry for entry in chosen if entry.kvno == newest)
    if not usable:
        numbers = {entry.enctype for entry in found}
        there = ", ".join(sorted(enctype_name(number) for number in numbers if number is not None)) or "none"
        asked = ", ".join(enctype_name(number) for number in wish.enctypes)
        raise ExportRefusal(
            f"principal {principal}: has no key that keytab '{wish.name}' takes (asked: {asked or 'any'}; there: "
            f"{there}); correct the keytab's enctypes, or the principal's with rekey: when_enctypes_differ"
        )
    return chosen


def foresee(
    wish: ExportWish,
    keys: Keys[KeyDigest],
    new_keys: Mapping[PrincipalName, bool],
    looked_after: AbstractSet[PrincipalName] = NOBODY,
) -> Tuple[KeyDigest, ...]:
    """What the run will share: digests of the keys that are there, and entries to be chosen by the KDC.

    The latter stand for principals that an earlier task creates, and for those of ``new_keys``, to which it gives
    a new key: beside the old ones where the value is true, else instead of them.
    """
    digests: List[KeyDigest] = []
    for principal in wish.principals:
        if principal in keys and principal not in new_keys:
            digests += _chosen(wish, principal, keys, looked_after)
            continue
        digests += (KeyDigest(principal, None, number) for number in wish.enctypes or (None,))
        old = keys.get(principal, ()) if new_keys.get(principal) else ()
        digests += (one for one in old if principal in looked_after or _passes(wish, one))
    return tuple(digests)


def without_purged(
    keys: Keys[KeyDigest], purged: Mapping[PrincipalName, FrozenSet[int]]
) -> Dict[PrincipalName, Tuple[KeyDigest, ...]]:
    """The keys as they are once an earlier task has purged those of the kvnos in ``purged``."""
    return {
        principal: tuple(key for key in found if key.kvno not in purged.get(principal, ()))
        for principal, found in keys.items()
    }


def export_keys(
    wish: ExportWish, keys: Keys[KeytabEntry], looked_after: AbstractSet[PrincipalName] = NOBODY
) -> Dict[str, Any]:
    """The result for one keytab in a run. Its content is a secret."""
    entries = share(wish, keys, looked_after)
    return {
        "name": wish.name,
        "content": base64.b64encode(serialize(entries)).decode("ascii"),
        "entries": [_entry(entry.principal, entry.kvno, entry.enctype) for entry in entries],
    }


def export_digests(
    wish: ExportWish,
    keys: Keys[KeyDigest],
    nonce: bytes,
    new_keys: Mapping[PrincipalName, bool],
    looked_after: AbstractSet[PrincipalName] = NOBODY,
) -> Dict[str, Any]:
    """The result for one keytab in check mode: no key leaves the KDC. ``nonce``: that of the digests in ``keys``."""
    digests = foresee(wish, keys, new_keys, looked_after)
    return {
        "name": wish.name,
        "content": encode_digests(nonce, digests),
        "entries": [_entry(one.principal, one.kvno, one.enctype) for one in digests],
    }


def _entry(principal: PrincipalName, kvno: Optional[int], enctype: Optional[int]) -> Dict[str, Any]:
    return {
        "principal": str(principal),
        "kvno": kvno,
        "enctype": None if enctype is None else enctype_name(enctype),
    }
