# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The logins that the users of each site must make, for the site to be proved."""

from __future__ import annotations

import collections.abc
import dataclasses
import typing

from . import fleet

# How mail programs log in: protocol, and the service class of the ticket.
PROTOCOLS = (("smtp", "smtp"), ("imap", "imap"), ("pop3", "pop"))
READING = PROTOCOLS[1:]
# The protocols' own ports, and those of Zimbra's mailbox, whose users come by the proxy otherwise.
PORTS = {
    ("smtp", "starttls"): 587,
    ("smtp", "implicit"): 465,
    ("imap", "starttls"): 143,
    ("imap", "implicit"): 993,
    ("pop3", "starttls"): 110,
    ("pop3", "implicit"): 995,
}
CAS_PORT = 8080  # the lab's, without TLS
MAILBOX_PORTS = {"imap": 7143, "pop3": 7110}


@dataclasses.dataclass(frozen=True)
class Promise:
    """A login that a user of a site must make: who, protocol, how TLS begins, host, service principal of the ticket.

    `named`: the identity that the user must have there, where one is asked for. `other_port`: where it is not the
    protocol's own.
    """

    user: str
    protocol: str
    tls: str
    host: str
    principal: str
    named: str = ""
    other_port: int = 0

    @property
    def port(self) -> int:
        """The port that is connected to."""
        return self.other_port or PORTS[self.protocol, self.tls]

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from others. Without a ticket the principal is as it was asked for, and may lack the realm."""
        return self.user, self.protocol, self.tls, self.host, self.port, self.principal.partition("@")[0]

    def kept_by(self, login: collections.abc.Mapping[str, typing.Any]) -> bool:
        """Whether this login is the promised one."""
        named = self.named in ("", login["authenticated_as"])
        return (
            bool(login["ok"]) and named and key_of(login) == self.key and login["service_principal"] == self.principal
        )


def promised(site: fleet.Site) -> tuple[Promise, ...]:
    """The logins of the site's users."""
    return (*_to_postfix(site), *_to_axigen(site), *_to_zimbra(site), *_to_cas(site))


def _to_postfix(site: fleet.Site) -> list[Promise]:
    """The shared name works on each host behind it."""
    hosts = site.members("postfix")
    ways = _ways(site, hosts)
    return [Promise(site.user, "smtp", "starttls", name, f"smtp/{own}@{site.realm}") for name, own in ways]


def _to_axigen(site: fleet.Site) -> list[Promise]:
    named = site.user.partition("@")[0]
    return [
        Promise(site.user, protocol, tls, host.fqdn, f"{service}/{host.fqdn}@{site.realm}", named)
        for host in site.members("axigen")
        for protocol, service in PROTOCOLS
        for tls in ("starttls", "implicit")
    ]


def _to_zimbra(site: fleet.Site) -> list[Promise]:
    """The mailbox by its own name; the proxies by all names, over both kinds of TLS; each MTA by the name it has."""
    hosts = site.members("zimbra")
    serving = {one: [host for host in hosts if one in host.services] for one in ("mailbox", "proxy", "mta")}
    names = {host: dict(host.variables).get("zimbra_mta_hostname", host.fqdn) for host in serving["mta"]}
    wanted: list[tuple[str, str, str, str, int]] = []
    for protocol, service in READING:
        wanted += [
            (protocol, "starttls", host.fqdn, f"{service}/{host.fqdn}", MAILBOX_PORTS[protocol])
            for host in serving["mailbox"]
        ]
        wanted += [
            (protocol, tls, name, f"{service}/{own}", 0)
            for name, own in _ways(site, serving["proxy"])
            for tls in ("starttls", "implicit")
        ]
    wanted += [
        ("smtp", tls, host.fqdn, f"smtp/{name}", 0) for host, name in names.items() for tls in ("starttls", "implicit")
    ]
    return [
        Promise(user, protocol, tls, host, f"{principal}@{site.realm}", other_port=port)
        for user in site.users
        for protocol, tls, host, principal, port in wanted
    ]


def _to_cas(site: fleet.Site) -> list[Promise]:
    return [
        Promise(site.user, "http", "none", host.fqdn, f"HTTP/{host.fqdn}@{site.realm}", other_port=CAS_PORT)
        for host in site.members("cas")
    ]


def _ways(site: fleet.Site, hosts: collections.abc.Sequence[fleet.Host]) -> list[tuple[str, str]]:
    """What is connected to, and the name in the ticket: each host's own, and the shared one everywhere."""
    shared = [host for host in hosts if host.alias]
    ways = [(host.fqdn, host.fqdn) for host in hosts]
    return ways + [(name, site.alias) for name in (site.alias, *(host.fqdn for host in shared)) if shared]


def key_of(login: collections.abc.Mapping[str, typing.Any]) -> tuple[object, ...]:
    """What tells a login that was tried from others, as `Promise.key`."""
    who = (login["user"], login["protocol"], login["tls"], login["host"], login["port"])
    return (*who, login["service_principal"].partition("@")[0])
