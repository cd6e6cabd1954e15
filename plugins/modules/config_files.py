#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: config_files
short_description: Keeps several files of a host in one task, which are all planned before any is written
version_added: 0.1.0
author:
  - the mailrealm.kerberos authors (@mailrealm)
description:
  - Does in one task what M(mailrealm.kerberos.hosts_file), M(mailrealm.kerberos.krb5_conf),
    M(mailrealm.kerberos.enctype_policy), M(mailrealm.kerberos.cyrus_sasl_conf) and M(mailrealm.kerberos.postconf) do in
    a task each, in this order. Each option takes the options of the module of that name.
  - All options are judged, and all files are read and planned, before any is written. What one part refuses keeps the
    others from being written, too.
  - Where two parts edit one file, the later one is planned anew once the earlier one is written. In check mode both are
    shown against the file as it is.
options:
  hosts_file:
    description:
      - What C(/etc/hosts) is to hold, as the options of M(mailrealm.kerberos.hosts_file).
    type: dict
  krb5_conf:
    description:
      - What a file of the profile format is to hold, as the options of M(mailrealm.kerberos.krb5_conf).
    type: dict
  enctype_policy:
    description:
      - The policy of encryption types, as the options of M(mailrealm.kerberos.enctype_policy).
    type: dict
  cyrus_sasl_conf:
    description:
      - The settings of a server for Cyrus SASL, as the options of M(mailrealm.kerberos.cyrus_sasl_conf).
    type: dict
  postconf:
    description:
      - What C(main.cf) and C(master.cf) are to hold, as the options of M(mailrealm.kerberos.postconf).
    type: dict
extends_documentation_fragment:
  - mailrealm.kerberos.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
notes:
  - The locks of all files are held from the first look to the last write.
  - What only writing can tell, such as a full disk, leaves the files of earlier parts written; the next run goes on
    from there.
  - At least one option must be given. A message about an option's own options begins with the option's name.
seealso:
  - module: mailrealm.kerberos.hosts_file
  - module: mailrealm.kerberos.krb5_conf
  - module: mailrealm.kerberos.enctype_policy
  - module: mailrealm.kerberos.cyrus_sasl_conf
  - module: mailrealm.kerberos.postconf
"""

EXAMPLES = r"""
- name: A host knows its own name, the realm, and the encryption types
  mailrealm.kerberos.config_files:
    hosts_file:
      entries:
        - address: 192.0.2.10
          names: [mx1.example.test, mx1]
    krb5_conf:
      settings:
        libdefaults:
          default_realm: EXAMPLE.TEST
    enctype_policy:
      policy: compatible

- name: Postfix offers GSSAPI
  mailrealm.kerberos.config_files:
    cyrus_sasl_conf:
      path: /etc/postfix/sasl/smtpd.conf
      settings:
        mech_list: [GSSAPI, PLAIN, LOGIN]
        keytab: /etc/postfix/smtp.keytab
      keytab_required: true
    postconf:
      main:
        smtpd_sasl_auth_enable: true
  register: configured

- name: Put the change in force, by a restart only where a reload is not enough
  ansible.builtin.systemd_service:
    name: postfix
    state: "{{ 'restarted' if configured.parts.postconf.restart_required else 'reloaded' }}"
  when: configured is changed
"""

RETURN = r"""
parts:
  description:
    - For each option that was given what the module of that name would have returned, C(changed) and in diff mode
      C(diff) among it. See there.
  type: dict
  returned: success
  sample:
    hosts_file: {changed: false, path: /etc/hosts}
    postconf: {changed: true, changes: [{file: main.cf, what: smtpd_sasl_auth_enable}], restart_required: false}
part:
  description: The option whose module refused what was asked for, in the words of that module.
  type: str
  returned: on failure, where it was one
  sample: krb5_conf
"""

from ..module_utils._ansible.keeper import Keeper, keep_all
from ..module_utils._ansible.silent_module import SilentModule


# A host compiles what a module imports in each task anew, so that only what was asked for is imported.
def _hosts_file() -> Keeper:
    from ..module_utils._ansible.hosts_part import HOSTS_FILE  # noqa: PLC0415

    return HOSTS_FILE


def _krb5_conf() -> Keeper:
    from ..module_utils._ansible.profile_part import KRB5_CONF  # noqa: PLC0415

    return KRB5_CONF


def _enctype_policy() -> Keeper:
    from ..module_utils._ansible.enctype_part import ENCTYPE_POLICY  # noqa: PLC0415

    return ENCTYPE_POLICY


def _cyrus_sasl_conf() -> Keeper:
    from ..module_utils._ansible.sasl_part import CYRUS_SASL_CONF  # noqa: PLC0415

    return CYRUS_SASL_CONF


def _postconf() -> Keeper:
    from ..module_utils._ansible.postfix_part import POSTCONF  # noqa: PLC0415

    return POSTCONF


# In the order of work
KEEPERS = {
    "hosts_file": _hosts_file,
    "krb5_conf": _krb5_conf,
    "enctype_policy": _enctype_policy,
    "cyrus_sasl_conf": _cyrus_sasl_conf,
    "postconf": _postconf,
}


def main() -> None:
    module = SilentModule(
        argument_spec={name: {"type": "dict"} for name in KEEPERS},
        required_one_of=[list(KEEPERS)],
        supports_check_mode=True,
    )
    keep_all(module, KEEPERS)


if __name__ == "__main__":
    main()
