#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: drift_merge
short_description: Makes one drift report of several
version_added: 0.1.0
author:
  - the mailrealm.kerberos authors (@mailrealm)
description:
  - Merges the reports of a fleet's slices (job slices, runs with C(--limit), hosts that run C(ansible-pull)) into the
    one that a single run over all hosts would have made, byte for byte but for its time stamp.
  - A host of several reports is known where one of them checked it and none of them failed on it.
  - Waivers are judged anew over the whole, so that one which matches nothing in its slice is none of the findings.
  - The task runs on the controller. Where the callback P(mailrealm.kerberos.drift#callback) is loaded, as by the
    playbook C(mailrealm.kerberos.drift_merge), it ends the run with 0, 2 or 4 as after a run over the hosts.
    Without it the task fails unless the report is clean.
extends_documentation_fragment:
  - mailrealm.kerberos.attributes
options:
  reports:
    description:
      - The files C(drift.json) of the slices on the controller, or patterns for them.
    type: list
    elements: str
    required: true
  folder:
    description:
      - The folder of the merged report, on the controller. It is made where it is missing.
    type: str
    default: drift
  waivers:
    description:
      - A file of waivers as O(mailrealm.kerberos.drift_begin#module:waivers), instead of those of the reports.
    type: str
    default: ""
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details:
      - The reports are the difference.
"""

EXAMPLES = r"""
- name: Merge the reports of the night
  mailrealm.kerberos.drift_merge:
    reports:
      - /var/lib/drift/slices/*/drift.json
    folder: /var/lib/drift
"""

RETURN = r"""
folder:
  description: The absolute path of the merged report's folder.
  returned: success
  type: str
  sample: /var/lib/drift
report_status:
  description: The status of the whole, V(clean), V(drift) or V(incomplete).
  returned: success
  type: str
  sample: drift
report_summary:
  description: The report in lines of plain sentences.
  returned: success
  type: list
  elements: str
  sample: ["Drift report: clean: every host is as its roles want it."]
"""
