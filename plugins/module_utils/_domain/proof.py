# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A login to try, and what became of it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Dict, Optional, Tuple

from .principal import parse_principal
from .refusal import Refusal

# The service names of GSS-API's registry: RFC 4954 section 4, RFC 3501 section 6.2.2, RFC 5034 section 4, RFC 4559.
SERVICE_NAMES = {"smtp": "smtp", "imap": "imap", "pop3": "pop", "http": "HTTP"}
PORTS = {"smtp": 587, "imap": 143, "pop3": 110, "http": 80}
USER_AGENT = "mailrealm.kerberos"
LARGEST_PADDING = 1024 * 1024  # bytes; no server takes so long a header
IMPLICIT_TLS_PORTS = {"smtp": 465, "imap": 993, "pop3": 995, "http": 443}


class ServiceRefusal(Refusal):
    """A service that cannot be probed as it was described."""


class LoginRefusal(Refusal):
    """Where a login stopped: ``stage`` is one of symptoms.py's, ``text`` the words of the library or the system."""

    def __init__(self, stage: str, text: str, symptom: str = "") -> None:
        super().__init__(text)
        self.stage = stage
        self.text = text
        self.symptom = symptom


@dataclass(frozen=True)
class Service:
    """One service to log in to; ``timeout`` in seconds. ``service_principal`` is empty for the default one.

    ``padding``: bytes of a further header that is sent with every request of HTTP.
    """

    protocol: str
    host: str
    port: int
    tls: str
    path: str = "/"
    service_principal: str = ""
    authzid: str = ""
    ca_path: str = ""
    validate_certs: bool = True
    timeout: float = 30.0
    product: str = ""
    user_agent: str = USER_AGENT
    padding: int = 0

    @property
    def gss_name(self) -> str:
        """The host-based name (RFC 2743 section 4.1) that a client of the protocol asks for."""
        return f"{SERVICE_NAMES[self.protocol]}@{self.host}"

    @property
    def wanted_principal(self) -> str:
        """The principal to ask for as far as it is known without libkrb5: the default one still lacks its realm."""
        return self.service_principal or f"{SERVICE_NAMES[self.protocol]}/{self.host}"


@dataclass(frozen=True)
class Proof:
    """What became of one login; the fields are those of the module's result."""

    protocol: str
    host: str
    port: int
    tls: str
    ok: Optional[bool]
    user: str
    authenticated_as: str = ""
    service_principal: str = ""
    kvno: Optional[int] = None
    enctype: Optional[str] = None
    offered: Tuple[str, ...] = ()
    answer: str = ""
    symptom: str = ""
    cause: str = ""
    remedy: str = ""

    def as_result(self) -> Dict[str, Any]:
        return {**dataclasses.asdict(self), "offered": list(self.offered)}


def service_from(options: Dict[str, Any], position: int) -> Service:
    """The service that the module's options describe, with the protocol's defaults.

    ServiceRefusal names ``services[position]`` where the options make no sense together.
    """
    where = f"services[{position}]"
    protocol = options["protocol"]
    tls = options["tls"] or ("implicit" if protocol == "http" else "starttls")
    host = options["host"].rstrip(".")
    ports = IMPLICIT_TLS_PORTS if tls == "implicit" else PORTS
    port = ports[protocol] if options["port"] is None else options["port"]
    if "" in host.split(".") or any(character.isspace() or not character.isprintable() for character in host):
        raise ServiceRefusal(f"{where}: host {options['host']!r} is no host name; write the fully qualified name")
    if not 1 <= port <= 65535:
        raise ServiceRefusal(f"{where}: port {port} does not exist; write a number from 1 to 65535")
    if options["timeout"] < 1:
        raise ServiceRefusal(f"{where}: timeout {options['timeout']} is too short; write at least 1 second")
    if protocol == "http" and tls == "starttls":
        raise ServiceRefusal(f"{where}: tls starttls is not for http; write implicit for https, or none")
    if protocol == "http" and options["authzid"]:
        raise ServiceRefusal(f"{where}: authzid is not for http, which has no such identity; remove it")
    _check_headers(options, where)
    if not options["path"].startswith("/") or any(not 32 < ord(character) < 127 for character in options["path"]):
        raise ServiceRefusal(
            f"{where}: path {options['path']!r} is no path of a URL; begin it with / and write a blank as %20"
        )
    if options["service_principal"]:
        # The realm is not checked here: libkrb5 fills in the default one where none is given.
        parse_principal(options["service_principal"], default_realm="REALM")
    return Service(
        protocol=protocol,
        host=host,
        port=port,
        tls=tls,
        path=options["path"],
        service_principal=options["service_principal"] or "",
        authzid=options["authzid"] or "",
        ca_path=options["ca_path"] or "",
        validate_certs=options["validate_certs"],
        timeout=float(options["timeout"]),
        product=options.get("product") or "",
        user_agent=options.get("user_agent") or USER_AGENT,
        padding=options.get("padding") or 0,
    )


def _check_headers(options: Dict[str, Any], where: str) -> None:
    """ServiceRefusal where what is to be sent in headers cannot be, or the protocol has none."""
    agent, padding = options.get("user_agent"), options.get("padding") or 0
    if options["protocol"] != "http" and (agent is not None or padding):
        option = "padding" if agent is None else "user_agent"
        raise ServiceRefusal(f"{where}: {option} is for http alone, as mail protocols have no headers; remove it")
    if agent is not None and not (agent.strip() and all(31 < ord(character) < 127 for character in agent)):
        raise ServiceRefusal(
            f"{where}: user_agent {agent!r} is no name of a browser; write what the browser sends, in ASCII on one line"
        )
    if not 0 <= padding <= LARGEST_PADDING:
        raise ServiceRefusal(f"{where}: padding {padding} is not possible; write 0 to {LARGEST_PADDING} bytes")
