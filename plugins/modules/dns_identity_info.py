#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dns_identity_info
short_description: Tells whether a host's names are right for Kerberos, and which principals clients ask for
version_added: 0.1.0
author:
  - the mailrealm.kerberos authors (@mailrealm)
description:
  - Looks at a host's names as the host itself sees them - forward and reverse answers of its name service,
    C(/etc/hosts), the canonical name, and DNS alone where C(dnspython) is there - and says in sentences what would
    keep Kerberos clients from the right service principal.
  - Says which service principal the client libraries ask for when a user names the host or one of its aliases.
  - Never fails because of what it finds; assert that RV(problems) is empty, or show it.
options:
  host:
    description:
      - The fully qualified name that the host is to have. Without it, the host's own name.
    type: str
  aliases:
    description:
      - Further names under which clients reach the host, such as that of a load balancer.
    type: list
    elements: str
    default: []
  services:
    description:
      - The services for which the principals are worked out, such as V(smtp), V(imap) or V(HTTP).
    type: list
    elements: str
    default: [host]
  realm:
    description:
      - The realm of the principals, and the one whose SRV records are read.
      - Without it, the one that O(krb5_conf) gives each host name.
    type: str
  expect:
    description:
      - Which checks shall hold. Those left out are not in RV(problems).
      - V(forward) - the host's name has an address, and none that leads back to the host itself.
      - V(hosts_file) - in O(hosts_file) the name stands on no loopback address, and first on the line of its address.
      - V(canonical) - the name is fully qualified and is its own canonical name.
      - V(reverse) - each address leads back to the name. Where DNS knows the name and C(dnspython) is there, the PTR
        records count and not O(hosts_file), which other hosts do not have.
      - V(aliases) - each alias has an address.
    type: list
    elements: str
    choices: [forward, hosts_file, canonical, reverse, aliases]
    default: [forward, hosts_file, canonical, reverse, aliases]
  hosts_entries:
    description:
      - Entries that an earlier task with M(mailrealm.kerberos.hosts_file) keeps in O(hosts_file).
      - Where they are not there yet, as in check mode on a new host, they are taken as there.
    type: list
    elements: dict
    default: []
    suboptions:
      address:
        description:
          - The address. Without it, that from which the host reaches others by its default route; where it has none,
            the entry is left out.
        type: str
        default: ""
      names:
        description:
          - Its names, the canonical one first.
        type: list
        elements: str
        required: true
  hosts_file:
    description:
      - The hosts file of the name service.
    type: path
    default: /etc/hosts
  krb5_conf:
    description:
      - The Kerberos configuration whose C(dns_canonicalize_hostname), C(rdns) and C([domain_realm]) count.
        Where there is none, MIT's defaults do.
    type: path
    default: /etc/krb5.conf
extends_documentation_fragment:
  - mailrealm.kerberos.attributes.info_module
seealso:
  - module: mailrealm.kerberos.hosts_file
  - module: mailrealm.kerberos.krb5_conf
"""

EXAMPLES = r"""
- name: Look at this host's names
  mailrealm.kerberos.dns_identity_info:
    host: mx1.example.test
    aliases: [mail.example.test]
    services: [smtp, imap]
    realm: EXAMPLE.TEST
  register: names

- name: Stop where they would mislead Kerberos clients
  ansible.builtin.assert:
    that: names.problems | length == 0
    fail_msg: "{{ names.sentences | join(' ') }}"
"""

RETURN = r"""
host:
  description: The name that was looked at, with what the host's name service says of it.
  returned: success
  type: dict
  contains: &lookup
    name:
      description: The name.
      type: str
    addresses:
      description: Its addresses, in the order in which clients on this host try them.
      type: list
      elements: str
    canonical:
      description: Its canonical name.
      type: str
    reversed_name:
      description: The name of its first address.
      type: str
    error:
      description: Why there is no address.
      type: str
aliases:
  description: The same for each alias.
  returned: success
  type: list
  elements: dict
  contains: *lookup
reverse:
  description: The name that the host's name service gives each address of the host, or null.
  returned: success
  type: dict
  sample: {"192.0.2.10": mx1.example.test}
hosts_file:
  description: The lines of the hosts file that name the host, its aliases or its addresses.
  returned: success
  type: list
  elements: dict
  sample: [{"line": 2, "address": 192.0.2.10, "names": [mx1.example.test, mx1]}]
dns:
  description: What DNS alone says, or null without C(dnspython).
  returned: success
  type: dict
  contains:
    addresses:
      description: Addresses by name.
      type: dict
    pointers:
      description: Names in PTR records by address.
      type: dict
    records:
      description: SRV and TXT records of the realm by name.
      type: dict
    error:
      description: Why DNS did not answer.
      type: str
naming:
  description: What the Kerberos configuration makes of names.
  returned: success
  type: dict
  contains:
    dns_canonicalize_hostname:
      description: V(true), V(false) or V(fallback).
      type: str
    rdns:
      description: Whether MIT clients ask for the name of the address.
      type: bool
principals:
  description: For each name and service the principal that each client library asks for on this host.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The name that the user gives.
      type: str
    service:
      description: The service.
      type: str
    mit:
      description: MIT Kerberos with this host's configuration.
      type: str
    heimdal:
      description: Heimdal with this host's configuration.
      type: str
    java:
      description: The JDK's own Kerberos.
      type: str
    windows:
      description: Windows' SSPI, which takes the name as the application gives it.
      type: str
problems:
  description: What does not hold of O(expect).
  returned: success
  type: list
  elements: dict
  contains:
    what:
      description: What is wrong.
      type: str
    where:
      description: Where it stands.
      type: str
    remedy:
      description: How to mend it.
      type: str
sentences:
  description: RV(problems) as one sentence each.
  returned: success
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._ansible.converge import inform
from ..module_utils._ansible.names_part import ARGUMENTS, look_at_names
from ..module_utils._ansible.respawn import respawn_with
from ..module_utils._system import name_service


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    if not name_service.HAS_DNS:
        respawn_with(module, "dns.resolver")
    inform(module, lambda: look_at_names(module.params))


if __name__ == "__main__":
    main()
