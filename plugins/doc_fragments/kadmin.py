# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option `kadmin`: how the modules reach the realm's database."""

from __future__ import annotations


class ModuleDocFragment:
    """Its argument spec is `KADMIN` in plugins/module_utils/_ansible/arguments.py."""

    DOCUMENTATION = r"""
options:
  kadmin:
    description:
      - How the realm's database is reached. One process of C(kadmin.local) or C(kadmin) serves the whole task.
    type: dict
    suboptions:
      mode:
        description:
          - V(local) runs C(kadmin.local) on the KDC itself, as root.
          - V(remote) runs C(kadmin) against a C(kadmind), with one of O(kadmin.keytab), O(kadmin.password) and
            O(kadmin.ccache).
          - V(auto) is V(remote) when a server or a login is given, else V(local).
        type: str
        choices: [auto, local, remote]
        default: auto
      realm:
        description:
          - The realm; by default the C(default_realm) of C(krb5.conf).
          - Give it where the realm is created in the same run, for check mode cannot ask a KDC that is not there yet.
        type: str
      server:
        description:
          - Host of the C(kadmind), with C(:port) where it is not 749; by default the realm's C(admin_server).
        type: str
      principal:
        description:
          - The administrator, for instance V(ansible/admin).
        type: str
      keytab:
        description:
          - A keytab on the host with the administrator's key.
        type: path
      password:
        description:
          - The administrator's password. It goes to C(kinit) on standard input, and the ticket into a folder in
            memory that is removed with the task.
        type: str
      ccache:
        description:
          - A credential cache on the host that holds an initial ticket for C(kadmin/admin) (C(kinit -S kadmin/admin)).
        type: str
      db_args:
        description:
          - Arguments for the database module (C(-x)), for instance of a realm in LDAP.
          - They stand in the process list. C(bindpwd) is refused for that reason.
        type: list
        elements: str
      master_password:
        description:
          - The database's master password, which V(local) falls back on where the stash is not there.
          - Check mode needs it to look into a realm whose lost stash an earlier task of the same run mends.
        type: str
notes:
  - The programs are looked for in E(PATH), C(/usr/sbin) and C(/usr/lib/mit/sbin). Set E(KRB5_CONFIG) and
    E(KRB5_KDC_PROFILE) in the task's C(environment) for a realm whose files lie elsewhere.
  - In check mode a KDC that is not there yet (no program, no database) counts as one that an earlier task of the
    same run brings, with no principals in it. In a real run it is an error.
"""
