# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names and addresses as the host itself sees them: the C library's answer, and DNS alone where dnspython is."""

from __future__ import annotations

import socket
from typing import Any, Dict, List, Optional, Sequence, Tuple

from .._domain.host_names import DnsView
from .._domain.service_names import Lookup

try:
    import dns.exception
    import dns.resolver
    import dns.reversename

    HAS_DNS = True
except ImportError:
    HAS_DNS = False

PATIENCE = 3.0  # seconds for one question to DNS
SRV = ("_kerberos._udp", "_kerberos._tcp", "_kerberos-adm._tcp", "_kpasswd._udp", "_kpasswd._tcp")


def own_name() -> str:
    """The host's fully qualified name: its host name, or what the name service makes of a short one."""
    name = socket.gethostname()
    return name if "." in name else look_up(name).canonical or name


def look_up(name: str) -> Lookup:
    """Addresses, canonical name and the first address's own name, by getaddrinfo(3) and getnameinfo(3)."""
    try:
        found = socket.getaddrinfo(name, None, 0, socket.SOCK_STREAM, 0, socket.AI_CANONNAME)
    except (OSError, UnicodeError) as error:
        return Lookup(name, error=getattr(error, "strerror", None) or "not a host name")
    addresses = tuple(dict.fromkeys(str(one[4][0]) for one in found))
    return Lookup(name, addresses, found[0][3] or None, name_of(addresses[0]))


def name_of(address: str) -> Optional[str]:
    """The name that the name service gives an address; None where it has none."""
    try:
        return socket.getnameinfo((address, 0), socket.NI_NAMEREQD)[0]
    except OSError:
        return None


def dns_view(names: Sequence[str], addresses: Sequence[str], realm: Optional[str]) -> Optional[DnsView]:
    """What DNS says of names, addresses and a realm; None without dnspython. A silent server is asked once."""
    if not HAS_DNS:
        return None
    try:
        resolver = dns.resolver.Resolver()
        resolver.lifetime = PATIENCE
        found = {name: tuple(one for kind in ("A", "AAAA") for one in _answer(resolver, name, kind)) for name in names}
        known = dict.fromkeys([*addresses, *(one for many in found.values() for one in many)])
        pointers = {one: _answer(resolver, dns.reversename.from_address(one.partition("%")[0]), "PTR") for one in known}
        return DnsView(found, pointers, _realm_records(resolver, realm))
    except dns.exception.DNSException as error:
        return DnsView(error=str(error) or type(error).__name__)


def service_hosts(name: str) -> Tuple[str, ...]:
    """The hosts of a service's SRV records in the order in which to try them (RFC 2782); none where DNS has none.

    Needs dnspython (`HAS_DNS`). A silent DNS has none.
    """
    try:
        resolver = dns.resolver.Resolver()
        resolver.lifetime = PATIENCE
        records = [record.split() for record in _answer(resolver, name, "SRV")]
    except dns.exception.DNSException:
        return ()
    # Of equal priority the heavier first, not by lot: each run of a playbook is to meet the same server.
    ordered = sorted(records, key=lambda record: (int(record[0]), -int(record[1]), record[3]))
    return tuple(record[3] for record in ordered)


def _realm_records(resolver: Any, realm: Optional[str]) -> Dict[str, Tuple[str, ...]]:
    if not realm:
        return {}
    asked: List[Tuple[str, str]] = [(f"{service}.{realm.lower()}", "SRV") for service in SRV]
    asked.append((f"_kerberos.{realm.lower()}", "TXT"))
    return {name: _answer(resolver, name, kind) for name, kind in asked}


def _answer(resolver: Any, name: Any, kind: str) -> Tuple[str, ...]:
    """The records as text, empty where there are none. dnspython before 2.0 has query() alone."""
    ask = getattr(resolver, "resolve", None) or resolver.query
    try:
        return tuple(str(record).rstrip(".") for record in ask(name, kind))
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, dns.resolver.NoNameservers):
        return ()
