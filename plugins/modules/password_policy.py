#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: password_policy
short_description: Creates, changes and deletes password policies of a realm
version_added: 0.1.0
author:
  - the mailrealm.kerberos authors (@mailrealm)
description:
  - Brings any number of password policies to what they are to be, with one process of kadmin for all of them.
  - Only differences are sent, compared as values. What no option speaks of stays as it is.
  - A policy binds the principals that name it (O(mailrealm.kerberos.principal#module:policy)), from their next
    password on; locking out binds them at once.
  - One policy is described by the options of the module itself, several by O(policies).
extends_documentation_fragment:
  - mailrealm.kerberos.attributes
  - mailrealm.kerberos.kadmin
  - mailrealm.kerberos.password_policies
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
options:
  name:
    description:
      - The policy, in printable ASCII; upper and lower case differ.
      - kadmin gives the one named V(default) to every new principal that asks for no other, those of services included.
    type: str
  state:
    description:
      - V(present), which is the default, creates the policy or changes what differs.
      - V(absent) deletes it. That is refused while a principal names it, for kadmin would delete it all the same, and
        then any password would do for that principal. Where the administrator that O(kadmin) names may not list and
        inquire principals, that cannot be told, and a warning says so.
    type: str
    choices: [present, absent]
  max_life:
    description:
      - After how long a password must be changed, for instance V(90d), V(26w), V(1d 12h) or a number of seconds. V(0)
        is never, as it is of a new policy without this option.
    type: str
  min_life:
    description:
      - How long a password must be kept before its owner may change it, as O(max_life). V(0) for a new policy.
    type: str
  min_length:
    description:
      - The least number of characters of a password. V(1) for a new policy.
    type: int
  min_classes:
    description:
      - From V(1) to V(5), the least number of classes of characters in a password, which are lower case, upper case,
        digits, punctuation and all others. V(1) for a new policy.
    type: int
  history:
    description:
      - How many of the last passwords, the present one included, may not be taken again. V(1) for a new policy.
    type: int
  max_failures:
    description:
      - After how many failed logins a principal is locked out. V(0), as of a new policy, is never.
      - Failures are counted for principals with the attribute V(requires_preauth) only, and by each KDC for itself.
    type: int
  failure_count_interval:
    description:
      - After how long without a failure the count begins anew, as O(max_life). V(0), as of a new policy, is never but
        by a login that succeeds.
    type: str
  lockout_duration:
    description:
      - For how long a principal is locked out, as O(max_life). V(0), as of a new policy, is until an administrator
        unlocks it (C(modprinc -unlock)).
    type: str
  allowed_keysalts:
    description:
      - The encryption types that new keys may have, each with its salt type if wanted (V(aes256-cts:normal)), and the
        ones that they get, in this order, where nothing else is asked for. Families (V(aes)) are taken too.
      - An empty list allows any, as it is of a new policy without this option.
    type: list
    elements: str
  policies:
    description:
      - Several policies. The options of the module itself are then not allowed.
seealso:
  - module: mailrealm.kerberos.principal
"""

EXAMPLES = r"""
- name: Keep the policies of users and of administrators
  mailrealm.kerberos.password_policy:
    policies:
      - name: users
        min_length: 10
        min_classes: 3
        history: 5
        max_failures: 10
        failure_count_interval: 15m
        lockout_duration: 15m
      - name: administrators
        max_life: 180d
        min_length: 16
        allowed_keysalts: [aes256-cts, aes128-cts]

- name: Give a user the policy
  mailrealm.kerberos.principal:
    name: alice
    policy: users

- name: Allow keys of any type again
  mailrealm.kerberos.password_policy:
    name: administrators
    allowed_keysalts: []

- name: Delete a policy that no principal has any more, through the network
  mailrealm.kerberos.password_policy:
    name: legacy
    state: absent
    kadmin:
      server: kdc1.example.test
      principal: ansible/admin
      password: "{{ vault_kadmin_password }}"
"""

RETURN = r"""
realm:
  description: The realm whose database was asked; null in check mode where it is neither given nor there yet.
  type: str
  returned: success
  sample: EXAMPLE.TEST
policies:
  description: What was done, or in check mode would be, with each policy, in the order in which they were given.
  type: list
  elements: dict
  returned: success
  contains:
    name:
      description: The policy.
      type: str
      sample: users
    action:
      description: One of V(none), V(created), V(changed) and V(deleted).
      type: str
      sample: created
"""

from typing import List, Sequence, Tuple

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._ansible.arguments import KADMIN
from ..module_utils._ansible.converge import converge
from ..module_utils._ansible.realm_policies import ITEM, POLICIES, WHAT, report_policies
from ..module_utils._ansible.realm_session import RealmSession
from ..module_utils._domain.password_policy import PolicyWish, parse_policy_wishes
from ..module_utils._domain.password_policy_plan import PolicyState, check_users, describe, plan_policies
from ..module_utils._system.kadmin_policies import read_policy_state

Asked = Tuple[PolicyState, Sequence[PolicyWish]]


def read(module: AnsibleModule, session: RealmSession, wishes: Sequence[PolicyWish]) -> Asked:
    """The policies as they are, and as they are to be."""
    if session.kadmin is None:
        return PolicyState({}), wishes
    state = read_policy_state(session.kadmin, wishes)
    for warning in check_users(state, lenient=module.check_mode):
        module.warn(warning)
    return state, wishes


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str"},
            **ITEM,
            "policies": POLICIES,
            "kadmin": KADMIN,
        },
        required_one_of=[("name", "policies")],
        mutually_exclusive=[("policies", option) for option in ("name", *ITEM)],
        supports_check_mode=True,
    )
    session = RealmSession(module)
    wishes: List[PolicyWish] = []

    def guard() -> RealmSession:
        """Options are looked at before kadmin starts."""
        items = module.params["policies"]
        wishes.extend(parse_policy_wishes([module.params] if items is None else items))
        return session

    converge(
        module,
        guard=guard,
        read=lambda: read(module, session, wishes),
        plan=lambda asked: plan_policies(*asked),
        changed=lambda plan: bool(plan.steps),
        write=lambda plan: session.carry_out(plan.steps),
        show=lambda plan: session.diff(WHAT, describe(plan)),
        report=lambda plan: {"realm": session.realm, "policies": report_policies(plan)},
    )


if __name__ == "__main__":
    main()
