#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: hosts_file
short_description: Keeps host names on their real addresses in /etc/hosts
version_added: 0.1.0
author:
  - the mailrealm.kerberos authors (@mailrealm)
description:
  - Makes sure that the first line of an address in C(/etc/hosts) holds its names, the canonical one first, and
    that these names stand on no loopback address, on no other address of the same family and on no second line.
  - Kerberos libraries make the service principal of a host from its canonical name, and Debian's installer
    puts that name on 127.0.1.1, where no other host finds it.
  - Other names, other lines and comments stay as they are, to the byte.
options:
  path:
    description:
      - The file to edit. It is created where it is missing.
    type: path
    default: /etc/hosts
  entries:
    description:
      - The addresses and their names.
    type: list
    elements: dict
    required: true
    suboptions:
      address:
        description:
          - The IPv4 or IPv6 address by which other hosts reach this one, at most once in O(entries).
          - A loopback address is refused for names other than localhost.
        type: str
        required: true
      names:
        description:
          - The names, the fully qualified canonical one first. Other names that stand on the line stay behind them.
          - The same name may stand in one entry of each family (IPv4, IPv6).
        type: list
        elements: str
        required: true
  backup:
    description:
      - Keep a copy of the file before it is changed; its name is returned.
    type: bool
    default: false
extends_documentation_fragment:
  - mailrealm.kerberos.attributes
  - ansible.builtin.files
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
notes:
  - A new file gets mode C(0644), unless O(mode) says otherwise.
  - A file that cloud-init writes at every boot is changed with a warning.
  - Containers often have C(/etc/hosts) as a mount, which cannot be replaced; start them without it.
seealso:
  - module: mailrealm.kerberos.dns_identity_info
"""

EXAMPLES = r"""
- name: Keep this host's name on its real address
  mailrealm.kerberos.hosts_file:
    entries:
      - address: "{{ ansible_facts.default_ipv4.address }}"
        names: [mx1.example.test, mx1]
"""

RETURN = r"""
path:
  description: The file.
  returned: success
  type: str
  sample: /etc/hosts
backup_file:
  description: The copy of the file as it was.
  returned: when O(backup=true) and the content changed
  type: str
  sample: /etc/hosts.4711.2026-11-23@01:02:03~
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._ansible.hosts_part import HOSTS_FILE
from ..module_utils._ansible.keeper import keep


def main() -> None:
    keep(AnsibleModule(**HOSTS_FILE.spec, supports_check_mode=True), HOSTS_FILE.kept)


if __name__ == "__main__":
    main()
