# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module whose options stay out of the host's log, for some of them are secrets by what they are called."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule


class SilentModule(AnsibleModule):
    """AnsibleModule for options that hold settings by their names, of which a few are passwords.

    AnsibleModule writes all options into syslog or the journal before the module can say which values are secrets,
    and its own parameter ``no_log`` is overruled by the task's.
    """

    def _log_invocation(self) -> None:
        """Nothing: the task and its result say what was asked, without the secrets."""
