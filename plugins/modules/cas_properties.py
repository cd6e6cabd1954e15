#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings in the cas.properties of a CAS server."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cas_properties
short_description: Set properties of a CAS server
version_added: 0.1.0
author:
  - The mailrealm.kerberos authors (@mailrealm)
description:
  - Sets and removes properties in a file such as C(/etc/cas/config/cas.properties). Other properties, comments and
    their order stay as they are, to the byte.
  - Knows how Apereo CAS names what concerns SPNEGO, NTLM and its static users, line by line. CAS ignores a name of
    another line without an error, and does not start with a value of the wrong type; both are refused before anything
    is written.
  - Keys may be in any spelling that Spring takes for the same property, such as C(ntlm-allowed), C(ntlmAllowed) or
    C(NTLM_ALLOWED), in the options as well as in the file.
options:
  path:
    description:
      - The file. It is created where it is missing.
    type: path
    required: true
  version:
    description:
      - The version of CAS that reads the file, such as V(6.6.15.2). It decides on the names that are taken.
      - CAS 5 has the settings of SPNEGO side by side, as C(cas.authn.spnego.jcifsServicePrincipal). CAS 6 and later
        have them below C(cas.authn.spnego.properties[0]) and C(cas.authn.spnego.system).
    type: str
    required: true
  settings:
    description:
      - Properties and their values. V(true) and V(false) are written as such, numbers as they are, and an empty text
        leaves the property there without a value.
      - Each is changed where it stands, and made one where it stands there more than once. New ones go to the end of
        the file in the order given, those of SPNEGO, NTLM and static users in kebab case.
      - An encrypted value or one with a placeholder, C(${...}), is written as it is, whatever the property takes.
      - Properties outside of C(cas.authn.spnego) and C(cas.authn.ntlm) that the module does not know are written as
        asked.
    type: dict
    default: {}
  absent:
    description:
      - Properties that must not be set, of whatever line of CAS.
      - A C(.*) at the end means all below a key, a C([*]) any number. What is in O(settings) too stays, so that
        C(cas.authn.spnego.properties[*]) removes those that O(settings) do not name.
    type: list
    elements: str
    default: []
  others:
    description:
      - Other files from which this CAS takes properties, such as an C(application.yml) in the same directory. They are
        read only. Those that are not there are passed over.
      - A property of O(settings) that stands in one of them as well is told with a warning and in RV(shadowed).
      - Of YAML files it sees keys in blocks, but no flow collections.
    type: list
    elements: path
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
      - The properties that change, one a line. Values that are secret by their name, such as passwords, keys and the
        list of static users, are not shown, only that they change.
notes:
  - CAS reads the file when it starts. Restart it after a change.
  - A new file gets mode C(0640), unless O(mode) says otherwise.
  - Of two spellings of one property in the files of a directory, CAS takes the one in kebab case. Of equal ones it
    takes that of C(cas.properties), then C(cas.yaml), C(cas.yml), C(application.properties), C(application.yaml) and
    C(application.yml), unless a profile has a file of its own.
"""

EXAMPLES = r"""
- name: CAS takes Kerberos tickets and nothing of NTLM
  mailrealm.kerberos.cas_properties:
    path: /etc/cas/config/cas.properties
    version: 7.0.10.1
    group: cas
    settings:
      cas.authn.spnego.properties[0].jcifs-service-principal: HTTP/cas.example.test@EXAMPLE.TEST
      cas.authn.spnego.system.kerberos-conf: file:/etc/krb5.conf
      cas.authn.spnego.system.kerberos-kdc: ""
      cas.authn.spnego.system.kerberos-realm: ""
      cas.authn.spnego.ntlm-allowed: false
      cas.authn.accept.enabled: false
    absent:
      - cas.authn.spnego.properties[*]
      - cas.authn.spnego.jcifs-service-principal

- name: CAS 5 has other names
  mailrealm.kerberos.cas_properties:
    path: /etc/cas/config/cas.properties
    version: 5.3.16
    settings:
      cas.authn.spnego.jcifsServicePrincipal: HTTP/cas.example.test@EXAMPLE.TEST
      cas.authn.spnego.kerberosConf: /etc/krb5.conf
      cas.authn.accept.users: ""
"""

RETURN = r"""
path:
  description: The file.
  type: str
  returned: success
  sample: /etc/cas/config/cas.properties
dialect:
  description:
    - How this line of CAS names the settings of SPNEGO, V(flat) up to CAS 5 and V(indexed) from CAS 6 on.
  type: str
  returned: success
  sample: indexed
shadowed:
  description: Properties of O(settings) that one of O(others) sets as well.
  type: list
  elements: dict
  returned: success
  contains:
    key:
      description: The property as O(settings) spell it.
      type: str
      sample: cas.authn.spnego.ntlm-allowed
    path:
      description: The other file.
      type: str
      sample: /etc/cas/config/application.yml
    line:
      description: The line there.
      type: int
      sample: 12
backup_file:
  description: The copy of the file as it was.
  type: str
  returned: when O(backup=true) and the content changed
  sample: /etc/cas/config/cas.properties.4711.2026-11-23@01:02:03~
"""

import dataclasses
from typing import Any, Dict, Optional

from ..module_utils._ansible.file_module import converge_file
from ..module_utils._ansible.silent_module import SilentModule
from ..module_utils._domain.cas_properties import PropertiesPlan, plan, secrets_of, wish_from
from ..module_utils._domain.cas_release import line_of
from ..module_utils._domain.refusal import Refusal
from ..module_utils._system.files import read_state


def main() -> None:
    module = SilentModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "version": {"type": "str", "required": True},
            "settings": {"type": "dict", "default": {}},
            "absent": {"type": "list", "elements": "str", "default": []},
            "others": {"type": "list", "elements": "path", "default": []},
            "backup": {"type": "bool", "default": False},
        },
        add_file_common_args=True,
        supports_check_mode=True,
    )
    params = module.params
    path = params["path"]
    module.no_log_values.update(secrets_of(params["settings"]))
    try:
        line = line_of(params["version"], "version")
        wish = wish_from(line, params["settings"], params["absent"])
    except Refusal as refusal:
        module.fail_json(msg=str(refusal))

    def planned(content: Optional[bytes]) -> PropertiesPlan:
        return plan(path, content, wish, [(other, read_state(other).content) for other in params["others"]])

    def report(wanted: PropertiesPlan) -> Dict[str, Any]:
        for warning in wanted.warnings:
            module.warn(warning)
        return {"dialect": line.dialect, "shadowed": [dataclasses.asdict(one) for one in wanted.shadowed]}

    converge_file(
        module,
        path,
        newborn_mode=0o640,
        plan=planned,
        content=lambda wanted: wanted.content,
        describe=lambda wanted: (wanted.before, wanted.after),
        report=report,
    )


if __name__ == "__main__":
    main()
