# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet as the inventory tells it: which host serves what, hence which principals, keytabs and logins there are.

A group is a product, a product has service classes, a host has its own name and those that it shares. All
names in a plan of a whole fleet are computed here, once, so that the KDC is asked once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Mapping, Optional, Sequence, Tuple

from .cas_host import USUAL, CasHost
from .principal import PrincipalRefusal, parse_principal
from .refusal import Refusal
from .zimbra_host import WHOLE, ZimbraHost

ZIMBRA, CAS = "zimbra", "cas"
# The first component of a service principal, as clients ask for it. GSSAPI mechanisms of SASL name their service
# (RFC 4752 section 3.1; IANA's GSSAPI service names), SPNEGO uses HTTP in upper case (RFC 4559 section 4).
SERVICES: Mapping[str, Tuple[str, ...]] = {
    "postfix": ("smtp",),
    "axigen": ("smtp", "imap", "pop"),  # WebMail's HTTP is asked for by kerberos_services
    ZIMBRA: WHOLE.classes,  # a host's own parts decide (zimbra_host.py)
    CAS: ("HTTP",),
    # kprop and kpropd know each other by the hosts' own principals (kprop(8), kpropd(8)).
    "kerberos_kdc": ("host",),
    "kerberos_kdc_replicas": ("host",),
}
# Products whose keys serve only where another group has hosts: a KDC without replicas sends its database to nobody.
SERVES: Mapping[str, str] = {"kerberos_kdc": "kerberos_kdc_replicas"}
# Who reads keys and tickets beside MIT's library: Zimbra's own Heimdal and Java, the JVM of CAS (6.x asks for Java 11).
CONSUMERS: Mapping[str, Tuple[str, ...]] = {ZIMBRA: ("heimdal1.5", "java17"), CAS: ("java11",)}
# Service classes whose keytab is used to log in as well (kprop). Such a program takes the newest key of its keytab.
INITIATORS = ("host",)
PROBERS = ("workstations", "kerberos_kdc", "all")  # whose first host verifies, where none is named
PROBE = "probe"  # the share of the host that verifies
LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
FQDN = re.compile(rf"{LABEL}(\.{LABEL})+")
ADDRESS = re.compile(r"[0-9.]+|[0-9a-f:.]*:[0-9a-f:.]*")
SERVICE = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


class FleetRefusal(Refusal):
    """An inventory from which no names can be computed, and what to write instead."""


@dataclass(frozen=True)
class Member:
    """A host of the fleet: its name in the inventory, its FQDN, the names it shares, and services of its own table.

    ``zimbra`` and ``cas`` matter where the host is one of that product's.
    """

    host: str
    fqdn: str
    aliases: Tuple[str, ...] = ()
    services: Tuple[Tuple[str, Tuple[str, ...]], ...] = ()
    zimbra: ZimbraHost = WHOLE
    cas: CasHost = USUAL


@dataclass(frozen=True)
class Share:
    """The keys of one product on one host."""

    host: str
    product: str
    principals: Tuple[str, ...]

    @property
    def name(self) -> str:
        """What the share is called among the keytabs of an export."""
        return share_name(self.host, self.product)


def share_name(host: str, product: str) -> str:
    """The name of the share of ``product`` on ``host``."""
    return f"{host} {product}"


def member(
    host: str,
    domain: str,
    hostname: str = "",
    aliases: Sequence[str] = (),
    services: Optional[Mapping[str, Sequence[str]]] = None,
    zimbra: ZimbraHost = WHOLE,
    cas: CasHost = USUAL,
) -> Member:
    """A host of the inventory as a member of the fleet.

    ``hostname`` is its FQDN where the inventory's name is none. FleetRefusal where no FQDN comes of it, or an
    alias is none.
    """
    bare = (hostname or host).rstrip(".").lower()
    if ADDRESS.fullmatch(bare):
        raise FleetRefusal(
            f"host '{host}': an address makes no service principal; set kerberos_hostname to the host's full name"
        )
    where = f"host '{host}'"
    found = Member(
        host,
        _full(bare if "." in bare else f"{bare}.{domain.lower()}", where, "kerberos_hostname"),
        tuple(dict.fromkeys(_full(alias.rstrip(".").lower(), where, "kerberos_aliases") for alias in aliases)),
        tuple((product, tuple(classes)) for product, classes in sorted((services or {}).items())),
        zimbra,
        cas,
    )
    if zimbra.mta_hostname not in ("", found.fqdn, *found.aliases):
        raise FleetRefusal(
            f"{where}: zimbra_mta_hostname '{zimbra.mta_hostname}' is neither its own name nor one that it shares, so "
            "that its MTA would have no key; add it to kerberos_aliases"
        )
    return found


