# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one base of all expected failures."""

from __future__ import annotations


class Refusal(Exception):
    """Why nothing was done: one sentence that says what, where and how to mend.

    Every expected failure of the collection is a subclass, raised before anything is written.
    ``_ansible.converge`` turns it into the module's only failure message, so the text must never
    hold a key, a password or a tool's raw output into which one went.
    """
