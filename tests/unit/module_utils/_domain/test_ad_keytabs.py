# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import dataclasses
from typing import Any

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.active_directory import Account
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.ad_keys import Evidence
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.ad_keytabs import NewKeys, plan_keytabs
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.ad_plan import plan_accounts
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import KeytabEntry
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.merge import (
    KeytabPlan,
    describe,
    planned_content,
)
from ansible_collections.mailrealm.kerberos.tests.unit.module_utils._domain.ad_samples import (
    ACCOUNT,
    KEYS,
    NOW,
    PATH,
    PROVED,
    entries,
    entry,
    state,
    wishes,
)

HOUR = 3600
RESET = {"update_password": "always"}
AES = ("aes256-cts-hmac-sha1-96", "aes128-cts-hmac-sha1-96")


def planned(
    held: list[KeytabEntry] | None,
    *items: dict[str, Any],
    account: Account | None = ACCOUNT,
    keep_old: int = HOUR,
    new: dict[str, NewKeys] | None = None,
    evidence: Evidence = PROVED,
    staging: bool = False,
) -> KeytabPlan:
    found = state(account, held, evidence)
    changes = plan_accounts(found, wishes(*(items or ({},))))
    return plan_keytabs(found, changes, keep_old, new, staging)[PATH]


def lines(name: str, kvno: Any, more: str = "") -> str:
    return "".join(f"{name}@AD.EXAMPLE.TEST kvno {kvno} {enctype}{more}\n" for enctype in AES)


SMTP, IMAP = "smtp/mx1.example.test", "imap/mx1"


def test_nothing_to_do_leaves_every_byte() -> None:
    plan = planned([entry("HTTP/foreign"), *entries()])
    assert planned_content(plan) is plan.content


def test_copy_to_another_service_principal() -> None:
    plan = planned(entries(), {"service_principals": [SMTP, IMAP]})
    assert describe(plan) == (lines(SMTP, 3), lines(SMTP, 3) + lines(IMAP, 3))
    assert {one.key for one in plan.after or () if isinstance(one, KeytabEntry)} == set(KEYS.values())


def test_wrong_kvno_is_copied_and_another_key_replaced() -> None:
    plan = planned([*entries(kvno=1), entry(kvno=3, key=b"z" * 32)])
    before, after = describe(plan)
    assert "replaced" not in before
    assert after == (
        lines(SMTP, 1)
        + f"{SMTP}@AD.EXAMPLE.TEST kvno 3 {AES[0]} (key replaced)\n{SMTP}@AD.EXAMPLE.TEST kvno 3 {AES[1]}\n"
    )


def test_old_kvnos_go_once_they_are_old_enough() -> None:
    held = [*entries(kvno=2), *entries(), *entries(kvno=5), entry("HTTP/foreign", kvno=1), entry(kvno=2 | 1 << 16)]
    assert describe(planned(held, keep_old=101))[1] == describe(planned(held))[0]
    plan = planned(held, keep_old=100)
    assert plan.after == tuple(
        one for one in plan.before or () if (one.principal.components[0], one.kvno) != (b"smtp", 2)
    )
    # with what is staged for another account, too
    assert planned(held, keep_old=100, new={}, staging=True).after == plan.after
    fresh = dataclasses.replace(ACCOUNT, password_set=NOW)
    assert planned(held, account=fresh, keep_old=0, new={}, staging=True).after == plan.after
    unknown = dataclasses.replace(ACCOUNT, password_set=0)
    assert describe(planned(held, account=unknown, keep_old=0))[1] == describe(planned(held))[0]


def test_promise_and_truth_of_a_new_password_look_the_same() -> None:
    held = [*entries(kvno=2), *entries(), entry(kvno=4, key=b"s" * 32)]
    promise = planned(held, RESET)
    made = {"axigen_smtp": NewKeys(4, {18: b"n" * 32, 17: b"m" * 16})}
    truth = planned(held, RESET, new=made)
    assert describe(promise) == describe(truth)
    assert describe(truth)[1] == (
        lines(SMTP, 2)
        + lines(SMTP, 3)
        + f"{SMTP}@AD.EXAMPLE.TEST kvno 4 {AES[0]} (key replaced)\n{SMTP}@AD.EXAMPLE.TEST kvno 4 {AES[1]}\n"
    )
    assert "nnn" not in repr(made)
    # a password that could not be set made no key old
    assert planned(held, RESET, keep_old=0, new={}).after == tuple(held)
    # nor does one that is yet to be set
    assert describe(planned(held, RESET, keep_old=0, new=made, staging=True)) == describe(truth)
    # nothing is kept where the user says so
    assert describe(planned(held, RESET, keep_old=0))[1].startswith(f"{SMTP}@AD.EXAMPLE.TEST kvno 4")


def test_creation() -> None:
    plan = planned(None, account=None)
    assert describe(plan) == ("", lines(SMTP, "(chosen by the KDC)"))
    truth = planned(None, account=None, new={"axigen_smtp": NewKeys(2, KEYS)})
    assert describe(truth) == ("", lines(SMTP, 2))
    assert {one.timestamp for one in truth.after or () if isinstance(one, KeytabEntry)} == {NOW}


def test_keytab_of_nobody_stays() -> None:
    found = state(ACCOUNT, entries())
    assert plan_keytabs(found, (), HOUR)[PATH].after == tuple(entries())
