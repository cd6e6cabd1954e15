# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One policy of encryption types for all that keeps one: which enctypes, for which consumers, with what warnings."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Dict, FrozenSet, Iterable, List, Mapping, Optional, Sequence, Tuple

from .enctype_consumers import Consumer, common_name
from .enctype_list import parse_enctype_list
from .enctypes import BY_NUMBER, enctype_name
from .keytab import KeytabEntry
from .principal import PrincipalName
from .refusal import Refusal


class PolicyRefusal(Refusal):
    """A policy that would keep somebody from logging in, or that is not known."""


# Each with the line that documents it; enctypes in the order of preference.
POLICIES: Mapping[str, Tuple[Tuple[int, ...], str]] = {
    "compatible": ((18, 17, 20, 19), "AES only, in the order that everything made since 2005 understands; the default"),
    "modern": ((20, 19, 18, 17), "AES only, SHA-2 first: MIT 1.15, Java 11 and Heimdal 7 or later know it"),
    "sha2_only": ((20, 19), "AES with SHA-2 alone: no Active Directory, Java 8 or Zimbra, and only keys made since"),
    "zimbra": ((18, 17), "AES with SHA-1: all that the parts of a Zimbra host have in common (Heimdal 1.5.3)"),
    "active_directory": ((18, 17), "AES with SHA-1: what domain controllers since 2008 issue"),
    "with_rc4": ((18, 17, 20, 19, 23), "as compatible, and RC4 behind it, for accounts of an old Active Directory"),
    "with_des3": ((18, 17, 20, 19, 16), "as compatible, and triple DES behind it, for keys of an old MIT realm"),
}


LISTED = "enctypes"


@dataclass(frozen=True)
class Wanted:
    """What was asked: ``numbers`` in order; ``named``: those that each have a word of their own in an explicit list."""

    numbers: Tuple[int, ...]
    named: FrozenSet[int]
    words: str  # how the user said it, for sentences

    def without(self, weak: Sequence[int]) -> str:
        """What to write in order to do without ``weak``, as the middle of a sentence."""
        if self.words != LISTED:
            return "take another policy"
        return f"leave {_it(weak)} out (-{' -'.join(map(enctype_name, weak))})"


@dataclass(frozen=True)
class Resolved:
    """A policy for the consumers of one host.

    ``enctypes``: what new keys are made of; ``permitted``: these, and behind them the types that keys in use need
    still; ``consumers``: who must get along with it.
    """

    enctypes: Tuple[int, ...]
    permitted: Tuple[int, ...]
    consumers: Tuple[Consumer, ...]

    @property
    def kept(self) -> Tuple[int, ...]:
        """The types that are permitted for keys in use alone."""
        return self.permitted[len(self.enctypes) :]


def named_policy(name: str) -> Wanted:
    """The policy of that name; PolicyRefusal names the nearest."""
    if name not in POLICIES:
        near = difflib.get_close_matches(name, POLICIES, n=1)
        remedy = f"did you mean '{near[0]}'?" if near else f"take one of {', '.join(POLICIES)}, or list enctypes"
        raise PolicyRefusal(f"policy: '{name}' is no policy of this collection; {remedy}")
    return Wanted(POLICIES[name][0], frozenset(), f"policy {name}")


def listed_policy(words: Sequence[str]) -> Wanted:
    """The policy of an explicit list; EnctypeRefusal for an unknown word, PolicyRefusal where nothing is left."""
    found = parse_enctype_list(words, "enctypes")
    if not found.numbers:
        raise PolicyRefusal(
            "enctypes: the list comes to nothing; name at least one type, such as aes256-cts-hmac-sha1-96"
        )
    return Wanted(found.numbers, found.named, LISTED)


def asked_policy(policy: Optional[str], enctypes: Sequence[str]) -> Wanted:
    """What a policy's name, or a list in its stead, asks for; the refusals are those of the two above."""
    return named_policy(policy) if policy is not None and not enctypes else listed_policy(enctypes)


