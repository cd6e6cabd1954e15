# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which keys an account of Active Directory has: what is known of them, in which order it is tried, what was proved.

A domain controller hands no key out. What a keytab holds, or a password makes, is held against a service ticket.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Dict, Iterable, List, Mapping, Optional, Sequence, Set, Tuple

from .active_directory import COMPUTER, Account, with_enctypes
from .ad_account import AccountWish
from .key_proof import KeyProof
from .keytab import KeytabEntry
from .merge import RODC_SHIFT, Identity
from .principal import PrincipalName
from .refusal import Refusal

RIGHT, WRONG, UNPROVED = "right", "wrong", "unproved"
GIVEN = "what was given"
MOST_CANDIDATES = 4  # each costs a ticket, and only where all before it were wrong
# What the symptoms of key_proof.py say of the keys. Those of an encryption type do not hold once the account's
# attribute is another one. Where ticket and directory have two kvnos, or the KDC does not know the name, two
# controllers answered of which one has not replicated yet: then nothing is proved, least of all that keys are wrong.
OF_ENCTYPES = frozenset(("enctype_missing", "enctype_unsupported", "service_principal_without_key"))
OF_KEYS = frozenset(("key_wrong", "principal_not_in_keytab"))
NO_WITNESS = frozenset(("key_not_judged", "kvno_wrong", "kvno_behind", "kvno_ahead", "service_principal_unknown"))


class ProofRefusal(Refusal):
    """No ticket is to be had for a reason that has nothing to do with keys."""


@dataclass(frozen=True)
class Candidate:
    """Keys that may be those of the account at its kvno: enctype number to key. ``kvno``: under which they were."""

    origin: str
    keys: Mapping[int, bytes] = field(repr=False)
    kvno: Optional[int] = None


@dataclass(frozen=True)
class Proof:
    """What a ticket said of one candidate: RIGHT, WRONG or UNPROVED, the ticket's kvno and enctype, and words."""

    verdict: str
    kvno: Optional[int] = None
    enctype: Optional[int] = None
    text: str = ""


NO_PROOF = Proof(UNPROVED)


@dataclass(frozen=True)
class Evidence:
    """All that is known of an account's keys at its kvno.

    ``keys``: enctype number to key. ``proof``: of the candidate that holds, or of the first one where none does.
    ``password_fits``: whether the given password makes them; None where none is given or nothing is known.
    """

    keys: Mapping[int, bytes] = field(default_factory=dict, repr=False)
    proof: Proof = NO_PROOF
    password_fits: Optional[bool] = None


def principals_of(account: Account, wish: AccountWish, realm: str) -> Tuple[PrincipalName, ...]:
    """The principals that share the account's keys: its name, its service principals and those asked for, its UPN."""
    texts = [one for one in account.service_principals if "/" in one]
    found = [*wish.service_principals, account_principal(account.name, realm)]
    found += [_literal(text, realm) for text in texts]
    if account.upn.upper().endswith("@" + realm):
        found.append(_literal(account.upn.rpartition("@")[0], realm))
    return tuple({one.identity: one for one in found}.values())


def required_principals(account: Optional[Account], wish: AccountWish, realm: str) -> Tuple[PrincipalName, ...]:
    """The principals of which the keytab is to hold keys: those asked for, else all service principals there are."""
    found = list(wish.service_principals)
    if not found and account and not wish.account_principal:
        found = [_literal(text, realm) for text in account.service_principals]
    if wish.account_principal:
        found.append(account_principal(wish.name, realm))
    return tuple(found)


def account_principal(name: str, realm: str) -> PrincipalName:
    return PrincipalName((name.encode(),), realm.encode())


def witness(account: Account, wish: AccountWish, realm: str) -> Optional[PrincipalName]:
    """A principal of which the KDC issues service tickets now; None where the account has none.

    One of those asked for, if it can be: a client would ask for that one.
    """
    for principal in wish.service_principals:
        if account.owns(principal.name):
            return principal
    for text in account.service_principals:
        return _literal(text, realm)
    return account_principal(account.name, realm) if account.kind == COMPUTER else None


def _literal(text: str, realm: str) -> PrincipalName:
    """The principal of a name as the directory keeps it, where nothing is escaped."""
    return PrincipalName(tuple(part.encode() for part in text.split("/")), realm.encode())


