#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an Axigen is set to."""

from __future__ import annotations

DOCUMENTATION = r"""
module: axigen_info
short_description: Tell version, domains, services and listeners of a running Axigen
version_added: 0.1.0
author:
  - The mailrealm.kerberos authors (@mailrealm)
description:
  - Reads in one session of Axigen's command line interface (CLI), and changes nothing.
  - Values of attributes that are passwords are not returned.
options: {}
extends_documentation_fragment:
  - mailrealm.kerberos.attributes.info_module
  - mailrealm.kerberos.axigen
attributes:
  check_mode:
    details:
      - This module only reads; it does the same in check mode. There, an Axigen that does not answer is a warning and
        what O(configuration_file) says is returned, because an earlier task of the same run may be about to start it.
seealso:
  - module: mailrealm.kerberos.axigen_config
"""

EXAMPLES = r"""
- name: Learn what Axigen offers
  mailrealm.kerberos.axigen_info:
    login:
      password: "{{ vault_axigen_admin_password }}"
  register: axigen

- name: The realm's domain is one of Axigen's
  ansible.builtin.assert:
    that: "'example.test' in axigen.domains"
"""

RETURN = r"""
version:
  description: Axigen's version; null in check mode where Axigen does not run.
  type: str
  returned: success
  sample: 10.6.30
primary_domain:
  description: The domain of users who log in by a bare name; empty where Axigen does not tell it.
  type: str
  returned: success
  sample: example.test
domains:
  description: The names of Axigen's domains; null in check mode where Axigen does not run.
  type: list
  elements: str
  returned: success
  sample: [example.test]
services:
  description: The services that this Axigen shows, by the names that the module C(axigen_config) has for them.
  type: dict
  returned: success
  sample:
    imap:
      started: true
      attributes: {allowStartTLS: "yes", secureConnAuthTypes: [plain, gssapi]}
      listeners: [{address: "0.0.0.0:143", enabled: true, tls: false}]
unsaved:
  description: The attributes that run with another value than the file holds; null where the file is not seen.
  type: list
  elements: str
  returned: success
  sample: [imap.logLevel]
"""

from typing import Any, Dict

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._ansible.axigen_session import AXIGEN, AxigenSession
from ..module_utils._ansible.converge import inform
from ..module_utils._domain.axigen_configured import Configured, service_report
from ..module_utils._domain.axigen_settings import unsaved


def gather(module: AnsibleModule) -> Dict[str, Any]:
    with AxigenSession(module) as session:
        state = session.read_all()
        known = state.running or state.saved or Configured()
        return {
            "version": session.version,
            "primary_domain": known.primary_domain,
            "domains": None if state.domains is None else list(state.domains),
            "services": service_report(known),
            "unsaved": unsaved(state),
        }


def main() -> None:
    module = AnsibleModule(argument_spec=AXIGEN, supports_check_mode=True)
    inform(module, lambda: gather(module))


if __name__ == "__main__":
    main()
