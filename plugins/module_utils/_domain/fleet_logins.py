# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How each service of the fleet is logged in to, as `sso_probe` takes it."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Sequence, Tuple

from .cas_host import cas_logins
from .fleet import CAS, ZIMBRA, Member, Share
from .zimbra_host import PROXY, zimbra_logins

Login = Mapping[str, Any]

# By service class; ports that are not named are the protocol's own (sso_probe).
PROTOCOLS: Mapping[str, Tuple[Login, ...]] = {
    "smtp": ({"protocol": "smtp", "tls": "starttls"},),
    "imap": ({"protocol": "imap", "tls": "starttls"},),
    "pop": ({"protocol": "pop3", "tls": "starttls"},),
    "HTTP": ({"protocol": "http", "tls": "implicit"},),
}
# Products whose servers are reached otherwise. Axigen serves its users on the ports of both kinds of TLS; submission
# on port 587 is a listener that its owner adds.
OF_PRODUCTS: Mapping[str, Mapping[str, Tuple[Login, ...]]] = {
    "axigen": {
        "smtp": ({"protocol": "smtp", "tls": "starttls", "port": 25}, {"protocol": "smtp", "tls": "implicit"}),
        "imap": ({"protocol": "imap", "tls": "starttls"}, {"protocol": "imap", "tls": "implicit"}),
        "pop": ({"protocol": "pop3", "tls": "starttls"}, {"protocol": "pop3", "tls": "implicit"}),
    },
}
# Products whose users name themselves in their mail client, without the domain (Axigen's document on Thunderbird).
NAMED = ("axigen",)
NAMELESS = ("HTTP",)  # SPNEGO knows no such name


def logins(fleet: Sequence[Share], members: Mapping[str, Member], user: str = "") -> List[Dict[str, Any]]:
    """The logins for each principal on each host, as `sso_probe` takes them.

    A shared name is asked for on every host that answers to it, so that one host's missing key is found. ``user`` is
    the principal that logs in, where it is known.
    """
    proxied = any(PROXY in members[share.host].zimbra.parts for share in fleet if share.product == ZIMBRA)
    return [
        {
            **how,
            "host": members[share.host].fqdn,
            "service_principal": principal,
            "product": share.product,
            **_named(share.product, principal.partition("/")[0], user),
        }
        for share in fleet
        for principal in share.principals
        for how in _ways(share, principal, members[share.host], proxied)
    ]


def _ways(share: Share, principal: str, one: Member, proxied: bool) -> Sequence[Login]:
    service, dummy, rest = principal.partition("/")
    if share.product == ZIMBRA:
        return zimbra_logins(one.zimbra, service, rest.partition("@")[0], one.fqdn, proxied)
    if share.product == CAS and service == "HTTP":
        return cas_logins(one.cas)
    return OF_PRODUCTS.get(share.product, {}).get(service, PROTOCOLS.get(service, ()))


def _named(product: str, service: str, user: str) -> Dict[str, str]:
    name = user.partition("@")[0]
    return {"authzid": name} if name and product in NAMED and service not in NAMELESS else {}
