# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the log says about the logins that verify: silent services, and reasons behind a failure."""

from __future__ import annotations

from typing import Any

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.axigen_verify import silent, with_symptoms

PRINCIPALS = [f"{service}/axigen1.example.test@R" for service in ("smtp", "imap", "pop", "HTTP")]


def session(module: str, mechanism: str = "GSSAPI", result: str = "accepted") -> dict[str, Any]:
    return {"module": module, "mechanism": mechanism, "result": result}


def test_every_service_that_was_logged_in_to_is_heard() -> None:
    assert silent(PRINCIPALS, [session("SMTP-IN"), session("IMAP"), session("POP3")]) == []
    assert silent(PRINCIPALS[:1], [session("SMTP-IN")]) == []


def test_a_password_or_a_refusal_is_no_login_by_gssapi() -> None:
    heard = [session("SMTP-IN", "PLAIN"), session("IMAP", result="refused"), session("POP3", result="unknown")]
    assert silent(PRINCIPALS, heard) == ["SMTP-IN", "IMAP", "POP3"]


def test_each_reason_once() -> None:
    reason = {"symptom": "service_keytab_unreadable", "cause": "may not read", "remedy": "let it"}
    assert with_symptoms("1 of 2 logins failed", {"axigen1": [reason, reason], "axigen2": []}) == (
        "1 of 2 logins failed; the log of axigen1 says: may not read; let it"
    )
    assert with_symptoms("failed", {}) == "failed"
