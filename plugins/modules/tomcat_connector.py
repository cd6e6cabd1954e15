#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connectors of Tomcat."""

from __future__ import annotations

DOCUMENTATION = r"""
module: tomcat_connector
short_description: Set attributes of the connectors in Tomcat's server.xml
version_added: 0.1.0
author:
  - the mailrealm.kerberos authors (@mailrealm)
description:
  - Sets and removes attributes of C(Connector) elements. Other attributes, other elements, comments and their order
    stay as they are, to the byte. What stands in a comment is no connector.
  - A Kerberos ticket travels in a header, and that of a user in many groups of Active Directory is longer than the 8192
    bytes that a connector takes for all headers of a request unless C(maxHttpHeaderSize) says otherwise.
options:
  path:
    description:
      - The file, such as C(/etc/tomcat10/server.xml). It must be there.
    type: path
    required: true
  ports:
    description:
      - The ports of the connectors meant. With none, all connectors that speak HTTP, and not AJP.
    type: list
    elements: int
    default: []
  minimums:
    description:
      - Attributes and the least number that they may have. Where one is smaller or not there it is set to this number;
        where it is larger it stays. A negative one stays too, as no limit, but not for the size of headers.
      - Where C(maxHttpHeaderSize) is asked for and C(maxHttpRequestHeaderSize) stands beside it, which counts for
        requests then, that one is raised too.
    type: dict
    default: {}
  settings:
    description:
      - Attributes and the values that they must have. V(true) and V(false) are written so.
      - C(port) cannot be changed, and C(protocol) only with O(ports).
    type: dict
    default: {}
  absent:
    description:
      - Attributes that must not be there.
    type: list
    elements: str
    default: []
  backup:
    description:
      - Keep a copy of the file before it is changed; its name is returned.
    type: bool
    default: false
extends_documentation_fragment:
  - mailrealm.kerberos.attributes
  - ansible.builtin.files
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - The attributes that change, one a line. Passwords are not shown.
notes:
  - Tomcat reads the file when it starts.
  - A value that holds a placeholder such as C(${header.size}) is left alone with a warning, for only Tomcat knows what
    it becomes.
seealso:
  - module: mailrealm.kerberos.log4j2_loggers
"""

EXAMPLES = r"""
- name: Take the tickets of users in many groups
  mailrealm.kerberos.tomcat_connector:
    path: /etc/tomcat10/server.xml
    minimums:
      maxHttpHeaderSize: 65536

- name: Take them behind the proxy alone
  mailrealm.kerberos.tomcat_connector:
    path: /etc/tomcat10/server.xml
    ports: [8080]
    minimums:
      maxHttpHeaderSize: 65536
    settings:
      address: 127.0.0.1
    absent:
      - redirectPort
"""

RETURN = r"""
path:
  description: The file.
  returned: success
  type: str
  sample: /etc/tomcat10/server.xml
connectors:
  description: The connectors meant, as they are in the end.
  returned: success
  type: list
  elements: dict
  contains:
    port:
      description: The port as the file has it.
      type: str
      sample: "8080"
    protocol:
      description: The protocol as the file has it, or Tomcat's default.
      type: str
      sample: HTTP/1.1
    attributes:
      description: All attributes, without the values of passwords.
      type: dict
      sample: {"port": "8080", "maxHttpHeaderSize": "65536"}
backup_file:
  description: The copy of the file as it was.
  returned: when O(backup=true) and the content changed
  type: str
  sample: /etc/tomcat10/server.xml.4711.2026-11-23@01:02:03~
"""

from dataclasses import asdict
from typing import Any, Dict

from ..module_utils._ansible.file_module import converge_file
from ..module_utils._ansible.silent_module import SilentModule
from ..module_utils._domain.refusal import Refusal
from ..module_utils._domain.tomcat_server import ConnectorsPlan, plan, secret, wish_from


def main() -> None:
    module = SilentModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "ports": {"type": "list", "elements": "int", "default": []},
            "minimums": {"type": "dict", "default": {}},
            "settings": {"type": "dict", "default": {}},
            "absent": {"type": "list", "elements": "str", "default": []},
            "backup": {"type": "bool", "default": False},
        },
        add_file_common_args=True,
        supports_check_mode=True,
    )
    path, given = module.params["path"], module.params["settings"]
    module.no_log_values.update(str(value) for name, value in given.items() if value and secret(str(name)))
    try:
        wish = wish_from(module.params["ports"], module.params["minimums"], given, module.params["absent"])
    except Refusal as refusal:
        module.fail_json(msg=str(refusal))

    def report(planned: ConnectorsPlan) -> Dict[str, Any]:
        for warning in planned.warnings:
            module.warn(warning)
        return {"connectors": [asdict(one) for one in planned.connectors]}

    converge_file(
        module,
        path,
        newborn_mode=0o644,
        plan=lambda content: plan(path, content, wish),
        content=lambda planned: planned.content,
        describe=lambda planned: (planned.before, planned.after),
        report=report,
    )


if __name__ == "__main__":
    main()
