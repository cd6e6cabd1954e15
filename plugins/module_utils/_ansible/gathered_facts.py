# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The few facts of Ansible that the roles read, from Ansible's own collectors."""

from __future__ import annotations

from typing import Any, Dict

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.facts import ansible_collector, default_collectors
from ansible.module_utils.facts.namespace import PrefixFactNamespace

from .._system.default_route import default_address

SUBSETS = ("distribution", "pkg_mgr", "service_mgr")
# Those that nobody reads are left out, and that setup has run is not said: a later play may want all facts.
TOLD = (
    "ansible_distribution",
    "ansible_distribution_major_version",
    "ansible_distribution_release",
    "ansible_distribution_version",
    "ansible_os_family",
    "ansible_pkg_mgr",
    "ansible_service_mgr",
)


def gathered_facts(module: AnsibleModule) -> Dict[str, Any]:
    """Facts by the names that Ansible's setup gives them.

    Of the network the address of the default route alone, without the programs that Ansible's own collector calls for
    all interfaces.
    """
    collector = ansible_collector.get_ansible_collector(
        all_collector_classes=default_collectors.collectors,
        namespace=PrefixFactNamespace(namespace_name="ansible", prefix="ansible_"),
        gather_subset=["!all", "!min", *SUBSETS],
        minimal_gather_subset=frozenset(),
    )
    found = collector.collect(module=module)
    address = default_address()
    return {
        **{name: found[name] for name in TOLD if name in found},
        "ansible_default_ipv4": {"address": address} if address else {},
    }
