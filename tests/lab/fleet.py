# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sites of the lab, each with its hosts, as tables."""

from __future__ import annotations

import collections.abc
import dataclasses
import ipaddress
import re

from .failure import LabError

SUITES = {"12": "bookworm", "13": "trixie"}
DNS_BYTE = 2
# Groups of the inventory that are no product: the others hold the hosts that a user logs in to.
WITHOUT_LOGINS = ("", "kerberos_kdc", "kerberos_kdc_replicas", "workstations")


@dataclasses.dataclass(frozen=True)
class Host:
    """One host: short name, Debian release, group in the inventory, last byte of its address, domain.

    `group`: empty for a host that the collection does not manage, and that the inventory does not have.
    `image`: which of the images it starts from (images.KINDS). `units`: what must run there once it has started.
    `passwords`: whose it is told at its start, in /lab-private/passwords.json.
    `loopback_name`: its /etc/hosts has the line `127.0.1.1 NAME` that Debian's installer writes.
    `alias`: the load balancer's name resolves to it too.
    `services`: which of a product's services are installed there, where the product has several.
    `variables`: its own in the inventory, name and value as YAML.
    `capabilities`: what root may do there beside what the container engine lets it.
    """

    name: str
    debian: str
    group: str
    last_byte: int
    domain: str
    image: str = "host"
    units: tuple[str, ...] = ()
    passwords: tuple[str, ...] = ()
    loopback_name: bool = False
    alias: bool = False
    services: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    capabilities: tuple[str, ...] = ()

    @property
    def fqdn(self) -> str:
        """The full name."""
        return f"{self.name}.{self.domain}"

    def address(self, subnet: ipaddress.IPv4Network) -> ipaddress.IPv4Address:
        """The host's address in the lab's /24."""
        return subnet[self.last_byte]


@dataclasses.dataclass(frozen=True)
class Site:
    """A fleet with a domain of its own, whose realm has the same name in capitals.

    `suffix`: what the names of its instances of the lab end in. `guests`: principals of other realms who log in too.
    """

    name: str
    domain: str
    hosts: tuple[Host, ...]
    suffix: str = ""
    guests: tuple[str, ...] = ()

    @property
    def realm(self) -> str:
        """The realm."""
        return self.domain.upper()

    @property
    def user(self) -> str:
        """The principal of the user who logs in."""
        return f"alice@{self.realm}"

    @property
    def users(self) -> tuple[str, ...]:
        """The principals of all who log in."""
        return (self.user, *self.guests)

    @property
    def domains(self) -> tuple[str, ...]:
        """The domains of its hosts, its own first."""
        return tuple(dict.fromkeys((self.domain, *(host.domain for host in self.hosts))))

    @property
    def alias(self) -> str:
        """The name that the hosts behind the load balancer share; empty where there is none."""
        return f"mail.{self.domain}" if any(host.alias for host in self.hosts) else ""

    @property
    def products(self) -> tuple[str, ...]:
        """The products that a user logs in to; the first is what the site is for."""
        groups = dict.fromkeys(host.group for host in self.hosts)
        return tuple(group for group in groups if group not in WITHOUT_LOGINS)

    @property
    def managed(self) -> tuple[Host, ...]:
        """The hosts that the inventory has."""
        return tuple(host for host in self.hosts if host.group)

    @property
    def controllers(self) -> tuple[Host, ...]:
        """The domain controllers of Active Directory."""
        return tuple(host for host in self.hosts if host.image == "dc")

    def members(self, group: str) -> tuple[Host, ...]:
        """The hosts of a group of the inventory."""
        return tuple(host for host in self.hosts if host.group == group)

    def host(self, name: str) -> Host:
        """The host with this short or full name."""
        for host in self.hosts:
            if name in (host.name, host.fqdn):
                return host
        raise LabError(f"the lab has no host {name!r}; it has {', '.join(host.name for host in self.hosts)}")


_MIT, _AD, _PARTNER = "example.test", "ad.example.test", "partner.test"
MIT = Site(
    "mit",
    _MIT,
    (
        Host("kdc1", "12", "kerberos_kdc", 10, _MIT),
        Host("kdc2", "13", "kerberos_kdc_replicas", 11, _MIT),
        Host("mx1", "12", "postfix", 20, _MIT, alias=True),
        Host("mx2", "13", "postfix", 21, _MIT, alias=True, loopback_name=True),
        Host("client1", "12", "workstations", 30, _MIT, loopback_name=True),
    ),
)


def _cas(name: str, debian: str, last_byte: int, domain: str, **variables: str) -> Host:
    """A host whose CAS an administrator has set up, without SPNEGO."""
    own = tuple(variables.items())
    return Host(name, debian, "cas", last_byte, domain, image="cas", units=("cas",), variables=own)


