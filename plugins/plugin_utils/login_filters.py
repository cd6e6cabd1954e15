# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters for logins: those of the fleet, and the accounts of a directory with which services accept them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..module_utils._domain import fleet, fleet_accounts
from ..module_utils._domain import fleet_logins as logins_of
from ..module_utils._domain.principal import parse_principal
from ..module_utils._domain.principal_pattern import matcher
from .fleet_filters import Groups, HostVars, members_of, shares_of


def fleet_logins(
    groups: Groups, hostvars: HostVars, realm: str, defaults: Mapping[str, Any] | None = None, user: str = ""
) -> list[dict[str, Any]]:
    """The logins for each principal on each host, as the option `services` of `sso_probe` takes them."""
    found, members = shares_of(groups, hostvars, realm)
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
    members = members_of({product: groups.get(product, ())}, hostvars, realm, host)
    limit = fleet_accounts.LONGEST[asked.type]
    found = fleet_accounts.accounts(groups, members, host, product, fleet.check_realm(realm, lower_case=True), limit)
    kept = [one for one in found if any(taken(parse_principal(name)) for name in one.principals)]
    return fleet_accounts.as_options(kept, asked)
