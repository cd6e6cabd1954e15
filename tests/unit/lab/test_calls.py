# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often zmprov may be called."""

from __future__ import annotations

import json
from collections import Counter

from lab import calls, proof
from lab.fleet import MIT, ZIMBRA

ONE, OTHER = "zimbra1.example.test", "zimbra2.example.test"


def found(one, other, changed=()):
    before = {ONE: Counter(zmprov=3), OTHER: Counter()}
    after = {ONE: Counter(zmprov=3 + one), OTHER: Counter(zmprov=other)}
    return calls.between(before, after, changed)


def test_the_log_is_counted_by_program():
    lines = [json.dumps({"program": name, "args": []}) for name in ("zmprov", "zmlocalconfig", "zmprov")]
    assert calls.read("\n".join(lines)) == {"zmprov": 2, "zmlocalconfig": 1}
    assert calls.read("") == {}


def test_once_is_enough_where_nothing_changes_and_twice_where_something_does():
    assert calls.unproved(ZIMBRA, found(1, 1)) == []
    assert calls.unproved(ZIMBRA, found(2, 2, (ONE, OTHER))) == []
    (sentence,) = calls.unproved(ZIMBRA, found(2, 2, (ONE,)))
    assert sentence.startswith(f"{OTHER}: a run called zmprov 2 times")
    assert len(calls.unproved(ZIMBRA, found(3, 3, (ONE, OTHER)))) == 2


def test_a_server_without_a_call_is_unproved():
    assert calls.unproved(ZIMBRA, found(1, 0)) == [f"{OTHER}: a run called zmprov 0 times, and may once to 1 times"]
    assert calls.unproved(ZIMBRA, found(1, 1)[:1]) == [f"{OTHER}: no call was counted"]
    assert calls.unproved(MIT, []) == []


def test_the_summary_tells_the_calls():
    told = tuple({"play": "site again", **one} for one in found(1, 2, (OTHER,)))
    text = proof.summary(proof.Proof("x-zimbra", "", ("zimbra",), calls=told), "/logs", 1.0)
    assert f"  site again called zmprov on {ONE} 1 time\n" in text
    assert f"  site again called zmprov on {OTHER} 2 times\n" in text