def resolve(wanted: Wanted, consumers: Sequence[Consumer], accept_weak: bool, in_use: Iterable[int] = ()) -> Resolved:
    """``wanted`` for ``consumers``: of a policy or a family those types that every consumer can use.

    A type that was named by itself is held to. ``in_use``: types of keys that tickets may still need. PolicyRefusal
    for a weak type that was not accepted, one that was named and a consumer cannot use, or where nothing is left.
    """
    weak = [number for number in wanted.numbers if is_weak(number)]
    if weak and not accept_weak:
        ends = dict.fromkeys(one.ends[number] for one in consumers for number in weak if number in one.ends)
        raise PolicyRefusal(
            f"{wanted.words}: {_names(weak)} {_is(weak)} weak ({'; '.join(ends) or 'nobody issues it any more'}); "
            f"{wanted.without(weak)}, or set accept_weak: true to go on with {_it(weak)} for now"
        )
    for consumer in consumers:
        unusable = [number for number in wanted.numbers if number in wanted.named - consumer.usable]
        if unusable:
            raise PolicyRefusal(
                f"{wanted.words}: {consumer.title} cannot use {_names(unusable)}; leave {_it(unusable)} out, "
                f"or '{consumer.name}' out of the consumers"
            )
    left = tuple(number for number in wanted.numbers if all(number in one.usable for one in consumers))
    if not left:
        each = "; ".join(f"{one.title} can use {_names(sorted(one.usable))}" for one in consumers)
        raise PolicyRefusal(
            f"{wanted.words}: no type is left that all consumers can use ({each}); take a policy that has one of these"
        )
    kept = [number for number in in_use if number not in left and any(number in one.usable for one in consumers)]
    return Resolved(left, (*left, *sorted(dict.fromkeys(kept), key=_strength)), tuple(consumers))


def is_weak(number: int) -> bool:
    """Whether a type needs `accept_weak`: MIT's weak ones, and those on their way out (RC4, triple DES)."""
    known = BY_NUMBER.get(number)
    return bool(known and (known.weak or known.deprecated))


def weak_warnings(resolved: Resolved) -> Tuple[str, ...]:
    """One sentence for each weak type that is permitted: which side stops serving it, and when."""
    found: List[str] = []
    for number in resolved.permitted:
        if is_weak(number):
            why = "stays permitted, for keys in use need it" if number in resolved.kept else "is permitted"
            ends = dict.fromkeys(one.ends[number] for one in resolved.consumers if number in one.ends)
            found.append(f"{enctype_name(number)} {why}, although it is weak: {'; '.join(ends) or 'replace it soon'}")
    return tuple(found)


def relations(resolved: Resolved) -> Dict[str, str]:
    """The relations of [libdefaults] that say all this: each list that a consumer reads, and the switches needed."""
    names = " ".join(map(common_name, resolved.permitted))
    lists = [name for consumer in resolved.consumers for name in consumer.relations]
    found = dict.fromkeys(("permitted_enctypes", *lists), names)
    for consumer in resolved.consumers:
        for number in resolved.permitted:
            found.update(dict.fromkeys(consumer.needs.get(number, ()), "true"))
    return found


def check_keytab(path: str, entries: Sequence[KeytabEntry], resolved: Resolved) -> None:
    """PolicyRefusal where a keytab holds keys, and no newest key of any principal is of a type that is permitted."""
    newest: Dict[PrincipalName, int] = {}
    for entry in entries:
        newest[entry.principal] = max(entry.kvno, newest.get(entry.principal, 0))
    there = {entry.enctype for entry in entries if entry.kvno == newest[entry.principal]}
    if there and not there & set(resolved.permitted):
        raise PolicyRefusal(
            f"{path}: holds keys of {_names(sorted(there))} alone, and {_names(resolved.permitted)} would be "
            "permitted, so that nobody could log in; bring new keys first (kerberos_rekey: when_enctypes_differ), or "
            "take a policy that has one of them"
        )


# What of [libdefaults] goes where the policy does not need it. Java reads the first of the switches as MIT does.
LISTS = ("permitted_enctypes", "default_tkt_enctypes", "default_tgs_enctypes")
SWITCHES = ("allow_weak_crypto", "allow_rc4", "allow_des3")
STRENGTH = (20, 19, 18, 17, 26, 25, 16, 23)  # an order that crypto-policies can give


def _strength(number: int) -> int:
    return STRENGTH.index(number) if number in STRENGTH else len(STRENGTH) + number


def _names(numbers: Iterable[int]) -> str:
    return ", ".join(map(enctype_name, numbers))


def _is(numbers: Sequence[int]) -> str:
    return "is" if len(numbers) == 1 else "are"


def _it(numbers: Sequence[int]) -> str:
    return "it" if len(numbers) == 1 else "them"
