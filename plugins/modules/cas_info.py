#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the CAS of a host is."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cas_info
short_description: Tell version, Java, web archive, overlay and unit of the CAS on this host
version_added: 0.1.0
author:
  - The mailrealm.kerberos authors (@mailrealm)
description:
  - Looks into CAS's web archive without unpacking it, at the Java that runs it, at the overlay that it is built from,
    and at its unit, and tells what keeps SPNEGO from working in them.
  - Never fails because something is absent or too old; assert that RV(problems) is empty, or show it.
options:
  war:
    description:
      - The web archive, a file or the folder into which it was unpacked.
    type: path
    default: /etc/cas/cas.war
  overlay:
    description:
      - The folder of the overlay, with a C(build.gradle), C(build.gradle.kts) or C(pom.xml) in it. Without it none is
        looked at.
    type: path
  unit:
    description:
      - The systemd unit that runs CAS.
    type: str
    default: cas
  java_home:
    description:
      - The folder of the Java that runs CAS. By default the one that the unit starts or names in C(JAVA_HOME), else
        the one of C(java) on C(PATH).
    type: path
  version:
    description:
      - The version that CAS is to have, such as V(7.0.10). By default that of the web archive, else of the overlay.
    type: str
  log4j2:
    description:
      - The file in which CAS's log is set.
    type: path
    default: /etc/cas/config/log4j2.xml
extends_documentation_fragment:
  - mailrealm.kerberos.attributes.info_module
notes:
  - C(java -version) is called where the Java's own file C(release) does not tell the version.
seealso:
  - module: mailrealm.kerberos.cas_overlay
  - module: mailrealm.kerberos.cas_log_info
"""

EXAMPLES = r"""
- name: Learn which CAS this is
  mailrealm.kerberos.cas_info:
    war: /etc/cas/cas.war
    version: 7.0.10
  register: cas

- name: Nothing keeps it from SPNEGO
  ansible.builtin.assert:
    that: cas.problems | length == 0
    fail_msg: "{{ cas.problems }}"
"""

RETURN = r"""
version:
  description: The version of CAS that was asked for, else of the web archive, else of the overlay; or empty.
  type: str
  returned: success
  sample: 7.0.10
line:
  description:
    - What is known of the line of that version, with C(name), C(java), C(java_most), C(boot), C(tomcats), C(servlets),
      C(dialect), C(header_key), C(accept_key) and C(ntlm_handler); empty where nothing is.
  type: dict
  returned: success
  sample: {name: "7.0", java: 21, boot: "3.2", servlets: jakarta, dialect: indexed}
war:
  description: The web archive.
  type: dict
  returned: success
  contains:
    path:
      description: Where it is, or would be.
      type: str
      sample: /etc/cas/cas.war
    kind:
      description: V(archive), V(exploded) for a folder, or V(absent).
      type: str
      sample: archive
    version:
      description: Its version of CAS, empty where it is not told.
      type: str
      sample: 7.0.10
    spnego:
      description: Whether CAS's SPNEGO module is in it.
      type: bool
      sample: true
    jcifs:
      description: Whether C(jcifs/spnego/Authentication.class) is in it, which that module calls.
      type: bool
      sample: true
    servlet_apis:
      description: Archives of an old servlet API in it, which break CAS.
      type: list
      elements: str
      sample: []
    tomcat:
      description: The version of the Tomcat in it, empty without one.
      type: str
      sample: 10.1.17
java:
  description: The Java that runs CAS.
  type: dict
  returned: success
  contains:
    home:
      description: Its folder, empty without one.
      type: str
      sample: /usr/lib/jvm/java-21-openjdk-amd64
    version:
      description: Its version.
      type: str
      sample: 21.0.4
    major:
      description: The number by which it is called, such as 8 for V(1.8.0_292); 0 without one.
      type: int
      sample: 21
    aes:
      description: The longest key of AES that its policy allows, in bits, V(256) at most; 0 without a Java.
      type: int
      sample: 256
    source:
      description: What named it, V(asked), V(unit) or V(path); V(absent) without one.
      type: str
      sample: unit
overlay:
  description: The overlay.
  type: dict
  returned: success
  contains:
    path:
      description: Its folder, empty where none was asked for.
      type: str
      sample: /opt/cas-overlay
    kind:
      description: V(gradle), V(maven) or V(absent).
      type: str
      sample: gradle
    version:
      description: The version of CAS that it builds, empty where it is not told.
      type: str
      sample: 7.0.10
    modules:
      description: The artifacts that it asks for.
      type: list
      elements: str
      sample: [cas-server-webapp-init, cas-server-support-spnego-webflow]
unit:
  description: The unit.
  type: dict
  returned: success
  contains:
    name:
      description: Its name, with its suffix.
      type: str
      sample: cas.service
    exists:
      description: Whether systemd knows it.
      type: bool
      sample: true
    active:
      description: Whether it runs.
      type: bool
      sample: true
    user:
      description: The user that it runs as; empty where it does not exist.
      type: str
      sample: cas
    group:
      description: The group that it runs as; empty where it does not exist.
      type: str
      sample: cas
log4j2:
  description: The file in which CAS's log is set.
  type: dict
  returned: success
  contains:
    path:
      description: The option O(log4j2).
      type: str
      sample: /etc/cas/config/log4j2.xml
    exists:
      description: Whether it is there.
      type: bool
      sample: true
problems:
  description: What keeps SPNEGO from working.
  type: list
  elements: dict
  returned: success
  contains:
    check:
      description: >-
        A fixed name, C(java_absent), C(java_too_old), C(java_too_new), C(java_aes_limited), C(war_absent),
        C(war_without_spnego), C(war_without_jcifs), C(war_with_old_servlet_api), C(version_unknown),
        C(version_differs) or C(unit_absent).
      type: str
      sample: war_without_spnego
    where:
      description: The file, the folder or the unit.
      type: str
      sample: /etc/cas/cas.war
    what:
      description: What is wrong with it.
      type: str
      sample: has no cas-server-support-spnego-webflow in it
    remedy:
      description: What would mend it.
      type: str
"""

from typing import Any, Dict

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._ansible.converge import inform
from ..module_utils._domain.cas_installed import report
from ..module_utils._system.cas_host import read


def gather(params: Dict[str, Any]) -> Dict[str, Any]:
    found = read(
        war=params["war"],
        overlay=params["overlay"] or "",
        unit=params["unit"],
        java_home=params["java_home"] or "",
        version=params["version"] or "",
        log4j2=params["log4j2"],
    )
    return report(found)


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "war": {"type": "path", "default": "/etc/cas/cas.war"},
            "overlay": {"type": "path"},
            "unit": {"type": "str", "default": "cas"},
            "java_home": {"type": "path"},
            "version": {"type": "str"},
            "log4j2": {"type": "path", "default": "/etc/cas/config/log4j2.xml"},
        },
        supports_check_mode=True,
    )
    inform(module, lambda: gather(module.params))


if __name__ == "__main__":
    main()
