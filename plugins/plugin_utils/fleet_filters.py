# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters that compute, from the inventory, what the whole fleet needs of Kerberos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean

from ..module_utils._domain import fleet, zimbra_fleet
from ..module_utils._domain.cas_host import USUAL, cas_host
from ..module_utils._domain.zimbra_host import PARTS, zimbra_host

Groups = Mapping[str, Sequence[str]]
HostVars = Mapping[str, Mapping[str, Any]]


def _member(host: str, variables: Mapping[str, Any], realm: str) -> fleet.Member:
    """The host as its own variables describe it."""
    return fleet.member(
        host,
        domain=variables.get("kerberos_domain") or realm.lower(),
        hostname=variables.get("kerberos_hostname") or "",
        aliases=variables.get("kerberos_aliases") or (),
        services=variables.get("kerberos_services") or {},
        zimbra=zimbra_host(
            host,
            parts=variables.get("zimbra_services", tuple(PARTS)),
            web=boolean(variables.get("zimbra_spnego") or False),
            mta_hostname=variables.get("zimbra_mta_hostname") or "",
        ),
        cas=cas_host(
            host,
            port=variables.get("cas_port", USUAL.port),
            tls=boolean(variables.get("cas_tls", USUAL.tls)),
            path=variables.get("cas_login_path", USUAL.path),
        ),
    )


def members_of(groups: Groups, hostvars: HostVars, realm: str, *further: str) -> dict[str, fleet.Member]:
    """The hosts that may have a product: those of groups that the table names or that a host's own table may."""
    hosts = dict.fromkeys([*(host for hosts in groups.values() for host in hosts), *further])
    return {host: _member(host, hostvars[host], realm) for host in hosts if host in hostvars}


def shares_of(
    groups: Groups, hostvars: HostVars, realm: str, prober: str = "", probe: str = ""
) -> tuple[tuple[fleet.Share, ...], dict[str, fleet.Member]]:
    """Who gets which keys, the prober's own among them, and the hosts by name."""
    members = members_of(groups, hostvars, realm)
    found = fleet.shares(groups, members, fleet.check_realm(realm, lower_case=True))
    if prober and probe:
        found += (fleet.Share(prober, fleet.PROBE, (probe if "@" in probe else f"{probe}@{realm}",)),)
    return found, members


def fleet_keytabs(
    groups: Groups,
    hostvars: HostVars,
    realm: str,
    prober: str = "",
    probe: str = "",
    enctypes: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """The keytabs of the whole fleet, as the option `keytabs` of `keytab_export` takes them."""
    found, dummy = shares_of(groups, hostvars, realm, prober, probe)
    return [{"name": share.name, "principals": list(share.principals), "enctypes": list(enctypes)} for share in found]


def fleet_principals(
    groups: Groups,
    hostvars: HostVars,
    realm: str,
    prober: str = "",
    probe: str = "",
    rekey: Sequence[str] = (),
    tickets_end_after: str = "",
) -> list[dict[str, Any]]:
    """Every service principal of the fleet once, as the option `principals` of `principal` takes them.

    With ``rekey``, the types that keys are to be of, old keys go when their tickets have ended, and the principals
    whose keytabs somebody logs in with get new keys at once; those of the others are staged.
    """
    found, dummy = shares_of(groups, hostvars, realm, prober, probe)
    at_once = fleet.initiators(found)
    return [
        {
            "name": name,
            "key": "random",
            **(_until_tickets_end(tickets_end_after) if rekey else {}),
            **(_rekeyed(rekey) if rekey and name in at_once else {}),
        }
        for name in fleet.all_principals(found)
    ]


def fleet_staged(
    staged: Sequence[Mapping[str, Any]],
    groups: Groups,
    hostvars: HostVars,
    realm: str,
    rekey: Sequence[str],
    tickets_end_after: str = "",
) -> list[dict[str, Any]]:
    """The principals to which the KDC can give their staged keys, and its own, to which it gives new ones.

    Those of which a host has not got its share in this run stay as they are.
    """
    found, dummy = shares_of(groups, hostvars, realm)
    got = {share.host: hostvars[share.host].get("keytab_brought") or () for share in found if share.host in hostvars}
    ready = [dict(one) for one in staged if fleet.brought(found, one["name"], got)]
    own = [f"{name}@{realm}" for name in (f"krbtgt/{realm}", "kadmin/admin", "kadmin/changepw")]
    end = _until_tickets_end(tickets_end_after)
    return [*ready, *({"name": name, "key": "random", **_rekeyed(rekey), **end} for name in own)]


def _rekeyed(enctypes: Sequence[str]) -> dict[str, Any]:
    return {"enctypes": list(enctypes), "rekey": "when_enctypes_differ"}


def _until_tickets_end(tickets_end_after: str) -> dict[str, str]:
    own = {"tickets_end_after": tickets_end_after} if tickets_end_after else {}
    return {"old_keys": "purge_when_expired", **own}


def fleet_prober(groups: Groups, asked: str = "") -> str:
    """The host that logs in to verify."""
    return fleet.prober(groups, asked)


def fleet_probers(groups: Groups, hostvars: HostVars, hosts: Sequence[str], asked: str = "") -> list[str]:
    """The hosts among ``hosts`` that log in to verify: the prober, and those whose own `client_prober` says so."""
    told = {host: hostvars[host].get("client_prober") for host in hosts}
    says = {host: None if one is None else boolean(one) for host, one in told.items()}
    return list(fleet.probers(says, fleet.prober(groups, asked)))


def fleet_consumers(groups: Groups, host: str = "") -> list[str]:
    """Who must get along with the policy of encryption types, as `consumers` of `enctype_policy` takes it."""
    return list(fleet.consumers(groups, host))


def host_principals(variables: Mapping[str, Any], product: str, realm: str) -> list[str]:
    """The service principals of one product on one host, from that host's variables."""
    one = _member(variables["inventory_hostname"], variables, realm)
    return list(fleet.host_principals(one, product, fleet.check_realm(realm, lower_case=True)))


def host_fqdn(variables: Mapping[str, Any], domain: str) -> str:
    """The full name of one host, from its variables."""
    return fleet.member(
        variables["inventory_hostname"], domain=domain, hostname=variables.get("kerberos_hostname") or ""
    ).fqdn


def zimbra_place(groups: Groups, hostvars: HostVars, host: str, realm: str) -> dict[str, Any]:
    """The parts of Zimbra on one host, whether it sets what all servers share, and the names of all proxies."""
    members = members_of({"zimbra": groups.get("zimbra", ())}, hostvars, realm, host)
    return zimbra_fleet.place(host, [one for one in groups.get("zimbra", ()) if one in members], members)
