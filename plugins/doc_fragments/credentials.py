# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option `credentials`: who logs in, and by which proof."""

from __future__ import annotations


class ModuleDocFragment:
    """Its argument spec is `CREDENTIALS` in plugins/module_utils/_ansible/arguments.py."""

    DOCUMENTATION = r"""
options:
  credentials:
    description:
      - Who logs in. Give exactly one of O(credentials.keytab), O(credentials.password) and O(credentials.ccache).
    type: dict
    required: true
    suboptions:
      principal:
        description:
          - The user's principal, such as V(alice) or V(alice@EXAMPLE.TEST).
          - Needed with O(credentials.password). By default the keytab's first principal, or the principal of the
            credential cache.
        type: str
      keytab:
        description:
          - The path of a keytab with the user's key, on the host that logs in.
        type: path
      password:
        description:
          - The user's password.
        type: str
      ccache:
        description:
          - The name of a credential cache that holds the user's ticket, such as V(FILE:/tmp/krb5cc_1000),
            V(KCM:) or V(KEYRING:persistent:1000). It is copied and stays as it is.
        type: str
notes:
  - Set E(KRB5_CONFIG) by the task's C(environment) to use another krb5.conf than the host's.
"""
