# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a module ends that proves and changes nothing: what it found, or the sentence that says what is wrong."""

from __future__ import annotations

from typing import Any, Dict, List

from ansible.module_utils.basic import AnsibleModule


def leave_proved(module: AnsibleModule, problem: str, results: Dict[str, List[Dict[str, Any]]]) -> None:
    """End the module with ``results``; it fails for ``problem``, where there is one and `fail_on_error` says so.

    In check mode a problem is a warning, for an earlier task of the run may mend it.
    """
    if problem and module.check_mode:
        module.warn(f"check mode goes on as if this run mended it: {problem}")
    elif problem and module.params["fail_on_error"]:
        module.fail_json(msg=problem, **results)
    module.exit_json(changed=False, **results)
