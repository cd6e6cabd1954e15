# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which KDC gave a ticket, from the log of krb5kdc (recorded on Debian 13), and what a failover does not show."""

from __future__ import annotations

import types

import pytest
from lab import failover
from lab.identity import Lab
from lab.state import State

AES = "aes256-cts-hmac-sha1-96(18)"
REQUEST = f"(2 etypes {{{AES}, aes128-cts-hmac-sha1-96(17)}}) 10.96.7.30"
TICKET = f"ISSUE: authtime 1795664766, etypes {{rep={AES}, tkt={AES}, ses={AES}}}, alice@EXAMPLE.TEST for"
LOG = f"""\
AS_REQ {REQUEST}: {TICKET} krbtgt/EXAMPLE.TEST@EXAMPLE.TEST
TGS_REQ {REQUEST}: {TICKET} smtp/mx1.example.test@EXAMPLE.TEST
"""
ALICE, SMTP = "alice@EXAMPLE.TEST", "smtp/mx1.example.test@EXAMPLE.TEST"
LOGIN = {"protocol": "smtp", "host": "mx1.example.test", "user": ALICE, "service_principal": SMTP, "symptom": "x"}


def test_the_kdc_whose_log_has_the_ticket() -> None:
    logs = {"kdc3": "", "kdc2": LOG}
    assert failover.issuer(logs, ALICE, SMTP) == "kdc2"
    assert failover.issuer(logs, "bob@EXAMPLE.TEST", SMTP) is None
    assert failover.issuer(logs, ALICE, "smtp/mx2.example.test@EXAMPLE.TEST") is None
    assert failover.issuer({"kdc2": LOG.replace("ISSUE", "UNKNOWN_SERVER")}, ALICE, SMTP) is None


def test_a_login_with_a_ticket_of_a_replica_is_the_proof() -> None:
    assert failover.unproved([{**LOGIN, "ok": True, "kdc": "kdc2"}]) == []


@pytest.mark.parametrize(
    ("logins", "says"),
    [
        ([], "nobody tried to log in while the KDC on kdc1.example.test was stopped"),
        ([{**LOGIN, "ok": True, "kdc": None}], "but no replica's log has the ticket"),
        ([{**LOGIN, "ok": False, "kdc": None}], "failed while the KDC on kdc1.example.test was stopped: x"),
    ],
)
def test_what_is_not_shown_is_said(logins: list[dict[str, object]], says: str) -> None:
    (sentence,) = failover.unproved(logins)
    assert says in sentence


def test_the_first_kdc_is_started_again_whatever_happens() -> None:
    told: list[str] = []
    podman = types.SimpleNamespace(run=lambda *words, what: told.append(f"{words[-2]} {words[-1]}: {what}"))
    with pytest.raises(KeyboardInterrupt), failover.first_kdc_stopped(State(Lab("/x")), podman):
        raise KeyboardInterrupt
    assert told == [
        "stop krb5-kdc: stopping the KDC on kdc1.example.test",
        "start krb5-kdc: starting the KDC on kdc1.example.test again",
    ]
