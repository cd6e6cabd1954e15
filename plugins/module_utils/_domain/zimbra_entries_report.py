# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan for entries of Zimbra's directory comes to, as results and diffs show it."""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

from .zimbra_asked import MASK
from .zimbra_entries import Change, Key, Plan


def diff(found: Plan) -> List[Dict[str, str]]:
    """One part for each entry, one line for each value."""
    parts: Dict[Key, Dict[str, str]] = {}
    for change in found.changes:
        title = f"Zimbra: {change.entry.place}"
        part = parts.setdefault(
            change.entry.key, {"before_header": title, "after_header": title, "before": "", "after": ""}
        )
        note = " (inherited)" if change.inherited else ""
        before, after = shown_values(change)
        part["before"] += "".join(f"{change.asked.name}: {value}{note}\n" for value in before)
        part["after"] += "".join(f"{change.asked.name}: {value}\n" for value in after)
    return list(parts.values())


def shown_values(change: Change) -> Tuple[List[str], List[str]]:
    """The values before and after as results and diffs show them: a secret's are masked.

    Sorted, for zmprov prints the values of one attribute in any order, another one each time.
    """
    if not change.asked.secret:
        return sorted(change.before), sorted(change.after)
    return [MASK for dummy in change.before], [f"{MASK} (another)" for dummy in change.after]


def report(found: Plan) -> List[Dict[str, Any]]:
    """The result's `changes`."""
    listed = []
    for change in found.changes:
        before, after = shown_values(change)
        listed.append(
            {
                "type": change.entry.type,
                "name": change.entry.name,
                "attribute": change.asked.name,
                "before": before,
                "after": after,
                "inherited": change.inherited,
            }
        )
    return listed
