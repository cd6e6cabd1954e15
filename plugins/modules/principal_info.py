#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: principal_info
short_description: Tells what a realm knows of its principals, except their keys
version_added: 0.1.0
author:
  - the mailrealm.kerberos authors (@mailrealm)
description:
  - Reads principals with one process of kadmin; never a key, and nothing is changed.
extends_documentation_fragment:
  - mailrealm.kerberos.attributes.info_module
  - mailrealm.kerberos.kadmin
options:
  names:
    description:
      - Principals, as names or as shell patterns (V(smtp/*), V(*@EXAMPLE.TEST)); V(*) matches V(/) as well.
      - Names alone need the privilege to inquire (C(i) in C(kadm5.acl)), patterns that to list (C(l)) too.
      - A name that does not exist is in RV(missing) instead.
    type: list
    elements: str
    default: ["*"]
seealso:
  - module: mailrealm.kerberos.principal
"""

EXAMPLES = r"""
- name: Read the service principals
  mailrealm.kerberos.principal_info:
    names: ["smtp/*", "imap/*"]
  register: services

- name: Fail where one still has an RC4 key
  ansible.builtin.assert:
    that: "'arcfour-hmac' not in services.principals | map(attribute='key_data') | flatten | map(attribute='enctype')"
"""

RETURN = r"""
realm:
  description: The realm whose database was asked; null in check mode where it is neither given nor there yet.
  type: str
  returned: success
  sample: EXAMPLE.TEST
principals:
  description: The principals, sorted by name. Times are in UTC, or V(never); durations in seconds.
  type: list
  elements: dict
  returned: success
  contains:
    name:
      description: The full name.
      type: str
      sample: smtp/mx1.example.test@EXAMPLE.TEST
    aliases:
      description: Those of its aliases (MIT Kerberos 1.22 and later) that O(names) takes in; kadmin tells no others.
      type: list
      elements: str
      sample: []
    kvno:
      description: The newest key version number.
      type: int
      sample: 2
    old_kvnos:
      description: The key version numbers below it of which there are keys.
      type: list
      elements: int
      sample: [1]
    old_tickets_end:
      description:
        - When the last ticket that was made with a key of RV(principals[].old_kvnos) has ended, as
          O(mailrealm.kerberos.principal#module:old_keys=purge_when_expired) judges it by the lives of now.
        - V(never) where the lives set no end; null where there are no such keys.
      type: str
      sample: "2030-12-31 23:59:59 UTC"
    key_data:
      description: The keys of all kvnos, without their bytes.
      type: list
      elements: dict
      contains:
        kvno:
          description: The key version number.
          type: int
        enctype:
          description: The encryption type.
          type: str
          sample: aes256-cts-hmac-sha1-96
        salt:
          description: The salt type.
          type: str
          sample: normal
    attributes:
      description: The attributes that differ from those of a plain principal.
      type: list
      elements: str
      sample: [+requires_preauth]
    policy:
      description: The password policy; null for none.
      type: str
    max_life:
      description: Longest life of a ticket; 0 for no limit.
      type: int
      sample: 36000
    max_renewable_life:
      description: Longest time for which a ticket can be renewed.
      type: int
      sample: 604800
    expires:
      description: When the principal expires.
      type: str
      sample: never
    password_expires:
      description: When the password expires.
      type: str
      sample: "2030-12-31 23:59:59 UTC"
    password_changed:
      description: When password or keys were last changed.
      type: str
    modified:
      description: When the principal was last changed.
      type: str
    modified_by:
      description: Who changed it.
      type: str
      sample: root/admin@EXAMPLE.TEST
    last_success:
      description: The last successful login. The KDC records it for principals that require preauthentication only.
      type: str
    last_failure:
      description: The last failed login, recorded likewise.
      type: str
    failures:
      description: Failed logins since the last successful one, or since it was unlocked.
      type: int
missing:
  description: Those of O(names) that do not exist, but for patterns.
  type: list
  elements: str
  returned: success
  sample: []
"""

from typing import Any, Dict

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._ansible.arguments import KADMIN
from ..module_utils._ansible.converge import inform
from ..module_utils._ansible.realm_session import RealmSession
from ..module_utils._domain.principal_report import report_principals
from ..module_utils._system.kadmin_principals import find_principals


def gather(module: AnsibleModule) -> Dict[str, Any]:
    with RealmSession(module) as session:
        found, missing = find_principals(session.kadmin, module.params["names"]) if session.kadmin else ((), ())
        return {
            "realm": session.realm,
            "principals": report_principals(found),
            "missing": [str(name) for name in missing],
        }


def main() -> None:
    module = AnsibleModule(
        argument_spec={"names": {"type": "list", "elements": "str", "default": ["*"]}, "kadmin": KADMIN},
        supports_check_mode=True,
    )
    inform(module, lambda: gather(module))


if __name__ == "__main__":
    main()
