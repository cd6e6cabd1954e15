# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts of Active Directory as a domain controller has them: found, proved by tickets, created, changed."""

from __future__ import annotations

import secrets
import string
from dataclasses import replace
from typing import Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

from .._domain.active_directory import (
    ATTRIBUTES,
    Account,
    account_from,
    allowed_enctypes,
    default_container,
    expected_salt,
    signed,
)
from .._domain.ad_account import AccountWish
from .._domain.ad_keys import (
    NO_PROOF,
    RIGHT,
    Candidate,
    Evidence,
    Proof,
    candidates,
    verdict,
    weigh,
    witness,
)
from .._domain.ad_keytabs import NewKeys
from .._domain.ad_plan import ENCTYPES, UPN, AccountChange, modifications
from .._domain.ad_state import names_asked
from .._domain.as_request import KdcSalt
from .._domain.directory import Entry, any_of, equals, quoted_password
from .._domain.enctypes import enctype_name
from .._domain.keytab import KeytabEntry
from .._domain.merge import Identity
from .._domain.refusal import Refusal
from . import gss
from .directory import Directory
from .kdc_salt import kdc_salt
from .service_ticket import check_keys
from .string_to_key import password_key

TERMS = 300  # of one filter: a few searches for hundreds of accounts, and far from every limit of a controller
RC4 = 23
AES = (18, 17)
USUAL = 4096  # iterations of PBKDF2 where nothing else is said, RFC 3962 section 4
PASSWORD_LENGTH = 120  # characters; 7.1 bits each, and below the 127 of older interfaces
ALPHABET = string.ascii_letters + string.digits + "-_.,:+*/()=!%"
COMPLEX = (string.ascii_lowercase, string.ascii_uppercase, string.digits)


class KeyRefusal(Refusal):
    """Keys that this host cannot make."""


def find_accounts(directory: Directory, wishes: Sequence[AccountWish]) -> List[Account]:
    """The accounts with a name, service principal or UPN that is asked for."""
    asked = {"sAMAccountName": [wish.name for wish in wishes], **names_asked(wishes)}
    terms = [equals(attribute, value) for attribute, values in asked.items() for value in values]
    found: Dict[str, Account] = {}
    for at in range(0, len(terms), TERMS):
        for entry in directory.find(any_of(terms[at : at + TERMS]), ATTRIBUTES):
            found[entry.dn] = account_of(entry)
    return list(found.values())


def account_of(entry: Entry) -> Account:
    return account_from(entry.dn, entry.attributes)


def read_account(directory: Directory, dn: str) -> Account:
    return account_of(directory.read(dn, ATTRIBUTES))


def default_containers(directory: Directory, kinds: Iterable[str]) -> Dict[str, str]:
    """The DN of the default container of each kind of account, of those that the domain names."""
    wanted = sorted(set(kinds))
    if not wanted:
        return {}
    well_known = directory.read(directory.base, ["wellKnownObjects"]).texts("wellKnownObjects")
    found = {kind: default_container(kind, well_known) for kind in wanted}
    return {kind: dn for kind, dn in found.items() if dn}


# -- keys


def expected_keys(change: AccountChange, password: str, realm: str) -> NewKeys:
    """What a new password will most likely make, staged before it is set; KeyRefusal where this host cannot."""
    account, wish = change.account, change.wish
    (upn,) = change.after(UPN, (account.upn,) if account else ()) or ("",)
    salt = expected_salt(account.name if account else wish.name, wish.kind, upn, realm).encode()
    found = {enctype: _key(password, salt, enctype, None) for enctype in wish.enctypes}
    return NewKeys(1 if account is None else account.kvno + 1, found, salt)


def _stated_keys(password: str, salt: KdcSalt, enctypes: Iterable[int]) -> Dict[int, bytes]:
    """The keys that a password makes with what the KDC states, by enctype."""
    found = {}
    for enctype in enctypes:
        of_type = salt.of(enctype)
        found[enctype] = _key(
            password,
            salt.salt if of_type is None else of_type.salt,
            enctype,
            None if of_type is None else of_type.iterations,
        )
    return found


def _key(password: str, salt: bytes, enctype: int, iterations: Optional[int]) -> bytes:
    key = password_key(password, salt, enctype, iterations)
    if key is None:
        raise KeyRefusal(
            f"enctypes: this host makes no key of type {enctype_name(enctype)} from a password; install MIT's "
            "libraries (libkrb5-3, krb5-libs), or leave the type out"
        )
    return key


