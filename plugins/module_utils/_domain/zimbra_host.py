# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of Zimbra runs on a host, hence which service principals it has and on which ports its users log in.

A site spreads mail stores, proxies and MTAs over hosts. The mail store takes tickets for the server's own name alone
(`zimbra_server_hostname`), the proxy for any name of which it has a key, the MTA for the name that Postfix calls
itself (zimbraMtaMyHostname).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, List, Mapping, Sequence, Tuple

from .refusal import Refusal

Login = Mapping[str, Any]

# By part of Zimbra: the service classes of its principals. POP3's is pop, in the mail store too.
PARTS: Mapping[str, Tuple[str, ...]] = {"mailbox": ("imap", "pop"), "proxy": ("imap", "pop"), "mta": ("smtp",)}
MAILBOX, PROXY, MTA = PARTS
WEB = "HTTP"
STORES = (MAILBOX, PROXY)  # whose keytab the user zimbra reads; the MTA's is read by postfix

# Where clients of a site without a proxy, or of the proxy, log in
DIRECT: Mapping[str, Tuple[Login, ...]] = {
    "imap": ({"protocol": "imap", "tls": "starttls"}, {"protocol": "imap", "tls": "implicit"}),
    "pop": ({"protocol": "pop3", "tls": "starttls"}, {"protocol": "pop3", "tls": "implicit"}),
}
# The mail store's own ports behind a proxy (zimbraImapBindPort, zimbraPop3BindPort as zmproxyconfig sets them)
BEHIND: Mapping[str, Tuple[Login, ...]] = {
    "imap": ({"protocol": "imap", "tls": "starttls", "port": 7143},),
    "pop": ({"protocol": "pop3", "tls": "starttls", "port": 7110},),
}
SUBMISSION: Login = {"protocol": "smtp", "tls": "starttls", "port": 587}
# The page that asks for a ticket; the web client's own first page does not
SIGN_ON: Login = {"protocol": "http", "tls": "implicit", "path": "/service/spnego"}


class ZimbraHostRefusal(Refusal):
    """Variables of a host that say nothing that Zimbra has."""


@dataclass(frozen=True)
class ZimbraHost:
    """The parts of Zimbra on a host, whether its web client takes tickets, and Postfix's name where it is another."""

    parts: Tuple[str, ...] = tuple(PARTS)
    web: bool = False
    mta_hostname: str = ""

    @property
    def classes(self) -> Tuple[str, ...]:
        """The service classes of its principals."""
        mail = (service for part in self.parts for service in PARTS[part])
        return tuple(dict.fromkeys([*mail, *([WEB] if self.web and MAILBOX in self.parts else [])]))


WHOLE = ZimbraHost()


def zimbra_host(host: str, parts: Sequence[str] = WHOLE.parts, web: bool = False, mta_hostname: str = "") -> ZimbraHost:
    """A host as its variables describe it, its parts in the order of `PARTS`; ZimbraHostRefusal for an unknown part."""
    if isinstance(parts, str) or not isinstance(parts, (list, tuple)):
        raise ZimbraHostRefusal(f"host '{host}': zimbra_services is no list; write some of [{', '.join(PARTS)}]")
    strangers = [part for part in parts if part not in PARTS]
    if strangers:
        raise ZimbraHostRefusal(
            f"host '{host}': zimbra_services names '{strangers[0]}', which is no part of Zimbra that takes tickets; "
            f"write some of {', '.join(PARTS)}"
        )
    return ZimbraHost(tuple(part for part in PARTS if part in parts), bool(web), mta_hostname.rstrip(".").lower())


def zimbra_logins(one: ZimbraHost, service: str, name: str, fqdn: str, proxied: bool) -> Tuple[Login, ...]:
    """How users log in to ``service`` for the principal at ``name`` on the host ``fqdn``.

    ``proxied``: whether any host of the site has a proxy, behind which the mail stores have ports of their own.
    """
    own = name == fqdn
    found: List[Login] = []
    if service in DIRECT:
        if PROXY in one.parts:
            found += DIRECT[service]
        if MAILBOX in one.parts and own:
            found += BEHIND[service] if proxied else DIRECT[service]
    if service == "smtp" and MTA in one.parts and name == (one.mta_hostname or fqdn):
        found.append(SUBMISSION)
    if service == WEB and own:
        found.append(SIGN_ON)
    return tuple(found)
