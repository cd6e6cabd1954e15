# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters that compute, from the inventory, what the whole fleet needs of Kerberos."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible.module_utils.parsing.convert_bool import boolean

from ..module_utils._domain import axigen_sign_on, axigen_verify, fleet, fleet_accounts, zimbra_fleet, zimbra_sign_on
from ..module_utils._domain import fleet_logins as logins_of
from ..module_utils._domain.distribution import vars_file
from ..module_utils._domain.enctype_consumers import consumer
from ..module_utils._domain.enctype_files import supported_keysalts
from ..module_utils._domain.enctype_policy import asked_policy, resolve
from ..module_utils._domain.enctypes import enctype_name
from ..module_utils._domain.keysalt import keysalt_text
from ..module_utils._domain.principal import parse_principal
from ..module_utils._domain.principal_pattern import matcher
from ..module_utils._domain.realm_files import Settings, client_settings, kdc_settings
from ..module_utils._domain.refusal import Refusal
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
    )


def _members(groups: Groups, hostvars: HostVars, realm: str, *further: str) -> dict[str, fleet.Member]:
    """The hosts that may have a product: those of groups that the table names or that a host's own table may."""
    hosts = dict.fromkeys([*(host for hosts in groups.values() for host in hosts), *further])
    return {host: _member(host, hostvars[host], realm) for host in hosts if host in hostvars}


def _fleet(
    groups: Groups, hostvars: HostVars, realm: str, prober: str = "", probe: str = ""
) -> tuple[tuple[fleet.Share, ...], dict[str, fleet.Member]]:
    members = _members(groups, hostvars, realm)
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
    found, dummy = _fleet(groups, hostvars, realm, prober, probe)
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
    found, dummy = _fleet(groups, hostvars, realm, prober, probe)
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
    found, dummy = _fleet(groups, hostvars, realm)
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


def fleet_logins(
    groups: Groups, hostvars: HostVars, realm: str, defaults: Mapping[str, Any] | None = None, user: str = ""
) -> list[dict[str, Any]]:
    """The logins for each principal on each host, as the option `services` of `sso_probe` takes them."""
    found, members = _fleet(groups, hostvars, realm)
    return [{**(defaults or {}), **login} for login in logins_of.logins(found, members, user)]


def host_accounts(
    groups: Groups,
    hostvars: HostVars,
    host: str,
    product: str,
    realm: str,
    principals: Sequence[str] = (),
    **wishes: Any,
) -> list[dict[str, Any]]:
    """The accounts of Active Directory for one product on one host, as `accounts` of `ad_keytab` takes them.

    With ``principals``, patterns as `keytab` takes them, only those that hold one of them.
    """
    taken = matcher(principals)
    asked = fleet_accounts.wishes_from(wishes)
    members = _members({product: groups.get(product, ())}, hostvars, realm, host)
    limit = fleet_accounts.LONGEST[asked.type]
    found = fleet_accounts.accounts(groups, members, host, product, fleet.check_realm(realm, lower_case=True), limit)
    kept = [one for one in found if any(taken(parse_principal(name)) for name in one.principals)]
    return fleet_accounts.as_options(kept, asked)


def axigen_settings(principals: Sequence[str], **wishes: Any) -> dict[str, Any]:
    """What Axigen's services are asked for, as `axigen_config` takes it."""
    return axigen_sign_on.settings(principals, **wishes)


def axigen_silent(variables: Mapping[str, Any], sessions: Sequence[Mapping[str, Any]], realm: str) -> list[str]:
    """The parts of Axigen on one host of which `axigen_log_info` found no login by GSSAPI."""
    return axigen_verify.silent(host_principals(variables, "axigen", realm), sessions)


def with_log_symptoms(message: str, results: Sequence[Mapping[str, Any]]) -> str:
    """A message with what `axigen_log_info`, in a loop over hosts, found in their logs."""
    return axigen_verify.with_symptoms(message, {one["item"]: one.get("symptoms") or () for one in results})


def zimbra_place(groups: Groups, hostvars: HostVars, host: str, realm: str) -> dict[str, Any]:
    """The parts of Zimbra on one host, whether it sets what all servers share, and the names of all proxies."""
    members = _members({"zimbra": groups.get("zimbra", ())}, hostvars, realm, host)
    return zimbra_fleet.place(host, [one for one in groups.get("zimbra", ()) if one in members], members)


