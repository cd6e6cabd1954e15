#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: keytab_export
short_description: Hands out keys of a realm as keytabs, as they are and without showing them
version_added: 0.1.0
author:
  - the mailrealm.kerberos authors (@mailrealm)
description:
  - Reads the keys of any number of principals with one process of kadmin, and returns them as keytabs for
    M(mailrealm.kerberos.keytab), one for each host or service.
  - Keys are never made or replaced. A principal that several hosts share is handed to each of them.
  - Ansible shows nothing of the result, at no verbosity and without C(no_log); register it and pass it on. Of its
    parts, RV(keytabs[].entries) can be shown.
  - In check mode no key leaves the KDC. RV(keytabs[].content) then holds digests under a one-time nonce, by which
    M(mailrealm.kerberos.keytab) tells what a run would change.
  - Over the network even a digest would need the key. Check mode then asks the KDC for no key at all, and
    M(mailrealm.kerberos.keytab) compares by principal, kvno and encryption type alone. That another key stands under
    the same kvno and encryption type, as from an earlier life of the principal, is only found by the run, which does
    as O(mailrealm.kerberos.keytab#module:on_conflict) says. The module warns of that.
extends_documentation_fragment:
  - mailrealm.kerberos.attributes.info_module
  - mailrealm.kerberos.kadmin
options:
  keytabs:
    description:
      - The keytabs to make. None is written on the host.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - A name by which the result tells them apart, for instance the host's.
        type: str
        required: true
      principals:
        description:
          - The principals whose keys it holds. Without C(@REALM) they are of the realm that O(kadmin) reaches.
          - All keys that the realm has of a principal are handed out, older kvnos too.
        type: list
        elements: str
        required: true
      enctypes:
        description:
          - Take only keys of these encryption types, by name or family; all where the list is empty.
          - Give them where the principals are created in the same run, so that check mode can tell which keys will be
            there.
        type: list
        elements: str
        default: []
  stage:
    description:
      - Stages new keys for principals whose newest keys are of other encryption types, so that every keytab holds
        them before the KDC uses them and no login fails in between. Nothing changes in the realm, and no key is
        staged where the types are right, however the keys are salted.
      - The new keys come from a random password and stand in all keytabs of the principal under its next kvno, beside
        those that it has. Install the keytabs everywhere, with O(mailrealm.kerberos.keytab#module:on_conflict=source);
        then hand RV(staged) to M(mailrealm.kerberos.principal), which gives the KDC the same keys.
      - The KDC may get the keys only when every host has its keytab. Set C(any_errors_fatal) on that task, and do not
        limit such a run to some of the hosts.
      - A run that stops in between does no harm. The next one stages other keys under the same kvno, which replace
        the first ones.
      - Of the principals in question O(keytabs[].enctypes) then chooses the newest keys alone. Older ones pass
        whatever their type, as long as the KDC has them, for tickets may have been made with them. Leave
        O(mailrealm.kerberos.keytab#module:enctypes) out with these keytabs, and
        O(mailrealm.kerberos.keytab#module:keep_kvnos) at V(0) or at least V(3), or they lose those keys after all.
      - A service that only accepts logins takes the key that a ticket names. A program that logs in itself by the
        keytab (C(kinit -k)) takes the newest key, and fails until the KDC has it unless the old and the new types have
        none in common. Leave such principals out by O(stage.principals).
      - In check mode a principal that an earlier task of the same run creates or gives a new key, see O(planned), is
        taken to get one of the right types.
    type: dict
    suboptions:
      enctypes:
        description:
          - The encryption types that the keys are to have, by name or family, in the order of the KDC's preference.
        type: list
        elements: str
        required: true
      principals:
        description:
          - The principals to deal with, as shell patterns; all of the O(keytabs) where the list is empty. V(smtp/*)
            stands for any realm; a name without V(*), V(?) and V([) must be in one of the O(keytabs).
        type: list
        elements: str
        default: []
  planned:
    description:
      - What RV(mailrealm.kerberos.principal#module:principals) returned earlier in the same run. In check mode the
        principals with a new key are foreseen with a key that the KDC will choose, and those whose old keys are purged
        without these. A run needs no foresight.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The principal.
        type: str
        required: true
      action:
        description: What was done with it; not looked at.
        type: str
      new_key:
        description: Whether it gets a new key.
        type: bool
        required: true
      old_keys_kept:
        description: Whether it keeps the keys that it has.
        type: bool
        default: true
      kvno:
        description: The key version number that it had; not looked at.
        type: int
      new_kvno:
        description: The one that it has now; not looked at.
        type: int
      purged_kvnos:
        description: The older ones whose keys are purged.
        type: list
        elements: int
        default: []
notes:
  - Over the network the administrator needs the privileges to read principals and to extract keys (C(i) and C(e) in
    C(kadm5.acl); neither C(*) nor C(x) includes C(e)), and kadmind hands out no key of a principal with the attribute
    C(lockdown_keys). A run then brings the keys to the host that runs kadmin.
  - To foresee a missing privilege, check mode asks kadmind for the keys of a principal that does not exist, named like
    the wanted one but for one component. An entry of C(kadm5.acl) that gives C(e) for nothing but a principal's full
    name cannot be seen that way; write it with a pattern (C(smtp/*)).
  - It cannot run asynchronously, for Ansible would leave the result in a file.
seealso:
  - module: mailrealm.kerberos.keytab
  - module: mailrealm.kerberos.principal
"""

EXAMPLES = r"""
- name: Export the keys of both mail hosts, which share one name
  mailrealm.kerberos.keytab_export:
    keytabs:
      - name: mx1
        principals: [smtp/mx1.example.test, smtp/mail.example.test]
        enctypes: [aes256-cts-hmac-sha1-96, aes128-cts-hmac-sha1-96]
      - name: mx2
        principals: [smtp/mx2.example.test, smtp/mail.example.test]
        enctypes: [aes256-cts-hmac-sha1-96, aes128-cts-hmac-sha1-96]
  delegate_to: kdc1.example.test
  run_once: true
  register: export

- name: Install the host's own share
  mailrealm.kerberos.keytab:
    path: /etc/postfix/smtp.keytab
    sources:
      - content: "{{ (export.keytabs | selectattr('name', '==', inventory_hostname_short) | first).content }}"

# Change encryption types without a login that fails: first every keytab gets the new keys, then the KDC.
- name: Export the keys of all mail hosts, and stage new ones where they still have RC4
  mailrealm.kerberos.keytab_export:
    keytabs:
      - name: mx1
        principals: [smtp/mx1.example.test, smtp/mail.example.test]
      - name: mx2
        principals: [smtp/mx2.example.test, smtp/mail.example.test]
    stage:
      enctypes: [aes256-cts-hmac-sha1-96, aes128-cts-hmac-sha1-96]
      principals: [smtp/*]
  delegate_to: kdc1.example.test
  run_once: true
  register: export

- name: Install the host's own share on every host, and take out what the KDC has purged
  mailrealm.kerberos.keytab:
    path: /etc/postfix/smtp.keytab
    sources:
      - content: "{{ (export.keytabs | selectattr('name', '==', inventory_hostname_short) | first).content }}"
    on_conflict: source
    prune: true
  any_errors_fatal: true

- name: Give the KDC the keys that all keytabs have now
  mailrealm.kerberos.principal:
    principals: "{{ export.staged }}"
  delegate_to: kdc1.example.test
  run_once: true
"""

RETURN = r"""
keytabs:
  description: The keytabs in the order in which they were asked for.
  type: list
  elements: dict
  returned: success
  contains:
    name:
      description: As given.
      type: str
      sample: mx1
    content:
      description: The keytab in base64, or in check mode a string of digests. A secret.
      type: str
    entries:
      description: What the content holds. No secret.
      type: list
      elements: dict
      contains:
        principal:
          description: The principal.
          type: str
          sample: smtp/mx1.example.test@EXAMPLE.TEST
        kvno:
          description: The key version number; null in check mode where the KDC will choose it.
          type: int
          sample: 1
        enctype:
          description: The encryption type; null in check mode where the KDC will choose it.
          type: str
          sample: aes256-cts-hmac-sha1-96
places:
  description:
    - By the name of each keytab its place in RV(keytabs), so that nobody who takes one goes through all of them.
  type: dict
  returned: success
  sample: {mx1: 0, mx2: 1}
staged:
  description:
    - The principals with staged keys, as O(mailrealm.kerberos.principal#module:principals) takes them; none without
      O(stage). A secret.
  type: list
  elements: dict
  returned: success
  contains:
    name:
      description: The principal, by the name that it has on the KDC.
      type: str
      sample: smtp/mx1.example.test@EXAMPLE.TEST
    key:
      description: Always V(password).
      type: str
      sample: password
    password:
      description: The password from which the staged keys are made; null in check mode. A secret.
      type: str
    enctypes:
      description: The encryption types of the staged keys.
      type: list
      elements: str
      sample: [aes256-cts-hmac-sha1-96, aes128-cts-hmac-sha1-96]
    rekey:
      description: Always V(when_enctypes_differ).
      type: str
      sample: when_enctypes_differ
    new_kvno:
      description: The key version number of the staged keys.
      type: int
      sample: 2
"""

import os
import time
from typing import Any, Dict, FrozenSet

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._ansible.arguments import KADMIN
from ..module_utils._ansible.converge import inform
from ..module_utils._ansible.realm_session import RealmSession
from ..module_utils._domain.kadmin_access import REMOTE
from ..module_utils._domain.key_digest import NONCE_SIZE, digest_entry
from ..module_utils._domain.key_stage import parse_stage, report_stage, staged_entries
from ..module_utils._domain.keytab_export import (
    export_digests,
    export_keys,
    parse_exports,
    wanted_principals,
    with_staged,
    without_purged,
)
from ..module_utils._domain.principal import PrincipalName, parse_principal
from ..module_utils._system.kadmin_export import exported_keys, foreseen_keys
from ..module_utils._system.staged_keys import stage_keys

UNSEEN = "{place}: is asked for no key in check mode, so that keys are compared by kvno and encryption type alone"


def new_keys(module: AnsibleModule, session: RealmSession) -> Dict[PrincipalName, bool]:
    """The principals that get a new key, and whether they keep their old ones."""
    return {
        parse_principal(one["name"], session.realm): one["old_keys_kept"]
        for one in module.params["planned"]
        if one["new_key"]
    }


def purged_kvnos(module: AnsibleModule, session: RealmSession) -> Dict[PrincipalName, FrozenSet[int]]:
    """The key version numbers that the principals lose."""
    return {
        parse_principal(one["name"], session.realm): frozenset(one["purged_kvnos"]) for one in module.params["planned"]
    }


def gather(module: AnsibleModule) -> Dict[str, Any]:
    with RealmSession(module) as session:
        wishes = parse_exports(module.params["keytabs"], session.realm)
        principals = wanted_principals(wishes)
        stage = parse_stage(module.params["stage"], principals)
        looked_after = frozenset(stage.principals if stage else ())
        planned = new_keys(module, session) if module.check_mode else {}
        stages = stage_keys(session.kadmin, stage, frozenset(planned), module.check_mode)
        staged = staged_entries(stages, int(time.time()))
        told = {
            "places": {wish.name: place for place, wish in enumerate(wishes)},
            "staged": [report_stage(one, secret=not module.check_mode) for one in stages],
        }
        if not module.check_mode:
            keys = exported_keys(session.kadmin, principals) if session.kadmin else {}
            keys = with_staged(keys, staged)
            return {"keytabs": [export_keys(wish, keys, looked_after) for wish in wishes], **told}
        if session.kadmin and session.kadmin.access.mode == REMOTE:
            module.warn(UNSEEN.format(place=session.kadmin.access.place))
        nonce = os.urandom(NONCE_SIZE)
        foreseen = foreseen_keys(session.kadmin, principals, nonce) if session.kadmin else {}
        digests = {name: tuple(digest_entry(nonce, one) for one in entries) for name, entries in staged.items()}
        foreseen = with_staged(without_purged(foreseen, purged_kvnos(module, session)), digests)
        return {"keytabs": [export_digests(wish, foreseen, nonce, planned, looked_after) for wish in wishes], **told}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "keytabs": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "no_log": False,
                "options": {
                    "name": {"type": "str", "required": True},
                    "principals": {"type": "list", "elements": "str", "required": True},
                    "enctypes": {"type": "list", "elements": "str", "default": []},
                },
            },
            "stage": {
                "type": "dict",
                "options": {
                    "enctypes": {"type": "list", "elements": "str", "required": True},
                    "principals": {"type": "list", "elements": "str", "default": []},
                },
            },
            "planned": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "name": {"type": "str", "required": True},
                    "action": {"type": "str"},
                    "new_key": {"type": "bool", "required": True, "no_log": False},
                    "old_keys_kept": {"type": "bool", "default": True, "no_log": False},
                    "kvno": {"type": "int"},
                    "new_kvno": {"type": "int"},
                    "purged_kvnos": {"type": "list", "elements": "int", "default": []},
                },
            },
            "kadmin": KADMIN,
        },
        supports_check_mode=True,
    )
    inform(module, lambda: gather(module))


if __name__ == "__main__":
    main()
