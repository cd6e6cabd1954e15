# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What belongs to one lab: names, labels, addresses. All made from the checkout's path and the instance."""

from __future__ import annotations

import collections.abc
import dataclasses
import hashlib
import ipaddress
import re

from .failure import LabError

CHECKOUT_LABEL = "mailrealm.lab.checkout"
INSTANCE_LABEL = "mailrealm.lab.instance"
ROLE_LABEL = "mailrealm.lab.role"
SPEC_LABEL = "mailrealm.lab.spec"
OWNER_LABEL = "mailrealm.lab.owner"
PATH_LABEL = "mailrealm.lab.path"

DEFAULT_INSTANCE = "lab"
INSTANCE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,14}[a-z0-9])?")
# Folders of .lab that all labs of the checkout share; no instance may be named so.
SHARED = frozenset({"builds", "downloads", "engine", "logs", "screenshots"})
# Private space that neither podman (10.88/16, 10.89/16) nor docker (172.17/16) hands out on its own.
POOL = ipaddress.IPv4Network("10.96.0.0/12")


@dataclasses.dataclass(frozen=True)
class Lab:
    """One lab: the path of its checkout (resolved) and the name of the instance, such as `lab` or `fidelity`."""

    checkout: str
    instance: str = DEFAULT_INSTANCE

    def __post_init__(self) -> None:
        if not INSTANCE.fullmatch(self.instance) or self.instance in SHARED:
            raise LabError(
                f"LAB={self.instance!r}: an instance has 1 to 16 lower-case letters, digits and inner hyphens, and is "
                f"none of {', '.join(sorted(SHARED))}; give another name, such as LAB=fidelity"
            )

    @property
    def key(self) -> str:
        """Ten hexadecimal digits that stand for the checkout."""
        return hashlib.sha256(self.checkout.encode()).hexdigest()[:10]

    @property
    def prefix(self) -> str:
        """The beginning of the name of everything in this lab."""
        return f"mailrealm-{self.key}-{self.instance}"

    @property
    def repository(self) -> str:
        """The beginning of the name of every image; images are shared by the labs of one checkout."""
        return f"localhost/mailrealm-{self.key}"

    @property
    def checkout_labels(self) -> dict[str, str]:
        """Labels of what all labs of the checkout share."""
        return {CHECKOUT_LABEL: self.key, PATH_LABEL: self.checkout}

    @property
    def labels(self) -> dict[str, str]:
        """Labels of what belongs to this lab alone."""
        return {**self.checkout_labels, INSTANCE_LABEL: self.instance}

    def container(self, name: str) -> str:
        """The container's name for a host of the lab: `kdc1` -> `mailrealm-0123456789-lab-kdc1`."""
        return f"{self.prefix}-{name}"


def label_options(labels: collections.abc.Mapping[str, str]) -> list[str]:
    """The labels as options of podman."""
    return [option for name, value in labels.items() for option in ("--label", f"{name}={value}")]


def label_changes(labels: collections.abc.Mapping[str, str]) -> list[str]:
    """The labels as options of `podman import` and `podman commit`."""
    return [option for name, value in labels.items() for option in ("--change", f"LABEL {name}={value}")]


def digest(*parts: str) -> str:
    """Twelve hexadecimal digits that change with any of the parts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def subnets(lab: Lab) -> collections.abc.Iterator[ipaddress.IPv4Network]:
    """Every /24 of the pool once, from a place that differs from lab to lab, so that two rarely want the same."""
    everything = 1 << (24 - POOL.prefixlen)
    first = int(hashlib.sha256(lab.prefix.encode()).hexdigest(), 16) % everything
    for step in range(everything):
        yield ipaddress.IPv4Network((int(POOL.network_address) + ((first + step) % everything) * 256, 24))


def free_subnet(lab: Lab, used: collections.abc.Iterable[ipaddress.IPv4Network]) -> ipaddress.IPv4Network:
    """The first of the lab's /24 networks that overlaps none of the used ones."""
    taken = [network for network in used if network.prefixlen > 0]
    for subnet in subnets(lab):
        if not any(subnet.overlaps(network) for network in taken):
            return subnet
    raise LabError(f"no /24 of {POOL} is free on this machine; remove a route or network that covers it")


def mac(address: ipaddress.IPv4Address) -> str:
    """A MAC that stays with the address: peers keep their ARP entry when a host is made anew."""
    return "02:00:" + ":".join(f"{byte:02x}" for byte in address.packed)


def reverse_zone(subnet: ipaddress.IPv4Network) -> str:
    """The zone of the PTR records of a /24: 10.96.7.0/24 -> `7.96.10.in-addr.arpa`."""
    return ".".join(reversed(str(subnet.network_address).split(".")[:3])) + ".in-addr.arpa"
