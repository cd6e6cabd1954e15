#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: host_facts
short_description: Looks at a host once for all that the roles want to know of it
version_added: 0.1.0
author:
  - the mailrealm.kerberos authors (@mailrealm)
description:
  - Gathers in one task the few facts that choose packages, units and files, the packages that are installed, the units
    that run, and what M(mailrealm.kerberos.dns_identity_info) tells of the host's names.
  - A fleet has one task for each host then where it would have several.
options:
  facts:
    description:
      - Whether to gather facts, a few of those that M(ansible.builtin.setup) has.
      - They take the place of facts of the same names, so do not ask where C(ansible_facts) has them already - of
        C(default_ipv4) only the address is told.
    type: bool
    default: true
  packages:
    description:
      - Whether to tell the installed packages, so that a role need not call the package manager where all that it
        wants is there.
    type: bool
    default: false
  units:
    description:
      - Which of these units of systemd to tell where they run now and at boot, so that a role need not see to them
        again. A unit that is not there is none of them, and on a host without systemd none is.
    type: list
    elements: str
    default: []
  names:
    description:
      - Which names to look at, as the options of M(mailrealm.kerberos.dns_identity_info). Without it none is.
    type: dict
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes.facts
  - mailrealm.kerberos.attributes.info_module
attributes:
  facts:
    support: full
notes:
  - It does not say that M(ansible.builtin.setup) has run, so that a later play which wants all facts gathers them.
seealso:
  - module: ansible.builtin.setup
  - module: mailrealm.kerberos.dns_identity_info
  - module: mailrealm.kerberos.unit
"""

EXAMPLES = r"""
- name: Look at the host once
  mailrealm.kerberos.host_facts:
    packages: true
    names:
      host: mx1.example.test
      aliases: [mail.example.test]
  register: seen

- name: Stop where the names would mislead Kerberos clients
  ansible.builtin.assert:
    that: seen.names.problems | length == 0
    fail_msg: "{{ seen.names.sentences | join(' ') }}"

- name: Install what is not there
  ansible.builtin.package:
    name: krb5-user
  when: seen.packages is none or 'krb5-user' not in seen.packages
"""

RETURN = r"""
ansible_facts:
  description: Facts to add to C(ansible_facts), in which they have no C(ansible_) before their names.
  returned: with O(facts)
  type: dict
  contains:
    ansible_distribution:
      description: The distribution.
      type: str
      sample: Debian
    ansible_distribution_major_version:
      description: The first part of its version.
      type: str
      sample: "13"
    ansible_distribution_release:
      description: The name of its version.
      type: str
      sample: trixie
    ansible_distribution_version:
      description: Its version.
      type: str
      sample: "13.1"
    ansible_os_family:
      description: The family that the distribution is of.
      type: str
      sample: Debian
    ansible_pkg_mgr:
      description: The package manager.
      type: str
      sample: apt
    ansible_service_mgr:
      description: What keeps services running.
      type: str
      sample: systemd
    ansible_default_ipv4:
      description: C(address), from which the host reaches others by its default route; empty without one.
      type: dict
      sample: {address: 192.0.2.10}
packages:
  description: The packages that are installed as a whole, or null on a host without C(dpkg).
  returned: with O(packages)
  type: list
  elements: str
units:
  description:
    - Those of O(units) for which M(mailrealm.kerberos.unit) with C(state=started) and C(enabled=true) would have
      nothing to do, by the names that were given.
  returned: success
  type: list
  elements: str
  sample: [chrony, postfix]
names:
  description: What M(mailrealm.kerberos.dns_identity_info) returns for O(names).
  returned: with O(names)
  type: dict
  sample: {problems: [], sentences: []}
"""

from typing import Any, Dict, Optional

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._ansible.converge import inform
from ..module_utils._ansible.names_part import ARGUMENTS, look_at_names
from ..module_utils._ansible.part_options import OptionsRefusal, part_options
from ..module_utils._ansible.respawn import respawn_with
from ..module_utils._system import name_service
from ..module_utils._system.installed_packages import installed_packages
from ..module_utils._system.systemctl import units_at_work


def _facts(module: AnsibleModule) -> Dict[str, Any]:
    # A host compiles all of Ansible's collectors for it
    from ..module_utils._ansible.gathered_facts import gathered_facts  # noqa: PLC0415

    return gathered_facts(module)


def _look(module: AnsibleModule, names: Optional[Dict[str, Any]]) -> Dict[str, Any]:
    return {
        **({"ansible_facts": _facts(module)} if module.params["facts"] else {}),
        **({"packages": installed_packages()} if module.params["packages"] else {}),
        "units": units_at_work(module.params["units"]),
        **({"names": look_at_names(names)} if names is not None else {}),
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "facts": {"type": "bool", "default": True},
            "packages": {"type": "bool", "default": False},
            "units": {"type": "list", "elements": "str", "default": []},
            "names": {"type": "dict"},
        },
        supports_check_mode=True,
    )
    names = module.params["names"]
    if names is not None:
        try:
            names, dummy = part_options(ARGUMENTS, names)
        except OptionsRefusal as refusal:
            module.fail_json(msg=f"names: {refusal}")
        if not name_service.HAS_DNS:
            respawn_with(module, "dns.resolver")
    inform(module, lambda: _look(module, names))


if __name__ == "__main__":
    main()
