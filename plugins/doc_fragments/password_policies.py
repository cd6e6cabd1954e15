# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option `policies`: password policies by the options of the module `password_policy`."""

from __future__ import annotations


class ModuleDocFragment:
    """Its argument spec is `POLICIES` in plugins/module_utils/_ansible/realm_policies.py."""

    DOCUMENTATION = r"""
options:
  policies:
    type: list
    elements: dict
    suboptions:
      name:
        description: As O(mailrealm.kerberos.password_policy#module:name).
        type: str
        required: true
      state:
        description: As O(mailrealm.kerberos.password_policy#module:state).
        type: str
        choices: [present, absent]
      max_life:
        description: As O(mailrealm.kerberos.password_policy#module:max_life).
        type: str
      min_life:
        description: As O(mailrealm.kerberos.password_policy#module:min_life).
        type: str
      min_length:
        description: As O(mailrealm.kerberos.password_policy#module:min_length).
        type: int
      min_classes:
        description: As O(mailrealm.kerberos.password_policy#module:min_classes).
        type: int
      history:
        description: As O(mailrealm.kerberos.password_policy#module:history).
        type: int
      max_failures:
        description: As O(mailrealm.kerberos.password_policy#module:max_failures).
        type: int
      failure_count_interval:
        description: As O(mailrealm.kerberos.password_policy#module:failure_count_interval).
        type: str
      lockout_duration:
        description: As O(mailrealm.kerberos.password_policy#module:lockout_duration).
        type: str
      allowed_keysalts:
        description: As O(mailrealm.kerberos.password_policy#module:allowed_keysalts).
        type: list
        elements: str
"""
