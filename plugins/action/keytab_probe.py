# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hands controller files on to the module `keytab_probe`, as the action `keytab` does."""

from __future__ import annotations

from . import keytab


class ActionModule(keytab.ActionModule):
    """The same for another module."""

    MODULE = "mailrealm.kerberos.keytab_probe"
