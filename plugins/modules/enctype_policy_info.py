#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: enctype_policy_info
short_description: Compares keytabs and a realm's keys with a policy of encryption types
version_added: 0.1.0
author:
  - the mailrealm.kerberos authors (@mailrealm)
description:
  - Says which keys contradict a policy, and which encryption types the keys and tickets of a realm still need.
  - Reads the realm's principals with one process of kadmin, never a key, and nothing is changed.
  - Warns in one sentence of the principals that could not log in.
extends_documentation_fragment:
  - mailrealm.kerberos.attributes.info_module
  - mailrealm.kerberos.enctypes
  - mailrealm.kerberos.kadmin
options:
  principals:
    description:
      - Principals of the realm, as names or shell patterns; the realm is not asked where the list is empty.
      - A KDC without C(kadmin.local) or without a database has none, and that is no error.
    type: list
    elements: str
    default: []
  tickets_end_after:
    description:
      - How long tickets live, in place of the lives of the principals, such as V(10h).
    type: str
seealso:
  - module: mailrealm.kerberos.enctype_policy
  - module: mailrealm.kerberos.principal_info
"""

EXAMPLES = r"""
- name: See whom a policy would lock out
  mailrealm.kerberos.enctype_policy_info:
    policy: sha2_only
    principals: ["*"]
  register: found

- name: Name them
  ansible.builtin.debug:
    var: found.contradictions | selectattr('kind', 'eq', 'no_key') | map(attribute='sentence')
"""

RETURN = r"""
enctypes:
  description: The policy for O(consumers), in the order of preference.
  returned: success
  type: list
  elements: str
  sample: [aes256-cts-hmac-sha1-96, aes128-cts-hmac-sha1-96]
permitted:
  description: The same as RV(enctypes).
  returned: success
  type: list
  elements: str
in_use:
  description:
    - The types that the realm's keys and tickets need beside the policy, for the option
      O(mailrealm.kerberos.enctype_policy#module:in_use).
    - Those of a service's newest keys, and of older ones until their tickets have ended; those of a user's newest
      keys where none of them is of the policy.
  returned: success
  type: list
  elements: str
  sample: [arcfour-hmac]
contradictions:
  description: What of O(keytabs) and of the realm contradicts the policy.
  returned: success
  type: list
  elements: dict
  contains:
    where:
      description: The keytab, or the realm.
      type: str
      sample: /etc/krb5.keytab
    principal:
      description: The principal.
      type: str
      sample: smtp/mx1.example.test@EXAMPLE.TEST
    kvno:
      description: The key version number.
      type: int
      sample: 2
    enctypes:
      description: The encryption types outside of the policy.
      type: list
      elements: str
      sample: [arcfour-hmac]
    kind:
      description:
        - V(no_key) where no newest key is of a type of the policy, V(other_keys) where one is not, V(old_keys) where
          one of an older kvno is not.
      type: str
      sample: other_keys
    sentence:
      description: The same for people, with what to do.
      type: str
"""

import time
from typing import Any, Dict

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._ansible.arguments import KADMIN, kadmin_access
from ..module_utils._ansible.converge import inform
from ..module_utils._ansible.enctype_options import (
    POLICY,
    compare_keytabs,
    compare_realm,
    read_keytabs,
    report_policy,
    resolved,
    ticket_bound,
)
from ..module_utils._domain.realm_enctypes import realm_enctypes
from ..module_utils._system.realm_principals import read_realm


def gather(module: AnsibleModule) -> Dict[str, Any]:
    params = module.params
    policy = resolved(params)
    bound = ticket_bound(params)
    access = kadmin_access(params)
    records = read_realm(access, params["principals"]) if params["principals"] else ()
    realm = realm_enctypes(records, int(time.time()), bound)
    found, sentence = compare_realm(realm, policy, access.realm or "the default realm")
    if sentence:
        module.warn(sentence)
    keytabs = compare_keytabs(read_keytabs(params["keytabs"]), policy)
    return {**report_policy(policy), **found, "contradictions": [*keytabs, *found["contradictions"]]}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **POLICY,
            "principals": {"type": "list", "elements": "str", "default": []},
            "tickets_end_after": {"type": "str"},
            "kadmin": KADMIN,
        },
        mutually_exclusive=[("policy", "enctypes")],
        required_one_of=[("policy", "enctypes")],
        supports_check_mode=True,
    )
    inform(module, lambda: gather(module))


if __name__ == "__main__":
    main()
