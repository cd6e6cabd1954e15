# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Axigen is asked for, so that the holders of tickets are let in: its services' attributes by service principal.

SMTP is not here: its methods are set in WebAdmin (product_remedies.py). Names as in the CLI's HELP of 10.6.
"""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Sequence

from .fleet import FleetRefusal

# By service class of a principal: service of the CLI
METHODS: Mapping[str, str] = {"imap": "imap", "pop": "pop3"}
SECURE, PLAIN = "secureConnAuthTypes", "plainConnAuthTypes"
WEBMAIL: Mapping[str, str] = {"HTTP": "webmail"}
SINGLE_SIGN_ON: Mapping[str, Any] = {"allowSPNEGOAuth": True}
# The bit of logLevel that writes each line of a session (the document's Protocol Communication)
PROTOCOL_COMMUNICATION = 16
LOGGING: Mapping[str, str] = {"smtp": "smtp_incoming", **METHODS}
KNOWN: Mapping[str, str] = {**LOGGING, **WEBMAIL}

Services = Dict[str, Dict[str, Any]]


def settings(
    principals: Sequence[str],
    mechanisms: Sequence[str] = ("gssapi",),
    before_tls: bool = False,
    protocol_log: bool = False,
    further: Optional[Mapping[str, Mapping[str, Any]]] = None,
) -> Dict[str, Any]:
    """The options `services` (exact values), `services_add` (values and bits added) and `running` of `axigen_config`.

    ``further``: what the site sets besides, by service and attribute. FleetRefusal for a service principal of a
    class that Axigen does not serve.
    """
    classes = list(dict.fromkeys(name.partition("/")[0] for name in principals))
    strangers = [name for name in classes if name not in KNOWN]
    if strangers:
        raise FleetRefusal(
            f"kerberos_services: axigen has no service '{strangers[0]}'; write some of {', '.join(KNOWN)} "
            "(POP3's service class is pop)"
        )
    exact: Services = {service: dict(attributes) for service, attributes in (further or {}).items()}
    added: Services = {}
    for name in classes:
        if name in METHODS:
            lists = (SECURE, PLAIN) if before_tls else (SECURE,)
            added.setdefault(METHODS[name], {}).update({one: list(mechanisms) for one in lists})
        if name in WEBMAIL:
            exact[WEBMAIL[name]] = {**SINGLE_SIGN_ON, **exact.get(WEBMAIL[name], {})}
        if protocol_log and name in LOGGING:
            added.setdefault(LOGGING[name], {})["logLevel"] = PROTOCOL_COMMUNICATION
    return {"services": exact, "services_add": added, "running": [KNOWN[name] for name in classes]}
