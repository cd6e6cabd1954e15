#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of a service that authenticates by Cyrus SASL."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cyrus_sasl_conf
short_description: Set options of a service that authenticates by Cyrus SASL
version_added: 0.1.0
description:
  - Sets and removes options in the configuration that the Cyrus SASL library keeps for a service, such as Postfix's
    C(smtpd.conf). Other options, comments and their order stay as they are, to the byte.
  - Refuses what would leave the service without any mechanism. Postfix's C(smtpd) ends at once then, and nobody
    can send mail any more.
options:
  path:
    description:
      - The file, such as C(/etc/postfix/sasl/smtpd.conf) on Debian or C(/etc/sasl2/smtpd.conf) elsewhere.
    type: path
    required: true
  settings:
    description:
      - Options and their values, such as C(pwcheck_method), C(mech_list), C(keytab).
      - A list becomes its items with blanks between, V(true) and V(false) become C(yes) and C(no).
      - An option that is there more than once is changed where it stands first, which is the one that counts.
    type: dict
    default: {}
  absent:
    description:
      - Options that must not be set.
    type: list
    elements: str
    default: []
  keytab_required:
    description:
      - Refuse a C(keytab) that is not there, even if other mechanisms would remain.
      - Without it a missing keytab is refused where C(mech_list) names mechanisms of Kerberos alone.
    type: bool
    default: false
  keytab_promised:
    description:
      - In check mode, take the keytab as there, because an earlier task of the same run brings it.
    type: bool
    default: false
  backup:
    description: Keep a copy of the file before it is changed, with the time in its name.
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
      - The options that change, one a line. Passwords are not shown.
notes:
  - A service reads the file when it starts. Reload Postfix after a change.
  - A new file gets mode C(0644), unless O(mode) says otherwise.
seealso:
  - module: mailrealm.kerberos.postconf
author:
  - The mailrealm.kerberos authors (@mailrealm)
"""

EXAMPLES = r"""
- name: Postfix offers GSSAPI, and passwords under TLS
  mailrealm.kerberos.cyrus_sasl_conf:
    path: /etc/postfix/sasl/smtpd.conf
    settings:
      pwcheck_method: saslauthd
      mech_list: [GSSAPI, PLAIN, LOGIN]
      keytab: /etc/postfix/smtp.keytab
"""

RETURN = r"""
path:
  description: The file.
  type: str
  returned: success
changes:
  description: The options that changed, or would in check mode.
  type: list
  elements: str
  returned: success
backup_file:
  description: The copy of the file as it was.
  type: str
  returned: when O(backup=true) and the content changed
"""

import os
from typing import Any, Dict, Optional

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._ansible.file_module import converge_file
from ..module_utils._domain.cyrus_sasl import SaslPlan, SaslRefusal, check_keytab, describe, keytab_of, plan, secret


def settings_of(given: Dict[str, Any]) -> Dict[str, str]:
    """The option ``settings`` as text."""
    return {name: _value(name, value) for name, value in given.items()}


def _value(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(_value(name, item) for item in value)
    if isinstance(value, (str, int)):
        return str(value)
    shown = "nothing" if value is None else f"a {type(value).__name__}"
    raise SaslRefusal(
        f"settings: {name}: {shown} is no value; give text, a number or a list of these, or name the option in absent"
    )


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "settings": {"type": "dict", "default": {}},
            "absent": {"type": "list", "elements": "str", "default": []},
            "keytab_required": {"type": "bool", "default": False},
            "keytab_promised": {"type": "bool", "default": False},
            "backup": {"type": "bool", "default": False},
        },
        add_file_common_args=True,
        supports_check_mode=True,
    )
    path = module.params["path"]
    given = module.params["settings"]
    module.no_log_values.update(str(value) for name, value in given.items() if value and secret(name))

    def planned(content: Optional[bytes]) -> SaslPlan:
        wanted = plan(path, content, settings_of(given), module.params["absent"])
        promised = module.params["keytab_promised"] and module.check_mode
        there = promised or os.path.isfile(keytab_of(wanted) or "")
        check_keytab(path, wanted, there, module.params["keytab_required"])
        return wanted

    converge_file(
        module,
        path,
        newborn_mode=0o644,
        plan=planned,
        content=lambda wanted: wanted.content,
        describe=describe,
        report=lambda wanted: {"changes": [change.name for change in wanted.changes]},
    )


if __name__ == "__main__":
    main()
