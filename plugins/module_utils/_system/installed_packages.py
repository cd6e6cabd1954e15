# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The packages that are installed, as dpkg knows them, which needs no cache of apt's."""

from __future__ import annotations

import shutil
import subprocess
from typing import List, Optional, Tuple

from .._domain.refusal import Refusal

FORMAT = "${db:Status-Abbrev} ${Package}\n"
PATIENCE = 60.0  # seconds
SOUND = ("i", " ")  # installed, and not to be installed again


class PackagesUnread(Refusal):
    """dpkg does not tell its packages."""


def installed_packages(program: str = "dpkg-query") -> Optional[Tuple[str, ...]]:
    """The names, sorted; None on a host without dpkg. PackagesUnread where dpkg cannot read its own files."""
    path = shutil.which(program)
    if path is None:
        return None
    done = subprocess.run(  # pylint: disable=ansible-bad-function  # this floor knows no AnsibleModule
        [path, "--show", f"--showformat={FORMAT}"],
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    if done.returncode:
        told = done.stderr.decode("utf-8", "replace").strip() or f"nothing (status {done.returncode})"
        raise PackagesUnread(f"dpkg-query: does not list the packages and says: {told}; mend dpkg's files first")
    return tuple(sorted(set(names(done.stdout.decode("utf-8", "replace")))))


def names(listed: str) -> List[str]:
    """The packages of a list in `FORMAT` that are wholly installed; one on hold is."""
    # The package wanted, its state, its error: three letters, of which the last is a blank in most lines
    return [line[4:] for line in listed.splitlines() if (line[1:2], line[2:3]) == SOUND]