def given_keys(host: str, realm: str, account: Account, wish: AccountWish, timeout: float) -> Dict[int, bytes]:
    """The keys that the given password would be, at the salt that the KDC states; empty where none is given.

    RC4's as well where the account may still have it: it tells whether the password fits.
    """
    if wish.password is None:
        return {}
    salt = kdc_salt(host, realm, account.name, AES, timeout)
    found = _stated_keys(wish.password, salt, wish.enctypes)
    if RC4 not in found and (not account.enctypes or RC4 in allowed_enctypes(account.enctypes)):
        key = password_key(wish.password, b"", RC4)
        found.update({RC4: key} if key else {})
    return found


def set_keys(
    host: str, realm: str, account: Account, wish: AccountWish, password: str, foreseen: NewKeys, timeout: float
) -> NewKeys:
    """The keys of a password that was just set, at the account's kvno and the salt that the KDC states now."""
    salt = kdc_salt(host, realm, account.name, AES, timeout)
    if all((one.salt, one.iterations) in ((foreseen.salt, None), (foreseen.salt, USUAL)) for one in salt.parameters):
        return replace(foreseen, kvno=account.kvno)
    return NewKeys(account.kvno, _stated_keys(password, salt, wish.enctypes), salt.salt)


def gather_evidence(
    user: gss.Initiator,
    host: str,
    realm: str,
    pairs: Sequence[Tuple[AccountWish, Account]],
    held: Mapping[Identity, Sequence[KeytabEntry]],
    timeout: float,
) -> Dict[str, Evidence]:
    """What is known of each account's keys, by its name in lower case: a ticket for each, more only where one fails."""
    given = {wish.name: given_keys(host, realm, account, wish, timeout) for wish, account in pairs}
    open_ones = [(wish, account, candidates(account, wish, realm, held, given[wish.name])) for wish, account in pairs]
    tried: Dict[str, List[Tuple[Candidate, Proof]]] = {wish.name: [] for wish, dummy in pairs}
    place = 0
    while open_ones:
        open_ones = [one for one in open_ones if len(one[2]) > place]
        proofs = _prove(user, realm, [(wish, account, found[place]) for wish, account, found in open_ones])
        for (wish, dummy, found), proof in zip(open_ones, proofs):
            tried[wish.name].append((found[place], proof))
        open_ones = [one for one, proof in zip(open_ones, proofs) if proof.verdict != RIGHT]
        place += 1
    return {wish.name.casefold(): weigh(account, tried[wish.name], given[wish.name]) for wish, account in pairs}


def _prove(user: gss.Initiator, realm: str, tests: Sequence[Tuple[AccountWish, Account, Candidate]]) -> List[Proof]:
    """A verdict on each candidate, by a fresh ticket for one principal of its account."""
    witnesses = [witness(account, wish, realm) for wish, account, dummy in tests]
    asked = [one for one in witnesses if one is not None]
    entries = [
        KeytabEntry(principal, 0, account.kvno, enctype, key)
        for principal, (dummy, account, candidate) in zip(witnesses, tests)
        if principal is not None
        for enctype, key in candidate.keys.items()
    ]
    answers = {one.principal.identity: one for one in check_keys(user, asked, entries)} if asked else {}
    return [
        NO_PROOF if principal is None else verdict(answers[principal.identity], account, wish)
        for principal, (wish, account, dummy) in zip(witnesses, tests)
    ]


# -- writing


def random_password() -> str:
    """A password that no one will ever type, of the three kinds of characters that every policy asks for."""
    while True:
        password = "".join(secrets.choice(ALPHABET) for dummy in range(PASSWORD_LENGTH))
        if all(set(kind) & set(password) for kind in COMPLEX):
            return password


def create_account(directory: Directory, change: AccountChange, password: str) -> None:
    """One operation: the account has its password from the first moment, or it is not there."""
    attributes: Dict[str, Sequence[bytes]] = {one.name: _values(one.name, one.after) for one in change.attributes}
    directory.add(change.dn, {**attributes, "unicodePwd": [quoted_password(password)]})


def change_attributes(directory: Directory, change: AccountChange) -> None:
    """All of them in one operation."""
    changes = [(kind, name, _values(name, values)) for kind, name, values in modifications(change)]
    if changes:
        directory.modify(change.dn, changes)


def _values(name: str, texts: Iterable[str]) -> List[bytes]:
    return [(str(signed(int(one))) if name == ENCTYPES else one).encode("utf-8", "surrogateescape") for one in texts]
