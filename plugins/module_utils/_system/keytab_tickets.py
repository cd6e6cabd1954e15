# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fresh tickets for a keytab's principals, obtained with its own key and opened with it by the service's user."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Any, Dict, List, Optional, Sequence, Tuple

from .._domain.ccache import Ticket
from .._domain.doctor_asked import AskedKeytab
from .._domain.key_proof import KEY_SYMPTOMS, KeyProof, judge, principals_to_prove, without_ticket
from .._domain.keytab import KeytabEntry, parse
from .._domain.principal import PrincipalName, unparse
from .._domain.proof import LoginRefusal
from .._domain.refusal import Refusal
from .._domain.symptoms import CREDENTIAL, diagnose
from .files import read_state
from .own_tickets import Tickets, logged_in
from .ticket_key import opens_ticket
from .user_eyes import seen_by

Source = Tuple[str, Tuple[KeytabEntry, ...]]  # the path of a keytab and what it holds
Sources = Sequence[Source]
# What is wrong with the way to the KDC and not with one principal: the next one would wait as long, in vain.
OF_THE_HOST = frozenset(("kdc_unreachable", "kdc_unknown", "default_realm_missing", "krb5_conf_unusable", "clock_skew"))
OF_AN_ACCOUNT = "in a domain the account logs in and not its service principal, so that the key was not tried"
RESTRICTED = frozenset(("principal_locked", "principal_expired", "password_expired"))
MOST = 4  # principals of a keytab that are tried, as each refused key is a failed login to the KDC


def proofs(keytab: AskedKeytab, path: str, sources: Sources, realm: str, domain: bool) -> List[Dict[str, Any]]:
    """A proof for each principal that the keytab is to hold, or each service that it holds.

    ``path``: the file as the service names it; ``sources``: the keytab itself, then others of the host, whose keys
    obtain the tickets where its own do not. ``own`` of a proof: the words with which the KDC refused the principal's
    own key, empty where it was not refused or not tried. ``domain``: whether the KDC is Active Directory's, where a
    service principal is no name to log in with.
    """
    label, entries = sources[0]
    wanted = principals_to_prove([_in_realm(one, realm) for one in keytab.principals], entries, _bytes(realm))
    refused: Dict[str, LoginRefusal] = {}
    with contextlib.ExitStack() as stack:
        user = _logged_in(stack, wanted, sources, realm, refused)
        if user is None:
            return [_refused(one, entries, label, refused, domain) for one in wanted]
        return [_proved(user, one, keytab, path, sources[0], refused) for one in wanted]


def _in_realm(principal: str, realm: str) -> str:
    return principal if "@" in principal else f"{principal}@{realm}"


def _bytes(realm: str) -> bytes:
    return realm.encode("utf-8", "surrogateescape")


def _logged_in(
    stack: contextlib.ExitStack,
    wanted: Sequence[PrincipalName],
    sources: Sources,
    realm: str,
    refused: Dict[str, LoginRefusal],
) -> Optional[Tickets]:
    """Whoever of the keytabs' principals the KDC lets in, tried in order; what it said of the others in ``refused``."""
    for number, (path, entries) in enumerate(sources):
        held = {one.principal.identity: one.principal for one in entries if one.principal.realm == _bytes(realm)}
        first = [one for one in wanted if one.identity in held] if number == 0 else []
        named = dict.fromkeys(map(unparse, [*first, *held.values()]))
        for name in list(named)[:MOST]:
            user = _log_in(stack, name, path, refused)
            if user is not None or _hopeless(refused[name]):
                return user
    return None


def _log_in(stack: contextlib.ExitStack, name: str, path: str, refused: Dict[str, LoginRefusal]) -> Optional[Tickets]:
    try:
        return stack.enter_context(logged_in(path, name))
    except LoginRefusal as refusal:
        refused.setdefault(name, refusal)
        return None


def _hopeless(refusal: LoginRefusal) -> bool:
    return _symptom(refusal) in OF_THE_HOST


def _symptom(refusal: LoginRefusal) -> str:
    return diagnose(refusal.stage, refusal.text, {}, KEY_SYMPTOMS).symptom


def _refused(
    principal: PrincipalName, entries: Sequence[KeytabEntry], label: str, refused: Dict[str, LoginRefusal], domain: bool
) -> Dict[str, Any]:
    """The proof where nobody was let in: what the KDC said of this principal, else of the last that was tried.

    Neither good nor bad where a domain does not know the principal as a user.
    """
    name = unparse(principal)
    said = refused.get(name) or next(
        reversed(list(refused.values())), LoginRefusal(CREDENTIAL, "keytab contains no key")
    )
    proof = without_ticket(principal, entries, label, name, said.stage, said.text, said.symptom)
    if domain and proof.symptom == "principal_unknown":
        proof = replace(proof, ok=None, symptom="", cause=OF_AN_ACCOUNT, remedy="")
    return _told(proof, said.text if name in refused else "")


def _proved(
    user: Tickets,
    principal: PrincipalName,
    keytab: AskedKeytab,
    path: str,
    source: Source,
    refused: Dict[str, LoginRefusal],
) -> Dict[str, Any]:
    label, entries = source
    own = refused.get(unparse(principal))
    try:
        ticket = user.issued(principal)
    except LoginRefusal as refusal:
        own = own or _own_refusal(principal, source)
        # Of a principal that may not be used, a KDC says to others that there is none.
        said = own if own and _symptom(own) in RESTRICTED else refusal
        proof = without_ticket(principal, entries, label, unparse(principal), said.stage, said.text, said.symptom)
        return _told(proof, own.text if own else "")
    try:
        told: Dict[str, Any] = seen_by(
            keytab.user, keytab.chroot, lambda: _opened(principal, ticket, path, user.user).as_result()
        )
    except Refusal:
        # That the user does not get at the file is told by itself; whether its keys are right is another matter.
        told = judge(principal, ticket, entries, opens_ticket, label, user.user).as_result()
    return {**told, "own": own.text if own else ""}


def _own_refusal(principal: PrincipalName, source: Source) -> Optional[LoginRefusal]:
    """What the KDC says where the principal itself logs in; None where it is let in, or the keytab has no key."""
    path, entries = source
    if principal.identity not in {one.principal.identity for one in entries}:
        return None
    refused: Dict[str, LoginRefusal] = {}
    with contextlib.ExitStack() as stack:
        _log_in(stack, unparse(principal), path, refused)
    return refused.get(unparse(principal))


def _opened(principal: PrincipalName, ticket: Ticket, path: str, user: str) -> KeyProof:
    """As the service's user, in its chroot."""
    entries = parse(read_state(path).content or b"", path)
    return judge(principal, ticket, entries, opens_ticket, path, user)


def _told(proof: KeyProof, own: str) -> Dict[str, Any]:
    return {**proof.as_result(), "own": own}
