#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins in Axigen's log."""

from __future__ import annotations

DOCUMENTATION = r"""
module: axigen_log_info
short_description: Read back logins from Axigen's log, with cause and remedy of those that failed
version_added: 0.1.0
author:
  - The mailrealm.kerberos authors (@mailrealm)
description:
  - Reads the end of Axigen's logs and of the files into which they were rotated, at most 8 MiB of each log, and tells
    the sessions in which somebody tried to log in.
  - Whether a session shows its mechanism and protocol lines depends on the C(logLevel) of its service, of which bit 16
    is protocol communication (M(mailrealm.kerberos.axigen_config)).
  - Nothing that a client sends while it logs in is returned, and of what the server sends tokens are cut.
options:
  paths:
    description: The logs. One that is not there is named in RV(missing).
    type: list
    elements: path
    default: [/var/opt/axigen/log/everything.txt, /var/opt/axigen/log/default.txt]
  since:
    description:
      - Take lines from then on only, by the host's clock. Seconds before now, or a time as V(2026-01-31T12:00:00Z),
        V(2026-01-31 12:00:00 +0100), or without a zone for the host's own.
    type: str
  services:
    description: Take these services only; by default all.
    type: list
    elements: str
    choices: [imap, pop3, smtp, webmail, webadmin, cli]
    default: []
extends_documentation_fragment:
  - mailrealm.kerberos.attributes.info_module
seealso:
  - module: mailrealm.kerberos.axigen_config
  - module: mailrealm.kerberos.sso_probe
"""

EXAMPLES = r"""
- name: Read back the logins of the last ten minutes
  mailrealm.kerberos.axigen_log_info:
    since: 600
    services: [imap, pop3, smtp]
  register: log

- name: Say why logins failed
  ansible.builtin.debug:
    msg: "{{ log.symptoms }}"
"""

RETURN = r"""
sessions:
  description: The sessions in which somebody tried to log in, in the order in which they began.
  type: list
  elements: dict
  returned: success
  contains:
    module:
      description: The part of Axigen.
      type: str
      sample: IMAP
    session:
      description: The session's number in the log.
      type: str
      sample: 0000A01F
    began:
      description: The time of the session's first line that was read.
      type: str
      sample: "2026-01-31T12:00:00+01:00"
    client:
      description: The client's address; empty where it is not told.
      type: str
      sample: 192.0.2.7
    user:
      description: The account, as far as it is told.
      type: str
      sample: alice@example.test
    mechanism:
      description:
        - The SASL mechanism; V(PASSWORD) for IMAP's C(LOGIN) and POP3's C(PASS), V(OTHER) for one that is not known.
          Empty without protocol lines.
      type: str
      sample: GSSAPI
    result:
      description: What became of it.
      type: str
      sample: accepted
    lines:
      description: The session's lines up to there, without secrets.
      type: list
      elements: str
      sample: ["<< a1 AUTHENTICATE GSSAPI", ">> +", "<< (812 characters)"]
symptoms:
  description: What went wrong in the sessions that were refused, the most frequent first.
  type: list
  elements: dict
  returned: success
  contains:
    symptom:
      description: A fixed name of what went wrong.
      type: str
      sample: service_keytab_unreadable
    cause:
      description: Why, as a sentence, with the words of the last such session.
      type: str
      sample: Axigen's user may not read the keytab
    remedy:
      description: What would mend it.
      type: str
    count:
      description: How many sessions had it.
      type: int
      sample: 3
    modules:
      description: The parts of Axigen that had it.
      type: list
      elements: str
      sample: [IMAP]
    last:
      description: When the last of them was.
      type: str
      sample: "2026-01-31T12:00:00+01:00"
missing:
  description: Those of O(paths) that are not there.
  type: list
  elements: str
  returned: success
  sample: []
truncated:
  description: Whether the logs go further back than was read, and so perhaps than O(since).
  type: bool
  returned: success
  sample: false
"""

import datetime
from typing import Any, Dict

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._ansible.converge import inform
from ..module_utils._domain.axigen_log import MODULES, login_report
from ..module_utils._domain.axigen_symptoms import heard_in
from ..module_utils._domain.heard import report
from ..module_utils._domain.log_time import moment
from ..module_utils._system.axigen_logs import read_logs


def gather(params: Dict[str, Any]) -> Dict[str, Any]:
    now = datetime.datetime.now().astimezone()
    since = moment(params["since"], now) if params["since"] is not None else None
    logs = read_logs(params["paths"], since, [MODULES[service] for service in params["services"]])
    return {
        "sessions": [login_report(login) for login in logs.logins],
        "symptoms": [report(heard, "modules") for heard in heard_in(logs.logins)],
        "missing": logs.missing,
        "truncated": logs.cut,
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "paths": {
                "type": "list",
                "elements": "path",
                "default": ["/var/opt/axigen/log/everything.txt", "/var/opt/axigen/log/default.txt"],
            },
            "since": {"type": "str"},
            "services": {"type": "list", "elements": "str", "choices": list(MODULES), "default": []},
        },
        supports_check_mode=True,
    )
    inform(module, lambda: gather(module.params))


if __name__ == "__main__":
    main()
