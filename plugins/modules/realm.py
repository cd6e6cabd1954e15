#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: realm
short_description: Creates the database of a realm on its KDC
version_added: 0.1.0
author:
  - the mailrealm.kerberos authors (@mailrealm)
description:
  - Creates the database of a realm with C(kdb5_util create), with the master password on its standard input.
  - A database that is there is never overwritten. C(kdc.conf) says where it is looked for, and where the stash is.
  - Keeps what is in the realm too, its password policies and principals, where it is asked to, all by one session of
    C(kadmin.local). What no option speaks of stays as it is.
  - Options are judged before a program starts, and what a part cannot be brought to is refused before any part is
    written, in check mode too.
extends_documentation_fragment:
  - mailrealm.kerberos.attributes
  - mailrealm.kerberos.password_policies
  - mailrealm.kerberos.principals
attributes:
  check_mode:
    support: full
    details:
      - Where the programs are not installed yet, the realm counts as one that does not exist.
      - Policies and principals of a realm that does not exist are foreseen as those of an empty one.
  diff_mode:
    support: full
options:
  name:
    description:
      - The realm. Upper and lower case differ; a realm that C(kdc.conf) or C(krb5.conf) writes in another case is
        refused.
    type: str
    required: true
  state:
    description:
      - V(present) creates the database if there is none.
      - V(absent) destroys it, with every key in it. The stash is left.
    type: str
    choices: [present, absent]
    default: present
  create:
    description:
      - Whether a database that is not there is created, and a stash that was lost made anew.
      - V(false) leaves both as they are, for runs that are to reach no further than what is in the realm. Without a
        database it is an error then, but for check mode, in which an earlier task may be about to bring it.
    type: bool
    default: true
  master_password:
    description:
      - The database's master password, for its creation, or for a stash that was lost.
      - It opens the database where there is no stash (O(stash=false)).
      - Without it a random one is made, which nobody ever sees. Then the stash alone opens the database and its dumps;
        keep a copy of it in a safe place.
    type: str
  stash:
    description:
      - Whether the master key is stashed, so that the KDC starts without being asked for the password.
      - V(false) does not remove a stash that is there.
    type: bool
    default: true
  kdc_conf:
    description:
      - The C(kdc.conf) to go by, where it is not the one that the programs look for themselves.
      - In a run it must be there. In check mode an earlier task of the same run may be about to write it.
    type: path
  db_args:
    description:
      - Arguments for the database module (C(-x) of C(kdb5_util) and C(kadmin.local)), for instance
        V(dbname=/srv/krb5/principal).
      - They stand in the process list. C(bindpwd) is refused for that reason.
      - A realm in MIT's LDAP module is created with C(kdb5_ldap_util), which this module does not run.
    type: list
    elements: str
  confirm_destruction:
    description:
      - The realm's name once more, without which O(state=absent) is refused.
    type: str
  policies:
    description:
      - Password policies to keep in the realm. They come before O(principals), so that these may name them, and those
        with V(absent) go after these were changed.
      - One that is to go is refused while a principal will still name it when O(principals) are as they are to be.
  principals:
    description:
      - Principals to keep in the realm. A policy that one names must be among O(policies) or in the realm.
  compare:
    description:
      - A policy of encryption types that the realm's keys are compared with, once everything is written. A warning
        names the principals that could not be used with it, as of M(mailrealm.kerberos.enctype_policy_info).
      - One of O(compare.policy) and O(compare.enctypes) must be given.
    type: dict
    suboptions:
      policy:
        description: As O(mailrealm.kerberos.enctype_policy_info#module:policy).
        type: str
        choices: [compatible, modern, sha2_only, zimbra, active_directory, with_rc4, with_des3]
      enctypes:
        description: As O(mailrealm.kerberos.enctype_policy_info#module:enctypes).
        type: list
        elements: str
      consumers:
        description: As O(mailrealm.kerberos.enctype_policy_info#module:consumers).
        type: list
        elements: str
        default: [mit]
      accept_weak:
        description: As O(mailrealm.kerberos.enctype_policy_info#module:accept_weak).
        type: bool
        default: false
      principals:
        description: The principals whose keys are compared, as names or shell patterns; by default all.
        type: list
        elements: str
        default: ["*"]
      tickets_end_after:
        description: As O(mailrealm.kerberos.enctype_policy_info#module:tickets_end_after).
        type: str
seealso:
  - module: mailrealm.kerberos.password_policy
  - module: mailrealm.kerberos.principal
  - module: mailrealm.kerberos.enctype_policy_info
  - module: mailrealm.kerberos.krb5_conf
"""

EXAMPLES = r"""
- name: Create the realm, with a stash
  mailrealm.kerberos.realm:
    name: EXAMPLE.TEST
    master_password: "{{ vault_master_password }}"

- name: Keep the realm and what is in it, in one session of kadmin.local
  mailrealm.kerberos.realm:
    name: EXAMPLE.TEST
    master_password: "{{ vault_master_password }}"
    policies:
      - name: users
        min_length: 10
      - name: legacy
        state: absent
    principals:
      - name: alice
        password: "{{ vault_alice_password }}"
        policy: users
      - name: smtp/mx1.example.test
    compare:
      policy: compatible
  register: kept

- name: Name those whom the policy of encryption types would lock out
  ansible.builtin.debug:
    var: kept.contradictions | selectattr('kind', 'eq', 'no_key') | map(attribute='sentence')

- name: Destroy the realm of a test, with every key in it
  mailrealm.kerberos.realm:
    name: OLD.EXAMPLE.TEST
    state: absent
    confirm_destruction: OLD.EXAMPLE.TEST
"""

RETURN = r"""
name:
  description: The realm.
  type: str
  returned: success
  sample: EXAMPLE.TEST
policies:
  description: What was done, or in check mode would be, with each policy, in the order in which they were given.
  type: list
  elements: dict
  returned: with O(policies)
  contains:
    name:
      description: The policy.
      type: str
      sample: users
    action:
      description: One of V(none), V(created), V(changed) and V(deleted).
      type: str
      sample: created
principals:
  description: What was done, or in check mode would be, with each principal, in the order in which they were given.
  type: list
  elements: dict
  returned: with O(principals)
  contains:
    name:
      description: The principal's full name.
      type: str
      sample: smtp/mx1.example.test@EXAMPLE.TEST
    action:
      description: One of V(none), V(created), V(changed) and V(deleted).
      type: str
      sample: created
    new_key:
      description: Whether it gets a new key, whose kvno the KDC chooses.
      type: bool
    old_keys_kept:
      description: Whether the keys that it had are kept; V(false) where a new password drops them.
      type: bool
    kvno:
      description: The newest key version number before; null where there was no such principal.
      type: int
      sample: 1
    new_kvno:
      description:
        - That of a new key, read back; null where none is made, and in check mode, as the KDC chooses it unless
          O(principals[].new_kvno) says it.
      type: int
      sample: 2
    purged_kvnos:
      description: The key version numbers whose keys are purged.
      type: list
      elements: int
      sample: []
in_use:
  description:
    - The types that the realm's keys and tickets need beside the policy, for the option
      O(mailrealm.kerberos.enctype_policy#module:in_use).
    - Those of a service's newest keys, and of older ones until their tickets have ended; those of a user's newest
      keys where none of them is of the policy.
  returned: with O(compare)
  type: list
  elements: str
  sample: [arcfour-hmac]
contradictions:
  description: What of the realm's keys contradicts the policy.
  returned: with O(compare)
  type: list
  elements: dict
  contains:
    where:
      description: The realm.
      type: str
      sample: EXAMPLE.TEST
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

import contextlib
from typing import Any, Dict, Iterator, List

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._ansible.converge import Part, converge_parts
from ..module_utils._ansible.kept_realm import KeptRealm
from ..module_utils._ansible.realm_contents import CONTENTS, contents_parts
from ..module_utils._domain.realm_plan import RealmPlan, parse_realm_wish, plan_realm


def show(plan: RealmPlan) -> Dict[str, str]:
    header = f"realm {plan.wish.name}"
    before, after = ("".join(f"{line}\n" for line in lines) for lines in (plan.before, plan.after))
    return {"before_header": header, "after_header": header, "before": before, "after": after}


@contextlib.contextmanager
def parts(module: AnsibleModule) -> Iterator[List[Part[Any, Any]]]:
    """The database, and what is in it; all options are looked at before kadmin starts."""
    params = module.params
    wish = parse_realm_wish(
        params["name"],
        params["state"],
        params["master_password"],
        params["stash"],
        params["confirm_destruction"],
        params["db_args"] or (),
        params["create"],
        [option for option in CONTENTS if params[option] is not None],
    )
    with contextlib.closing(KeptRealm(module, wish, params["kdc_conf"])) as kept:
        database = Part(
            read=kept.read,
            plan=lambda state: plan_realm(state, wish),
            changed=lambda plan: plan.verb is not None,
            write=kept.write,
            show=show,
            report=lambda dummy: {"name": wish.name},
        )
        yield [database, *contents_parts(module, wish.name, kept)]


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "create": {"type": "bool", "default": True},
            "master_password": {"type": "str", "no_log": True},
            "stash": {"type": "bool", "default": True},
            "kdc_conf": {"type": "path"},
            "db_args": {"type": "list", "elements": "str"},
            "confirm_destruction": {"type": "str"},
            **CONTENTS,
        },
        supports_check_mode=True,
    )
    converge_parts(module, lambda: parts(module))


if __name__ == "__main__":
    main()
