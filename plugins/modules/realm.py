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
extends_documentation_fragment:
  - mailrealm.kerberos.attributes
attributes:
  check_mode:
    support: full
    details:
      - Where the programs are not installed yet, the realm counts as one that does not exist.
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
  master_password:
    description:
      - The database's master password, for its creation, or for a stash that was lost.
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
seealso:
  - module: mailrealm.kerberos.principal
  - module: mailrealm.kerberos.krb5_conf
"""

EXAMPLES = r"""
- name: Create the realm, with a stash
  mailrealm.kerberos.realm:
    name: EXAMPLE.TEST
    master_password: "{{ vault_master_password }}"

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
    with KeptRealm(module, wish, params["kdc_conf"]) as kept:
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
