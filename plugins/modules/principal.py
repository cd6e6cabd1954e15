#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: principal
short_description: Creates, changes and deletes principals of a realm
version_added: 0.1.0
author:
  - the mailrealm.kerberos authors (@mailrealm)
description:
  - Brings any number of principals to what they are to be, with one process of kadmin for all of them.
  - Only differences are sent. Durations and times are compared as values, however they are written.
  - No key is replaced unless O(update_password) or O(rekey) asks for it, and the diff says so before.
  - One principal is described by the options of the module itself, several by O(principals).
extends_documentation_fragment:
  - mailrealm.kerberos.attributes
  - mailrealm.kerberos.kadmin
  - mailrealm.kerberos.principals
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
options:
  name:
    description:
      - The principal, for instance V(alice) or V(smtp/mx1.example.test). Without C(@REALM) it is one of the realm
        that O(kadmin) reaches.
      - A name of another realm is refused, as the KDC would never be asked for it, except with O(state=absent) and
        for C(krbtgt), the key of a trust between two realms.
    type: str
  state:
    description:
      - V(present), which is the default, creates the principal or changes what differs.
      - V(absent) deletes it.
    type: str
    choices: [present, absent]
  key:
    description:
      - Where the key of a new principal comes from. By default V(password) if O(password) is given, else V(random).
    type: str
    choices: [random, password]
  password:
    description:
      - The password, for a new principal or with O(update_password=always).
    type: str
  update_password:
    description:
      - V(on_create), which is the default, leaves the password of a principal that exists.
      - V(always) sets it whenever it is another one. That is judged by deriving its keys, with the principal's salt,
        and comparing them with those of the database.
      - Where they cannot be compared (a remote administrator without the privilege to extract keys, which is C(e) in
        C(kadm5.acl), or a salt that only the KDC knows), V(always) sets the password in every run. A warning names
        such principals and the reason, and the diff says so.
      - Over the network the keys to compare with come to the host that runs kadmin, into memory alone, in check mode
        too.
      - A new password drops the old keys, for they would still open a login.
    type: str
    choices: [on_create, always]
  enctypes:
    description:
      - The encryption types of the keys that are made, each with its salt type if wanted (V(aes256-cts:normal)).
        Families (V(aes)) are taken too. By default the KDC's C(supported_enctypes).
      - Keys that exist are left as they are, unless O(rekey=when_enctypes_differ).
    type: list
    elements: str
  rekey:
    description:
      - V(never), which is the default, keeps the keys.
      - V(when_enctypes_differ) makes a new key when the newest keys are not those of O(enctypes). The old keys are
        kept, so that tickets that were issued with them stay good; the host's keytab must get the new one.
      - With O(password) the new key is made from it, so it must be the principal's current one.
      - The KDC uses the new key at once, and until the keytabs have it, logins fail. For a way without that gap see
        O(mailrealm.kerberos.keytab_export#module:stage).
    type: str
    choices: [never, when_enctypes_differ]
  new_kvno:
    description:
      - The kvno under which the keys of O(password) are staged in keytabs already. Pass on what
        RV(mailrealm.kerberos.keytab_export#module:staged) says.
      - A principal whose next kvno is another one is refused, as is one that has that kvno with other keys, for
        something else has changed its key since. Afterwards the keys are read back and compared with the password's.
      - The new key is made where that kvno is not there yet, whatever types the newest keys have.
      - It goes with O(key=password) and O(rekey=when_enctypes_differ). In check mode alone O(password) may be missing.
    type: int
  old_keys:
    description:
      - V(keep), which is the default, leaves the keys of older kvnos, as O(rekey) and C(cpw -keepold) keep them.
      - V(purge_when_expired) purges them once no ticket that was made with them can be valid any more, which is when
        the last change of the keys lies longer ago than the principal's C(max_life) and C(max_renewable_life), and an
        hour more for clocks that differ and for replicas. The newest keys stay in any case.
      - A C(max_life) of V(0) sets no end, and tickets of a trust (C(krbtgt/A@B)) end as another realm says. Then
        nothing is purged, and a warning says so, unless O(tickets_end_after) is given.
      - The time is that of the host on which the module runs. A ticket that was ordered to begin later (postdated) can
        outlast all this.
      - Over the network the administrator needs the privilege to modify (C(m) in C(kadm5.acl)). Check mode foresees
        that it is lacking by asking kadmind to purge keys of principals that do not exist, named like those in
        question but for one component; so an entry for nothing but a full name is not seen.
    type: str
    choices: [keep, purge_when_expired]
  tickets_end_after:
    description:
      - How long tickets live, for O(old_keys=purge_when_expired), in place of the principal's own lives and the hour.
        V(0) purges the old keys at once, and tickets that were made with them are refused from then on.
      - Give it where the lives were longer before, for only those of now can be read.
    type: str
  policy:
    description:
      - The password policy; empty for none. It must exist.
      - Without this option a new principal gets the policy named V(default), if the realm has it.
    type: str
  attributes:
    description:
      - Attributes to set (V(+requires_preauth)) or to clear (V(-allow_tix)), in any spelling that kadmin takes.
        Attributes that are not listed stay as they are.
    type: list
    elements: str
  max_life:
    description:
      - Longest life of a ticket, for instance V(10h), V(1d 12h), V(10:00:00), V(2 days) or a number of seconds.
        V(0) sets no limit for the principal.
    type: str
  max_renewable_life:
    description:
      - Longest time for which a ticket can be renewed, as O(max_life).
    type: str
  expires:
    description:
      - When the principal expires, for instance V(2030-12-31), V(2030-12-31 23:59:59 UTC) or V(never). Without a
        zone it is the local time of the host on which kadmin runs.
    type: str
  password_expires:
    description:
      - When the password expires, as O(expires).
    type: str
  db_args:
    description:
      - Arguments for the database module (C(addprinc -x)) when the principal is created, for instance
        V(dn=uid=alice,ou=people,dc=example,dc=test) in a realm in LDAP. Databases in files (DB2, LMDB) take none.
    type: list
    elements: str
  unlock:
    description:
      - Whether failed logins are forgotten, which unlocks a principal that its policy has locked.
      - Nothing is sent where none is counted. Principals that require preauthentication count with any policy.
    type: bool
  aliases:
    description:
      - Other names of the principal, under which the KDC knows it too. Those that are not listed stay as they are.
      - C(kadmin) of MIT Kerberos makes them since 1.22; an older one is refused. A realm in LDAP keeps its aliases
        there (C(krbPrincipalName)).
      - A name that is a principal of its own, or another's alias, is refused.
      - With O(state=absent) those that are listed are deleted with the principal. An alias whose principal is gone
        leads nowhere and blocks its name as an alias; C(listprincs) alone shows it.
      - To delete an alias alone, name it in O(name) with O(state=absent).
    type: list
    elements: str
  principals:
    description:
      - Several principals. The options of the module itself are then not allowed.
seealso:
  - module: mailrealm.kerberos.principal_info
  - module: mailrealm.kerberos.keytab_export
"""

EXAMPLES = r"""
- name: Create the service principals of the mail hosts
  mailrealm.kerberos.principal:
    kadmin:
      realm: EXAMPLE.TEST
    principals:
      - name: smtp/mx1.example.test
        enctypes: [aes256-cts-hmac-sha1-96, aes128-cts-hmac-sha1-96]
      - name: imap/mx1.example.test
        enctypes: [aes256-cts-hmac-sha1-96, aes128-cts-hmac-sha1-96]

- name: Create a user who must log in with preauthentication
  mailrealm.kerberos.principal:
    name: alice
    password: "{{ vault_alice_password }}"
    attributes: [+requires_preauth]
    max_life: 10h

- name: Set a password that was forgotten
  mailrealm.kerberos.principal:
    name: bob
    password: "{{ vault_bob_password }}"
    update_password: always

- name: Unlock a user who mistyped the password too often
  mailrealm.kerberos.principal:
    name: alice
    unlock: true

- name: Let a service answer under a second name (MIT Kerberos 1.22 and later)
  mailrealm.kerberos.principal:
    name: HTTP/www1.example.test
    aliases: [HTTP/www.example.test]

- name: Make new keys for a service that still has RC4 ones
  mailrealm.kerberos.principal:
    name: HTTP/cas.example.test
    enctypes: [aes256-cts-hmac-sha1-96, aes128-cts-hmac-sha1-96]
    rekey: when_enctypes_differ

- name: Give the KDC the keys that keytab_export staged, once all keytabs have them
  mailrealm.kerberos.principal:
    principals: "{{ export.staged }}"
- name: Let go of the old keys when the last ticket that was made with them has ended
  mailrealm.kerberos.principal:
    name: HTTP/cas.example.test
    old_keys: purge_when_expired

- name: Delete a principal through the network
  mailrealm.kerberos.principal:
    name: mallory
    state: absent
    kadmin:
      server: kdc1.example.test
      principal: ansible/admin
      password: "{{ vault_kadmin_password }}"
"""

RETURN = r"""
realm:
  description: The realm whose database was asked; null in check mode where it is neither given nor there yet.
  type: str
  returned: success
  sample: EXAMPLE.TEST
principals:
  description: What was done, or in check mode would be, with each principal, in the order in which they were given.
  type: list
  elements: dict
  returned: success
  contains:
    name:
      description: The principal's full name.
      type: str
      sample: smtp/mx1.example.test@EXAMPLE.TEST
    action:
      description: One of V(none), V(created), V(changed) and V(deleted).
      type: str
      sample: created
    new_key:
      description: Whether it gets a new key, whose kvno the KDC chooses.
      type: bool
    old_keys_kept:
      description: Whether the keys that it had are kept; V(false) where a new password drops them.
      type: bool
    kvno:
      description: The newest key version number before; null where there was no such principal.
      type: int
      sample: 1
    new_kvno:
      description:
        - That of a new key, read back; null where none is made, and in check mode, as the KDC chooses it unless
          O(new_kvno) says it.
      type: int
      sample: 2
    purged_kvnos:
      description: The key version numbers whose keys are purged.
      type: list
      elements: int
      sample: []
"""

from typing import Any, Dict, Optional, Sequence, Set, Tuple

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._ansible.arguments import KADMIN
from ..module_utils._ansible.converge import converge
from ..module_utils._ansible.realm_principals import ITEM, PRINCIPALS, WHAT, report_principals
from ..module_utils._ansible.realm_session import RealmSession
from ..module_utils._domain.principal_change import PrincipalPlan, describe
from ..module_utils._domain.principal_plan import check_policies, plan_principals
from ..module_utils._domain.principal_state import Identity, PrincipalState
from ..module_utils._domain.principal_wish import PrincipalWish, parse_wishes
from ..module_utils._system.kadmin_policies import known_policies
from ..module_utils._system.kadmin_principals import read_state
from ..module_utils._system.kadmin_privilege import check_purges

Asked = Tuple[PrincipalState, Sequence[PrincipalWish]]


def read(module: AnsibleModule, session: RealmSession, just_set: Set[Identity]) -> Asked:
    """The principals as they are, and as they are to be."""
    items = module.params["principals"]
    wishes = parse_wishes([module.params] if items is None else items, session.realm, lenient=module.check_mode)
    if session.kadmin is None:
        return PrincipalState({}), wishes
    policies = {wish.policy for wish in wishes if wish.present and wish.policy}
    warnings = check_policies(wishes, known_policies(session.kadmin, policies), lenient=module.check_mode)
    for warning in warnings:
        module.warn(warning)
    return read_state(session.kadmin, wishes, frozenset(just_set), session.began), wishes


def write(session: RealmSession, plan: PrincipalPlan, just_set: Set[Identity]) -> None:
    session.carry_out(plan.steps)
    just_set.update(change.name.identity for change in plan.changes if change.new_key)


def report(session: RealmSession, plan: PrincipalPlan, again: Optional[PrincipalState] = None) -> Dict[str, Any]:
    return {"realm": session.realm, "principals": report_principals(plan, again)}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str"},
            **ITEM,
            "principals": PRINCIPALS,
            "kadmin": KADMIN,
        },
        required_one_of=[("name", "principals")],
        mutually_exclusive=[("principals", option) for option in ("name", *ITEM)],
        supports_check_mode=True,
    )
    session = RealmSession(module)
    just_set: Set[Identity] = set()  # principals that kadmin has given new keys

    def warned(plan: PrincipalPlan) -> Dict[str, Any]:
        if module.check_mode and session.kadmin is not None:
            check_purges(session.kadmin, [change.name for change in plan.changes if change.purged_kvnos])
        for warning in plan.warnings:
            module.warn(warning)
        return report(session, plan)

    converge(
        module,
        guard=lambda: session,
        read=lambda: read(module, session, just_set),
        plan=lambda asked: plan_principals(*asked),
        changed=lambda plan: bool(plan.steps),
        write=lambda plan: write(session, plan, just_set),
        show=lambda plan: session.diff(WHAT, describe(plan)),
        report=warned,
        told=lambda plan, asked: report(session, plan, asked[0]),
    )


if __name__ == "__main__":
    main()
