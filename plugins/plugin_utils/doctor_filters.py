# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters for the doctor: what the inventory says that a host is to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..module_utils._domain import fleet, fleet_logins
from ..module_utils._domain.proof import IMPLICIT_TLS_PORTS, PORTS
from .fleet_filters import Groups, HostVars, host_principals, members_of, shares_of

# Group of the inventory -> what `doctor_info` calls it.
PRODUCTS = {
    "kerberos_kdc": "kdc",
    "kerberos_kdc_replicas": "kdc_replica",
    "postfix": "postfix",
    "axigen": "axigen",
    "zimbra": "zimbra",
    "cas": "cas",
    "workstations": "workstation",
}
KDCS = ("kerberos_kdc", "kerberos_kdc_replicas")
GROUPS = {product: group for group, product in PRODUCTS.items()}


def doctor_products(groups: Groups, host: str, prober: str = "") -> list[str]:
    """What a host is to be, by its groups; and whether it is the one that logs in."""
    found = [product for group, product in PRODUCTS.items() if host in groups.get(group, ())]
    return [*found, *(["prober"] if host == prober else [])]


def doctor_services(groups: Groups, hostvars: HostVars, host: str, realm: str) -> list[dict[str, Any]]:
    """The services of one host, as the option `services` of `doctor_info` takes them.

    Only hosts that bear on this one are looked at, so that a fleet takes no time that grows with its square.
    """
    near = {
        group: list(members) if group == fleet.ZIMBRA else [host]
        for group, members in groups.items()
        if host in members and group not in ("all", "ungrouped")
    }
    found, members = shares_of(near, hostvars, realm)
    own = [one for one in fleet_logins.logins(found, members) if one["host"] == members[host].fqdn]
    services = [
        {
            "protocol": one["protocol"],
            "host": one["host"],
            "port": one.get("port") or (IMPLICIT_TLS_PORTS if one["tls"] == "implicit" else PORTS)[one["protocol"]],
            "tls": one["tls"],
            "product": one["product"],
            "path": one.get("path") or "/",
        }
        for one in own
    ]
    return [one for number, one in enumerate(services) if one not in services[:number]]


def doctor_doubted(
    groups: Groups, hostvars: HostVars, realm: str, prober: str, logins: Sequence[Mapping[str, Any]]
) -> list[str]:
    """The hosts that had a part in logins that failed, as `sso_probe` returns them: prober, KDCs, servers."""
    names = {one["host"] for one in logins if one.get("ok") is not True}
    members = members_of(groups, hostvars, realm)
    kdcs = [host for group in KDCS for host in groups.get(group, ())]
    return list(dict.fromkeys([prober, *kdcs, *(host for host, one in members.items() if one.fqdn in names)]))


def doctor_keytabs(
    by_product: Mapping[str, Sequence[Mapping[str, Any]]], variables: Mapping[str, Any], realm: str
) -> list[dict[str, Any]]:
    """The keytabs of one host, as the option `keytabs` of `doctor_info` takes them; by default with its product's
    principals."""
    return [
        {
            **keytab,
            "product": product,
            "principals": list(
                keytab["principals"]
                if "principals" in keytab
                else host_principals(variables, GROUPS.get(product, product), realm)
            ),
        }
        for product, keytabs in by_product.items()
        for keytab in keytabs
    ]
