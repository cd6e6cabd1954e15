# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the ladder looks at of a file before and after a step.

A room of its own, for a process that imported Ansible's callbacks is a controller, whose modules print their warnings.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import stat
from typing import Any


def snapshot(path: str) -> dict[str, Any] | None:
    """Type, mode, owner, group, size, modification time (ns), inode and SHA-256 of what is there, or None."""
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return None
    seen: dict[str, Any] = {
        "type": stat.filemode(status.st_mode)[0],
        "mode": f"{stat.S_IMODE(status.st_mode):04o}",
        "uid": status.st_uid,
        "gid": status.st_gid,
        "mtime_ns": status.st_mtime_ns,
        "inode": status.st_ino,
    }
    if stat.S_ISREG(status.st_mode):
        seen["sha256"] = hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
    elif stat.S_ISDIR(status.st_mode):
        seen["names"] = sorted(child.name for child in pathlib.Path(path).iterdir())
    return seen
