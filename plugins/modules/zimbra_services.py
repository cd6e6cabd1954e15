#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zimbra's services run with what is set."""

from __future__ import annotations

DOCUMENTATION = r"""
module: zimbra_services
short_description: Make Zimbra's services run with what is set, by the restarts that are needed and no others
version_added: 0.1.0
author:
  - The mailrealm.kerberos authors (@mailrealm)
description:
  - Looks at what the services of Zimbra on this host really run with. It asks their ports for the mechanisms that they
    offer after STARTTLS, reads the environment of a running smtpd, and compares the start of processes with the files
    that they read at their start alone. So a change that was written but never applied is found as well.
  - Where something differs from what is asked, all sections in question are rewritten by one C(configrewrite). Then
    the services are restarted in Zimbra's order, each in the way that it needs, and waited for until they offer what
    they must. One that does not come to it fails the task after the others have had their turn.
  - A service that is asked for and does not run is started.
options:
  hostname:
    description:
      - Where the services listen, as seen from this host. A name must lead to this host itself, so a load balancer's
        name is refused.
    type: str
    default: 127.0.0.1
  pending:
    description:
      - What must be restarted whatever the look shows, for tasks before have changed its settings. The results of
        M(mailrealm.kerberos.zimbra_attributes) and M(mailrealm.kerberos.zimbra_localconfig) name it as C(restart).
      - V(mta_environment) stops the MTA and starts it, for Postfix takes C(import_environment) at its start alone. For
        V(mta) a reload is enough.
      - Services that this host does not have are passed over.
    type: list
    elements: str
    choices: [mailbox, proxy, mta, mta_environment]
    default: []
  mailbox:
    description:
      - What the mailbox server (mailboxd) must run with; it must run.
    type: dict
    suboptions:
      imap:
        description:
          - Whether IMAP must offer GSSAPI. Where it is left out, IMAP is not looked at.
        type: bool
      pop3:
        description:
          - Whether POP3 must offer GSSAPI. Where it is left out, POP3 is not looked at.
        type: bool
      imap_port:
        description:
          - IMAP's port (C(zimbraImapBindPort)); V(143) on servers without a proxy.
        type: int
        default: 7143
      pop3_port:
        description:
          - POP3's port (C(zimbraPop3BindPort)); V(110) on servers without a proxy.
        type: int
        default: 7110
  proxy:
    description:
      - What the proxy (nginx) must run with; it must run.
    type: dict
    suboptions:
      imap:
        description:
          - Whether IMAP must offer GSSAPI. Where it is left out, IMAP is not looked at.
        type: bool
      pop3:
        description:
          - Whether POP3 must offer GSSAPI. Where it is left out, POP3 is not looked at.
        type: bool
      realm:
        description:
          - The default realm that the proxy's generated files must hold. The proxy must have been started after they
            were written.
        type: str
      imap_port:
        description: IMAP's port (C(zimbraImapProxyBindPort)).
        type: int
        default: 143
      pop3_port:
        description: POP3's port (C(zimbraPop3ProxyBindPort)).
        type: int
        default: 110
  mta:
    description:
      - What the MTA (Postfix) must run with; it must run.
    type: dict
    suboptions:
      mechanisms:
        description:
          - The mechanisms that it must offer at least.
        type: list
        elements: str
      environment:
        description:
          - Variables that smtpd must run with, such as C(KRB5_KTNAME) with the keytab's path. They come from
            C(zimbraMtaImportEnvironment).
        type: dict
      myhostname:
        description:
          - The name by which it must answer (C(zimbraMtaMyHostname)). It is the host of its service principal.
        type: str
      port:
        description: The port of submission.
        type: int
        default: 587
  spnego:
    description:
      - Whether mailboxd must have been started for single sign-on in the web (C(zimbraSpnegoAuthEnabled)), and, where
        it must, after C(jetty_base/etc/krb5.ini.in) was last written.
      - It needs O(mailbox).
    type: bool
  timeout:
    description:
      - Seconds to wait for each restarted service until it offers what it must.
    type: int
    default: 120
extends_documentation_fragment:
  - mailrealm.kerberos.attributes
attributes:
  check_mode:
    support: full
    details:
      - Check mode looks at the services and restarts none. It tells the same restarts as the run after it.
  diff_mode:
    support: full
    details:
      - One line for each thing that a service does not run with as asked. Changes that are O(pending) for proxy or MTA
        are one line each, for zmconfigd may have restarted them within a minute after the change.
notes:
  - The module runs as root, and Zimbra's programs as the user zimbra.
  - One C(configrewrite) takes at least five seconds, a restart of mailboxd about a minute. A run that finds everything
    as asked starts neither.
  - A proxy that C(zmproxyctl restart) has left running is stopped and started again.
seealso:
  - module: mailrealm.kerberos.zimbra_attributes
  - module: mailrealm.kerberos.zimbra_localconfig
"""

