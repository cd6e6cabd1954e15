# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's filters, by the rooms of plugin_utils that have them.

Ansible forks a process for each task on each host, in which it compiles what a collection's plugin imports anew. So a
filter's room is imported when the filter is used: for most tasks that is a sixth of all.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils._domain.refusal import Refusal

ROOMS = {
    "fleet_filters": (
        "fleet_keytabs",
        "fleet_principals",
        "fleet_staged",
        "fleet_prober",
        "fleet_probers",
        "fleet_consumers",
        "host_principals",
        "host_fqdn",
        "zimbra_place",
    ),
    "login_filters": ("fleet_logins", "host_accounts"),
    "product_filters": ("axigen_settings", "axigen_silent", "with_log_symptoms", "zimbra_wanted", "zimbra_missing"),
    "realm_filters": ("realm_name", "distribution_vars", "realm_client_settings", "realm_kdc_settings"),
    "run_filters": ("tag_runs", "packages_missing", "units_missing"),
    "enctype_filters": ("policy_keysalts", "policy_enctypes"),
    "doctor_filters": ("doctor_products", "doctor_services", "doctor_keytabs", "doctor_doubted"),
    "cas_filters": ("cas_wanted", "cas_problems"),
    "workstation_filters": (
        "workstation_sites",
        "workstation_policies",
        "workstation_accounts",
        "workstation_autoconfig",
        "workstation_zone",
        "workstation_windows",
        "workstation_gpo",
    ),
}


def _spoken(room: str, name: str) -> Callable[..., Any]:
    """The filter whose Refusal is Ansible's one error message."""

    def spoken(*arguments: Any, **named: Any) -> Any:
        function = getattr(importlib.import_module(f"..plugin_utils.{room}", __package__), name)
        try:
            return function(*arguments, **named)
        except Refusal as refusal:
            raise AnsibleFilterError(str(refusal)) from refusal

    return spoken


class FilterModule:
    """The collection's filters."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Each filter under its own name."""
        return {name: _spoken(room, name) for room, names in ROOMS.items() for name in names}
