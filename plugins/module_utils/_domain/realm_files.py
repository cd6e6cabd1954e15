# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings that the roles write to krb5.conf and kdc.conf, as `krb5_conf` takes them."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Dict, Mapping, Sequence

from .fleet import FleetRefusal, check_realm

NOTHING: Mapping[str, Any] = MappingProxyType({})
Settings = Dict[str, Dict[str, Any]]


def client_settings(
    realm: str,
    domain: str,
    kdcs: Sequence[str],
    admin_server: str,
    libdefaults: Mapping[str, Any] = NOTHING,
    logging: Mapping[str, Any] = NOTHING,
    realms: Mapping[str, Mapping[str, Any]] = NOTHING,
    domain_realm: Mapping[str, str] = NOTHING,
) -> Settings:
    """krb5.conf of every host of the realm.

    Without ``kdcs`` the KDCs are found by DNS (SRV records). ``realms`` are further realms, ``libdefaults``,
    ``logging`` and ``domain_realm`` add to what is written or replace it. rdns is off, so that a wrong reverse
    record does not change the principal that is asked for (krb5.conf(5)).
    """
    check_realm(realm, lower_case=True)
    own: Dict[str, Any] = {"default_domain": domain}
    if kdcs:
        own["kdc"] = list(kdcs)
    if admin_server:
        own["admin_server"] = admin_server
    defaults = {
        "default_realm": realm,
        "dns_lookup_realm": False,
        "dns_lookup_kdc": not kdcs,
        "rdns": False,
        "forwardable": True,
    }
    settings: Settings = {
        "libdefaults": {**defaults, **libdefaults},
        "realms": {realm: {**own, **realms.get(realm, {})}, **{k: dict(v) for k, v in realms.items() if k != realm}},
        "domain_realm": {f".{domain}": realm, domain: realm, **domain_realm},
    }
    if logging:
        settings["logging"] = dict(logging)
    return settings


def kdc_settings(
    realm: str,
    ports: Sequence[int],
    relations: Mapping[str, Any],
    logging: Mapping[str, Any] = NOTHING,
) -> Settings:
    """kdc.conf of the realm's KDC; ``relations`` are the realm's own, a list in one of them is written in one line.

    FleetRefusal where no port is left.
    """
    check_realm(realm, lower_case=True)
    if not ports:
        raise FleetRefusal("kdc_ports: is empty, so that the KDC would answer nobody; write [88]")
    listening = ",".join(str(port) for port in ports)
    own = {
        key: " ".join(str(one) for one in value) if isinstance(value, (list, tuple)) else value
        for key, value in relations.items()
        if value is not None and value != ""
    }
    settings: Settings = {
        "kdcdefaults": {"kdc_ports": listening, "kdc_tcp_ports": listening},
        "realms": {realm: own},
    }
    if logging:
        settings["logging"] = dict(logging)
    return settings
