# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters for the people's own machines: what browsers and mail programs need to sign on to the fleet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..module_utils._domain import autoconfig, fleet_logins, sign_on_policy, windows_policy, workstation, zone_fragment
from .fleet_filters import Groups, HostVars, shares_of


def _logins(groups: Groups, hostvars: HostVars, realm: str) -> list[dict[str, Any]]:
    found, members = shares_of(groups, hostvars, realm)
    return fleet_logins.logins(found, members)


def workstation_sites(groups: Groups, hostvars: HostVars, realm: str, whole_domain: str = "") -> list[str]:
    """The web sites of the fleet that are signed on to, as URLs without a port."""
    return [one.url for one in workstation.sites(_logins(groups, hostvars, realm), whole_domain)]


def workstation_policies(sites: Sequence[str], browser: str, **wishes: bool) -> dict[str, Any]:
    """The policies by which a browser signs on to the sites, as `browser_policy` takes them."""
    return sign_on_policy.policies(browser, workstation.sites_from(sites), sign_on_policy.SignOn(**wishes))


def workstation_accounts(groups: Groups, hostvars: HostVars, realm: str) -> list[dict[str, Any]]:
    """The mail servers of the fleet's products as accounts of a mail program."""
    return workstation.as_options(workstation.accounts(_logins(groups, hostvars, realm)))


def workstation_autoconfig(
    accounts: Sequence[Mapping[str, Any]], domains: Sequence[str], name: str = "", password: bool = False
) -> str:
    """The text of config-v1.1.xml for the accounts."""
    return autoconfig.config(workstation.accounts_from(accounts), domains, name, password)


def workstation_zone(
    accounts: Sequence[Mapping[str, Any]], realm: str, domain: str, kdcs: Sequence[str] = (), admin_server: str = ""
) -> str:
    """The SRV and TXT records of the realm and of the accounts, as a fragment of a zone file."""
    return zone_fragment.fragment(workstation.accounts_from(accounts), realm, domain, kdcs, admin_server)


def workstation_windows(sites: Sequence[str], **wishes: bool) -> str:
    """The text of a .reg file by which Windows' browsers sign on to the sites."""
    return windows_policy.registry(workstation.sites_from(sites), sign_on_policy.SignOn(**wishes))


def workstation_gpo(sites: Sequence[str], **wishes: bool) -> str:
    """The same as a table of settings of group policy."""
    return windows_policy.group_policy(workstation.sites_from(sites), sign_on_policy.SignOn(**wishes))
