# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the people at a workstation sign on to, told from the logins of the fleet: web sites and mail servers.

A client asks for a ticket for the host name that it was given, so every name here is one of a principal.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any, Dict, List, Mapping, Sequence, Tuple

from .fleet import FQDN
from .principal import parse_principal
from .refusal import Refusal

Login = Mapping[str, Any]

_SITE = re.compile(r"(?:(?P<scheme>https?)://)?(?P<wild>\*\.)?(?P<host>[A-Za-z0-9.-]+)(?::\d{1,5})?/?")
# Mail services as clients know them: protocol and TLS of a login -> port, and the word for it in an account.
# 25 is between servers, and what a mail store has behind its proxy is for the proxy.
SSL, STARTTLS = "SSL", "STARTTLS"
MAIL: Mapping[Tuple[str, str], Tuple[int, str]] = {
    ("imap", "implicit"): (993, SSL),
    ("imap", "starttls"): (143, STARTTLS),
    ("pop3", "implicit"): (995, SSL),
    ("pop3", "starttls"): (110, STARTTLS),
    ("smtp", "implicit"): (465, SSL),
    ("smtp", "starttls"): (587, STARTTLS),
}
OUTGOING = "smtp"
# The user's name in the account, in Thunderbird's words. Axigen's document asks for the bare name; Cyrus SASL and
# Dovecot take that for the identity of the ticket. Zimbra's accounts are addresses.
BARE, ADDRESS = "%EMAILLOCALPART%", "%EMAILADDRESS%"
USER_NAMES: Mapping[str, str] = {"zimbra": ADDRESS}


class WorkstationRefusal(Refusal):
    """What no workstation can be set up with, and what to write instead."""


@dataclass(frozen=True)
class Site:
    """A web site that is signed on to: ``host`` is a full name, or a domain with all its hosts where ``whole``."""

    scheme: str
    host: str
    whole: bool = False

    @property
    def pattern(self) -> str:
        """As Chromium's allow lists and Windows' zones have it."""
        return f"*.{self.host}" if self.whole else self.host

    @property
    def url(self) -> str:
        """With its scheme, without a port, which no list takes into account."""
        return f"{self.scheme}://{self.pattern}"


@dataclass(frozen=True)
class Server:
    """A mail server as an account has it: ``type`` imap, pop3 or smtp, ``socket`` SSL or STARTTLS."""

    type: str
    hostname: str
    port: int
    socket: str
    username: str

    @property
    def outgoing(self) -> bool:
        """Whether mail is sent by it."""
        return self.type == OUTGOING


@dataclass(frozen=True)
class Account:
    """What a product's users need in their mail program, the best first."""

    product: str
    servers: Tuple[Server, ...]


def sites(logins: Sequence[Login], whole_domain: str = "") -> Tuple[Site, ...]:
    """The web sites of the fleet; with ``whole_domain`` that domain in place of its hosts.

    ``logins``: as `sso_probe` takes them (fleet_logins.py).
    """
    found = [
        Site("https" if login.get("tls", "implicit") == "implicit" else "http", _name(login))
        for login in logins
        if login["protocol"] == "http"
    ]
    domain = whole_domain.lower().strip(".")
    if domain and not FQDN.fullmatch(domain):
        raise WorkstationRefusal(
            f"workstation_whole_domain '{whole_domain}': is no domain; write it like example.test, or leave it empty"
        )
    inside = [Site(one.scheme, domain, True) if domain and _inside(one.host, domain) else one for one in found]
    return tuple(dict.fromkeys(inside))


def sites_from(asked: Any) -> Tuple[Site, ...]:
    """The sites that a user or `sites` wrote: host names, `*.domain`, or URLs; https where nothing is said.

    WorkstationRefusal for what is none of these.
    """
    if isinstance(asked, str) or not isinstance(asked, (list, tuple)):
        raise WorkstationRefusal("workstation_sites: is no list; write host names, like [cas1.example.test]")
    return tuple(dict.fromkeys(_site(one) for one in asked))


def _site(text: Any) -> Site:
    found = _SITE.fullmatch(text) if isinstance(text, str) else None
    host = found.group("host").lower().rstrip(".") if found else ""
    if found is None or not FQDN.fullmatch(host) or re.fullmatch(r"[0-9.]+", host):
        raise WorkstationRefusal(
            f"workstation_sites: '{text}' is no full host name, for which there could be a ticket; write it like "
            "cas1.example.test, https://cas1.example.test or *.example.test"
        )
    return Site(found.group("scheme") or "https", host, bool(found.group("wild")))


def accounts(logins: Sequence[Login]) -> Tuple[Account, ...]:
    """The accounts of the fleet's products: names that hosts share first, TLS from the start before STARTTLS."""
    kept = [login for login in logins if _for_clients(login)]
    ranked = sorted(kept, key=lambda one: (list(MAIL).index((one["protocol"], one["tls"])), _name(one) == one["host"]))
    return tuple(
        Account(product, tuple(dict.fromkeys(_server(login) for login in ranked if login["product"] == product)))
        for product in dict.fromkeys(login["product"] for login in kept)
    )


def as_options(found: Sequence[Account]) -> List[Dict[str, Any]]:
    """Accounts as Ansible has them, and `accounts_from` reads them."""
    return [{"product": one.product, "servers": [asdict(server) for server in one.servers]} for one in found]


def accounts_from(asked: Any) -> Tuple[Account, ...]:
    """The accounts that a user or `as_options` wrote; WorkstationRefusal where a part is missing or impossible."""
    try:
        return tuple(
            Account(str(one["product"]), tuple(_checked(server) for server in one["servers"])) for one in asked
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WorkstationRefusal(
            "workstation_accounts: is no list of {product, servers: [{type, hostname, port, socket, username}]} "
            f"({type(error).__name__}: {error}); write each of these"
        ) from None


def _checked(server: Mapping[str, Any]) -> Server:
    found = Server(
        str(server["type"]),
        str(server["hostname"]).lower().rstrip("."),
        int(server["port"]),
        str(server.get("socket", SSL)),
        str(server.get("username", BARE)),
    )
    if (found.type, found.socket) not in {(protocol, word) for (protocol, dummy), (port, word) in MAIL.items()}:
        raise WorkstationRefusal(
            f"workstation_accounts: a server of type '{found.type}' with socket '{found.socket}' is none that a ticket "
            "should be sent to; write imap, pop3 or smtp, and SSL or STARTTLS"
        )
    if not FQDN.fullmatch(found.hostname):
        raise WorkstationRefusal(
            f"workstation_accounts: hostname '{found.hostname}' is no full host name; write the one of the principal"
        )
    if not 0 < found.port < 65536:
        raise WorkstationRefusal(f"workstation_accounts: port {found.port} is none; write a number up to 65535")
    return found


def _for_clients(login: Login) -> bool:
    port = MAIL.get((login["protocol"], login.get("tls", "")), (0, ""))[0]
    return bool(port) and login.get("port", port) == port


def _server(login: Login) -> Server:
    port, socket = MAIL[login["protocol"], login["tls"]]
    return Server(login["protocol"], _name(login), port, socket, USER_NAMES.get(login["product"], BARE))


def _name(login: Login) -> str:
    """The host name of the principal, which is the one that a client must be given."""
    return parse_principal(login["service_principal"]).components[1].decode()


def _inside(host: str, domain: str) -> bool:
    return host.endswith(f".{domain}")
