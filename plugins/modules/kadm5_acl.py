#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: kadm5_acl
short_description: Says in kadm5.acl who may administer a realm, and keeps foreign lines
version_added: 0.1.0
author:
  - the mailrealm.kerberos authors (@mailrealm)
description:
  - Keeps entries of the file that kadmind reads to decide who may add, change, list or extract principals.
  - kadmind takes the first line that fits who asks and about whom, so the entries stand in the order in which they
    are listed; the narrow ones belong first.
  - An entry of the same principal and target is replaced in its place; a new one goes before the next listed one that
    is there, else to the end. Comments and other entries stay as they are.
options:
  path:
    description:
      - The file.
    type: path
    required: true
  entries:
    description:
      - The entries, each principal and target once. kadmind starts with no line that it cannot read, so a malformed
        principal is refused.
    type: list
    elements: dict
    required: true
    suboptions:
      principal:
        description:
          - Who may, with C(*) for any component, such as V(*/admin@EXAMPLE.TEST).
        type: str
        required: true
      permissions:
        description:
          - Letters, in capitals to deny. C(a) adds principals and policies, C(d) deletes, C(m) modifies and C(i) shows
            them, C(l) lists their names; C(c) changes passwords, C(s) sets keys, C(e) extracts keys, C(p) is for
            replicas.
          - V(*) stands for all but C(e).
          - Not needed with O(state=absent).
        type: str
        default: "*"
      target:
        description:
          - The principals that the entry is about; by default any. V(*1) stands for what the first C(*) of the
            principal was.
          - Listing (C(l)) is about no principal, so an entry with a target never allows it.
        type: str
        default: ""
      restrictions:
        description:
          - What is forced on the target, such as V(-postdateable -maxlife 9h). Needs O(entries[].target).
        type: str
        default: ""
  state:
    description:
      - Whether the entries are to be there or to be removed.
    type: str
    choices: [present, absent]
    default: present
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
  - kadmind reads the file when it starts; restart it after a change.
  - A new file gets mode C(0644), unless O(mode) says otherwise.
"""

EXAMPLES = r"""
- name: Let administrators do all, and the fleet's service extract keys
  mailrealm.kerberos.kadm5_acl:
    path: /etc/krb5kdc/kadm5.acl
    entries:
      - principal: fleet/admin@EXAMPLE.TEST
        permissions: aie
        target: "*/*@EXAMPLE.TEST"
      - principal: "*/admin@EXAMPLE.TEST"
        permissions: "*"
"""

RETURN = r"""
path:
  description: The file.
  returned: success
  type: str
  sample: /etc/krb5kdc/kadm5.acl
backup_file:
  description: The copy of the file as it was.
  returned: when O(backup=true) and the content changed
  type: str
"""

from typing import Optional

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._ansible.file_module import converge_file
from ..module_utils._domain.kadm5_acl import AclPlan, entries_from, plan
from ..module_utils._domain.refusal import Refusal


def _content(planned: AclPlan) -> Optional[bytes]:
    return planned.after.encode("utf-8", "surrogateescape") if planned.after or planned.existed else None


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "entries": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {
                    "principal": {"type": "str", "required": True},
                    "permissions": {"type": "str", "default": "*"},
                    "target": {"type": "str", "default": ""},
                    "restrictions": {"type": "str", "default": ""},
                },
            },
            "state": {"choices": ["present", "absent"], "default": "present"},
            "backup": {"type": "bool", "default": False},
        },
        add_file_common_args=True,
        supports_check_mode=True,
    )
    try:
        entries = entries_from(module.params["entries"])
    except Refusal as refusal:
        module.fail_json(msg=str(refusal))
    present = module.params["state"] == "present"
    converge_file(
        module,
        module.params["path"],
        newborn_mode=0o644,
        plan=lambda content: plan(content, entries, present),
        content=_content,
        describe=lambda planned: (planned.before, planned.after),
        report=lambda dummy: {},
    )


if __name__ == "__main__":
    main()
