# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Axigen as it runs and as its file says, and what its ports offer.

Its CLI is not logged in to, for that takes a password.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import replace
from typing import Any, Dict, List, Mapping, Optional, Tuple

from .._domain.axigen_configured import Configured, Listener, service_report
from .._domain.doctor_asked import Asked
from .._domain.http_login import parse_challenges
from .._domain.proof import IMPLICIT_TLS_PORTS, PORTS, LoginRefusal, Service
from .._domain.zimbra_offer import variables
from .axigen_state import ANY, answers, read_saved
from .systemctl import read, shown
from .web_page import web_page
from .zimbra_offer import offered
from .zimbra_running import processes

PROGRAM = "/opt/axigen/bin/axigen"
CONFIGURATION = "/var/opt/axigen/run/axigen.cfg"
PATIENCE = 5.0  # seconds for each answer
LOCAL = "127.0.0.1"  # so that an own name that is wrong does not hide what the ports offer
NAMES = ("KRB5_KTNAME", "KRB5_CONFIG")  # what of its environment counts
PROTOCOLS: Mapping[str, str] = {"imap": "imap", "pop3": "pop3", "smtp_incoming": "smtp"}
WEBMAIL = "webmail"


def gather(asked: Asked) -> Dict[str, Any]:
    """``process``: None where Axigen does not run. ``services``: as the file says, None where there is none.

    ``offers``: by service, of each of its listeners what is offered, or in ``fault`` why nothing is.
    """
    settings = asked.settings.get("axigen") or {}
    warnings: List[str] = []
    saved = read_saved(str(settings.get("configuration_file") or CONFIGURATION), warnings.append)
    unit = read(str(settings.get("unit") or "axigen"))
    running = [str(name) for name in settings.get("running") or ()]
    return {
        "settings": dict(settings),
        "installed": os.path.exists(PROGRAM),
        "unit": {"name": unit.name, "installed": unit.installed, "running": unit.running, "masked": unit.masked},
        "process": _process(),
        "unit_environment": _words(shown(unit.name, ["Environment"])),
        "services": None if saved is None else service_report(saved),
        "primary_domain": "" if saved is None else saved.primary_domain,
        "unread": "; ".join(warnings),
        "cli": answers(
            (Listener(f"{settings.get('cli_host', '127.0.0.1')}:{settings.get('cli_port', 7000)}", True, False),)
        ),
        "offers": {name: _offers(name, saved) for name in running if name in PROTOCOLS},
        "pages": _pages(saved) if WEBMAIL in running else [],
    }


def _process() -> Optional[Dict[str, Any]]:
    """The daemon, and what its environment says of Kerberos."""
    for pid, *dummy in processes():
        with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as stream:
            if os.fsencode(PROGRAM) in stream.read().split(b"\0")[:3]:
                with open(f"/proc/{pid}/environ", "rb") as environment:
                    return {"pid": pid, "environment": variables(environment.read(), NAMES)}
    return None


def _words(told: str) -> Dict[str, str]:
    """The variables of a line `Environment=A=1 B=2` that count."""
    pairs = (word.partition("=")[::2] for word in told.strip().partition("=")[2].split())
    return {name: value for name, value in pairs if name in NAMES}


def _places(
    service: str, saved: Optional[Configured], usual: Tuple[Tuple[int, bool], ...]
) -> List[Tuple[str, int, bool]]:
    """Host, port and TLS of each enabled listener; the usual ports where nothing is told."""
    listeners = saved.listeners.get(service) if saved else None
    if listeners is None:
        return [(LOCAL, port, tls) for port, tls in usual]
    found = []
    for one in listeners:
        host, dummy, port = one.address.rpartition(":")
        if one.enabled and port.isdigit():
            bare = host.strip("[]")
            found.append((ANY.get(bare, bare), int(port), one.tls))
    return found


def _offers(name: str, saved: Optional[Configured]) -> List[Dict[str, Any]]:
    protocol = PROTOCOLS[name]
    return [
        _offer(protocol, place, port, tls)
        for place, port, tls in _places(name, saved, ((PORTS[protocol], False), (IMPLICIT_TLS_PORTS[protocol], True)))
    ]


def _offer(protocol: str, host: str, port: int, tls: bool) -> Dict[str, Any]:
    """What is offered under TLS, or in the clear where there is none. No certificate is checked: nothing is secret."""
    service = Service(protocol, host, port, "implicit" if tls else "starttls", validate_certs=False, timeout=PATIENCE)
    offer, symptom = offered(service)
    way = service.tls
    if symptom == "starttls_not_offered":
        way = "none"
        offer, dummy = offered(replace(service, tls=way))
    mechanisms = None if offer.mechanisms is None else list(offer.mechanisms)
    return {"port": port, "tls": way, "mechanisms": mechanisms, "fault": offer.fault}


def _pages(saved: Optional[Configured]) -> List[Dict[str, Any]]:
    return [
        _page(Service("http", place, port, "implicit" if tls else "none", validate_certs=False, timeout=PATIENCE))
        for place, port, tls in _places(WEBMAIL, saved, ((IMPLICIT_TLS_PORTS["http"], True),))
    ]


def _page(service: Service) -> Dict[str, Any]:
    """The schemes that WebMail asks a browser for, None where it does not answer."""
    told: Dict[str, Any] = {"port": service.port, "tls": service.tls, "schemes": None, "fault": ""}
    try:
        with web_page(service) as page:
            response = page.get("")
    except LoginRefusal as refusal:
        return {**told, "fault": refusal.text}
    schemes = [one.scheme.lower() for one in parse_challenges(response.challenges)]
    return {**told, "schemes": schemes, "fault": response.answer}
