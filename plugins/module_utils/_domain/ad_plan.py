# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What leads from the accounts and keytabs that are there to those that were asked for: a pure plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import FrozenSet, Iterable, List, Mapping, Optional, Sequence, Tuple

from .active_directory import (
    COMPUTER,
    DISABLED,
    DONT_EXPIRE_PASSWORD,
    NORMAL_ACCOUNT,
    WORKSTATION_TRUST_ACCOUNT,
    Account,
    account_dn,
    with_enctypes,
)
from .ad_account import AccountWish
from .ad_keys import Evidence, principals_of, required_principals, without_realm
from .ad_need import CREATED, Need, judge
from .ad_state import DirectoryState, Domain, held_entries
from .keytab import KeytabEntry
from .merge import Identity
from .principal import PrincipalName
from .refusal import Refusal

LONGEST_NAME = {"user": 20, "computer": 15}  # characters of a new sAMAccountName, [MS-ADTS] 3.1.1.8; a NetBIOS name
SPN, UPN, ENCTYPES = "servicePrincipalName", "userPrincipalName", "msDS-SupportedEncryptionTypes"
CLASSES = {
    "user": ("top", "person", "organizationalPerson", "user"),
    "computer": ("top", "person", "organizationalPerson", "user", "computer"),
}


class DirectoryPlanRefusal(Refusal):
    """A wish that the directory cannot fulfil."""


@dataclass(frozen=True)
class AttributeChange:
    """The values of one attribute before and after, as text."""

    name: str
    before: Tuple[str, ...]
    after: Tuple[str, ...]


@dataclass(frozen=True)
class AccountChange:
    """What becomes of one account. ``account``: as it is, None where it is to be created at ``dn``.

    ``keys``: enctype number to key, of those that it has and keeps; ``kvno``: afterwards, None where the directory
    chooses it; ``principals``: those of which the keytab is to hold keys.
    """

    wish: AccountWish
    account: Optional[Account]
    dn: str
    attributes: Tuple[AttributeChange, ...]
    need: Need
    kvno: Optional[int]
    principals: Tuple[PrincipalName, ...]
    keys: Mapping[int, bytes] = field(default_factory=dict, repr=False)

    @property
    def created(self) -> bool:
        return self.account is None

    @property
    def changed(self) -> bool:
        return self.created or bool(self.attributes) or self.need.sets

    @property
    def known_entries(self) -> List[Tuple[PrincipalName, int, int, bytes]]:
        """Principal, kvno, enctype and key of the keys that the account has already."""
        if self.account is None:
            return []
        return [
            (principal, self.account.kvno, enctype, self.keys[enctype])
            for principal in self.principals
            for enctype in self.wish.enctypes
            if enctype in self.keys
        ]

    def after(self, attribute: str, before: Sequence[str]) -> Tuple[str, ...]:
        """The values of ``attribute`` once this is done."""
        return next((one.after for one in self.attributes if one.name == attribute), tuple(before))


def plan_accounts(
    state: DirectoryState, wishes: Sequence[AccountWish], just_set: FrozenSet[str] = frozenset()
) -> Tuple[AccountChange, ...]:
    """A change for each wish, in their order. ``just_set``: the names whose password this run has set already.

    A Refusal where a name belongs to another account, an account cannot be used, or keys need a new password.
    """
    held = held_entries(state.keytabs)
    return tuple(_plan(state, wish, held, wish.name in just_set) for wish in wishes)


def _plan(
    state: DirectoryState, wish: AccountWish, held: Mapping[Identity, Sequence[KeytabEntry]], just_set: bool
) -> AccountChange:
    account = state.account(wish)
    _refuse_owned(state, wish, account)
    principals = required_principals(account, wish, state.domain.realm)
    if not principals:
        raise DirectoryPlanRefusal(
            f"{wish.title}: has no service principal, so that there is nothing to put into {wish.path}; "
            "give service_principals, or set account_principal: true"
        )
    if account is None:
        dn = _place(state.domain, wish)
        return AccountChange(wish, None, dn, _creation(wish), Need(CREATED, "it is new", True), None, principals)
    _refuse_unusable(account, wish, state.domain.now)
    evidence = state.evidence.get(wish.name.casefold(), Evidence())
    shared = principals_of(account, wish, state.domain.realm)
    kvnos = [entry.kvno for principal in shared for entry in held.get(principal.identity, ())]
    need = judge(wish, account, evidence, kvnos, state.domain.now, just_set)
    return AccountChange(
        wish,
        account,
        account.dn,
        tuple(_differences(account, wish)),
        need,
        account.kvno + need.sets,
        principals,
        evidence.keys,
    )


# -- what cannot be


