# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changing to the distribution's Python, for which alone its packages bring compiled bindings."""

from __future__ import annotations

import os

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.respawn import has_respawned, respawn_module

# Discovery may have taken a newer Python that was added to the host. SUSE 15's bindings are python311's.
INTERPRETERS = ("/usr/bin/python3", "/usr/bin/python3.11", "/usr/bin/python3.12", "/usr/bin/python3.13")
# EL 8 has its bindings for Python 3.6, which cannot run this collection.
HAS_BINDINGS = "import sys, {package}; sys.exit(sys.version_info < (3, 8))"


def respawn_with(module: AnsibleModule, package: str) -> None:
    """Run the module again in a Python that can import ``package``; returns where there is none.

    Options go to the other interpreter on its standard input.
    """
    if has_respawned():
        return
    for interpreter in INTERPRETERS:
        if os.path.exists(interpreter):
            status, dummy, dummy = module.run_command([interpreter, "-c", HAS_BINDINGS.format(package=package)])
            if status == 0:
                respawn_module(interpreter)
