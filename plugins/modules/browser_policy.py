#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies of browsers in a file of theirs."""

from __future__ import annotations

DOCUMENTATION = r"""
module: browser_policy
short_description: Sets policies of Firefox, Chromium, Chrome or Edge
version_added: 0.1.0
author:
  - the mailrealm.kerberos authors (@mailrealm)
description:
  - Sets and removes policies in a JSON file that a browser reads, such as those by which it signs on with the user's
    Kerberos ticket. Other policies, their order, the indentation and Chromium's comments stay as they are, to the byte.
  - Refuses what the browser would not read - a file that is no JSON object, the same name twice, a policy about signing
    on that is misspelt, has gone, or takes another type - before anything is written.
options:
  path:
    description:
      - The file, such as C(/etc/firefox/policies/policies.json), or one of C(/etc/chromium/policies/managed),
        C(/etc/opt/chrome/policies/managed) or C(/etc/opt/edge/policies/managed). Its folder must be there.
    type: path
    required: true
  browser:
    description:
      - Who reads the file. With V(firefox) the policies stand below C(policies), with V(chromium), which is meant for
        Chrome and Edge too, at the top.
    type: str
    choices: [firefox, chromium]
    required: true
  policies:
    description:
      - Policies and their values, by name, as the browser's own list of policies has them.
      - Policies in which Chromium has names with commas between them, such as C(AuthServerAllowlist), may be given as
        a list too.
    type: dict
    default: {}
  lists:
    description:
      - V(merge) adds to a list what is asked for and keeps what others put into it. V(exact) makes it what is asked
        for.
      - A list that is asked for empty becomes empty with either.
    type: str
    choices: [merge, exact]
    default: merge
  absent:
    description:
      - Policies that must not be set, with dots between levels, such as C(Authentication.NTLM).
    type: list
    elements: str
    default: []
  beside:
    description:
      - The folder of all files that Chromium reads. A policy that another of these files sets otherwise is named in a
        warning, for of two files the one counts whose name comes later.
      - By default that of O(path) with O(browser=chromium). Firefox has one file alone.
    type: path
  backup:
    description:
      - Keep a copy of the file before it is changed. Refused with O(browser=chromium), which would read the copy.
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
    details:
      - Values of policies whose names say that they are secret are not shown.
notes:
  - A new file gets mode C(0644), unless O(mode) says otherwise.
  - Chromium reads its files again when they change, Firefox when it starts.
"""

EXAMPLES = r"""
- name: Let Chromium sign on to CAS, and never hand the user's tickets on
  mailrealm.kerberos.browser_policy:
    path: /etc/chromium/policies/managed/kerberos.json
    browser: chromium
    policies:
      AuthServerAllowlist: [cas1.example.test]
      AuthNegotiateDelegateAllowlist: []

- name: Let Firefox sign on to CAS
  mailrealm.kerberos.browser_policy:
    path: /etc/firefox/policies/policies.json
    browser: firefox
    policies:
      Authentication:
        SPNEGO: ["https://cas1.example.test"]
        Delegated: []
        Locked: true
"""

RETURN = r"""
path:
  description: The file.
  returned: success
  type: str
  sample: /etc/firefox/policies/policies.json
changes:
  description: The policies that change, with dots between levels.
  returned: success
  type: list
  elements: str
  sample: [Authentication.SPNEGO]
shadowed:
  description: Policies that another file of O(beside) sets otherwise.
  returned: success
  type: list
  elements: dict
  contains:
    key:
      description: The policy.
      type: str
      sample: AuthServerAllowlist
    path:
      description: The other file.
      type: str
    line:
      description: The line in it.
      type: int
    wins:
      description: Whether the browser takes that one.
      type: bool
backup_file:
  description: The copy of the file as it was.
  returned: when O(backup=true) and the content changed
  type: str
  sample: /etc/firefox/policies/policies.json.4711.2026-11-23@01:02:03~
"""

import os
from typing import Any, Dict

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._ansible.file_module import converge_file
from ..module_utils._ansible.silent_module import SilentModule
from ..module_utils._domain.browser_policy import BROWSERS, folder_of, shadows, wishes_from
from ..module_utils._domain.json_policy import PolicyPlan, PolicyWishes, plan, secret_values
from ..module_utils._domain.refusal import Refusal
from ..module_utils._system.policy_files import others


def _report(module: AnsibleModule, wishes: PolicyWishes, planned: PolicyPlan) -> Dict[str, Any]:
    path = module.params["path"]
    folder = folder_of(module.params["browser"], module.params["beside"], os.path.dirname(path))
    found, broken = shadows(path, wishes, others(folder, path) if folder else {})
    for sentence in (*(one.sentence for one in found), *broken):
        module.warn(sentence)
    return {
        "changes": list(planned.changes),
        "shadowed": [{"key": one.key, "path": one.path, "line": one.line, "wins": one.wins} for one in found],
    }


def main() -> None:
    module = SilentModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "browser": {"type": "str", "choices": list(BROWSERS), "required": True},
            "policies": {"type": "dict", "default": {}},
            "lists": {"type": "str", "choices": ["merge", "exact"], "default": "merge"},
            "absent": {"type": "list", "elements": "str", "default": []},
            "beside": {"type": "path"},
            "backup": {"type": "bool", "default": False},
        },
        add_file_common_args=True,
        supports_check_mode=True,
    )
    given = module.params
    module.no_log_values.update(secret_values(given["policies"]))
    try:
        wishes = wishes_from(given["browser"], given["policies"], given["absent"], given["lists"], given["backup"])
    except Refusal as refusal:
        module.fail_json(msg=str(refusal))
    converge_file(
        module,
        given["path"],
        newborn_mode=0o644,
        plan=lambda content: plan(content, wishes, given["path"]),
        content=lambda planned: planned.content,
        describe=lambda planned: (planned.before, planned.after),
        report=lambda planned: _report(module, wishes, planned),
    )


if __name__ == "__main__":
    main()