def _refuse_owned(state: DirectoryState, wish: AccountWish, account: Optional[Account]) -> None:
    asked = [(SPN, "service principal", name) for name in without_realm(wish.service_principals)]
    asked += [(UPN, "UPN", wish.upn)] if wish.upn else []
    for attribute, what, name in asked:
        for owner in state.owners.get((attribute, name.casefold()), ()):
            if account is None or owner.dn.casefold() != account.dn.casefold():
                raise DirectoryPlanRefusal(
                    f"{wish.title}: {what} {name} belongs to {owner.dn}, and a KDC knows each once; take it from that "
                    "account, or name that account"
                )


def _refuse_unusable(account: Account, wish: AccountWish, now: int) -> None:
    if account.kind != wish.kind:
        raise DirectoryPlanRefusal(f"{wish.title}: {account.dn} is a {account.kind} account; set type: {account.kind}")
    if account.control & DISABLED:
        raise DirectoryPlanRefusal(
            f"{wish.title}: {account.dn} is disabled, so that its services log nobody in; enable it, or name another"
        )
    if account.expires and account.expires <= now:
        raise DirectoryPlanRefusal(
            f"{wish.title}: {account.dn} has expired, so that its services log nobody in; set another date of "
            "expiry, or none"
        )


def _place(domain: Domain, wish: AccountWish) -> str:
    """The DN of a new account."""
    if not wish.create:
        raise DirectoryPlanRefusal(
            f"{wish.title}: is not in {domain.base}, and create is false; create it, or correct 'name' and 'type'"
        )
    longest = LONGEST_NAME[wish.kind]
    if len(wish.name.rstrip("$")) > longest:
        raise DirectoryPlanRefusal(
            f"{wish.title}: a new {wish.kind} account has a name of at most {longest} characters; choose a shorter one"
        )
    container = wish.ou or domain.containers.get(wish.kind)
    if not container:
        raise DirectoryPlanRefusal(f"{wish.title}: the domain names no default container; give 'ou'")
    if not container.casefold().endswith(domain.base.casefold()):
        raise DirectoryPlanRefusal(f"{wish.title}: ou '{container}' is not in {domain.base}; correct it")
    return account_dn(wish.name, container)


# -- attributes


def _creation(wish: AccountWish) -> Tuple[AttributeChange, ...]:
    control = WORKSTATION_TRUST_ACCOUNT if wish.kind == COMPUTER else NORMAL_ACCOUNT | DONT_EXPIRE_PASSWORD
    values = [
        ("objectClass", CLASSES[wish.kind]),
        ("sAMAccountName", (wish.name,)),
        ("userAccountControl", (str(control),)),
        (SPN, without_realm(wish.service_principals)),
        (UPN, (wish.upn,) if wish.upn else ()),
        (ENCTYPES, (str(with_enctypes(None, wish.enctypes)),)),
        ("description", (wish.description,) if wish.description else ()),
    ]
    return tuple(AttributeChange(name, (), given) for name, given in values if given)


def _differences(account: Account, wish: AccountWish) -> Iterable[AttributeChange]:
    """The attributes that are to change, and no others."""
    asked = without_realm(wish.service_principals)
    folded = {one.casefold() for one in asked}
    kept = [one for one in account.service_principals if not wish.exclusive or not asked or one.casefold() in folded]
    after = [*kept, *(one for one in asked if not account.owns(one))]
    if after != list(account.service_principals):
        yield AttributeChange(SPN, account.service_principals, tuple(after))
    for name, held, given in ((UPN, account.upn, wish.upn), ("description", account.description, wish.description)):
        if given is not None and given != held:
            yield AttributeChange(name, (held,) if held else (), (given,) if given else ())
    bits = with_enctypes(account.enctypes, wish.enctypes)
    if bits != account.enctypes:
        before = () if account.enctypes is None else (str(account.enctypes),)
        yield AttributeChange(ENCTYPES, before, (str(bits),))


def modifications(change: AccountChange) -> List[Tuple[str, str, Tuple[str, ...]]]:
    """LDAP's modifications of an account that exists: add, delete or replace, attribute, values.

    Of service principals only those that come or go, so that one which somebody else adds meanwhile stays.
    """
    found: List[Tuple[str, str, Tuple[str, ...]]] = []
    for one in change.attributes:
        if one.name != SPN:
            # Samba takes no replacement by nothing for a UPN
            found.append(("replace", one.name, one.after) if one.after else ("delete", one.name, ()))
            continue
        gone = tuple(value for value in one.before if value not in one.after)
        new = tuple(value for value in one.after if value not in one.before)
        found += [("delete", SPN, gone)] if gone else []
        found += [("add", SPN, new)] if new else []
    return found
