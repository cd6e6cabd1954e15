# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SELinux: the label of a file, and the one that the policy gives its path."""

from __future__ import annotations

import os
import subprocess
from typing import Any, Dict

ENFORCING = "/sys/fs/selinux/enforce"
LABEL = "security.selinux"
PATIENCE = 5  # seconds


def context_of(path: str) -> Dict[str, Any]:
    """``{"enforcing": False}`` where labels keep nobody out; else ``is`` and ``should``, and ``untested``: why not."""
    try:
        with open(ENFORCING, encoding="ascii") as stream:
            enforcing = stream.read().strip() == "1"
    except OSError:
        enforcing = False
    if not enforcing:
        return {"enforcing": False}
    found: Dict[str, Any] = {"enforcing": True, "is": "", "should": "", "untested": ""}
    try:
        found["is"] = os.getxattr(path, LABEL).decode("utf-8", "replace").strip("\0")
        found["should"] = _policy(path)
    except (OSError, subprocess.SubprocessError) as error:
        found["untested"] = f"matchpathcon {path}: {getattr(error, 'strerror', None) or error}"
    return found


def _policy(path: str) -> str:
    done = subprocess.run(  # pylint: disable=ansible-bad-function  # this floor knows no AnsibleModule
        ["matchpathcon", "-n", "--", path],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE,
        check=True,
    )
    return done.stdout.decode("utf-8", "replace").strip()
