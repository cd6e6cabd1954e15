# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a mail service offers on a port: its capabilities after STARTTLS, without any login."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Callable, Dict, Tuple

from .._domain.dialogue import Dialogue, Offered, ReadLine, Say, StartTls
from .._domain.imap_login import imap_login
from .._domain.pop3_login import pop3_login
from .._domain.proof import LoginRefusal, Service
from .._domain.refusal import Refusal
from .._domain.smtp_login import smtp_login
from .._domain.zimbra_offer import Offer, ehlo_name
from .connection import Connection, connected

PATIENCE = 10.0  # seconds for each answer
# The dialogue that asks, and the line that ends a session politely
MAIL: Dict[str, Tuple[Callable[[str, str], Dialogue], bytes]] = {
    "imap": (imap_login, b"c9 LOGOUT"),
    "pop3": (pop3_login, b"QUIT"),
    "smtp": (smtp_login, b"QUIT"),
}


def offer_of(protocol: str, host: str, port: int) -> Offer:
    """What the service offers under TLS, or in the clear where it has no STARTTLS.

    No certificate is checked: nothing is sent that may not be heard.
    """
    service = Service(protocol, host, port, "starttls", validate_certs=False, timeout=PATIENCE)
    offer, symptom = offered(service)
    return offered(replace(service, tls="none"))[0] if symptom == "starttls_not_offered" else offer


def offered(service: Service) -> Tuple[Offer, str]:
    """What the service offers, TLS as it says, and the symptom where it did not come to an offer."""
    try:
        with connected(service) as link:
            return _heard(service, link)
    except LoginRefusal as refusal:
        return Offer(None, refusal.text), refusal.symptom
    except Refusal as refusal:
        # A dialogue that meets what its protocol does not allow.
        return Offer(None, str(refusal)), ""


def _heard(service: Service, link: Connection) -> Tuple[Offer, str]:
    begin, farewell = MAIL[service.protocol]
    dialogue = begin(service.tls, link.own_name())
    name, line = "", b""
    greets = False
    try:
        act = next(dialogue)
        while not isinstance(act, Offered):
            line = b""
            if isinstance(act, ReadLine):
                line = link.read_line()
                name, greets = (ehlo_name(line) if greets else name), False
            elif isinstance(act, Say):
                greets = act.line.startswith(b"EHLO ")
                link.say(act.line)
            elif isinstance(act, StartTls):
                link.start_tls()
            act = dialogue.send(line)
    except StopIteration as end:
        return Offer(None, end.value.answer or "it said nothing"), end.value.symptom
    finally:
        dialogue.close()
    with contextlib.suppress(LoginRefusal):
        link.say(farewell)
    return Offer(tuple(sorted(act.mechanisms)), name=name), ""
