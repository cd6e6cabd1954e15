# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The other files of a folder of policies, all of which a browser reads."""

from __future__ import annotations

import os
from typing import Dict

from .files import TEMPORARY_PREFIX, FileRefusal, read_state


def others(folder: str, path: str) -> Dict[str, bytes]:
    """The contents of the files in ``folder`` but the one at ``path``, by path; none where there is no folder.

    FileRefusal where the folder may not be read. What is no file, or goes away meanwhile, is left out.
    """
    try:
        names = sorted(os.listdir(folder))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise FileRefusal(
            f"beside: {folder} cannot be read ({error.strerror}); name the folder of the policy files"
        ) from error
    found: Dict[str, bytes] = {}
    for name in names:
        one = os.path.join(folder, name)
        if name.startswith(TEMPORARY_PREFIX) or not os.path.isfile(one) or _same(one, path):
            continue
        content = read_state(one).content
        if content is not None:
            found[one] = content
    return found


def _same(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)
