# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that several modules share: their argument specs, and what the option `kadmin` means."""

from __future__ import annotations

from typing import Any, Dict, Mapping

from .._domain.kadmin_access import AUTO, LOCAL, REMOTE, KadminAccess, settle_access

# Documented in plugins/doc_fragments/kadmin.py
KADMIN: Dict[str, Any] = {
    "type": "dict",
    "options": {
        "mode": {"type": "str", "choices": [AUTO, LOCAL, REMOTE], "default": AUTO},
        "realm": {"type": "str"},
        "server": {"type": "str"},
        "principal": {"type": "str"},
        "keytab": {"type": "path"},
        "password": {"type": "str", "no_log": True},
        "ccache": {"type": "str"},
        "db_args": {"type": "list", "elements": "str"},
        "master_password": {"type": "str", "no_log": True},
    },
}

# Documented in plugins/doc_fragments/credentials.py
PROOFS = ["keytab", "password", "ccache"]
CREDENTIALS: Dict[str, Any] = {
    "type": "dict",
    "required": True,
    "options": {
        "principal": {"type": "str"},
        "keytab": {"type": "path"},
        "password": {"type": "str", "no_log": True},
        "ccache": {"type": "str"},
    },
    "mutually_exclusive": [PROOFS],
    "required_one_of": [PROOFS],
}


def kadmin_access(params: Mapping[str, Any]) -> KadminAccess:
    """What the option `kadmin` of a module asks for; AccessRefusal where its parts do not fit together."""
    asked = params.get("kadmin") or {}
    return settle_access(
        KadminAccess(
            mode=asked.get("mode") or AUTO,
            realm=asked.get("realm"),
            server=asked.get("server"),
            principal=asked.get("principal"),
            keytab=asked.get("keytab"),
            password=asked.get("password"),
            ccache=asked.get("ccache"),
            db_args=tuple(asked.get("db_args") or ()),
            master_password=asked.get("master_password") or None,
        )
    )
