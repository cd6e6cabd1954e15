#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: keytab_probe
short_description: Tells whether a keytab's keys are those that the KDC uses today, or why not
version_added: 0.1.0
author:
  - the mailrealm.kerberos authors (@mailrealm)
description:
  - Obtains a fresh ticket for each service principal and opens it with the keytab, so that a keytab is known to be
    good before a service gets it, also one that came by hand from an administrator of Active Directory.
  - Tells apart a principal that the KDC does not know, one of which the keytab has no key, a kvno that is behind,
    ahead or wrong, an enctype that is missing and a key that is not the right one.
  - Any user of the realm or domain can do that; no service is spoken to, and the keytab is only read.
  - Obtains initial credentials once and keeps them and the tickets in a private directory that is removed at the end.
extends_documentation_fragment:
  - mailrealm.kerberos.attributes.info_module
  - mailrealm.kerberos.credentials
attributes:
  check_mode:
    details:
      - Tickets are obtained in check mode too. There, a key that is not proved is a warning and not a failure of the
        task, because the keytab, the account or the packages may come from an earlier task of the same run, which
        check mode did not carry out.
requirements:
  - python3-gssapi (gssapi 1.5 or later) for the distribution's Python on the host; the module changes to that Python
    by itself.
  - MIT's libkrb5, which python3-gssapi brings.
options:
  path:
    description:
      - The keytab on the host. Give this, O(content) or O(sources).
    type: path
  content:
    description:
      - The keytab in base64, for one that is not to be on the host before it is trusted.
    type: str
  sources:
    description:
      - Keytabs that are proved together, as M(mailrealm.kerberos.keytab) merges them.
    type: list
    elements: dict
    suboptions:
      src:
        description:
          - A keytab on the controller, found as other modules find theirs. It may be in a vault.
        type: str
      remote_src:
        description:
          - A keytab on the host.
        type: path
      content:
        description:
          - A keytab in base64.
        type: str
  user:
    description:
      - With O(path), the user of the host as whom the service runs. The keytab is proved only if this user may read it.
      - Needs root, unless it is the module's own user.
    type: str
  principals:
    description:
      - The service principals to prove, such as V(smtp/mail.example.test); without a realm they are of the user's.
      - By default every service principal of the user's realm that the keytab holds.
    type: list
    elements: str
    default: []
  fail_on_error:
    description:
      - Whether the task fails when a key is not proved. With V(false) the results say so alone.
    type: bool
    default: true
seealso:
  - module: mailrealm.kerberos.keytab
  - module: mailrealm.kerberos.keytab_info
  - module: mailrealm.kerberos.sso_probe
notes:
  - The KDC chooses the enctype of a ticket, and with it the one key of a principal that is proved. Keys of other
    enctypes are told in RV(principals[].held) and not judged.
"""

EXAMPLES = r"""
- name: Prove the host's keytab
  mailrealm.kerberos.keytab_probe:
    path: /etc/krb5.keytab
    credentials:
      principal: probe@AD.EXAMPLE.TEST
      password: "{{ vault_probe_password }}"

- name: Prove a keytab that an administrator has handed over, before it is merged
  mailrealm.kerberos.keytab_probe:
    sources:
      - src: axigen-smtp.keytab
      - src: axigen-imap.keytab
    principals:
      - smtp/mail.example.test
      - imap/mail.example.test
    credentials:
      principal: probe@AD.EXAMPLE.TEST
      keytab: /etc/mailrealm/probe.keytab

- name: Prove the keytab of a service as the service itself reads it
  mailrealm.kerberos.keytab_probe:
    path: /opt/zimbra/data/krb5/smtp.keytab
    user: postfix
    credentials:
      principal: probe@EXAMPLE.TEST
      password: "{{ vault_probe_password }}"

- name: Collect what is wrong without failing
  mailrealm.kerberos.keytab_probe:
    path: /etc/dovecot/dovecot.keytab
    credentials:
      ccache: FILE:/tmp/krb5cc_1000
    fail_on_error: false
  register: dovecot_keys
"""

RETURN = r"""
principals:
  description: What became of each principal, in the order of O(principals) or of the keytab.
  returned: always, but for options that make no sense
  type: list
  elements: dict
  contains:
    principal:
      description: The service principal.
      type: str
      sample: smtp/mail.example.test@AD.EXAMPLE.TEST
    ok:
      description: Whether the keytab opens the KDC's ticket; null where that could not be tried or judged.
      type: bool
      sample: false
    kvno:
      description: The version number of the key with which the KDC made the ticket; null where there is no ticket.
      type: int
      sample: 4
    enctype:
      description: The enctype of the ticket; null where there is no ticket.
      type: str
      sample: aes256-cts-hmac-sha1-96
    held:
      description: The keys of the principal in the keytab, in its order.
      type: list
      elements: dict
      contains:
        kvno:
          description: The key version number.
          type: int
          sample: 3
        enctype:
          description: The enctype.
          type: str
          sample: aes256-cts-hmac-sha1-96
    symptom:
      description: A fixed name of what is wrong; empty where nothing is.
      type: str
      sample: kvno_behind
    cause:
      description: What is wrong, as a sentence; empty where nothing is.
      type: str
      sample: >-
        the KDC seals tickets for smtp/mail.example.test@AD.EXAMPLE.TEST with kvno 4, and /etc/krb5.keytab holds older
        keys only (kvno 3 aes256-cts-hmac-sha1-96)
    remedy:
      description: What would mend it, as a sentence; empty where nothing is wrong.
      type: str
      sample: export the key as it is now into the keytab
