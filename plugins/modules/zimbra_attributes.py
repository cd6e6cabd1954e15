#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attributes of entries in Zimbra's directory."""

from __future__ import annotations

DOCUMENTATION = r"""
module: zimbra_attributes
short_description: Set attributes of Zimbra's servers, domains, accounts and global configuration
version_added: 0.1.0
author:
  - The mailrealm.kerberos authors (@mailrealm)
description:
  - Brings attributes of any number of entries of Zimbra's directory to what is asked for, with one call of C(zmprov)
    that reads all of them and, where something changes, one more that changes them and reads them again. A call takes
    Zimbra about two seconds, whatever it holds.
  - What is asked is checked before anything runs, for the attributes that have to do with signing on. A value that
    Zimbra would refuse, an attribute in an entry that cannot hold it, and wishes that contradict each other are
    refused. Of other attributes Zimbra alone is the judge, and the module warns of them.
  - An entry's own values and those that it inherits from the global configuration are told apart.
  - Values of one attribute are compared as a set. A value that differs in case alone is replaced.
  - An entry is changed by one line, of which Zimbra makes all or nothing. Where an entry fails, the others still
    change, and the message says what was applied; the next run does the rest.
options:
  entries:
    description:
      - The entries and what they are to hold.
    type: list
    elements: dict
    required: true
    suboptions:
      type:
        description:
          - What the entry is. V(config) is the global configuration, V(cos) a class of service.
        type: str
        required: true
        choices: [config, server, domain, cos, account]
      name:
        description:
          - The name of the server, domain, class of service or account, as C(zmprov) lists it. A server's is its whole
            host name.
          - Must be given for every type but V(config).
        type: str
      attributes:
        description:
          - The exact values that the entry is to have of its own, by attribute. A list is a set of values, in any
            order.
          - V(true) and V(false) become C(TRUE) and C(FALSE), or C(yes) and C(no) where the attribute takes those.
          - An empty string or an empty list deletes the entry's own values, so that it inherits again.
        type: dict
      add:
        description:
          - Values that the entry must have among others, by attribute.
          - An entry without own values gets those that it inherits, with these. Zimbra itself would drop the inherited
            ones.
        type: dict
      remove:
        description:
          - Values that the entry must not have, by attribute. Case does not count.
        type: dict
      remove_matching:
        description:
          - Shell patterns of values that the entry must not have, by attribute, but for those under O(entries[].add).
            Case does not count. So V(KRB5_KTNAME=*) makes way for another keytab.
        type: dict
  via_ldap:
    description:
      - Whether C(zmprov) goes to LDAP (C(zmprov -l)) and not to mailboxd. It must where mailboxd does not run, and for
        servers that have none.
      - After a change that mailboxd does not notice by itself, the module makes the mailboxd of this host forget what
        it holds (C(zmprov fc)), in one more call. See RV(flush_needed).
    type: bool
    default: false
  release:
    description:
      - Zimbra's release, for instance V(10.0.8). An attribute that came later is refused, and one without use
        since then is warned of.
      - Without it the newest release counts.
    type: str
    default: ''
notes:
  - Runs as root or as the user C(zimbra).
  - Where localconfig's C(zimbra_zmprov_default_to_ldap) is true, as on hosts without mailboxd, C(zmprov) goes to LDAP
    by itself. Set O(via_ldap) there too, for only then is mailboxd told of changes.
  - Values go to C(zmprov) in a file that C(zimbra) alone can read.
  - What an account inherits from its class of service counts as inherited only for attributes that this collection does
    not know. Change the class and its accounts in two tasks.
extends_documentation_fragment:
  - mailrealm.kerberos.attributes
attributes:
  check_mode:
    support: full
    details:
      - Check mode reads. On a host without Zimbra it goes on as if an earlier task of the same run installs it, and
        takes everything that is asked for as a change.
  diff_mode:
    support: full
    details:
      - One line a value. Attributes whose name ends like that of a password or a key are masked.
seealso:
  - module: mailrealm.kerberos.zimbra_localconfig
  - module: mailrealm.kerberos.zimbra_services
  - module: mailrealm.kerberos.zimbra_info
"""

