# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of the checkout as a release sees it: tracked and new files, nothing that git ignores.

ansible-test wants to stand in a physical ansible_collections folder, and `ansible-galaxy collection build` does not
read .gitignore.
"""

from __future__ import annotations

import pathlib
import shutil
import subprocess

import place


def stage(name: str) -> pathlib.Path:
    """Copies the checkout to .cache/stage/NAME/ansible_collections/mailrealm/kerberos, and returns that folder."""
    folder = place.CACHE / "stage" / name / "ansible_collections" / "mailrealm" / "kerberos"
    shutil.rmtree(folder, ignore_errors=True)
    listing = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=place.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    folder.mkdir(parents=True)
    for name_ in filter(None, listing.stdout.split("\0")):
        source = place.ROOT / name_
        if source.is_file() or source.is_symlink():  # a file deleted but not yet committed is still listed
            target = folder / name_
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)
    # ansible-test asks the nearest repository which files there are, and the checkout's own ignores .cache
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    return folder
