# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mail hosts' logs say who handed in a mail."""

from __future__ import annotations

from lab import mails
from lab.mails import Mails

ALICE = "alice@EXAMPLE.TEST"
LOG = """connect from client1.example.test[10.96.7.30]
4BD3D1A: client=client1.example.test[10.96.7.30], sasl_method=GSSAPI, sasl_username=alice@EXAMPLE.TEST
4BD3D1B: client=client1.example.test[10.96.7.30], sasl_method=GSSAPI, sasl_username=alice@EXAMPLE.TEST
4BD3D1C: client=localhost[127.0.0.1]
4BD3D1D: client=client1.example.test[10.96.7.30], sasl_method=PLAIN, sasl_username=bob, sasl_sender=bob
"""


def entry(host, user=ALICE, method="GSSAPI"):
    return {"host": f"{host}.example.test", "method": method, "user": user}


def test_each_kind_of_login_is_read_once():
    assert mails.read_log("mx1.example.test", LOG) == [entry("mx1"), entry("mx1", "bob", "PLAIN")]


def test_both_hosts_must_have_logged_the_user():
    assert mails.unproved(Mails(logged=(entry("mx1"), entry("mx2", "alice"))), ALICE) == []
    assert mails.unproved(Mails(logged=(entry("mx1"),)), ALICE) == [
        "mx2.example.test logged no mail of alice@EXAMPLE.TEST by GSSAPI"
    ]


def test_another_user_or_mechanism_proves_nothing():
    told = Mails(logged=(entry("mx1", "bob"), entry("mx2", ALICE, "PLAIN")))
    assert len(mails.unproved(told, ALICE)) == 2


def test_a_failure_of_the_judge_is_told():
    assert mails.unproved(Mails(failure="kinit: no KDC"), ALICE) == [f"mail as {ALICE} failed: kinit: no KDC"]