# dc1 stands for a controller that others run: it is in no group, and `site` does not touch it.
AD = Site(
    "ad",
    _AD,
    (
        Host(
            "dc1",
            "12",
            "",
            10,
            _AD,
            image="dc",
            units=("samba-ad-dc", "lab-directory"),
            passwords=("alice", "probe", "reader", "joiner"),
        ),
        Host(
            "axigen1",
            "12",
            "axigen",
            20,
            _AD,
            image="axigen",
            units=("lab-administrator", "axigen"),
            passwords=("axigen",),
        ),
        _cas("cas1", "12", 25, _AD),
        Host("client1", "12", "workstations", 30, _AD, image="browser"),
    ),
    suffix="-ad",
)
# Root of a real host may read the environment of any process, as the module that looks for the MTA's keytab does.
_LOOKING = ("SYS_PTRACE",)
# zimbra2 is a second server of the same Zimbra: no mailbox and no directory, so that its proxy asks zimbra1. partner1
# stands for the KDC of another realm, run by others, which trusts ours and is trusted.
ZIMBRA = Site(
    "zimbra",
    _MIT,
    (
        Host("kdc1", "12", "kerberos_kdc", 10, _MIT),
        Host(
            "partner1",
            "12",
            "",
            12,
            _PARTNER,
            image="partner",
            units=("lab-realm", "krb5-kdc"),
            passwords=("bob", "trust"),
        ),
        Host(
            "zimbra1",
            "12",
            "zimbra",
            20,
            _MIT,
            image="zimbra",
            units=("zimbra",),
            alias=True,
            services=("ldap", "mailbox", "proxy", "mta"),
            variables=(("zimbra_mta_hostname", f"mail.{_MIT}"),),
            capabilities=_LOOKING,
        ),
        Host(
            "zimbra2",
            "12",
            "zimbra",
            21,
            _MIT,
            image="zimbra",
            units=("zimbra",),
            alias=True,
            services=("proxy", "mta"),
            variables=(("zimbra_services", "[proxy, mta]"),),
            capabilities=_LOOKING,
        ),
        Host("client1", "12", "workstations", 30, _MIT),
    ),
    suffix="-zimbra",
    guests=(f"bob@{_PARTNER.upper()}",),
)
_OF_THE_LAB = r"{strategy: address, addresses: '^10\.'}"
# One CAS of each servlet API: 6.6 on Java 17, 7.0 on Java 21. The second one logs what becomes of tickets,
# and asks only clients of the lab's networks for them.
CAS = Site(
    "cas",
    _MIT,
    (
        Host("kdc1", "12", "kerberos_kdc", 10, _MIT),
        _cas("cas1", "12", 20, _MIT),
        _cas("cas2", "13", 21, _MIT, cas_debug="true", cas_clients=_OF_THE_LAB),
        Host("client1", "12", "workstations", 30, _MIT, image="browser"),
    ),
    suffix="-cas",
)
SITES = (MIT, AD, ZIMBRA, CAS)
# Who has a mailbox: in Axigen the user who logs in, and the prober; in Zimbra the user of the other realm as well.
MAILBOXES = ("alice", "probe")
ZIMBRA_MAILBOXES = ("alice", "bob", "probe")


# So many mail hosts have an address of their own in the lab's /24.
LIGHT_FIRST_BYTE, LIGHT_MOST = 100, 150
_LIGHT = re.compile(r"-fleet(\d{1,3})$")


def light(count: int) -> Site:
    """The first site with so many mail hosts, for figures: on its hosts the roles' packages are installed already."""
    if not 1 <= count <= LIGHT_MOST:
        raise LabError(f"a fleet of {count} hosts: write 1 to {LIGHT_MOST}")
    mails = (
        Host(f"mx{number}", "12", "postfix", LIGHT_FIRST_BYTE + number - 1, _MIT, image="light", alias=number <= 2)
        for number in range(1, count + 1)
    )
    ends = (
        Host("kdc1", "12", "kerberos_kdc", 10, _MIT, image="light-kdc"),
        Host("client1", "12", "workstations", 30, _MIT, image="light"),
    )
    return dataclasses.replace(MIT, hosts=(*ends, *mails), suffix=f"-fleet{count}")


def site_of(instance: str) -> Site:
    """The site of an instance of the lab: `lab-ad` is of site ad, `lab-fleet30` a light fleet, `lab` of the first."""
    counted = _LIGHT.search(instance)
    if counted:
        return light(int(counted[1]))
    return next((site for site in SITES if site.suffix and instance.endswith(site.suffix)), MIT)


def instance_of(instance: str, site: Site) -> str:
    """The instance of a site beside another instance: `lab`, ad -> `lab-ad`, and back."""
    return instance.removesuffix(site_of(instance).suffix) + site.suffix


def sites_for(products: collections.abc.Sequence[str]) -> tuple[Site, ...]:
    """The sites that are for these products; `all` is what there is. LabError for a product that none is for."""
    known = sorted({site.products[0] for site in SITES})
    unknown = [name for name in products if name not in (*known, "all")]
    if unknown:
        raise LabError(f"PRODUCTS names {unknown[0]!r}: the lab has {', '.join(known)}")
    return tuple(site for site in SITES if {"all", site.products[0]} & set(products))
