#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attributes of Axigen's services."""

from __future__ import annotations

DOCUMENTATION = r"""
module: axigen_config
short_description: Set attributes of Axigen's services in the running server and save them
version_added: 0.1.0
author:
  - The mailrealm.kerberos authors (@mailrealm)
description:
  - Brings attributes of the services of an Axigen mail server to what is asked for, by one session in its command line
    interface (CLI), reads, sets, commits, saves, and reads again.
  - Sets are compared as sets in any order, and C(all) of the authentication methods as all that it stands for.
    Everything that is not asked for stays as it is.
  - What is asked is checked before anything is set. An attribute that this Axigen does not have, a value that the
    attribute cannot hold, and a service that the administrator may not enter are refused.
  - An attribute that runs as asked but was never saved is saved, as far as O(configuration_file) shows it.
options:
  services:
    description:
      - The exact values of attributes, by service. V(true) and V(false) become C(yes) and C(no), a list is a set.
      - The attributes are those that C(SHOW) prints in the service's context of the CLI. Attributes that hold a
        password are refused.
    type: dict
    suboptions: &services
      imap:
        description: The IMAP service.
        type: dict
      pop3:
        description: The POP3 service.
        type: dict
      smtp_incoming:
        description:
          - The service that takes mail by SMTP. It has no attribute for authentication methods, which are set in
            WebAdmin.
        type: dict
      smtp_outgoing:
        description: The service that sends mail by SMTP.
        type: dict
      webmail:
        description: WebMail. C(allowSPNEGOAuth) switches single sign-on.
        type: dict
      webadmin:
        description: WebAdmin.
        type: dict
      log:
        description: The log service.
        type: dict
      cli:
        description: The CLI itself.
        type: dict
  services_add:
    description:
      - Words that attributes which are sets must hold. Bits that C(logLevel) must have, for instance V(16) for
        protocol communication.
    type: dict
    suboptions: *services
  services_remove:
    description:
      - Words that attributes which are sets must not hold, and bits that C(logLevel) must not have.
    type: dict
    suboptions: *services
  domain:
    description:
      - A domain that this Axigen must have, or the task fails before anything is set.
      - By GSSAPI Axigen logs in users of the realm whose name is the domain's in capitals.
    type: str
  running:
    description:
      - Services that must run, which is seen by one of their listeners taking a connection. Others are started.
      - A service that C(services) in Axigen's file does not name runs until Axigen is restarted only. The module warns
        of it, for Axigen lets nobody change that list while it runs.
      - For listeners on all addresses the module connects to this host.
    type: list
    elements: str
    choices: [imap, pop3, smtp_incoming, webmail]
    default: []
  save:
    description:
      - Whether to save the configuration (C(SAVE CONFIG)) when something changed, or when the file holds another value
        than is asked for.
      - Saving takes along whatever else runs unsaved. The module warns of it.
    type: bool
    default: true
extends_documentation_fragment:
  - mailrealm.kerberos.attributes
  - mailrealm.kerberos.axigen
attributes:
  check_mode:
    support: full
    details:
      - Check mode logs in and reads. Where nobody answers at O(login.host), it goes on as if an earlier task of the
        same run starts Axigen with what O(configuration_file) says. Where there is none either, it goes on as if one
        installs it, and takes everything that is asked for as a change.
  diff_mode:
    support: full
    details:
      - One line an attribute, for the running server and for its file.
seealso:
  - module: mailrealm.kerberos.axigen_info
  - module: mailrealm.kerberos.axigen_log_info
"""

