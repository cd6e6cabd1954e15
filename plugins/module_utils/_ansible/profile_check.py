# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""libkrb5's look at a profile that is to be written; in check mode, what it includes may be yet to come."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule

from .._system.libkrb5 import IncludeMissing, check_profile


def validate_profile(module: AnsibleModule, content: bytes, path: str) -> None:
    """ProfileNotRead where the host's libkrb5, if there is one, would not read ``content`` at ``path``."""
    try:
        check_profile(content, path)
    except IncludeMissing as missing:
        if not module.check_mode:
            raise
        module.warn(f"check mode goes on as if it will be there: {missing}")
