# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A keytab as Ansible's facts: everything but the keys."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Dict, List, Union

from .enctypes import enctype_name
from .file_state import FileState
from .keytab import KeytabEntry, parse


def report_entry(entry: KeytabEntry) -> Dict[str, Union[str, int]]:
    return {
        "principal": str(entry.principal),
        "kvno": entry.kvno,
        "enctype": enctype_name(entry.enctype),
        "enctype_number": entry.enctype,
        "name_type": entry.principal.name_type,
        "timestamp": datetime.fromtimestamp(entry.timestamp, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def report_keytab(path: str, state: FileState) -> Dict[str, Any]:
    """What `keytab_info` returns; KeytabFormatError where the file is no keytab."""
    if state.content is None:
        return {"path": path, "exists": False, "entries": []}
    entries: List[Dict[str, Union[str, int]]] = [report_entry(entry) for entry in parse(state.content, path)]
    return {
        "path": path,
        "exists": True,
        "owner": state.owner,
        "group": state.group,
        "mode": f"{state.mode:04o}",
        "entries": entries,
    }
