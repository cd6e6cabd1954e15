# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the troubles of CAS's document are named."""

from __future__ import annotations

import re

from lab import troubles
from lab.proof import TaskRun

ONE = troubles.Trouble("the key is old", "cas1", "true", "true", (r"kvno \d", r"bring the present key"))


def failed(message: str) -> TaskRun:
    return TaskRun("cas1", "probe", "failed", changed=False, message=message)


def test_what_a_failed_task_says_names_it() -> None:
    assert troubles.unnamed([ONE], [failed("kvno 2 is behind"), failed("x: bring the present key there")]) == []


def test_what_nobody_says_is_a_sentence_for_each_pattern() -> None:
    (said,) = troubles.unnamed([ONE], [failed("kvno 2 is behind")])
    assert said.startswith("cas1: the key is old")
    assert "present key" in said
    passed = TaskRun("cas1", "probe", "ok", changed=False, message="kvno 2, bring the present key")
    assert len(troubles.unnamed([ONE], [passed])) == 2


def test_every_trouble_of_the_document_is_made() -> None:
    names = " ".join(one.name for round_ in troubles.ROUNDS for one in round_)
    for word in ("path", "kvno", "not in the keytab", "keytab has no key of the ticket's encryption", "krb5.conf"):
        assert word in names
    assert "headers are too small" in names
    assert "browser is not supported" in names


def test_hosts_and_patterns_are_sound() -> None:
    for round_ in troubles.ROUNDS:
        assert len({one.host for one in round_}) == len(round_)
        for one in round_:
            assert [re.compile(pattern) for pattern in one.told]
