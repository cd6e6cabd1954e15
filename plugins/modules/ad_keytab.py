#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: ad_keytab
short_description: Keeps service accounts of Active Directory and their keytabs, without ktpass
version_added: 0.1.0
author:
  - the mailrealm.kerberos authors (@mailrealm)
description:
  - Does the whole work of ktpass from the host that needs the keytab. It creates accounts, keeps their service
    principals, UPN and encryption types, sets their passwords where that was asked for, and merges their keys into
    keytabs.
  - Keys are derived with the salt that the KDC itself states, and written under the kvno that the directory states.
    Neither is guessed.
  - Every setting of a password makes all keytabs of the account outdated, so that none is set without a reason that
    O(accounts[].update_password) allows. Whether the keys of a keytab are right is proved by a service ticket, which
    logs nobody in and counts no wrong password.
  - All accounts are dealt with in one connection. Attributes that nobody asked about stay.
  - Before a new password is set, its keys are in the keytab beside the old ones, which stay for O(keep_old), so that
    no login fails in between.
extends_documentation_fragment:
  - mailrealm.kerberos.attributes
  - mailrealm.kerberos.credentials
  - ansible.builtin.files
  - ansible.builtin.backup
attributes:
  check_mode:
    support: full
    details:
      - All that is decided on is read, for which a plain user of the domain is enough.
      - Where python-ldap or gssapi is not there yet, because an earlier task of the same run brings it, check mode
        warns, and says that the task would change something where the keytab lacks keys; of the rest the diff says
        that it is not read yet.
  diff_mode:
    support: full
    details:
      - The diff has the attributes of each account that change, the reason for a new password, and a line for each
        entry of a keytab with its principal, kvno and encryption type. Keys and passwords are never shown.
      - The kvno of a new account is shown as chosen by the KDC.
requirements:
  - python3-ldap (python-ldap 3.1 or later) and python3-gssapi (gssapi 1.5 or later) for the distribution's Python on
    the host; the module changes to that Python by itself.
  - MIT's libkrb5 on the host.
options:
  realm:
    description:
      - The realm of the domain, in upper case as Active Directory writes it.
    type: str
    required: true
  server:
    description:
      - The name of the domain controller to ask and to write to. By default the first one that DNS names
        (C(_ldap._tcp.dc._msdcs)) and that can be reached, for which dnspython is needed.
    type: str
  transport:
    description:
      - V(gssapi) logs in by Kerberos on port 389 and seals what is sent; V(ldaps) speaks TLS on port 636 and logs in
        by a simple bind, for which O(credentials.password) is needed.
      - Tickets are needed with either one.
    type: str
    choices: [gssapi, ldaps]
    default: gssapi
  ca_path:
    description:
      - A file with the certificates to trust (PEM) instead of the system's, with O(transport=ldaps).
    type: path
  timeout:
    description:
      - Seconds to wait for each answer of the domain controller.
    type: int
    default: 30
  accounts:
    description:
      - The accounts and what they are to be.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - The C(sAMAccountName). That of a computer may be written without its C($).
        type: str
        required: true
      type:
        description:
          - Whether it is a user account, as ktpass uses them, or a computer account.
        type: str
        choices: [user, computer]
        default: user
      ou:
        description:
          - The DN of the organizational unit or container for a new account, by default the domain's own for new
            users or computers. An account that exists is never moved.
        type: str
      state:
        description:
          - Accounts are kept, and never deleted.
        type: str
        choices: [present]
        default: present
      create:
        description:
          - Whether an account that does not exist is created.
        type: bool
        default: true
      description:
        description:
          - The account's description. To write it on an account that exists needs the right to.
        type: str
      service_principals:
        description:
          - The service principals that the account is to have, such as V(smtp/mx1.example.test), and of which the
            keytab is to hold keys. V(smtp/mx1.example.test@AD.EXAMPLE.TEST) is the same.
          - Case counts in a keytab and does not in the directory, so write them as clients ask for them.
          - Without any, the keytab holds keys of all service principals that the account has.
          - A name that belongs to another account is refused.
        type: list
        elements: str
        default: []
      service_principals_exclusive:
        description:
          - Whether service principals that are not listed are taken from the account.
        type: bool
        default: false
      account_principal:
        description:
          - Whether the keytab holds keys of the account's own name too, for C(kinit -k).
        type: bool
        default: false
      upn:
        description:
          - The C(userPrincipalName), of O(realm) where it has no C(@). An empty text removes it; without this option
            it stays as it is.
          - It is needed only to log in as that name, as with C(kinit -k smtp/mx1.example.test). Services accept logins
            without it.
          - It is a part of the salt from the next password on.
        type: str
      enctypes:
        description:
          - The encryption types that the account is to have keys of (C(msDS-SupportedEncryptionTypes)), and of which
            the keytab is to hold keys. The attribute's other bits stay.
          - V(aes) stands for the two types of AES that Active Directory has. V(rc4) needs O(accept_weak).
        type: list
        elements: str
        default: [aes256-cts-hmac-sha1-96, aes128-cts-hmac-sha1-96]
      password:
        description:
          - The password. By default a random one that is kept nowhere.
          - Give one where several hosts need the same keys, for each host can derive them.
        type: str
      update_password:
        description:
          - V(on_create) sets the password of a new account only, and of one whose password was never set.
          - V(when_needed) sets it also where the keytab has not the right keys and nothing else brings them, and where
            it is older than O(accounts[].max_age). Otherwise these end in a failure, or for the age in a warning.
          - V(always) sets also a given password that is another one than the account has; without
            O(accounts[].password) it sets a new random one in every run.
        type: str
        choices: [on_create, when_needed, always]
        default: on_create
      max_age:
        description:
          - The age at which a password is to be replaced, such as V(90d). With O(accounts[].update_password=on_create)
            an older one is a warning.
        type: str
      path:
        description:
          - The keytab, by default O(path).
        type: path
  path:
    description:
      - The keytab of accounts that name none. A new one is readable by its owner alone (mode V(0600)) unless O(mode)
        says otherwise.
      - Entries of other principals stay. Owner, group and mode are those of all keytabs of the task.
    type: path
  keep_old:
    description:
      - How long keys of earlier kvnos stay in the keytab after the password was set, such as V(10h). Tickets that were
        issued before can be used as long as they live.
    type: str
    default: 10h
  accept_weak:
    description:
      - Whether weak encryption types (RC4, DES) are accepted in O(accounts[].enctypes).
    type: bool
    default: false
