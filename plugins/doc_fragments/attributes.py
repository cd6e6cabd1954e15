# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module says about check mode and diff mode."""

from __future__ import annotations


class ModuleDocFragment:
    """A module that changes something names this fragment and sets `support` itself."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description:
      - Can run in check mode, which reports what a run would change, without changing anything.
  diff_mode:
    description:
      - Returns what was changed, or in check mode what would be, in diff mode.
"""

    # A module that only reads: nothing to add in the module itself.
    INFO_MODULE = r"""
options: {}
attributes:
  check_mode:
    description:
      - Can run in check mode, which reports what a run would change, without changing anything.
    support: full
    details:
      - This module only reads; it does the same in check mode.
  diff_mode:
    description:
      - Returns what was changed, or in check mode what would be, in diff mode.
    support: N/A
    details:
      - This module only reads.
"""
