#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: jaas_config
short_description: Keep entries of a JAAS login configuration
version_added: 0.1.0
author:
  - the mailrealm.kerberos authors (@mailrealm)
description:
  - Keeps entries of the file by which Java programs log in (C(login.conf), the property
    C(java.security.auth.login.config)), such as the C(jcifs.spnego.accept) of Apereo CAS.
  - Other entries, comments and their order stay as they are, to the byte. Within an entry that is changed, comments
    between its login modules and options stay as well.
  - Refuses a file that the JDK would not read, and says in which line and column. A line that is continued by a
    backslash, a comment that begins with C(#) and an unquoted C(/) or C(@) in a value are such cases.
options:
  path:
    description:
      - The file, such as C(/etc/cas/config/login.conf). It is created where it is missing.
    type: path
    required: true
  entries:
    description:
      - The entries that must be there, each exactly as it is given. An entry that differs is changed where it stands, a
        new one goes to the end.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description:
          - The name by which a program asks for the entry. The JDK's own acceptor asks for
            C(com.sun.security.jgss.krb5.accept).
        type: str
        required: true
      modules:
        description:
          - The login modules, in the order in which they are asked.
        type: list
        elements: dict
        required: true
        suboptions:
          class:
            description:
              - The module's class, in full.
            type: str
            required: true
          flag:
            description:
              - What its success or failure means for the login.
            type: str
            choices: [required, requisite, sufficient, optional]
            default: required
          options:
            description:
              - Its options; V(true) and V(false) are written so, text is put into quotes where it has to be.
              - C(${property}) stands for a property of the virtual machine.
            type: dict
            default: {}
  absent:
    description:
      - Names of entries that must not be there.
    type: list
    elements: str
    default: []
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
    details:
      - The entries that change, before and after, without comments. Values of options that are named like a password
        or another secret are not shown.
notes:
  - Java reads the file when a program logs in for the first time. Restart the program after a change.
  - A new file gets mode C(0640), unless O(mode) says otherwise.
seealso:
  - module: mailrealm.kerberos.krb5_conf
  - module: mailrealm.kerberos.keytab
"""

EXAMPLES = r"""
- name: CAS accepts tickets with the keys of its keytab, without a ticket of its own
  mailrealm.kerberos.jaas_config:
    path: /etc/cas/config/login.conf
    group: cas
    entries:
      - name: jcifs.spnego.accept
        modules:
          - class: com.sun.security.auth.module.Krb5LoginModule
            options:
              storeKey: true
              useKeyTab: true
              isInitiator: false
              doNotPrompt: true
              keyTab: /etc/cas/cas.keytab
              principal: HTTP/cas.example.test@EXAMPLE.TEST
"""

RETURN = r"""
path:
  description: The file.
  returned: success
  type: str
  sample: /etc/cas/config/login.conf
backup_file:
  description: The copy of the file as it was.
  returned: when O(backup=true) and the content changed
  type: str
  sample: /etc/cas/config/login.conf.4711.2026-11-23@01:02:03~
"""


from ..module_utils._ansible.file_module import converge_file
from ..module_utils._ansible.silent_module import SilentModule
from ..module_utils._domain.jaas_config import FLAGS
from ..module_utils._domain.jaas_config_plan import describe, entries_from, plan, secrets_in
from ..module_utils._domain.refusal import Refusal


def main() -> None:
    login_module = {
        "class": {"type": "str", "required": True},
        "flag": {"type": "str", "choices": list(FLAGS), "default": "required"},
        "options": {"type": "dict", "default": {}},
    }
    entry = {
        "name": {"type": "str", "required": True},
        "modules": {"type": "list", "elements": "dict", "required": True, "options": login_module},
    }
    module = SilentModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "entries": {"type": "list", "elements": "dict", "default": [], "options": entry},
            "absent": {"type": "list", "elements": "str", "default": []},
            "backup": {"type": "bool", "default": False},
        },
        add_file_common_args=True,
        supports_check_mode=True,
    )
    path = module.params["path"]
    module.no_log_values.update(secrets_in(module.params["entries"]))
    try:
        wanted = entries_from(module.params["entries"])
    except Refusal as refusal:
        module.fail_json(msg=str(refusal))

    converge_file(
        module,
        path,
        newborn_mode=0o640,
        plan=lambda content: plan(path, content, wanted, module.params["absent"]),
        content=lambda planned: planned.content,
        describe=describe,
        report=lambda dummy: {},
    )


if __name__ == "__main__":
    main()
