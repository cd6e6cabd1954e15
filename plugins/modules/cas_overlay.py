#!/usr/bin/python
# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dependencies of a CAS overlay."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cas_overlay
short_description: Make a CAS overlay ask for modules, such as that of SPNEGO
version_added: 0.1.0
author:
  - The mailrealm.kerberos authors (@mailrealm)
description:
  - Adds modules of CAS and other dependencies to the C(build.gradle), C(build.gradle.kts) or C(pom.xml) of an overlay,
    and takes out repositories that are gone. All else stays as it is, to the byte. Nothing is built.
  - What stands in a comment, below a condition, in C(dependencyManagement) or in a profile that is not active by
    default is not taken for a dependency of the web archive.
  - A module that C(casModules) in C(gradle.properties) asks for is there already, where the build file makes
    dependencies of that property.
options:
  path:
    description:
      - The overlay's folder. Where it holds build files of both tools, Gradle's is the one.
    type: path
    required: true
  version:
    description:
      - The version of CAS that the overlay is meant to build. Another one in it is refused; it is never changed.
    type: str
  modules:
    description:
      - The artifacts of CAS's modules, without group and version. Their version is that of the overlay's other modules,
        and none is written where CAS's bill of materials gives it.
    type: list
    elements: str
    default: [cas-server-support-spnego-webflow]
  dependencies:
    description:
      - Other dependencies as C(group:artifact:version), such as the C(jcifs-ext) that SPNEGO calls. One that is there
        with another version gets this one, unless its version is a property.
    type: list
    elements: str
    default: []
  absent_repositories:
    description:
      - Repositories to take out, by patterns of their URLs. By default the one that CAS's document names, which has
        closed.
    type: list
    elements: str
    default: ["http*://dl.bintray.com/uniconiam/*"]
  backup:
    description: Keep a copy of the build file before it is changed, with the time in its name.
    type: bool
    default: false
extends_documentation_fragment:
  - mailrealm.kerberos.attributes
  - ansible.builtin.files
attributes:
  check_mode:
    support: full
    details:
      - An overlay that is not there is a warning in check mode, because an earlier task of the same run may bring it.
  diff_mode:
    support: full
    details:
      - The lines that go and those that come. Passwords in them are not shown.
seealso:
  - module: mailrealm.kerberos.cas_info
"""

EXAMPLES = r"""
- name: The overlay asks for SPNEGO, and for the class that it calls
  mailrealm.kerberos.cas_overlay:
    path: /opt/cas-overlay
    modules: [cas-server-support-spnego-webflow]
    dependencies: ["org.example.mirror:jcifs-ext:0.9.4"]
"""

RETURN = r"""
path:
  description: The build file, or the folder where there is none yet.
  type: str
  returned: success
  sample: /opt/cas-overlay/build.gradle
kind:
  description: V(gradle) or V(maven); V(absent) in check mode where there is no overlay yet.
  type: str
  returned: success
  sample: gradle
files:
  description: The files that changed, or would in check mode.
  type: list
  elements: str
  returned: success
  sample: [/opt/cas-overlay/build.gradle]
backup_file:
  description: The copy of the build file as it was.
  type: str
  returned: when O(backup=true) and the content changed
"""

import os
from typing import NoReturn

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._ansible.file_module import converge_file
from ..module_utils._domain.cas_dependency import dependencies_from, modules_from
from ..module_utils._domain.cas_overlay import ABSENT, OverlayPlan, OverlayWish, describe, plan
from ..module_utils._domain.refusal import Refusal
from ..module_utils._system.cas_overlay import find


def none_yet(module: AnsibleModule, path: str) -> NoReturn:
    """Leave the module where there is no overlay: a failure, or in check mode a warning."""
    missing = f"path: {path} holds no build.gradle, build.gradle.kts or pom.xml; name the folder of a CAS overlay"
    if not module.check_mode:
        module.fail_json(msg=missing)
    module.warn(f"check mode goes on as if it will be there: {missing}")
    module.exit_json(changed=False, path=path, kind=ABSENT, files=[])
    raise AssertionError("exit_json came back")


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "version": {"type": "str"},
            "modules": {"type": "list", "elements": "str", "default": ["cas-server-support-spnego-webflow"]},
            "dependencies": {"type": "list", "elements": "str", "default": []},
            "absent_repositories": {
                "type": "list",
                "elements": "str",
                "default": ["http*://dl.bintray.com/uniconiam/*"],
            },
            "backup": {"type": "bool", "default": False},
        },
        add_file_common_args=True,
        supports_check_mode=True,
    )
    given = module.params
    try:
        wish = OverlayWish(
            modules=modules_from(given["modules"]),
            dependencies=dependencies_from(given["dependencies"]),
            dead=tuple(given["absent_repositories"]),
            version=given["version"] or "",
        )
        folder = find(given["path"])
    except Refusal as refusal:
        module.fail_json(msg=str(refusal))
    if folder is None:
        none_yet(module, given["path"])
    build_file = os.path.join(folder.path, folder.build_file)

    def changes(planned: OverlayPlan) -> list[str]:
        return [build_file] if planned.before != planned.after else []

    converge_file(
        module,
        build_file,
        newborn_mode=0o644,
        plan=lambda content: plan(folder.path, folder.build_file, content, folder.properties, wish),
        content=lambda planned: planned.after,
        describe=describe,
        report=lambda planned: {"kind": planned.kind, "files": changes(planned)},
    )


if __name__ == "__main__":
    main()
