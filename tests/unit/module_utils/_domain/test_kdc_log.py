# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests that a KDC refused; lines as MIT krb5 1.20 writes them."""

from __future__ import annotations

import datetime

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.kdc_log import heard_in, request_of
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.log_entries import Entry
from hypothesis import given
from hypothesis import strategies as st

ETYPES = "(2 etypes {aes256-cts-hmac-sha1-96(18), aes128-cts-hmac-sha1-96(17)}) 10.0.0.30"
ISSUED = "etypes {rep=aes256-cts-hmac-sha1-96(18), tkt=aes256-cts-hmac-sha1-96(18), ses=aes256-cts-hmac-sha1-96(18)}"
UNKNOWN = (
    f"TGS_REQ {ETYPES}: LOOKING_UP_SERVER: authtime 0, etypes {{rep=UNSUPPORTED:(0)}} alice@EXAMPLE.TEST for "
    "smtp/mx1.example.test@EXAMPLE.TEST, Server not found in Kerberos database"
)
LOCKED = (
    f"AS_REQ {ETYPES}: LOCKED_OUT: alice@EXAMPLE.TEST for krbtgt/EXAMPLE.TEST@EXAMPLE.TEST, Client's credentials have "
    "been revoked"
)
GOOD = (
    f"TGS_REQ {ETYPES}: ISSUE: authtime 1764272711, {ISSUED}, bob@EXAMPLE.TEST for smtp/mx1.example.test@EXAMPLE.TEST"
)
BEGINS = (
    f"AS_REQ {ETYPES}: NEEDED_PREAUTH: alice@EXAMPLE.TEST for krbtgt/EXAMPLE.TEST@EXAMPLE.TEST, Additional "
    "pre-authentication required"
)


def entries(*lines: str) -> list[Entry]:
    start = datetime.datetime(2026, 11, 27, 19, tzinfo=datetime.timezone.utc)
    return [Entry(start + datetime.timedelta(seconds=at), "kdc", (line,)) for at, line in enumerate(lines)]


def names(*lines: str) -> list[tuple[str, str, int]]:
    return [(principal, one.symptom, one.count) for principal, one in heard_in(entries(*lines))]


def test_a_request() -> None:
    found = request_of(UNKNOWN)
    assert found is not None
    assert (found.address, found.status) == ("10.0.0.30", "LOOKING_UP_SERVER")
    assert (found.client, found.server) == ("alice@EXAMPLE.TEST", "smtp/mx1.example.test@EXAMPLE.TEST")
    assert found.words == "Server not found in Kerberos database"
    assert request_of("closing down fd 12") is None


def test_refusals_by_principal() -> None:
    assert names(UNKNOWN, LOCKED, LOCKED) == [
        ("alice@EXAMPLE.TEST", "principal_locked", 2),
        ("smtp/mx1.example.test@EXAMPLE.TEST", "service_principal_unknown", 1),
    ]


def test_a_later_ticket_makes_it_well() -> None:
    assert names(UNKNOWN, LOCKED, GOOD) == [("alice@EXAMPLE.TEST", "principal_locked", 1)]
    assert names(GOOD, UNKNOWN) == [("smtp/mx1.example.test@EXAMPLE.TEST", "service_principal_unknown", 1)]


def test_asking_for_preauthentication_is_no_fault() -> None:
    assert names(BEGINS) == []


def test_who_only_wants_an_answer() -> None:
    assert names(LOCKED.replace("alice@", "K/M@")) == []


def test_each_refusal_has_its_name() -> None:
    told = {
        "CLIENT_NOT_FOUND": "principal_unknown",
        "CLIENT EXPIRED": "principal_expired",
        "CLIENT KEY EXPIRED": "password_expired",
        "CLIENT LOCKED OUT": "principal_locked",
        "SERVICE EXPIRED": "service_principal_expired",
        "PREAUTH_FAILED": "credential_wrong",
        "BAD_ENCRYPTION_TYPE": "enctype_unusable",
        "UNKNOWN_SERVER": "service_principal_unknown",
    }
    for status, symptom in told.items():
        (found,) = names(LOCKED.replace("LOCKED_OUT", status))
        assert found[1] == symptom, status


@given(st.text(max_size=200))
def test_any_line_is_none_or_a_request(line: str) -> None:
    found = request_of(f"AS_REQ {line}")
    assert found is None or found.client
