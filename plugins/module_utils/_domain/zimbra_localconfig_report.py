# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan for localconfig comes to, as results and diffs show it: secrets masked."""

from __future__ import annotations

from typing import Dict, List, Optional

from .zimbra_localconfig import Access, Plan
from .zimbra_localconfig_file import MASKED
from .zimbra_localconfig_keys import is_secret


def shown(key: str, value: Optional[str]) -> Optional[str]:
    """A value as it may be seen."""
    return MASKED if value and is_secret(key) else value


def changes_report(found: Plan) -> List[Dict[str, Optional[str]]]:
    """The changes as the module returns them, without secrets."""
    return [
        {"key": change.key, "before": shown(change.key, change.before), "after": shown(change.key, change.after)}
        for change in found.changes
    ]


def diff(found: Plan, where: str) -> List[Dict[str, str]]:
    """Ansible's diff: one line a key, and owner and mode where they change; no part where nothing does."""
    before: List[str] = []
    after: List[str] = []
    for change in sorted(found.changes, key=lambda one: one.key):
        for lines, value in ((before, change.before), (after, change.after)):
            if value is not None:
                lines.append(f"{change.key} = {shown(change.key, value)}".rstrip())
    if found.mend:
        before.append(f"access: {found.access}")
        after.append(f"access: {Access()}")
    texts = ("".join(f"{line}\n" for line in lines) for lines in (before, after))
    part = dict(zip(("before", "after"), texts), before_header=where, after_header=where)
    return [part] if found.changed else []
