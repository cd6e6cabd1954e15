# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's one expected failure."""

from __future__ import annotations


class LabError(Exception):
    """One sentence for the user: what is missing or wrong, where, and how to mend it."""