def zimbra_wanted(found: Mapping[str, Any], **wishes: Any) -> dict[str, Any]:
    """What Zimbra is asked for on one host, of the Zimbra that `zimbra_info` found there."""
    return zimbra_sign_on.wanted(zimbra_sign_on.Wishes(**wishes), found)


def zimbra_missing(found: Mapping[str, Any], parts: Sequence[str]) -> list[str]:
    """The parts of Zimbra that the host is to have and has not."""
    return list(zimbra_sign_on.missing(parts, found.get("services") or ()))


def fleet_prober(groups: Groups, asked: str = "") -> str:
    """The host that logs in to verify."""
    return fleet.prober(groups, asked)


def fleet_consumers(groups: Groups, host: str = "") -> list[str]:
    """Who must get along with the policy of encryption types, as `consumers` of `enctype_policy` takes it."""
    return list(fleet.consumers(groups, host))


def policy_keysalts(
    policy: str, consumers: Sequence[str], enctypes: Sequence[str] = (), accept_weak: bool = False
) -> list[str]:
    """The types of new keys that a policy of encryption types, or a list in its stead, comes to."""
    resolved = resolve(asked_policy(policy, enctypes), [consumer(name) for name in consumers], accept_weak)
    return [keysalt_text(one) for one in supported_keysalts(resolved, ("normal",))]


def policy_enctypes(
    policy: str, consumers: Sequence[str], enctypes: Sequence[str] = (), accept_weak: bool = False
) -> list[str]:
    """The encryption types of new keys that a policy, or a list in its stead, comes to; none where there is neither."""
    if not policy and not enctypes:
        return []
    resolved = resolve(asked_policy(policy, enctypes), [consumer(name) for name in consumers], accept_weak)
    return [enctype_name(number) for number in resolved.enctypes]


def host_principals(variables: Mapping[str, Any], product: str, realm: str) -> list[str]:
    """The service principals of one product on one host, from that host's variables."""
    one = _member(variables["inventory_hostname"], variables, realm)
    return list(fleet.host_principals(one, product, fleet.check_realm(realm, lower_case=True)))


def host_fqdn(variables: Mapping[str, Any], domain: str) -> str:
    """The full name of one host, from its variables."""
    return fleet.member(
        variables["inventory_hostname"], domain=domain, hostname=variables.get("kerberos_hostname") or ""
    ).fqdn


def realm_name(realm: str, lower_case: bool = False) -> str:
    """The realm, if it can be one."""
    return fleet.check_realm(realm, lower_case)


def distribution_vars(facts: Mapping[str, Any], chosen: str = "") -> str:
    """The vars file for a host of these facts, without `.yml`."""
    return vars_file(facts, chosen)


def realm_client_settings(realm: str, **parts: Any) -> Settings:
    """krb5.conf of a host of the realm, as the option `settings` of `krb5_conf` takes it."""
    return client_settings(realm, **parts)


def realm_kdc_settings(realm: str, **parts: Any) -> Settings:
    """kdc.conf of the realm's KDC, as the option `settings` of `krb5_conf` takes it."""
    return kdc_settings(realm, **parts)


def _spoken(function: Callable[..., Any]) -> Callable[..., Any]:
    """The filter whose Refusal is Ansible's one error message."""

    def spoken(*arguments: Any, **named: Any) -> Any:
        try:
            return function(*arguments, **named)
        except Refusal as refusal:
            raise AnsibleFilterError(str(refusal)) from refusal

    return spoken


class FilterModule:
    """The collection's filters."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Each filter under its own name."""
        functions = (
            fleet_keytabs,
            fleet_principals,
            fleet_logins,
            fleet_staged,
            fleet_prober,
            fleet_consumers,
            policy_enctypes,
            policy_keysalts,
            axigen_settings,
            axigen_silent,
            with_log_symptoms,
            zimbra_place,
            zimbra_wanted,
            zimbra_missing,
            host_accounts,
            host_principals,
            host_fqdn,
            realm_name,
            distribution_vars,
            realm_client_settings,
            realm_kdc_settings,
        )
        return {function.__name__: _spoken(function) for function in functions}
