# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many things the kernel lets one user watch: systemd in each host takes some, and the kernel's default is 128."""

from __future__ import annotations

import pathlib

from . import command
from .failure import LabError

SETTING = "fs.inotify.max_user_instances"
FILE = pathlib.Path("/proc/sys/fs/inotify/max_user_instances")
OF_A_HOST = 8
OF_OTHERS = 64  # what else this user runs, and other labs


def ensure(hosts: int) -> None:
    """Raises the limit for so many hosts where it is too low; LabError with the command where that is forbidden."""
    wanted = OF_OTHERS + OF_A_HOST * hosts
    if int(FILE.read_text()) >= wanted:
        return
    raised = ["sysctl", "-q", "-w", f"{SETTING}={wanted}"]
    if command.attempt(command.as_root(raised)).returncode:
        raise LabError(f"{SETTING} of this machine is too low for {hosts} hosts: give `{' '.join(raised)}` as root")