def candidates(
    account: Account,
    wish: AccountWish,
    realm: str,
    held: Mapping[Identity, Sequence[KeytabEntry]],
    derived: Mapping[int, bytes],
) -> Tuple[Candidate, ...]:
    """What to try, in this order: the keytab's keys at the kvno, the password's, those the keytab has at other kvnos.

    ``held``: the entries of all keytabs in question by principal; ``derived``: the keys that a given password makes.
    """
    by_kvno: Dict[int, List[KeytabEntry]] = {}
    for principal in principals_of(account, wish, realm):
        for entry in held.get(principal.identity, ()):
            by_kvno.setdefault(entry.kvno, []).append(entry)
    asked = {one.identity for one in wish.service_principals}
    current = by_kvno.pop(account.kvno, [])
    found = [Candidate("the keytab", keys, account.kvno) for keys in _key_sets(current, asked)]
    if derived:
        found.append(Candidate(GIVEN, derived))
    series = account.kvno >> RODC_SHIFT
    for kvno in sorted(by_kvno, reverse=True):
        if kvno >> RODC_SHIFT == series:
            found += [Candidate(f"kvno {kvno} of the keytab", keys, kvno) for keys in _key_sets(by_kvno[kvno], asked)]
    return tuple(_distinct(found)[:MOST_CANDIDATES])


def _key_sets(entries: Sequence[KeytabEntry], asked: Set[Identity]) -> List[Dict[int, bytes]]:
    """One kvno's keys by enctype; a second set where principals of one account disagree, which they never should."""
    sets: List[Dict[int, bytes]] = []
    for entry in sorted(entries, key=lambda one: one.principal.identity not in asked):
        for keys in sets:
            if keys.get(entry.enctype, entry.key) == entry.key:
                keys[entry.enctype] = entry.key
                break
        else:
            sets.append({entry.enctype: entry.key})
    return sets


def _distinct(found: Sequence[Candidate]) -> List[Candidate]:
    """Candidates that agree where they meet are one: what is proved of the first holds for what the later adds."""
    kept: List[Candidate] = []
    for one in found:
        for place, other in enumerate(kept):
            if _agree(one.keys, other.keys):
                kept[place] = Candidate(other.origin, {**one.keys, **other.keys}, other.kvno)
                break
        else:
            kept.append(one)
    return kept


def _agree(one: Mapping[int, bytes], other: Mapping[int, bytes]) -> bool:
    common = one.keys() & other.keys()
    return bool(common) and all(one[enctype] == other[enctype] for enctype in common)


def verdict(answer: KeyProof, account: Account, wish: AccountWish) -> Proof:
    """What a proof by ticket says of a candidate; ProofRefusal where it is of something else, such as clocks."""
    if answer.ok:
        return Proof(RIGHT, answer.kvno, answer.enctype)
    changing = with_enctypes(account.enctypes, wish.enctypes) != account.enctypes
    if answer.symptom in NO_WITNESS or (changing and answer.symptom in OF_ENCTYPES):
        return Proof(UNPROVED, answer.kvno, answer.enctype, answer.cause)
    if answer.symptom in OF_KEYS or answer.symptom in OF_ENCTYPES:
        return Proof(WRONG, answer.kvno, answer.enctype, answer.cause)
    raise ProofRefusal(f"{wish.title}: {answer.cause}; {answer.remedy}")


def weigh(
    account: Account,
    tried: Sequence[Tuple[Candidate, Proof]],
    derived: Mapping[int, bytes],
) -> Evidence:
    """What the proofs of candidates, in their order, come to.

    Where no ticket could be had, the account's kvno is the only witness: keys that were kept or made for it count.
    """
    for candidate, proof in tried:
        trusted = proof.verdict == UNPROVED and candidate.kvno in (account.kvno, None)
        if proof.verdict == RIGHT or trusted:
            fits: Optional[bool] = _agree(candidate.keys, derived) if derived else None
            if fits and proof.verdict == UNPROVED and candidate.kvno is None:
                fits = None  # nobody but the user says so
            return Evidence(dict(candidate.keys), proof, fits)
    return Evidence({}, tried[0][1] if tried else NO_PROOF, False if derived and tried else None)


def without_realm(principals: Iterable[PrincipalName]) -> Tuple[str, ...]:
    """The names as `servicePrincipalName` keeps them."""
    return tuple("/".join(part.decode("utf-8", "replace") for part in one.components) for one in principals)
