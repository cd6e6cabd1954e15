#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins by Kerberos in Zimbra's logs."""

from __future__ import annotations

DOCUMENTATION = r"""
module: zimbra_log_info
short_description: Tell from Zimbra's logs why logins by Kerberos failed, with cause and remedy
version_added: 0.1.0
author:
  - The mailrealm.kerberos authors (@mailrealm)
description:
  - Reads the end of the logs of mailbox, proxy and MTA, and of the files into which they were rotated, at most 8 MiB of
    each log, and tells what they say about logins by Kerberos that failed. Packed files are not read.
  - A KDC's log can be read too, where it is on the host, for the names that clients asked for in vain.
  - Lines are cut where they hold what may be a token.
options:
  paths:
    description: The logs. One that is not there is named in RV(missing).
    type: list
    elements: path
    default: [/opt/zimbra/log/mailbox.log, /opt/zimbra/log/nginx.log, /var/log/zimbra.log]
  since:
    description:
      - Take lines from then on only, by the host's clock. Seconds before now, or a time as V(2026-01-31T12:00:00Z),
        V(2026-01-31 12:00:00 +0100), or without a zone for the host's own.
    type: str
extends_documentation_fragment:
  - mailrealm.kerberos.attributes.info_module
seealso:
  - module: mailrealm.kerberos.zimbra_info
  - module: mailrealm.kerberos.sso_probe
"""

EXAMPLES = r"""
- name: Read what Zimbra wrote about the logins of the last ten minutes
  mailrealm.kerberos.zimbra_log_info:
    since: 600
  register: log

- name: Say why logins failed
  ansible.builtin.debug:
    msg: "{{ log.symptoms }}"
"""

RETURN = r"""
symptoms:
  description: What went wrong, the most frequent first.
  type: list
  elements: dict
  returned: success
  contains:
    symptom:
      description: A fixed name of what went wrong.
      type: str
      sample: account_not_mapped
    cause:
      description: Why, as a sentence, with the words of the last such entry.
      type: str
      sample: no account of Zimbra belongs to bob@PARTNER.TEST, whose ticket is good
    remedy:
      description: What would mend it.
      type: str
    count:
      description: How many entries had it.
      type: int
      sample: 3
    logs:
      description: The logs that had it.
      type: list
      elements: str
      sample: [/opt/zimbra/log/mailbox.log]
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
from ..module_utils._domain.heard import report
from ..module_utils._domain.log_time import moment
from ..module_utils._system.zimbra_logs import read_logs

LOGS = ["/opt/zimbra/log/mailbox.log", "/opt/zimbra/log/nginx.log", "/var/log/zimbra.log"]


def gather(params: Dict[str, Any]) -> Dict[str, Any]:
    now = datetime.datetime.now().astimezone()
    logs = read_logs(params["paths"], moment(params["since"], now) if params["since"] is not None else None, now)
    return {
        "symptoms": [report(heard, "logs") for heard in logs.heard],
        "missing": logs.missing,
        "truncated": logs.cut,
    }


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "paths": {"type": "list", "elements": "path", "default": LOGS},
            "since": {"type": "str"},
        },
        supports_check_mode=True,
    )
    inform(module, lambda: gather(module.params))


if __name__ == "__main__":
    main()
