# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's DNS: one dnsmasq with forward and reverse records, everything else asked of the machine's own resolvers."""

from __future__ import annotations

import collections.abc
import ipaddress
import pathlib

from . import fleet
from .identity import reverse_zone

RESOLVER_FILES = (pathlib.Path("/run/systemd/resolve/resolv.conf"), pathlib.Path("/etc/resolv.conf"))


# What a controller of Active Directory registers of itself, as far as clients ask for it ([MS-ADTS] 6.3.2.3).
SERVICES = (
    ("_ldap._tcp", 389),
    ("_ldap._tcp.dc._msdcs", 389),
    ("_kerberos._tcp", 88),
    ("_kerberos._udp", 88),
    ("_kerberos._tcp.dc._msdcs", 88),
    ("_kpasswd._tcp", 464),
    ("_kpasswd._udp", 464),
    ("_gc._tcp", 3268),
)


def records(site: fleet.Site, subnet: ipaddress.IPv4Network) -> str:
    """Lines of a hosts file: dnsmasq makes an A and a PTR record of each, but the first name of an address has its PTR.

    So the hosts' own names stand before the shared one, which has the A records of all its hosts.
    """
    own = [f"{host.address(subnet)} {host.fqdn}" for host in site.hosts]
    shared = [f"{host.address(subnet)} {site.alias}" for host in site.hosts if host.alias]
    return "\n".join([*own, *shared]) + "\n"


def pointed(records: str, address: ipaddress.IPv4Address, name: str) -> str:
    """The same records, with another name in the address's PTR: a line before those of the address."""
    return f"{address} {name}\n{records}"


def settings(site: fleet.Site, subnet: ipaddress.IPv4Network, upstream: collections.abc.Sequence[str]) -> str:
    """dnsmasq's settings: authoritative for the domains of the site's hosts, and for their reverse zone."""
    found = [
        f"srv-host={service}.{site.domain},{host.fqdn},{port}"
        for host in site.controllers
        for service, port in SERVICES
    ]
    lines = [
        "no-resolv",
        "no-hosts",
        "no-daemon",
        "log-facility=-",
        *(f"local=/{domain}/" for domain in site.domains),
        f"local=/{reverse_zone(subnet)}/",
        "hostsdir=/lab/hosts.d",
        *found,
        *(f"server={address}" for address in upstream),
    ]
    return "\n".join(lines) + "\n"


def upstream(files: collections.abc.Sequence[pathlib.Path] = RESOLVER_FILES) -> list[str]:
    """The machine's resolvers that a container can reach: a stub on the loopback is not one of them."""
    for path in files:
        found = nameservers(path.read_text()) if path.exists() else []
        if found:
            return found
    return []


def nameservers(resolv_conf: str) -> list[str]:
    """The addresses in a resolv.conf, without those of the loopback."""
    found = []
    for line in resolv_conf.splitlines():
        words = line.split()
        if words[:1] == ["nameserver"] and len(words) > 1:
            address = words[1].partition("%")[0]
            if not ipaddress.ip_address(address).is_loopback:
                found.append(address)
    return found
