# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One login to one service: drives the dialogue of its protocol with a connection and a GSS-API exchange."""

from __future__ import annotations

import contextlib
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from .._domain.credentials import Credentials
from .._domain.dialogue import Dialogue, Ending, Offered, ReadLine, Respond, Say, StartTls
from .._domain.http_login import Get, http_login
from .._domain.imap_login import imap_login
from .._domain.pop3_login import pop3_login
from .._domain.proof import LoginRefusal, Proof, Service
from .._domain.refusal import Refusal
from .._domain.smtp_login import smtp_login
from .._domain.symptoms import ANSWER, CONNECT, TICKET
from .._domain.verdict import verdict
from .connection import Connection, connected
from .gss import Exchange, Initiator, Ticket, initiator
from .web_page import WebPage, web_page

Note = Callable[[Tuple[str, ...]], None]
MAIL: Dict[str, Callable[[str, str], Dialogue]] = {"smtp": smtp_login, "imap": imap_login, "pop3": pop3_login}


def log_in_to_all(services: Sequence[Service], credentials: Credentials) -> List[Proof]:
    """What became of each login, in order; credentials that cannot be obtained fail them all."""
    try:
        with initiator(credentials) as user:
            return [_log_in(service, user) for service in services]
    except LoginRefusal as refusal:
        ending = Ending(False, refusal.text, refusal.symptom)
        return [verdict(service, credentials.principal, refusal.stage, ending) for service in services]


def _log_in(service: Service, user: Initiator) -> Proof:
    offered: List[str] = []
    stage, ending = CONNECT, Ending(False, "")
    ticket: Optional[Ticket] = None
    wanted = service.service_principal
    try:
        with user.exchange(service.gss_name, wanted, service.protocol == "http", service.authzid) as exchange:
            wanted = exchange.wanted or wanted
            stage, ending = _held(service, exchange, offered.extend)
            ticket = exchange.ticket()
    except LoginRefusal as refusal:
        stage, ending = refusal.stage, Ending(False, refusal.text, refusal.symptom)
    except Refusal as refusal:
        # A ticket that cannot be read back from the cache.
        stage, ending = TICKET, Ending(False, str(refusal))
    found = (ticket.service_principal, ticket.kvno, ticket.enctype) if ticket else (wanted, None, None)
    return verdict(service, user.user, stage, ending, tuple(offered), *found)


def _held(service: Service, exchange: Exchange, note: Note) -> Tuple[str, Ending]:
    """The stage at which the dialogue ended, and how."""
    try:
        if service.protocol == "http":
            with web_page(service) as page:
                return ANSWER, _browse(page, exchange, note, bool(service.padding))
        with connected(service) as link:
            return ANSWER, _converse(service, link, exchange, note)
    except LoginRefusal as refusal:
        return refusal.stage, Ending(False, refusal.text, refusal.symptom)
    except Refusal as refusal:
        # A dialogue that meets what its protocol does not allow.
        return ANSWER, Ending(False, str(refusal), "exchange_broken")


def _converse(service: Service, link: Connection, exchange: Exchange, note: Note) -> Ending:
    dialogue = MAIL[service.protocol](service.tls, link.own_name())
    result = b""
    try:
        act = next(dialogue)
        while True:
            result = b""
            if isinstance(act, ReadLine):
                result = link.read_line()
            elif isinstance(act, Say):
                link.say(act.line)
            elif isinstance(act, StartTls):
                link.start_tls()
            elif isinstance(act, Offered):
                note(act.mechanisms)
            elif isinstance(act, Respond):
                result = exchange.respond(act.challenge)
            act = dialogue.send(result)
    except StopIteration as end:
        return _taking_leave(link, end.value)


def _taking_leave(link: Connection, ending: Ending) -> Ending:
    if ending.farewell:
        # Who has gone already after a good login has done nothing wrong.
        with contextlib.suppress(LoginRefusal):
            link.say(ending.farewell)
    return ending


def _browse(page: WebPage, exchange: Exchange, note: Note, padded: bool) -> Ending:
    dialogue = http_login(padded)
    try:
        act = next(dialogue)
        while True:
            result: Any = None
            if isinstance(act, Get):
                result = page.get(act.authorization)
            elif isinstance(act, Offered):
                note(act.mechanisms)
            elif isinstance(act, Respond):
                result = exchange.respond(act.challenge)
            act = dialogue.send(result)
    except StopIteration as end:
        ending: Ending = end.value
        return ending