def shares(groups: Mapping[str, Sequence[str]], members: Mapping[str, Member], realm: str) -> Tuple[Share, ...]:
    """The share of every product on every host, by product and then in the inventory's order.

    ``groups`` are the inventory's groups; one that is missing or empty has no hosts. FleetRefusal where a
    service or the realm makes no principal.
    """
    products = dict.fromkeys([*SERVICES, *(product for one in members.values() for product, dummy in one.services)])
    return tuple(
        Share(host, product, principals)
        for product in products
        if groups.get(SERVES.get(product, product))
        for host in groups.get(product, ())
        for principals in [host_principals(members[host], product, realm)]
        if principals
    )


def prober(groups: Mapping[str, Sequence[str]], asked: str = "") -> str:
    """The host that logs in to verify: the one asked for, else the first workstation, KDC, or host at all.

    FleetRefusal where the one asked for is not in the inventory. Empty where the inventory is.
    """
    everyone = groups.get("all", ())
    if asked and asked not in everyone:
        raise FleetRefusal(f"kerberos_prober '{asked}': is no host of the inventory; name one as it stands there")
    candidates = (asked, *(host for group in PROBERS for host in groups.get(group, ())))
    return next(filter(None, candidates), "")


def probers(hosts: Mapping[str, Optional[bool]], chosen: str) -> Tuple[str, ...]:
    """Those of ``hosts`` that log in to verify: who says so of itself; of the silent (None) the ``chosen``."""
    return tuple(host for host, told in hosts.items() if (host == chosen if told is None else told))


def host_principals(one: Member, product: str, realm: str) -> Tuple[str, ...]:
    """The service principals of ``product`` on a host: its own name first, then those that it shares."""
    usual = one.zimbra.classes if product == ZIMBRA else SERVICES.get(product, ())
    classes = dict(one.services).get(product, usual)
    return tuple(
        dict.fromkeys(_principal(service, name, realm) for name in (one.fqdn, *one.aliases) for service in classes)
    )


def consumers(groups: Mapping[str, Sequence[str]], host: str = "") -> Tuple[str, ...]:
    """Who must get along with the policy of encryption types: on ``host``; in the whole fleet where that is empty."""
    products = [product for product in CONSUMERS if (host in groups.get(product, ()) if host else groups.get(product))]
    return tuple(dict.fromkeys(["mit", *(one for product in products for one in CONSUMERS[product])]))


def initiators(fleet: Sequence[Share]) -> Tuple[str, ...]:
    """The principals whose keytabs somebody logs in with: the probe's, and those of `INITIATORS`."""
    return tuple(
        name
        for share in fleet
        for name in share.principals
        if share.product == PROBE or name.partition("/")[0] in INITIATORS
    )


def brought(fleet: Sequence[Share], principal: str, shares_of_hosts: Mapping[str, Sequence[str]]) -> bool:
    """Whether every host that has ``principal`` got its share in this run: ``shares_of_hosts`` by host."""
    return all(share.name in shares_of_hosts.get(share.host, ()) for share in fleet if principal in share.principals)


def all_principals(fleet: Sequence[Share]) -> Tuple[str, ...]:
    """Every principal of the fleet once, in the order of the shares; one that hosts share is one principal."""
    return tuple(dict.fromkeys(principal for share in fleet for principal in share.principals))


def check_realm(realm: str, lower_case: bool = False) -> str:
    """The realm; FleetRefusal where it is empty, malformed, or in lower case and ``lower_case`` was not said."""
    if not realm:
        raise FleetRefusal("kerberos_realm: is empty; set it to the realm of the KDC, such as EXAMPLE.TEST")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", realm):
        raise FleetRefusal(
            f"kerberos_realm '{realm}': is no realm; write letters, digits, '.', '-', such as EXAMPLE.TEST"
        )
    if realm != realm.upper() and not lower_case:
        raise FleetRefusal(
            f"kerberos_realm '{realm}': holds lower-case letters, and to a KDC case matters; write {realm.upper()}, "
            "or set kerberos_realm_lower_case to true if the KDC's realm is written like this"
        )
    return realm


def _full(name: str, where: str, option: str) -> str:
    if not FQDN.fullmatch(name) or len(name) > 253:
        raise FleetRefusal(f"{where}: {option} '{name}' is no full host name; write it like mx1.example.test")
    return name


def _principal(service: str, name: str, realm: str) -> str:
    if not SERVICE.fullmatch(service):
        raise FleetRefusal(f"kerberos_services: '{service}' is no service class; write the first part of a principal")
    try:
        return str(parse_principal(f"{service}/{name}@{realm}"))
    except PrincipalRefusal as refusal:
        raise FleetRefusal(f"kerberos_services: {refusal}") from refusal
