#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SPNEGO in CAS's logs."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cas_log_info
short_description: Tell from CAS's logs why logins by SPNEGO failed, with cause and remedy
version_added: 0.1.0
author:
  - The mailrealm.kerberos authors (@mailrealm)
description:
  - Reads the journal of the unit that runs CAS, and the end of log files with those into which they were rotated, at
    most 20000 lines of the journal and 8 MiB of each log, and tells what they say about logins by SPNEGO that failed.
    Packed files are not read.
  - Tokens, tickets of CAS and dumps of bytes in the lines that are returned are hidden.
options:
  unit:
    description:
      - The systemd unit whose journal is read; an empty one for none.
    type: str
    default: cas
  files:
    description:
      - Logs, such as C(/var/log/cas/cas.log) or C(catalina.out) of a Tomcat. One that is not there is named in
        RV(missing).
    type: list
    elements: path
    default: []
  since:
    description:
      - Take lines from then on only, by the host's clock. Seconds before now, or a time as V(2026-01-31T12:00:00Z),
        V(2026-01-31 12:00:00 +0100), or without a zone for the host's own.
    type: str
    default: "300"
extends_documentation_fragment:
  - mailrealm.kerberos.attributes.info_module
seealso:
  - module: mailrealm.kerberos.cas_info
  - module: mailrealm.kerberos.sso_probe
"""

EXAMPLES = r"""
- name: Read what CAS wrote about the logins of the last ten minutes
  mailrealm.kerberos.cas_log_info:
    files: [/var/log/cas/cas.log]
    since: "600"
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
      sample: service_key_missing
    cause:
      description: Why, as a sentence, with the words of the last such entry.
      type: str
    remedy:
      description: What would mend it.
      type: str
    count:
      description: How many entries had it.
      type: int
      sample: 3
    logs:
      description: The logs that had it; the journal is C(journal of) with the unit's name.
      type: list
      elements: str
      sample: [/var/log/cas/cas.log]
    last:
      description: When the last of them was.
      type: str
      sample: "2026-01-31T12:00:00+01:00"
    line:
      description: The line of the last of them that tells it, without secrets.
      type: str
      sample: "KrbException: Checksum failed"
missing:
  description: Those of O(files) that are not there, and the journal where it cannot be read.
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
from ..module_utils._domain.log_time import moment
from ..module_utils._system.cas_logs import read_logs


def gather(params: Dict[str, Any]) -> Dict[str, Any]:
    now = datetime.datetime.now().astimezone()
    logs = read_logs(params["unit"], params["files"], moment(params["since"], now), now)
    return {"symptoms": logs.symptoms, "missing": logs.missing, "truncated": logs.cut}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "unit": {"type": "str", "default": "cas"},
            "files": {"type": "list", "elements": "path", "default": []},
            "since": {"type": "str", "default": "300"},
        },
        supports_check_mode=True,
    )
    inform(module, lambda: gather(module.params))


if __name__ == "__main__":
    main()