notes:
  - What is changed needs rights on the organizational unit, and no more than those are needed. They are to create
    user or computer objects, to reset passwords, and to write C(servicePrincipalName), C(userPrincipalName),
    C(userAccountControl), C(msDS-SupportedEncryptionTypes) and C(pwdLastSet).
  - A password that is set on one domain controller is known to the others when they have replicated. Until then tickets
    from them are opened by the old keys, which is why these stay.
  - Old encryption types of keytab entries stay as long as their kvno does.
seealso:
  - module: mailrealm.kerberos.keytab
  - module: mailrealm.kerberos.enctype_policy
"""

EXAMPLES = r"""
- name: Keep one account for each service of the mail server
  mailrealm.kerberos.ad_keytab:
    realm: AD.EXAMPLE.TEST
    server: dc1.ad.example.test
    credentials:
      principal: joiner@AD.EXAMPLE.TEST
      password: "{{ vault_joiner_password }}"
    accounts:
      - name: axigen_smtp
        ou: OU=Mail,DC=ad,DC=example,DC=test
        service_principals: [smtp/axigen1.example.test]
      - name: axigen_imap
        ou: OU=Mail,DC=ad,DC=example,DC=test
        service_principals: [imap/axigen1.example.test]
    path: /etc/axigen.keytab
    owner: axigen

- name: Renew passwords that are older than three months, without an outage
  mailrealm.kerberos.ad_keytab:
    realm: AD.EXAMPLE.TEST
    credentials:
      keytab: /etc/mailrealm/joiner.keytab
    accounts:
      - name: MX1
        type: computer
        service_principals: [smtp/mx1.example.test, imap/mx1.example.test]
        update_password: when_needed
        max_age: 90d
    path: /etc/dovecot/krb5.keytab

- name: Bring an account that ktpass made with RC4 to AES
  mailrealm.kerberos.ad_keytab:
    realm: AD.EXAMPLE.TEST
    credentials:
      ccache: FILE:/tmp/krb5cc_0
    accounts:
      - name: svc-http
        create: false
        service_principals: [HTTP/cas.example.test]
        update_password: when_needed
    path: /etc/cas/http.keytab
"""

RETURN = r"""
accounts:
  description: What became of each account, in the order of O(accounts).
  type: list
  elements: dict
  returned: success
  contains:
    name:
      description: The C(sAMAccountName).
      type: str
      sample: axigen_smtp
    dn:
      description: Its distinguished name.
      type: str
      sample: CN=axigen_smtp,OU=Mail,DC=ad,DC=example,DC=test
    created:
      description: Whether it is new.
      type: bool
      sample: false
    kvno:
      description: The version number of its keys afterwards; null in check mode for a new account.
      type: int
      sample: 3
    enctypes:
      description: The encryption types of the directory's attribute afterwards.
      type: list
      elements: str
      sample: [aes256-cts-hmac-sha1-96, aes128-cts-hmac-sha1-96]
    service_principals:
      description: All service principals of the account afterwards.
      type: list
      elements: str
      sample: [smtp/axigen1.example.test]
    upn:
      description: The UPN afterwards, empty where there is none.
      type: str
      sample: ""
    path:
      description: The keytab.
      type: str
      sample: /etc/axigen.keytab
    password_set:
      description: Whether its password was set.
      type: bool
      sample: false
    needs_reset:
      description: Whether the keytab lacked keys that nothing but a new password could bring.
      type: bool
      sample: false
    reason:
      description:
        - Why its password was set, empty where it was not. One of V(created), V(password_never_set), V(keys_missing),
          V(kvno_behind), V(key_wrong), V(enctype_missing), V(password_wrong), V(password_old), V(password_differs) and
          V(asked).
      type: str
      sample: ""
    password_age:
      description: Seconds since its password was set; null where that is not known.
      type: int
      sample: 86400