"""

from typing import Any, Mapping, Optional, Sequence, Tuple

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._ansible.arguments import CREDENTIALS
from ..module_utils._ansible.proving import leave_proved
from ..module_utils._ansible.respawn import respawn_with
from ..module_utils._domain.credentials import credentials_from
from ..module_utils._domain.key_digest import holds_digests
from ..module_utils._domain.key_proof import KeyProof, failure, untried
from ..module_utils._domain.keytab import KeytabEntry, KeytabFormatError, parse, parse_base64
from ..module_utils._domain.refusal import Refusal
from ..module_utils._system import gss
from ..module_utils._system.files import read_state
from ..module_utils._system.service_ticket import prove_keytab
from ..module_utils._system.user_rights import RightsRefusal, check_readable

SOURCE = {"src": {"type": "str"}, "remote_src": {"type": "path"}, "content": {"type": "str", "no_log": True}}
MISSING = (
    "{0}: there is no such keytab; bring it first, or correct path",
    "{0}: holds digests of keys, not keys, because keytab_export ran in check mode; run both in the same mode",
)


def read_source(number: int, source: Mapping[str, Any]) -> Tuple[str, Tuple[KeytabEntry, ...]]:
    """How to name a source, and its entries; KeytabFormatError where it cannot be read."""
    if source["remote_src"] is not None:
        content = read_state(source["remote_src"]).content
        if content is None:
            raise KeytabFormatError(f"{source['remote_src']}: there is no such keytab; bring it, or correct remote_src")
        return source["remote_src"], parse(content, source["remote_src"])
    if source["content"] is None:
        raise KeytabFormatError(
            f"sources[{number}].src: is read by a task on the controller; call the module by a task"
        )
    label = source["src"] or f"sources[{number}].content"
    return label, parse_base64(source["content"], label)


def read_keytab(options: Mapping[str, Any]) -> Tuple[str, Optional[Tuple[KeytabEntry, ...]]]:
    """How to name the keytab, and its entries; None where it is not there, as in check mode."""
    if options["sources"] is not None:
        read = [read_source(number, source) for number, source in enumerate(options["sources"])]
        return ", ".join(label for label, dummy in read), tuple(entry for dummy, found in read for entry in found)
    if options["content"] is not None:
        exported = holds_digests(options["content"])
        return "content", None if exported else parse_base64(options["content"], "content")
    content = read_state(options["path"]).content
    return options["path"], None if content is None else parse(content, options["path"])


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path"},
            "content": {"type": "str", "no_log": True},
            "sources": {
                "type": "list",
                "elements": "dict",
                "options": SOURCE,
                # the action plugin hands the content of `src` on as `content`, so these two may stand together
                "mutually_exclusive": [("remote_src", "content"), ("remote_src", "src")],
                "required_one_of": [("src", "remote_src", "content")],
            },
            "user": {"type": "str"},
            "principals": {"type": "list", "elements": "str", "default": []},
            "credentials": CREDENTIALS,
            "fail_on_error": {"type": "bool", "default": True},
        },
        mutually_exclusive=[("path", "content", "sources")],
        required_one_of=[("path", "content", "sources")],
        required_by={"user": "path"},
        supports_check_mode=True,
    )
    asked = module.params["principals"]
    try:
        credentials = credentials_from(module.params["credentials"])
        if module.params["user"]:
            check_readable(module.params["path"], module.params["user"])
        label, entries = read_keytab(module.params)
        if entries is None:
            leave(module, [], MISSING[label == "content"].format(label))
        elif gss.available():
            proofs = prove_keytab(credentials, asked, entries, label)
            leave(module, proofs, failure(proofs, label))
        respawn_with(module, "gssapi")
        proofs = untried(asked, entries or ())
        leave(module, proofs, failure(proofs, label))
    except RightsRefusal as refusal:
        leave(module, [], str(refusal))  # an earlier task of the run may give the rights
    except Refusal as refusal:
        module.fail_json(msg=str(refusal))


def leave(module: AnsibleModule, proofs: Sequence[KeyProof], problem: str) -> None:
    leave_proved(module, problem, {"principals": [proof.as_result() for proof in proofs]})


if __name__ == "__main__":
    main()