EXAMPLES = r"""
- name: Zimbra offers GSSAPI for IMAP, POP3 and submission
  mailrealm.kerberos.zimbra_services:
    hostname: zimbra1.example.test
    pending: [mta_environment]  # as a registered result of zimbra_attributes has it in restart
    mailbox:
      imap: true
      pop3: true
    proxy:
      imap: true
      pop3: true
      realm: EXAMPLE.TEST
    mta:
      mechanisms: [GSSAPI, PLAIN, LOGIN]
      environment:
        KRB5_KTNAME: /opt/zimbra/data/krb5/smtp.keytab
      myhostname: mail.example.test

- name: A proxy without mailboxes offers GSSAPI
  mailrealm.kerberos.zimbra_services:
    proxy:
      imap: true
      pop3: true
"""

RETURN = r"""
restarted:
  description:
    - The services that were restarted, reloaded or started, in order; in check mode those that will be.
  type: list
  elements: str
  returned: success
  sample: [mailbox, proxy, mta]
rewritten:
  description: The sections that zmconfigd was told to rewrite.
  type: list
  elements: str
  returned: success
  sample: [mailbox, proxy, mta, sasl]
commands:
  description: Zimbra's programs that were run for it, with their words, in order.
  type: list
  elements: str
  returned: success
  sample: [configrewrite mta sasl, zmmtactl stop, zmmtactl start norewrite]
offered:
  description:
    - The mechanisms that each service offers, by protocol, after the run; in check mode before it. Null where a port
      does not answer.
  type: dict
  returned: success
  sample:
    mailbox:
      imap: [GSSAPI, PLAIN]
    mta:
      smtp: [GSSAPI, LOGIN, PLAIN]
"""

from dataclasses import replace
from typing import Any, Dict, List, Mapping

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._ansible.converge import converge
from ..module_utils._domain.zimbra_applied import diff, offered, result_of
from ..module_utils._domain.zimbra_offer import Running
from ..module_utils._domain.zimbra_services import PENDING, Plan, plan, wish_from
from ..module_utils._system.zimbra_control import carry_out
from ..module_utils._system.zimbra_programs import ZimbraPrograms
from ..module_utils._system.zimbra_running import check_host, look

MAIL = {"imap": {"type": "bool"}, "pop3": {"type": "bool"}}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "hostname": {"type": "str", "default": "127.0.0.1"},
            "pending": {"type": "list", "elements": "str", "choices": list(PENDING), "default": []},
            "mailbox": {
                "type": "dict",
                "options": {
                    **MAIL,
                    "imap_port": {"type": "int", "default": 7143},
                    "pop3_port": {"type": "int", "default": 7110},
                },
            },
            "proxy": {
                "type": "dict",
                "options": {
                    **MAIL,
                    "realm": {"type": "str"},
                    "imap_port": {"type": "int", "default": 143},
                    "pop3_port": {"type": "int", "default": 110},
                },
            },
            "mta": {
                "type": "dict",
                "options": {
                    "mechanisms": {"type": "list", "elements": "str"},
                    "environment": {"type": "dict"},
                    "myhostname": {"type": "str"},
                    "port": {"type": "int", "default": 587},
                },
            },
            "spnego": {"type": "bool"},
            "timeout": {"type": "int", "default": 120},
        },
        supports_check_mode=True,
    )
    states: List[Dict[str, Running]] = []  # the first is that of before

    def read() -> Dict[str, Running]:
        wish = wish_from(module.params)
        programs = ZimbraPrograms()
        check_host(wish.host)
        states.append({ask.service: look(programs, ask, wish) for ask in wish.looked_at})
        return states[-1]

    def planned(state: Mapping[str, Running]) -> Plan:
        wish = wish_from(module.params)
        # What was pending is so no longer once it has been carried out.
        return plan(state, wish if state is states[0] else replace(wish, pending=frozenset()))

    def write(found: Plan) -> None:
        programs, wish = ZimbraPrograms(), wish_from(module.params)
        carry_out(programs, found, states[0], wish, lambda ask: look(programs, ask, wish))

    def told(_found: Plan, state: Mapping[str, Running]) -> Dict[str, Any]:
        return {"offered": offered(state)}

    converge(
        module,
        read=read,
        plan=planned,
        changed=lambda found: bool(found.acts),
        write=write,
        show=diff,
        report=lambda found: result_of(found, states[0]),
        told=told,
    )


if __name__ == "__main__":
    main()
