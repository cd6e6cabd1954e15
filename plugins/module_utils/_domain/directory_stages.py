# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where in the work with a directory words were heard, beside the stages of symptoms.py."""

from __future__ import annotations

BIND = "bind"
READ = "read"
WRITE = "write"
ANY_OPERATION = frozenset((BIND, READ, WRITE))
