#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loggers of Log4j 2, as CAS has them."""

from __future__ import annotations

DOCUMENTATION = r"""
module: log4j2_loggers
short_description: Set loggers in the log4j2.xml of Apereo CAS
version_added: 0.1.0
author:
  - the mailrealm.kerberos authors (@mailrealm)
description:
  - Sets and removes loggers in the XML configuration of Log4j 2. Other loggers, appenders, comments and their order
    stay as they are, to the byte.
  - A logger that is there already, as C(Logger) or C(AsyncLogger), gets the level, the additivity, the kind and the
    appenders asked for, and keeps everything else.
  - Log4j takes the names of elements in any case, and of several loggers with one name the last one; so does this
    module. What stands in a comment is no logger.
options:
  path:
    description:
      - The file, such as C(/etc/cas/config/log4j2.xml), which the property C(logging.config) of CAS names.
    type: path
    required: true
  loggers:
    description:
      - The loggers.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - The package or class, such as V(jcifs.spnego). The root logger cannot be set here.
        type: str
        required: true
      level:
        description:
          - One of V(off), V(fatal), V(error), V(warn), V(info), V(debug), V(trace), V(all), a custom level of the file,
            or a placeholder such as V(${sys:cas.log.level}).
          - Required with O(state=present).
        type: str
      additivity:
        description:
          - Whether the appenders of the loggers above get the messages too.
        type: bool
        default: false
      appenders:
        description:
          - The names of exactly those appenders that get the messages.
          - Where the file has no appender V(casConsole) or V(casFile), as with an older CAS, V(console) or V(file) is
            taken if that one is there.
        type: list
        elements: str
        default: [casConsole, casFile]
      async:
        description:
          - Whether it is an C(AsyncLogger) and not a C(Logger). With the configuration that CAS brings, all loggers
            are asynchronous either way.
        type: bool
        default: false
  state:
    description:
      - V(present) sets the loggers; V(absent) removes those of these names, whoever made them.
    type: str
    choices: [present, absent]
    default: present
  war:
    description:
      - The web archive of CAS, or the folder into which it was unpacked. Where O(path) is missing, it begins as the
        configuration that this CAS brings.
      - Only with O(state=present); in check mode an archive that is not there yet is taken as one that will be.
    type: path
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
      - The loggers that change, one a line, and whether the file begins as that of O(war).
notes:
  - A new file gets mode C(0644), unless O(mode) says otherwise.
  - The configuration that CAS brings is read again by itself within seconds of a change.
  - At level V(debug) the loggers of SPNEGO print whole tokens.
seealso:
  - module: mailrealm.kerberos.tomcat_connector
"""

EXAMPLES = r"""
- name: See what CAS does with the tickets of browsers
  mailrealm.kerberos.log4j2_loggers:
    path: /etc/cas/config/log4j2.xml
    war: /etc/cas/cas.war
    loggers:
      - name: jcifs.spnego
        level: debug
      - name: org.apereo.cas.support.spnego
        level: debug

- name: Be silent again
  mailrealm.kerberos.log4j2_loggers:
    path: /etc/cas/config/log4j2.xml
    loggers:
      - name: jcifs.spnego
      - name: org.apereo.cas.support.spnego
    state: absent
"""

RETURN = r"""
path:
  description: The file.
  returned: success
  type: str
  sample: /etc/cas/config/log4j2.xml
appenders:
  description: The appenders that the loggers use, as the file names them.
  returned: success
  type: list
  elements: str
  sample: [casConsole, casFile]
backup_file:
  description: The copy of the file as it was.
  returned: when O(backup=true) and the content changed
  type: str
  sample: /etc/cas/config/log4j2.xml.4711.2026-11-23@01:02:03~
"""

from typing import Optional

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._ansible.file_module import converge_file
from ..module_utils._domain.log4j2 import LoggersPlan, plan, plan_absent, stand_in, wishes_from
from ..module_utils._domain.refusal import Refusal
from ..module_utils._system.war_log4j2 import shipped_log4j2

LOGGER = {
    "name": {"type": "str", "required": True},
    "level": {"type": "str"},
    "additivity": {"type": "bool", "default": False},
    "appenders": {"type": "list", "elements": "str", "default": ["casConsole", "casFile"]},
    "async": {"type": "bool", "default": False},
}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "loggers": {"type": "list", "elements": "dict", "required": True, "options": LOGGER},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "war": {"type": "path"},
            "backup": {"type": "bool", "default": False},
        },
        add_file_common_args=True,
        supports_check_mode=True,
    )
    path, war, present = module.params["path"], module.params["war"], module.params["state"] == "present"
    try:
        wishes = wishes_from(module.params["loggers"], present)
    except Refusal as refusal:
        module.fail_json(msg=str(refusal))

    def planned(content: Optional[bytes]) -> LoggersPlan:
        if not present:
            return plan_absent(path, content, [wish.name for wish in wishes])
        shipped = shipped_log4j2(war) if war and content is None else None
        if war and content is None and shipped is None and module.check_mode:
            module.warn(f"check mode goes on as if it will be there: war: {war}")
            shipped = stand_in(wishes)
        return plan(path, content, wishes, shipped, war or "")

    converge_file(
        module,
        path,
        newborn_mode=0o644,
        plan=planned,
        content=lambda wanted: wanted.content,
        describe=lambda wanted: (wanted.before, wanted.after),
        report=lambda wanted: {"appenders": list(wanted.appenders)},
    )


if __name__ == "__main__":
    main()
