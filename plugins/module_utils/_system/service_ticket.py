# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks the KDC for tickets of services and lets the keys of a keytab open them; no service is spoken to."""

from __future__ import annotations

from typing import List, Sequence

from .._domain.ccache import CcacheRefusal
from .._domain.key_proof import KeyProof, judge, without_ticket
from .._domain.keytab import KeytabEntry
from .._domain.principal import PrincipalName, unparse
from .._domain.proof import LoginRefusal
from .._domain.symptoms import TICKET
from .gss import Initiator
from .ticket_key import opens_ticket


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
