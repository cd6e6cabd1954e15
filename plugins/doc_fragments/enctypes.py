# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options by which modules are told a policy of encryption types."""

from __future__ import annotations


class ModuleDocFragment:
    """Their argument spec is `POLICY` in plugins/module_utils/_ansible/enctype_options.py."""

    DOCUMENTATION = r"""
options:
  policy:
    description:
      - A policy by its name. Of its types those count that all O(consumers) can use.
    type: str
    choices:
      compatible: AES only, in the order that everything made since 2005 understands; the default of the roles.
      modern: AES only, SHA-2 first; MIT 1.15, Java 11 and Heimdal 7 or later know it.
      sha2_only: AES with SHA-2 alone; no Active Directory, Java 8 or Zimbra, and only keys that were made for it.
      zimbra: AES with SHA-1, which all parts of a Zimbra host have in common (Heimdal 1.5.3).
      active_directory: AES with SHA-1, which domain controllers since 2008 issue.
      with_rc4: As V(compatible), and RC4 behind it, for accounts of an old Active Directory. Needs O(accept_weak).
      with_des3: As V(compatible), and triple DES behind it, for keys of an old MIT realm. Needs O(accept_weak).
  enctypes:
    description:
      - The types in the order of preference, in place of O(policy).
      - As MIT writes them, so canonical names, aliases, the families V(aes), V(camellia), V(rc4), V(des3), V(des) and
        V(DEFAULT), each with V(-) before it to take it away again.
      - A name that nobody knows is an error, as MIT would pass over it in silence. So is a type that was named by
        itself and that one of O(consumers) cannot use; of a family those types count that all can.
    type: list
    elements: str
  consumers:
    description:
      - Who must get along with it on this host, with the version where it matters, such as V(mit), V(mit1.17),
        V(java8), V(java17), V(heimdal1.5), V(active_directory), V(el9).
      - Without a version the newest is meant.
    type: list
    elements: str
    default: [mit]
  accept_weak:
    description:
      - Go on with RC4, triple DES or DES, with a warning that says which side stops serving it, and when.
    type: bool
    default: false
  keytabs:
    description:
      - Keytabs of this host whose entries are compared with the policy. One that is not there has none.
    type: list
    elements: path
    default: []
"""
