#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: keytab_info
short_description: Tells what a keytab holds, except its keys
version_added: 0.1.0
author:
  - the mailrealm.kerberos authors (@mailrealm)
description:
  - Reads a keytab on the host and returns its entries in the file's order, its owner, group and mode; never a key.
  - Needs no Kerberos programs on the host.
extends_documentation_fragment:
  - mailrealm.kerberos.attributes.info_module
options:
  path:
    description:
      - The keytab on the host.
    type: path
    required: true
seealso:
  - module: mailrealm.kerberos.keytab
"""

EXAMPLES = r"""
- name: Read the host's keytab
  mailrealm.kerberos.keytab_info:
    path: /etc/krb5.keytab
  register: host_keytab

- name: Fail where the keytab still holds RC4 keys
  ansible.builtin.assert:
    that: "'arcfour-hmac' not in host_keytab.entries | map(attribute='enctype')"
"""

RETURN = r"""
path:
  description: The keytab.
  type: str
  returned: success
  sample: /etc/krb5.keytab
exists:
  description: Whether there is such a file.
  type: bool
  returned: success
owner:
  description: The user who owns the file, as a number where the host knows no name.
  type: str
  returned: success, when the file exists
  sample: root
group:
  description: The file's group, as a number where the host knows no name.
  type: str
  returned: success, when the file exists
  sample: postfix
mode:
  description: The file's permissions in octal.
  type: str
  returned: success, when the file exists
  sample: "0640"
entries:
  description: The entries in the file's order; none where there is no file.
  type: list
  elements: dict
  returned: success
  contains:
    principal:
      description: The principal, as klist prints it.
      type: str
      sample: smtp/mx1.example.test@EXAMPLE.TEST
    kvno:
      description: The key version number, which is 32 bits wide.
      type: int
      sample: 2
    enctype:
      description: The encryption type's canonical name, or V(enctype) and a number for one without a name.
      type: str
      sample: aes256-cts-hmac-sha1-96
    enctype_number:
      description: The encryption type's number, as IANA assigned it or, below zero, as Microsoft chose it.
      type: int
      sample: 18
    name_type:
      description: The principal's name type (RFC 4120, section 6.2), a hint that tells no two principals apart.
      type: int
      sample: 1
    timestamp:
      description: When the entry was written, in UTC.
      type: str
      sample: "2026-01-31T12:00:00Z"
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._ansible.converge import inform
from ..module_utils._domain.keytab_report import report_keytab
from ..module_utils._system.files import read_state


def main() -> None:
    module = AnsibleModule(argument_spec={"path": {"type": "path", "required": True}}, supports_check_mode=True)
    path = module.params["path"]
    inform(module, lambda: report_keytab(path, read_state(path)))


if __name__ == "__main__":
    main()
