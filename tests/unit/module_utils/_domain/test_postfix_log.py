# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Symptoms in the log of Postfix; words as Debian's Cyrus SASL and MIT krb5 write them."""

from __future__ import annotations

import datetime

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.log_entries import Entry
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.postfix_log import heard_in

FACTS = {"service_principal": "smtp/mx1.example.test@EXAMPLE.TEST", "host": "mx1.example.test"}
FAILURE = (
    "warning: SASL authentication failure: GSSAPI Error: Unspecified GSS failure.  Minor code may provide more "
    "information ({words})"
)
MISSING = FAILURE.format(words="Key table file '/etc/postfix/smtp.keytab' not found")
ENDS = "warning: client1.example.test[10.0.0.30]: SASL GSSAPI authentication failed: generic failure"
GOOD = "9A96BD45B8: client=client1.example.test[10.0.0.30], sasl_method=GSSAPI, sasl_username=alice"


def heard(*lines: str) -> list[tuple[str, int]]:
    start = datetime.datetime(2026, 11, 27, 19, tzinfo=datetime.timezone.utc)
    entries = [Entry(start + datetime.timedelta(seconds=at), "mail.log", (line,)) for at, line in enumerate(lines)]
    return [(one.symptom, one.count) for one in heard_in(entries, FACTS)]


def test_what_went_wrong() -> None:
    assert heard(MISSING, ENDS, MISSING, ENDS) == [("service_keytab_missing", 2)]
    assert heard(FAILURE.format(words="Clock skew too great")) == [("clock_skew", 1)]


def test_a_login_makes_it_well() -> None:
    assert heard(MISSING, GOOD) == []
    assert heard(GOOD, MISSING) == [("service_keytab_missing", 1)]


def test_other_lines_are_none_of_it() -> None:
    assert heard("warning: open /etc/x: Permission denied", "connect from unknown[10.0.0.9]") == []


def test_dovecot_judging_for_it() -> None:
    line = "auth: Error: gssapi(?,10.0.0.30): While acquiring service credentials: No key table entry found"
    assert heard(line) == [("service_principal_wrong", 1)]
