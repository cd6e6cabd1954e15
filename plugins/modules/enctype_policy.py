#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: enctype_policy
short_description: Writes one policy of encryption types wherever a host keeps it
version_added: 0.1.0
author:
  - the mailrealm.kerberos authors (@mailrealm)
description:
  - Takes a policy by name, or a list of encryption types, and brings C(krb5.conf), the KDC's C(kdc.conf) and
    the system-wide C(crypto-policies) to it, in that order of what is there.
  - Refuses, before anything is written, a name that nobody knows, a type that a consumer cannot use, a list that leaves
    nothing, and one to which no key of a keytab of the host fits.
  - Removes what old documents left behind, such as C(default_tkt_enctypes), C(allow_weak_crypto) and triple DES,
    and warns of each line with what it does today.
  - All other settings stay as they are, to the byte.
options:
  krb5_conf:
    description:
      - The file of the host's Kerberos library.
      - In C([libdefaults]) it gets C(permitted_enctypes), for old consumers the lists that those read, and
        C(allow_weak_crypto), C(allow_rc4) or C(allow_des3) where a weak type that was accepted needs them.
    type: path
    default: /etc/krb5.conf
  kdc_conf:
    description:
      - On a KDC, its C(kdc.conf), which gets C(supported_enctypes) of O(realm), the types of new keys.
      - C(master_key_type) is written only where neither that line nor a database is there.
    type: path
  realm:
    description:
      - The realm in O(kdc_conf).
    type: str
  salt_types:
    description:
      - The salt types in C(supported_enctypes).
    type: list
    elements: str
    default: [normal]
  crypto_policies:
    description:
      - Whether the host's system-wide C(crypto-policies) get the list of permitted types, as a module of their own
        behind the policy that is set. They are read before O(krb5_conf), whose list would not count.
      - V(auto) is V(true) where the host has them and O(krb5_conf) is the system's own.
    type: str
    choices: [auto, "true", "false"]
    default: auto
  in_use:
    description:
      - Types that stay permitted behind those of the policy, for keys and tickets in use need them still, such as
        RV(ignore:in_use) of M(mailrealm.kerberos.enctype_policy_info) on the KDC.
    type: list
    elements: str
    default: []
  validate:
    description:
      - Let the host's C(libkrb5) read each result before it is put in place. A host without the library is no error.
    type: bool
    default: true
  backup:
    description:
      - Keep a copy of each file before it is changed; the names are returned.
    type: bool
    default: false
extends_documentation_fragment:
  - mailrealm.kerberos.attributes
  - mailrealm.kerberos.enctypes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - The diff shows the relations that change and not whole files, which other tasks may edit too.
notes:
  - A new krb5.conf gets mode C(0644), a new kdc.conf C(0600).
  - The file that C(crypto-policies) generates is never edited.
seealso:
  - module: mailrealm.kerberos.enctype_policy_info
  - module: mailrealm.kerberos.krb5_conf
  - name: Encryption types
    description: MIT's own page about them.
    link: https://web.mit.edu/kerberos/krb5-latest/doc/admin/enctypes.html
"""

EXAMPLES = r"""
- name: Bring a host to today's types, whatever old documents left in its krb5.conf
  mailrealm.kerberos.enctype_policy:
    policy: compatible
    keytabs: [/etc/krb5.keytab, /etc/postfix/smtp.keytab]

- name: The types that all parts of a Zimbra host can use
  mailrealm.kerberos.enctype_policy:
    policy: modern
    consumers: [mit, heimdal1.5, java17]

- name: New keys of the KDC, SHA-2 first
  mailrealm.kerberos.enctype_policy:
    policy: modern
    kdc_conf: /etc/krb5kdc/kdc.conf
    realm: EXAMPLE.TEST
  notify: Restart the KDC

- name: The way back to RC4, for an Active Directory that issues nothing else
  mailrealm.kerberos.enctype_policy:
    policy: with_rc4
    consumers: [mit, active_directory]
    accept_weak: true
"""

RETURN = r"""
enctypes:
  description: The policy for O(consumers), in the order of preference.
  returned: success
  type: list
  elements: str
  sample: [aes256-cts-hmac-sha1-96, aes128-cts-hmac-sha1-96]
permitted:
  description: RV(enctypes), and behind them those of O(in_use).
  returned: success
  type: list
  elements: str
changes:
  description: What changes, file by file.
  returned: success
  type: list
  elements: dict
  contains:
    file:
      description: The file.
      type: str
      sample: /etc/krb5.conf
    setting:
      description: Section, subsections and relation; empty for crypto-policies, whose policy changes.
      type: list
      elements: str
      sample: [libdefaults, permitted_enctypes]
    before:
      description: The values in the file before.
      type: list
      elements: str
    after:
      description: The values in the file after.
      type: list
      elements: str
findings:
  description: What old documents or hands left in the files, as it was before this run.
  returned: success
  type: list
  elements: dict
  contains:
    file:
      description: The file.
      type: str
      sample: /etc/krb5.conf
    line:
      description: The line; 0 where the finding is about the whole file.
      type: int
      sample: 7
    setting:
      description: Section, subsections and relation; empty where the finding is about the whole file.
      type: list
      elements: str
    value:
      description: What stood there.
      type: str
      sample: rc4-hmac
    problem:
      description: What it does today, and why that is not wanted.
      type: str
    document:
      description: The product whose document asks for it, V(axigen), V(cas) or V(zimbra); empty where none is known.
      type: str
      sample: cas
contradictions:
  description: What of O(keytabs) contradicts the policy.
  returned: success
  type: list
  elements: dict
  contains:
    where:
      description: The keytab.
      type: str
      sample: /etc/krb5.keytab
    principal:
      description: The principal.
      type: str
      sample: smtp/mx1.example.test@EXAMPLE.TEST
    kvno:
      description: The key version number.
      type: int
      sample: 2
    enctypes:
      description: The encryption types outside of the policy.
      type: list
      elements: str
      sample: [arcfour-hmac]
    kind:
      description:
        - V(no_key) where no newest key is of a type of the policy, V(other_keys) where one is not, V(old_keys) where
          one of an older kvno is not.
      type: str
      sample: other_keys
    sentence:
      description: The same for people, with what to do.
      type: str
backup_files:
  description: The copies of the files as they were.
  returned: when O(backup=true) and a file changed
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._ansible.enctype_part import ENCTYPE_POLICY
from ..module_utils._ansible.keeper import keep


def main() -> None:
    keep(AnsibleModule(**ENCTYPE_POLICY.spec, supports_check_mode=True), ENCTYPE_POLICY.kept)


if __name__ == "__main__":
    main()
