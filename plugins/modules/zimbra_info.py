#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Zimbra of a host is."""

from __future__ import annotations

DOCUMENTATION = r"""
module: zimbra_info
short_description: Tell release, services, and the localconfig for Kerberos of the Zimbra on this host
version_added: 0.1.0
author:
  - The mailrealm.kerberos authors (@mailrealm)
description:
  - Reads with one call of C(zmlocalconfig) and one of C(zmcontrol -v), as the user zimbra, and looks which packages are
    there. Nothing is asked of LDAP or of mailboxd, which need not run.
  - Never fails because of what it finds, but where there is no Zimbra; assert that RV(problems) is empty, or show it.
  - Passwords are not returned.
options:
  hostname:
    description:
      - The name that C(zimbra_server_hostname) shall be, which is the one in the principals of the mailbox and of the
        proxy. By default any full name is good.
    type: str
extends_documentation_fragment:
  - mailrealm.kerberos.attributes.info_module
attributes:
  check_mode:
    details:
      - This module only reads; it does the same in check mode. There, a host without Zimbra is a warning, because an
        earlier task of the same run may be about to install it, and is told as one without services.
seealso:
  - module: mailrealm.kerberos.zimbra_localconfig
  - module: mailrealm.kerberos.zimbra_attributes
"""

EXAMPLES = r"""
- name: Learn which Zimbra this is
  mailrealm.kerberos.zimbra_info:
    hostname: zimbra1.example.test
  register: zimbra

- name: Nothing keeps it from single sign-on
  ansible.builtin.assert:
    that: zimbra.problems | length == 0
    fail_msg: "{{ zimbra.sentences | join(' ') }}"
"""

RETURN = r"""
release:
  description: The release, in three numbers; null where C(zmcontrol -v) does not tell it.
  type: str
  returned: success
  sample: 10.0.8
release_line:
  description: The line of C(zmcontrol -v) that tells it.
  type: str
  returned: success
  sample: Release 10.0.8.GA.4518.UBUNTU20_64 FOSS edition.
legacy:
  description: Whether the release is before 8.5.0, where settings of the MTA are keys of localconfig.
  type: bool
  returned: success
  sample: false
services:
  description: What is installed, out of V(ldap), V(mailbox), V(proxy) and V(mta).
  type: list
  elements: str
  returned: success
  sample: [ldap, mailbox, proxy, mta]
hostname:
  description: The value of C(zimbra_server_hostname); null where localconfig cannot be used.
  type: str
  returned: success
  sample: zimbra1.example.test
localconfig:
  description:
    - Keys that count for Kerberos and for Zimbra's programs, as far as they hold a value, with C(${...}) replaced.
      Those that moved to LDAP with release 8.5.0 are among them, if they still hold a value.
  type: dict
  returned: success
  sample: {krb5_keytab: /opt/zimbra/conf/krb5.keytab, zimbra_server_hostname: zimbra1.example.test}
stale:
  description: Keys in the file that this release does not read, with the attribute that took over.
  type: dict
  returned: success
  sample: {sasl_smtpd_mech_list: zimbraMtaSaslSmtpdMechList}
problems:
  description: What keeps Kerberos, or Zimbra's programs, from working.
  type: list
  elements: dict
  returned: success
  contains:
    problem:
      description: >-
        A fixed name, C(localconfig_unusable), C(localconfig_access), C(hostname_differs), C(hostname_short),
        C(zmprov_without_mailbox), C(release_unknown) or C(key_stale).
      type: str
      sample: hostname_differs
    where:
      description: The key, the file or the program.
      type: str
      sample: zimbra_server_hostname
    what:
      description: What is wrong with it.
      type: str
      sample: is 'localhost' and not 'zimbra1.example.test'
    remedy:
      description: What would mend it.
      type: str
sentences:
  description: RV(problems) as one sentence each.
  type: list
  elements: str
  returned: success
  sample: []
calls:
  description: How many of Zimbra's programs ran.
  type: int
  returned: success
  sample: 2
"""

from typing import Any, Dict

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._ansible.converge import inform
from ..module_utils._ansible.zimbra_host import ZimbraHost
from ..module_utils._domain.zimbra_installed import report


def gather(module: AnsibleModule) -> Dict[str, Any]:
    host = ZimbraHost(module)
    return {**report(host.installed(), module.params["hostname"] or ""), "calls": host.calls}


def main() -> None:
    module = AnsibleModule(argument_spec={"hostname": {"type": "str"}}, supports_check_mode=True)
    inform(module, lambda: gather(module))


if __name__ == "__main__":
    main()