EXAMPLES = r"""
- name: IMAP and POP3 offer GSSAPI
  mailrealm.kerberos.axigen_config:
    login:
      password: "{{ vault_axigen_admin_password }}"
    domain: example.test
    services_add:
      imap:
        secureConnAuthTypes: [gssapi]
        plainConnAuthTypes: [gssapi]
      pop3:
        secureConnAuthTypes: [gssapi]
        plainConnAuthTypes: [gssapi]
    running: [imap, pop3]

- name: WebMail offers single sign-on, and passwords go under TLS only
  mailrealm.kerberos.axigen_config:
    login:
      password: "{{ vault_axigen_admin_password }}"
    services:
      webmail:
        allowSPNEGOAuth: true
      imap:
        allowStartTLS: true
        plainConnAllowLogin: false
        secureConnAuthTypes: [plain, gssapi]

- name: Log files show the protocol
  mailrealm.kerberos.axigen_config:
    login:
      password: "{{ vault_axigen_admin_password }}"
    services_add:
      imap:
        logLevel: 16
"""

RETURN = r"""
changes:
  description: The attributes that changed in the running server, or would in check mode.
  type: list
  elements: dict
  returned: success
  contains:
    service:
      description: The service.
      type: str
      sample: imap
    attribute:
      description: The attribute, as Axigen spells it.
      type: str
      sample: secureConnAuthTypes
    before:
      description: Its value before.
      type: str
      sample: (plain login)
    after:
      description: Its value after.
      type: str
      sample: (plain login gssapi)
started:
  description: The services that were started.
  type: list
  elements: str
  returned: success
  sample: [imap]
saved:
  description: Whether the configuration was saved.
  type: bool
  returned: success
unsaved:
  description:
    - The attributes that ran with another value than the file holds, before this task. Null where the file is not
      seen.
  type: list
  elements: str
  returned: success
  sample: [imap.logLevel]
primary_domain:
  description: The domain of users who log in by a bare name; empty where Axigen does not tell it.
  type: str
  returned: success
  sample: example.test
version:
  description: Axigen's version; null in check mode where Axigen does not run.
  type: str
  returned: success
  sample: 10.6.30
"""

from typing import Any, Dict, List

from ..module_utils._ansible.axigen_session import AXIGEN, AxigenSession, hide_passwords
from ..module_utils._ansible.converge import converge
from ..module_utils._ansible.silent_module import SilentModule
from ..module_utils._domain import axigen_settings
from ..module_utils._domain.axigen_attributes import SERVICES, STARTABLE, shown
from ..module_utils._domain.axigen_settings import Plan, State, plan, wish_from

SERVICE_OPTIONS = {"type": "dict", "options": {service: {"type": "dict"} for service in SERVICES}}


def main() -> None:
    module = SilentModule(
        argument_spec={
            "services": SERVICE_OPTIONS,
            "services_add": SERVICE_OPTIONS,
            "services_remove": SERVICE_OPTIONS,
            "domain": {"type": "str"},
            "running": {"type": "list", "elements": "str", "choices": list(STARTABLE), "default": []},
            "save": {"type": "bool", "default": True},
            **AXIGEN,
        },
        supports_check_mode=True,
    )
    hide_passwords(module)
    session = AxigenSession(module)
    states: List[State] = []  # the first is that of before

    def read() -> State:
        states.append(session.read(wish_from(module.params)))
        return states[-1]

    def planned(state: State) -> Plan:
        found = plan(state, wish_from(module.params))
        for warning in found.warnings if state is states[0] else ():
            module.warn(warning)
        return found

    def guard() -> AxigenSession:
        wish_from(module.params)  # what makes no sense is refused before anybody logs in
        return session

    converge(
        module,
        read=read,
        plan=planned,
        changed=lambda found: found.changed,
        write=lambda found: session.write(found, states[0]),
        show=lambda found: axigen_settings.diff(found, session.place, session.path),
        report=lambda found: report(found, states[0], session),
        guard=guard,
    )


def report(found: Plan, state: State, session: AxigenSession) -> Dict[str, Any]:
    known = state.running or state.saved
    return {
        "changes": [
            {
                "service": change.service,
                "attribute": change.attribute,
                "before": shown(change.before),
                "after": shown(change.after),
            }
            for change in found.changes
        ],
        "started": list(found.starts),
        "saved": found.save,
        "unsaved": axigen_settings.unsaved(state),
        "primary_domain": known.primary_domain if known else "",
        "version": session.version,
    }


if __name__ == "__main__":
    main()
