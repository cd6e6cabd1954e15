#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: drift_begin
short_description: Begins a drift report
version_added: 0.1.0
author:
  - the mailrealm.kerberos authors (@mailrealm)
description:
  - Switches on the callback P(mailrealm.kerberos.drift#callback) for a playbook in check mode, and makes sure before
    any host is looked at that the report can be written and that the waivers are sound.
  - The callback writes the report from here on, and again after every play. Stopped at any time, a run leaves a report
    of the status C(incomplete).
  - The playbook C(mailrealm.kerberos.drift) has this task as its first; use it once at the head of a playbook
    of your own, on all hosts with C(run_once). The task runs on the controller.
extends_documentation_fragment:
  - mailrealm.kerberos.attributes
options:
  folder:
    description:
      - The folder of the report, on the controller. It is made where it is missing.
      - The files are C(drift.json), C(drift.html), C(drift.xml) (JUnit) and C(drift.prom) (Prometheus textfile), for
        their owner and group alone to read.
    type: str
    default: drift
  waivers:
    description:
      - A YAML file on the controller, a list of what is waived. Each item has C(name), C(expression) (JMESPath; it is
        asked of each finding of each host, which has the fields of C(findings[]) in the report, and C(host)),
        C(owner), C(reason) and C(expires) (C(YYYY-MM-DD), the last day in UTC on which it holds).
      - A waiver that has expired or matches nothing is a finding itself.
      - It needs the Python library C(jmespath) on the controller.
    type: str
    default: ""
attributes:
  check_mode:
    support: full
    details:
      - It runs in check mode only, and refuses a play that would change hosts.
  diff_mode:
    support: N/A
    details:
      - It changes no host.
"""

EXAMPLES = r"""
# The first task of a playbook of your own, of which each play has `check_mode: true` and `diff: true`
- name: Make sure that the report can be written
  mailrealm.kerberos.drift_begin:
    folder: /var/lib/drift
    waivers: "{{ inventory_dir }}/waivers.yml"
  run_once: true

# waivers.yml:
# - name: mx2 keeps its own list of mechanisms
#   expression: host == 'mx2.example.test' && resource == '/etc/postfix/sasl/smtpd.conf'
#   owner: mail team
#   reason: old clients until the office has moved
#   expires: 2027-01-31
"""

RETURN = r"""
folder:
  description: The absolute path of the report's folder.
  returned: success
  type: str
  sample: /var/lib/drift
waivers:
  description: The names of the waivers.
  returned: success
  type: list
  elements: str
  sample: [mx2 keeps its own list of mechanisms]
"""
