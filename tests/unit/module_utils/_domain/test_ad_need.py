# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.ad_keys import (
    RIGHT,
    UNPROVED,
    WRONG,
    Evidence,
    Proof,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.ad_need import ResetNeeded, judge, password_age
from ansible_collections.mailrealm.kerberos.tests.unit.module_utils._domain.ad_samples import (
    ACCOUNT,
    AES256,
    KEYS,
    NOW,
    PROVED,
    wish,
)

NOTHING = Evidence()
BAD = Evidence(proof=Proof(WRONG, 4, AES256, "the ticket has kvno 4"))
NEVER = dataclasses.replace(ACCOUNT, password_set=0)


@pytest.mark.parametrize(
    ("account", "evidence", "kvnos", "reason", "text"),
    [
        (ACCOUNT, NOTHING, [], "keys_missing", "no key of it is in /etc/axigen.keytab"),
        (ACCOUNT, NOTHING, [1, 2, 1], "kvno_behind", "its keys of kvno 1, 2, but the directory has kvno 3"),
        (ACCOUNT, BAD, [3], "key_wrong", r"keys of kvno 3 in the keytab are not .* \(the ticket has kvno 4\)"),
        (
            ACCOUNT,
            Evidence({AES256: b"a" * 32}),
            [3],
            "enctype_missing",
            "key of type aes128-cts-hmac-sha1-96 at kvno 3",
        ),
        (ACCOUNT, BAD, [], "password_wrong", "the given password is not its password"),
    ],
)
def test_needs(account: Any, evidence: Evidence, kvnos: list[int], reason: str, text: str) -> None:
    for choice in ("when_needed", "always"):
        need = judge(wish(update_password=choice), account, evidence, kvnos, NOW, False)
        assert (need.reason, need.sets, need.lacking) == (reason, True, True)
    with pytest.raises(ResetNeeded, match=f"{text}.*so that it needs a new password; set update_password: when_needed"):
        judge(wish(), account, evidence, kvnos, NOW, False)
    with pytest.raises(ResetNeeded):
        judge(wish(), account, evidence, kvnos, NOW, True)


def test_password_that_was_never_set_counts_as_creation() -> None:
    need = judge(wish(), NEVER, NOTHING, [], NOW, False)
    assert (need.reason, need.sets) == ("password_never_set", True)
    # "must change at next logon" sets the same attribute, and the keys go on
    assert not judge(wish(), NEVER, PROVED, [3], NOW, False).sets


@pytest.mark.parametrize(
    ("item", "evidence", "reason", "warned"),
    [
        ({}, PROVED, "", ""),
        ({"max_age": "101s"}, PROVED, "", ""),
        ({"max_age": "100s"}, PROVED, "", "is older than 1m 40s, and stays; update_password: when_needed replaces"),
        ({"max_age": "100s", "update_password": "when_needed"}, PROVED, "password_old", ""),
        ({"max_age": "100s", "update_password": "when_needed", "password": "p"}, True, "", "give another"),
        ({"max_age": "100s", "update_password": "when_needed", "password": "p"}, False, "password_old", ""),
        ({"update_password": "always"}, PROVED, "asked", ""),
        ({"update_password": "always", "password": "p"}, True, "", ""),
        ({"update_password": "always", "password": "p"}, False, "password_differs", ""),
        ({"update_password": "always", "password": "p"}, None, "password_differs", ""),
        ({"update_password": "when_needed", "password": "p"}, False, "", "update_password: always sets the given one"),
        ({"password": "p"}, False, "", "the given password is not its password, and stays"),
        ({"password": "p"}, None, "", ""),
        ({"password": "p"}, True, "", ""),
    ],
)
def test_what_need_not_be(item: dict[str, Any], evidence: Any, reason: str, warned: str) -> None:
    if not isinstance(evidence, Evidence):
        evidence = Evidence(KEYS, Proof(RIGHT if evidence is not None else UNPROVED), evidence)
    need = judge(wish(**item), ACCOUNT, evidence, [3], NOW, False)
    assert (need.reason, need.sets, need.lacking) == (reason, bool(reason), False)
    assert [warned in one for one in need.warnings] == ([True] if warned else [])
    settled = judge(wish(**item), ACCOUNT, evidence, [3], NOW, True)
    assert (settled.sets, settled.warnings) == (False, ())


def test_age() -> None:
    assert password_age(ACCOUNT, NOW) == 100
    assert password_age(ACCOUNT, NOW - 500) == 0
    assert password_age(NEVER, NOW) is None
