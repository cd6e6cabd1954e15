# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks the KDC for tickets of services and lets the keys of a keytab open them; no service is spoken to."""

from __future__ import annotations

from typing import List, Sequence

from .._domain.ccache import CcacheRefusal
from .._domain.credentials import Credentials
from .._domain.key_proof import KeyProof, judge, principals_to_prove, without_ticket
from .._domain.keytab import KeytabEntry
from .._domain.principal import PrincipalName, read_text, unparse
from .._domain.proof import LoginRefusal
from .._domain.symptoms import TICKET
from .gss import Initiator, initiator
from .ticket_key import opens_ticket


def prove_keytab(
    credentials: Credentials, asked: Sequence[str], entries: Sequence[KeytabEntry], keytab: str
) -> List[KeyProof]:
    """A proof for each principal that was asked for, or each service of the user's realm in the keytab.

    Credentials that cannot be obtained fail them all. PrincipalRefusal where ``asked`` names no principal.
    """
    principals = principals_to_prove(asked, entries, None)
    try:
        with initiator(credentials) as user:
            principals = principals_to_prove(asked, entries, read_text(user.user).realm)
            return check_keys(user, principals, entries, keytab)
    except LoginRefusal as refusal:
        said = (credentials.principal, refusal.stage, refusal.text, refusal.symptom)
        return [without_ticket(principal, entries, keytab, *said) for principal in principals]


def check_keys(
    user: Initiator, principals: Sequence[PrincipalName], entries: Sequence[KeytabEntry], keytab: str = "the keytab"
) -> List[KeyProof]:
    """A proof for each principal, in order: a ticket fresh from the KDC, opened by the keytab's entries or not.

    All tickets come from the user's one ticket-granting ticket and go with the initiator; ``keytab``: how to name
    it in sentences.
    """
    return [_check(user, principal, entries, keytab) for principal in principals]


def _check(user: Initiator, principal: PrincipalName, entries: Sequence[KeytabEntry], keytab: str) -> KeyProof:
    try:
        with user.exchange("", unparse(principal), False, "") as exchange:
            exchange.respond(b"")
            ticket = exchange.sealed_ticket()
    except LoginRefusal as refusal:
        stage, words, name = refusal.stage, refusal.text, refusal.symptom
        return without_ticket(principal, entries, keytab, user.user, stage, words, name)
    except CcacheRefusal as refusal:
        return without_ticket(principal, entries, keytab, user.user, TICKET, str(refusal), "")
    if ticket is None:
        return without_ticket(principal, entries, keytab, user.user, TICKET, "", "ticket_missing")
    return judge(principal, ticket, entries, opens_ticket, keytab, user.user)
