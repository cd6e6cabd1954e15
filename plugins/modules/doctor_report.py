#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor's report over all hosts; the action plugin of the same name does it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: doctor_report
short_description: Rank the causes of failing logins over the evidence of all hosts, and print them
version_added: 0.1.0
author:
  - The mailrealm.kerberos authors (@mailrealm)
description:
  - Compares what the tasks of the role C(doctor) registered on each host (C(doctor_found) of
    M(mailrealm.kerberos.doctor_info), C(doctor_tried) of M(mailrealm.kerberos.sso_probe)), so that both ends of one
    exchange are seen.
  - Prints each cause once, the worst first, with what people see of it, the evidence and the remedy, and beneath it
    what it accounts for.
  - Runs on the controller and connects to no host.
extends_documentation_fragment:
  - mailrealm.kerberos.attributes.info_module
attributes:
  check_mode:
    details:
      - O(file) is written in check mode too, for it is the report and nothing that is managed.
options:
  hosts:
    description:
      - The hosts, by their names in the inventory. One without results is told as not tested.
    type: list
    elements: str
    required: true
  file:
    description:
      - A file on the controller that is written whole or not at all, with the same as JSON. Empty for none.
    type: path
    default: ""
seealso:
  - module: mailrealm.kerberos.doctor_info
"""

EXAMPLES = r"""
- name: Say why logins fail
  mailrealm.kerberos.doctor_report:
    hosts: "{{ ansible_play_hosts_all }}"
    file: /var/lib/mailrealm/doctor.json
  run_once: true
"""

RETURN = r"""
status:
  description: >-
    V(broken), V(degraded), V(untested) or V(healthy): the worst that was found, where what could not be tested is
    better than what is known to be bad.
  returned: success
  type: str
  sample: broken
causes:
  description: >-
    The first causes in one sentence, the worst first; empty where there are none but the failed logins themselves.
  returned: success
  type: str
  sample: >-
    clock.skew on mx1.example.test: chrony: the clock is 400 seconds ahead of the KDC's (offset 400.1 s); start chrony
diagnoses:
  description: All that was found, as M(mailrealm.kerberos.doctor_info) returns it.
  returned: success
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._ansible.doctor_arguments import REPORT


def main() -> None:
    module = AnsibleModule(argument_spec=REPORT, supports_check_mode=True)
    module.fail_json(msg="doctor_report: is done on the controller; call it by a task, under its full name")


if __name__ == "__main__":
    main()