EXAMPLES = r"""
- name: A domain's users log in by Kerberos, and its servers offer GSSAPI
  mailrealm.kerberos.zimbra_attributes:
    entries:
      - type: domain
        name: example.test
        attributes:
          zimbraAuthMech: kerberos5
          zimbraAuthKerberos5Realm: EXAMPLE.TEST
      - type: server
        name: zimbra1.example.test
        attributes:
          zimbraImapSaslGssapiEnabled: true
          zimbraPop3SaslGssapiEnabled: true
          zimbraMtaSmtpdSaslTlsSecurityOptions: noanonymous
        add:
          zimbraMtaSaslSmtpdMechList: GSSAPI
          zimbraMtaImportEnvironment: [MAIL_CONFIG, KRB5_KTNAME=/opt/zimbra/data/krb5/smtp.keytab]
        remove_matching:
          zimbraMtaImportEnvironment: KRB5_KTNAME=*

- name: The proxies may look up mailboxes
  mailrealm.kerberos.zimbra_attributes:
    entries:
      - type: config
        add:
          zimbraReverseProxyAdminIPAddress: [192.0.2.10, 192.0.2.11]

- name: Users of another realm have mailboxes here
  mailrealm.kerberos.zimbra_attributes:
    entries:
      - type: account
        name: bob@example.test
        add:
          zimbraForeignPrincipal: kerberos5:bob@PARTNER.TEST

- name: A proxy without mailboxd takes the global realm again
  mailrealm.kerberos.zimbra_attributes:
    via_ldap: true
    entries:
      - type: server
        name: proxy1.example.test
        attributes:
          zimbraReverseProxyDefaultRealm: ""
"""

RETURN = r"""
changes:
  description: The attributes that changed, or would in check mode.
  type: list
  elements: dict
  returned: success
  contains:
    type:
      description: The entry's type.
      type: str
      sample: server
    name:
      description: The entry's name; empty for the global configuration.
      type: str
      sample: zimbra1.example.test
    attribute:
      description: The attribute.
      type: str
      sample: zimbraMtaSaslSmtpdMechList
    before:
      description: The values that counted before, sorted.
      type: list
      elements: str
      sample: [LOGIN, PLAIN]
    after:
      description: The entry's own values afterwards, sorted; none where they were deleted.
      type: list
      elements: str
      sample: [GSSAPI, LOGIN, PLAIN]
    inherited:
      description: Whether the values before were not the entry's own.
      type: bool
restart:
  description:
    - What must be restarted for the changes to count. V(mailbox), V(proxy); V(mta), whose files must be written anew
      and read again; V(mta_environment), where Postfix must be stopped and started.
    - An own value that is equal to the inherited one before it needs none.
  type: list
  elements: str
  returned: success
  sample: [mailbox, mta, mta_environment]
warnings:
  description: Attributes that have no use any more or that this collection does not know, and what C(zmprov) warned of.
  type: list
  elements: str
  returned: when there are any
flush_needed:
  description:
    - Whether mailboxd may go on with old values of what LDAP was told, because it did not answer on this host. On a
      host that runs none, run C(zmprov fc config) where it runs.
  type: bool
  returned: success
calls:
  description: How often C(zmprov) was started.
  type: int
  returned: success
  sample: 1
"""

from typing import Any, Dict

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._ansible.converge import converge
from ..module_utils._ansible.silent_module import SilentModule
from ..module_utils._ansible.zimbra_directory import ZimbraDirectory, hide_secrets
from ..module_utils._domain import zimbra_entries_report
from ..module_utils._domain.refusal import Refusal
from ..module_utils._domain.zimbra_catalogue import ENTRY_TYPES
from ..module_utils._domain.zimbra_entries import Plan, flush_commands, plan


def main() -> None:
    module = SilentModule(
        argument_spec={
            "entries": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {
                    "type": {"type": "str", "required": True, "choices": list(ENTRY_TYPES)},
                    "name": {"type": "str"},
                    "attributes": {"type": "dict"},
                    "add": {"type": "dict"},
                    "remove": {"type": "dict"},
                    "remove_matching": {"type": "dict"},
                },
            },
            "via_ldap": {"type": "bool", "default": False},
            "release": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )
    hide_secrets(module)
    try:
        directory = ZimbraDirectory(module)
    except Refusal as refusal:
        module.fail_json(msg=str(refusal))
    converge(
        module,
        read=directory.read,
        plan=lambda state: plan(state, directory.wish),
        changed=lambda found: bool(found.changes),
        write=directory.write,
        show=zimbra_entries_report.diff,
        report=lambda found: report(module, directory, found),
    )


def report(module: AnsibleModule, directory: ZimbraDirectory, found: Plan) -> Dict[str, Any]:
    return {
        "changes": zimbra_entries_report.report(found),
        "restart": found.restart,
        "flush_needed": module.params["via_ldap"] and bool(flush_commands(found.changes)),
        "calls": directory.calls,
    }


if __name__ == "__main__":
    main()