paths:
  description: What became of each keytab.
  type: list
  elements: dict
  returned: success
  contains:
    path:
      description: The keytab.
      type: str
      sample: /etc/axigen.keytab
    entries:
      description: How many entries it holds afterwards.
      type: int
      sample: 4
    added:
      description: How many entries were added.
      type: int
      sample: 2
    removed:
      description: How many entries were taken out.
      type: int
      sample: 0
    replaced:
      description: How many entries got another key.
      type: int
      sample: 0
backup_files:
  description: The copies of the keytabs as they were before.
  type: list
  elements: str
  returned: changed, with O(backup=true), outside check mode
  sample: ["/etc/axigen.keytab.1234.2026-01-31@12:00:00~"]
"""

from typing import Sequence

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._ansible.ad_accounts import AdAccounts
from ..module_utils._ansible.arguments import CREDENTIALS
from ..module_utils._ansible.converge import converge
from ..module_utils._ansible.respawn import respawn_with
from ..module_utils._domain.ad_account import DEFAULT_ENCTYPES, AccountWish, account_wishes, read_realm
from ..module_utils._domain.ad_keytabs import lacks_keys
from ..module_utils._domain.credentials import credentials_from
from ..module_utils._domain.directory import GSSAPI, LDAPS, Server, check_server
from ..module_utils._domain.kadmin_time import parse_duration
from ..module_utils._domain.refusal import Refusal
from ..module_utils._system import directory, files

ACCOUNT = {
    "name": {"type": "str", "required": True},
    "type": {"type": "str", "choices": ["user", "computer"], "default": "user"},
    "ou": {"type": "str"},
    "state": {"type": "str", "choices": ["present"], "default": "present"},
    "create": {"type": "bool", "default": True},
    "description": {"type": "str"},
    "service_principals": {"type": "list", "elements": "str", "default": []},
    "service_principals_exclusive": {"type": "bool", "default": False},
    "account_principal": {"type": "bool", "default": False},
    "upn": {"type": "str"},
    "enctypes": {"type": "list", "elements": "str", "default": list(DEFAULT_ENCTYPES)},
    "password": {"type": "str", "no_log": True},
    "update_password": {
        "type": "str",
        "choices": ["on_create", "when_needed", "always"],
        "default": "on_create",
        "no_log": False,
    },
    "max_age": {"type": "str"},
    "path": {"type": "path"},
}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "realm": {"type": "str", "required": True},
            "server": {"type": "str"},
            "transport": {"type": "str", "choices": [GSSAPI, LDAPS], "default": GSSAPI},
            "ca_path": {"type": "path"},
            "timeout": {"type": "int", "default": 30},
            "credentials": CREDENTIALS,
            "accounts": {"type": "list", "elements": "dict", "required": True, "options": ACCOUNT},
            "path": {"type": "path"},
            "keep_old": {"type": "str", "default": "10h"},
            "accept_weak": {"type": "bool", "default": False},
            "backup": {"type": "bool", "default": False},
        },
        add_file_common_args=True,
        supports_check_mode=True,
    )
    given = module.params
    try:
        realm = read_realm(given["realm"])
        credentials = credentials_from(given["credentials"])
        where = Server(
            given["server"] or "", realm, given["transport"], given["ca_path"] or "", float(given["timeout"])
        )
        check_server(where, credentials)
        wishes = account_wishes(given["accounts"], realm, given["path"], given["accept_weak"])
        keep_old = parse_duration(given["keep_old"], "keep_old")
    except Refusal as refusal:
        module.fail_json(msg=str(refusal))
    if not directory.available():
        respawn_with(module, directory.PACKAGES)
        leave_without_bindings(module, wishes)
    session = AdAccounts(module, where, credentials, wishes, keep_old)
    converge(
        module,
        read=session.read,
        plan=session.plan,
        changed=lambda planned: planned.changed,
        write=session.write,
        show=session.show,
        report=session.report,
        told=session.told,
        guard=lambda: session,
    )


def leave_without_bindings(module: AnsibleModule, wishes: Sequence[AccountWish]) -> None:
    """End the module where no Python has the bindings: in check mode an earlier task may be about to bring them.

    What the directory would say is not known then; keytabs that lack keys are.
    """
    lacking = (
        "accounts: no Python of this host has both python-ldap and gssapi; install python3-ldap and python3-gssapi "
        "for the distribution's Python"
    )
    if not module.check_mode:
        module.fail_json(msg=lacking)
    module.warn(f"check mode goes on as if they will be there: {lacking}")
    try:
        changed = lacks_keys(wishes, {wish.path: files.read_state(wish.path).content for wish in wishes})
    except Refusal as refusal:
        module.fail_json(msg=str(refusal))
    header = {"before_header": "Active Directory", "after_header": "Active Directory"}
    unread = {**header, "before": "", "after": "(read when python3-ldap is there)\n"}
    module.exit_json(changed=changed, accounts=[], paths=[], diff=[unread] if changed else [])


if __name__ == "__main__":
    main()
