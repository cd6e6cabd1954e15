# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option `principals`: principals by the options of the module `principal`."""

from __future__ import annotations


class ModuleDocFragment:
    """Its argument spec is `PRINCIPALS` in plugins/module_utils/_ansible/realm_principals.py."""

    DOCUMENTATION = r"""
options:
  principals:
    type: list
    elements: dict
    suboptions:
      name:
        description: As O(mailrealm.kerberos.principal#module:name).
        type: str
        required: true
      state:
        description: As O(mailrealm.kerberos.principal#module:state).
        type: str
        choices: [present, absent]
      key:
        description: As O(mailrealm.kerberos.principal#module:key).
        type: str
        choices: [random, password]
      password:
        description: As O(mailrealm.kerberos.principal#module:password).
        type: str
      update_password:
        description: As O(mailrealm.kerberos.principal#module:update_password).
        type: str
        choices: [on_create, always]
      enctypes:
        description: As O(mailrealm.kerberos.principal#module:enctypes).
        type: list
        elements: str
      rekey:
        description: As O(mailrealm.kerberos.principal#module:rekey).
        type: str
        choices: [never, when_enctypes_differ]
      new_kvno:
        description: As O(mailrealm.kerberos.principal#module:new_kvno).
        type: int
      old_keys:
        description: As O(mailrealm.kerberos.principal#module:old_keys).
        type: str
        choices: [keep, purge_when_expired]
      tickets_end_after:
        description: As O(mailrealm.kerberos.principal#module:tickets_end_after).
        type: str
      policy:
        description: As O(mailrealm.kerberos.principal#module:policy).
        type: str
      attributes:
        description: As O(mailrealm.kerberos.principal#module:attributes).
        type: list
        elements: str
      max_life:
        description: As O(mailrealm.kerberos.principal#module:max_life).
        type: str
      max_renewable_life:
        description: As O(mailrealm.kerberos.principal#module:max_renewable_life).
        type: str
      expires:
        description: As O(mailrealm.kerberos.principal#module:expires).
        type: str
      password_expires:
        description: As O(mailrealm.kerberos.principal#module:password_expires).
        type: str
      db_args:
        description: As O(mailrealm.kerberos.principal#module:db_args).
        type: list
        elements: str
      unlock:
        description: As O(mailrealm.kerberos.principal#module:unlock).
        type: bool
      aliases:
        description: As O(mailrealm.kerberos.principal#module:aliases).
        type: list
        elements: str
"""
