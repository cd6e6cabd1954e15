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

from ..module_utils._ansible.keeper import keep
from ..module_utils._ansible.sasl_part import CYRUS_SASL_CONF
from ..module_utils._ansible.silent_module import SilentModule


def main() -> None:
    keep(SilentModule(**CYRUS_SASL_CONF.spec, supports_check_mode=True), CYRUS_SASL_CONF.kept)


if __name__ == "__main__":
    main()
