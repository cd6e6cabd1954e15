#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: keytab
short_description: Merges chosen keys of other keytabs into a keytab, or takes keys out of it
version_added: 0.1.0
author:
  - the mailrealm.kerberos authors (@mailrealm)
description:
  - Brings a keytab to hold the chosen keys of one or more other keytabs, entry by entry. Entries that nobody asked
    about stay, each key is there once, and a keytab that already holds what is wanted is not written at all.
  - Entries are compared by principal, kvno, encryption type and key, never by their timestamps.
  - No key is ever made or replaced on a KDC, and none is shown, in the diff neither.
  - The file is replaced in one step and under a lock, so that a service reads the old keytab or the new one, whole.
    Owner, group and mode change with it in that same step.
extends_documentation_fragment:
  - mailrealm.kerberos.attributes
  - ansible.builtin.files
  - ansible.builtin.backup
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - The diff has a line for each entry with its principal, kvno and encryption type, and says C(key replaced)
        where nothing but the key changes.
options:
  path:
    description:
      - The keytab on the host. A new one is readable by its owner alone (mode V(0600)) unless O(mode) says otherwise.
    type: path
    required: true
  sources:
    description:
      - Keytabs to take keys from, or with O(state=absent) keytabs that say which entries go.
      - Each names one of O(sources[].src), O(sources[].remote_src) and O(sources[].content).
      - Without sources, only entries that the file already holds are dealt with.
    type: list
    elements: dict
    default: []
    suboptions:
      src:
        description:
          - A keytab on the controller, found as M(ansible.builtin.copy) finds its own source files.
          - It may be encrypted with Ansible Vault; it is decrypted in memory only.
        type: str
      remote_src:
        description:
          - A keytab on the host.
        type: path
      content:
        description:
          - A keytab in base64, for instance from M(mailrealm.kerberos.keytab_export), or in check mode the digests
            that M(mailrealm.kerberos.keytab_export) returns instead.
        type: str
  principals:
    description:
      - The principals to deal with, as shell patterns; all where the list is empty.
      - V(smtp/mx1.example.test) stands for any realm, V(smtp/*@EXAMPLE.TEST) for one. V(*) matches V(/) as well.
      - A name without V(*), V(?) and V([) must be in one of the O(sources), or the module fails.
    type: list
    elements: str
    default: []
  enctypes:
    description:
      - The encryption types to deal with, by name (V(aes256-cts-hmac-sha1-96), V(aes256-sha2)) or family (V(aes),
        V(camellia), V(rc4), V(des3), V(des)); all where the list is empty.
      - With O(state=present), the principals in question keep no keys of other types in the file. These are the
        principals that the O(sources) bring, or without sources those that O(principals) names.
      - With O(state=absent), only keys of these types go.
    type: list
    elements: str
    default: []
  state:
    description:
      - V(present) merges; V(absent) takes out the entries that O(sources), O(principals) and O(enctypes) select
        together, whatever their keys are.
      - V(absent) removes the file when no entry is left, or when nothing was selected at all.
    type: str
    choices: [present, absent]
    default: present
  exclusive:
    description:
      - Whether the file is to hold nothing but what is taken from the O(sources).
    type: bool
    default: false
  keep_kvnos:
    description:
      - How many kvnos of each principal in question stay, the newest ones; V(0) keeps all.
      - With V(2) the tickets that were issued before the last change of a key can still be used.
      - Keys that O(mailrealm.kerberos.keytab_export#module:stage) adds count as the newest. Then V(1) would take the
        keys that the KDC still uses.
    type: int
    default: 0
  prune:
    description:
      - Whether entries go whose kvno is lower than the lowest that the O(sources) hold of the same principal. The
        KDC has purged such keys, so that no ticket can need them.
      - The O(sources) must hold all keys that the KDC still has, as those of M(mailrealm.kerberos.keytab_export) do,
        older kvnos too. Principals of which they hold none keep their entries.
      - In check mode a kvno that the KDC is yet to choose is not compared.
    type: bool
    default: false
  on_conflict:
    description:
      - What happens where file and source, or two sources, have different keys for the same principal, kvno and
        encryption type. One of them does not come from this KDC, or from an earlier life of the principal.
      - V(fail) changes nothing and says which; V(source) takes the source's key, of several sources the last one's;
        V(file) leaves the key that the file has.
    type: str
    choices: [fail, source, file]
    default: fail
notes:
  - A symbolic link is followed and stays. A file that is replaced keeps its ACL and SELinux context, but not its other
    names (hard links), as with M(ansible.builtin.copy); the module warns of these. A new keytab takes no entries from
    a default ACL of its directory.
  - A temporary file that a killed run left in the directory is removed by the next run that is not in check mode, even
    if that run has nothing to write.
  - A file that is a mount of its own, as in a container, cannot be replaced; with O(unsafe_writes=true) it is
    overwritten, and a service may then read half a keytab.
seealso:
  - module: mailrealm.kerberos.keytab_info
  - module: mailrealm.kerberos.keytab_export
"""

EXAMPLES = r"""
- name: Give Postfix its key from a keytab that the administrator of the domain handed over
  mailrealm.kerberos.keytab:
    path: /etc/postfix/smtp.keytab
    sources:
      - src: mx1.keytab
    principals: [smtp/mx1.example.test]
    enctypes: [aes]
    owner: root
    group: postfix
    mode: "0640"

- name: Join the keys of two keytabs on the host, and keep the last two kvnos
  mailrealm.kerberos.keytab:
    path: /etc/krb5.keytab
    sources:
      - remote_src: /root/imap.keytab
      - remote_src: /root/http.keytab
    keep_kvnos: 2

- name: Install exactly what the KDC exported for this host
  mailrealm.kerberos.keytab:
    path: /etc/krb5.keytab
    sources:
      - content: "{{ (export.keytabs | selectattr('name', '==', inventory_hostname) | first).content }}"
    exclusive: true
    on_conflict: source

- name: Bring the keys of the KDC, and take out those that it has purged
  mailrealm.kerberos.keytab:
    path: /etc/postfix/smtp.keytab
    sources:
      - content: "{{ (export.keytabs | selectattr('name', '==', inventory_hostname) | first).content }}"
    prune: true
    on_conflict: source

- name: Take RC4 and DES keys out of a keytab
  mailrealm.kerberos.keytab:
    path: /etc/krb5.keytab
    enctypes: [rc4, des3, des]
    state: absent
"""

RETURN = r"""
path:
  description: The keytab.
  type: str
  returned: success
  sample: /etc/krb5.keytab
entries:
  description: How many entries the keytab holds afterwards.
  type: int
  returned: success
  sample: 4
added:
  description: How many entries were added.
  type: int
  returned: success
  sample: 2
removed:
  description: How many entries were taken out, duplicates included.
  type: int
  returned: success
  sample: 0
replaced:
  description: How many entries got another key, with O(on_conflict=source).
  type: int
  returned: success
  sample: 0
backup_file:
  description: The copy of the keytab as it was before.
  type: str
  returned: changed, with O(backup=true), outside check mode
  sample: /etc/krb5.keytab.1234.2026-01-31@12:00:00~
"""

from typing import Any, Dict

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._ansible.file_module import converge_file
from ..module_utils._domain.enctypes import expand_enctypes
from ..module_utils._domain.key_digest import DigestRefusal, decode_digests, holds_digests
from ..module_utils._domain.keytab import parse, parse_base64
from ..module_utils._domain.merge import (
    MergeRefusal,
    Source,
    Wanted,
    count,
    describe,
    plan_keytab,
    planned_content,
)
from ..module_utils._domain.refusal import Refusal
from ..module_utils._system.files import read_state

BY_SOURCES = {
    "exclusive": "nothing but the sources' keys is kept",
    "prune": "keys go that are older than all of the sources' ones",
}


def from_content(label: str, content: str, check_mode: bool) -> Source:
    """A source given as text: base64 of a keytab, or the digests of an export in check mode."""
    if holds_digests(content):
        if not check_mode:
            raise DigestRefusal(
                f"{label}: holds digests of keys, not keys, because keytab_export ran in check mode; "
                "let keytab_export and keytab run in the same mode"
            )
        nonce, digests = decode_digests(content, label)
        return Source(label, nonce=nonce, digests=digests)
    return Source(label, parse_base64(content, label))


def from_host(path: str) -> Source:
    content = read_state(path).content
    if content is None:
        raise MergeRefusal(f"{path}: there is no such keytab on the host; correct 'remote_src' or bring the file first")
    return Source(path, parse(content, path))


def read_source(number: int, given: Dict[str, Any], check_mode: bool) -> Source:
    if given["remote_src"] is not None:
        return from_host(given["remote_src"])
    if given["content"] is None:
        raise MergeRefusal(f"sources[{number}].src: is read by a task on the controller; call the module by a task")
    return from_content(given["src"] or f"sources[{number}].content", given["content"], check_mode)


def read_wanted(options: Dict[str, Any], check_mode: bool) -> Wanted:
    if options["keep_kvnos"] < 0:
        raise MergeRefusal(f"keep_kvnos: {options['keep_kvnos']} is less than nothing; give 0 to keep all")
    for option, meaning in BY_SOURCES.items():
        if options[option] and (options["state"] == "absent" or not options["sources"]):
            raise MergeRefusal(f"{option}: says that {meaning}; give 'sources' to be present")
    return Wanted(
        sources=tuple(read_source(number, one, check_mode) for number, one in enumerate(options["sources"])),
        principals=tuple(options["principals"]),
        enctypes=expand_enctypes(options["enctypes"]),
        present=options["state"] == "present",
        exclusive=options["exclusive"],
        keep_kvnos=options["keep_kvnos"],
        prune=options["prune"],
        on_conflict=options["on_conflict"],
    )


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "sources": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "src": {"type": "str"},
                    "remote_src": {"type": "path"},
                    "content": {"type": "str", "no_log": True},
                },
                # the action plugin hands the content of `src` on as `content`, so these two may stand together
                "mutually_exclusive": [("remote_src", "content"), ("remote_src", "src")],
                "required_one_of": [("src", "remote_src", "content")],
            },
            "principals": {"type": "list", "elements": "str", "default": []},
            "enctypes": {"type": "list", "elements": "str", "default": []},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "exclusive": {"type": "bool", "default": False},
            "keep_kvnos": {"type": "int", "default": 0},
            "prune": {"type": "bool", "default": False},
            "on_conflict": {"type": "str", "choices": ["fail", "source", "file"], "default": "fail"},
            "backup": {"type": "bool", "default": False},
        },
        add_file_common_args=True,
        supports_check_mode=True,
    )
    path = module.params["path"]
    try:
        wanted = read_wanted(module.params, module.check_mode)
    except Refusal as refusal:
        module.fail_json(msg=str(refusal))
    converge_file(
        module,
        path,
        newborn_mode=0o600,
        plan=lambda content: plan_keytab(content, path, wanted),
        content=planned_content,
        describe=describe,
        report=count,
    )


if __name__ == "__main__":
    main()
