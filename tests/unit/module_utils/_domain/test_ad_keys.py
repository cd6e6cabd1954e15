# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.active_directory import Account
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.ad_keys import (
    RIGHT,
    UNPROVED,
    WRONG,
    Candidate,
    Evidence,
    Proof,
    ProofRefusal,
    candidates,
    principals_of,
    required_principals,
    verdict,
    weigh,
    witness,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.ad_state import held_entries
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.key_proof import KeyProof
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import KeytabEntry, serialize
from ansible_collections.mailrealm.kerberos.tests.unit.module_utils._domain.ad_samples import (
    ACCOUNT,
    AES128,
    AES256,
    KEYS,
    RC4,
    REALM,
    entries,
    entry,
    wish,
)

OTHER = {AES256: b"x" * 32, AES128: b"y" * 16}


def names(principals: tuple) -> list[str]:
    return [one.name for one in principals]


def test_principals() -> None:
    account = dataclasses.replace(ACCOUNT, upn=f"pop/mx1@{REALM}", service_principals=("smtp/mx1.example.test", "bare"))
    asked = wish(service_principals=["imap/mx1"])
    assert names(principals_of(account, asked, REALM)) == [
        "imap/mx1",
        "axigen_smtp",
        "smtp/mx1.example.test",
        "pop/mx1",
    ]
    assert names(required_principals(account, asked, REALM)) == ["imap/mx1"]
    assert names(required_principals(account, wish(service_principals=[]), REALM)) == ["smtp/mx1.example.test", "bare"]
    assert names(required_principals(None, wish(service_principals=[]), REALM)) == []
    whole = wish(service_principals=["imap/mx1"], account_principal=True)
    assert names(required_principals(account, whole, REALM)) == ["imap/mx1", "axigen_smtp"]
    alone = wish(service_principals=[], account_principal=True)
    assert names(required_principals(account, alone, REALM)) == ["axigen_smtp"]


def test_witness() -> None:
    computer = dataclasses.replace(ACCOUNT, name="MX1$", control=0x1000, service_principals=())
    assert str(witness(ACCOUNT, wish(service_principals=["imap/mx1"]), REALM)) == f"smtp/mx1.example.test@{REALM}"
    assert str(witness(ACCOUNT, wish(service_principals=["SMTP/mx1.example.test"]), REALM)).startswith("SMTP/")
    assert str(witness(computer, wish(), REALM)) == f"MX1$@{REALM}"
    assert witness(dataclasses.replace(ACCOUNT, service_principals=()), wish(), REALM) is None


def by_principal(held: list[KeytabEntry]) -> dict[Any, list[KeytabEntry]]:
    return held_entries({"x": serialize(held)})


def tried(held: list, derived: dict) -> list[tuple[str, dict[int, bytes], int | None]]:
    return [
        (one.origin, dict(one.keys), one.kvno)
        for one in candidates(ACCOUNT, wish(), REALM, by_principal(held), derived)
    ]


def test_candidates_in_order() -> None:
    held = [*entries(kvno=1), entry(kvno=3, key=b"z" * 32), entry("HTTP/elsewhere", kvno=3, key=b"q" * 32)]
    assert tried(held, OTHER) == [
        ("the keytab", {AES256: b"z" * 32}, 3),
        ("what was given", OTHER, None),
        ("kvno 1 of the keytab", KEYS, 1),
    ]


def test_candidates_that_agree_are_one() -> None:
    assert tried([entry(kvno=3)], {**KEYS, RC4: b"r" * 16}) == [("the keytab", {**KEYS, RC4: b"r" * 16}, 3)]
    # a key that goes with an agreeing one of another kvno is the account's own as well
    assert tried([entry(kvno=3), *entries(kvno=2)], {}) == [("the keytab", KEYS, 3)]


def test_candidates_of_two_principals_that_disagree() -> None:
    held = [entry(f"axigen_smtp@{REALM}", key=b"x" * 32), *entries()]
    assert tried(held, {}) == [("the keytab", KEYS, 3), ("the keytab", {AES256: b"x" * 32}, 3)]


def test_candidates_are_few_and_none_of_a_read_only_controller() -> None:
    held = [entry(kvno=kvno, key=bytes([kvno]) * 32) for kvno in range(4, 20)]
    assert [kvno for dummy, dummy, kvno in tried(held, {})] == [19, 18, 17, 16]
    assert tried([entry(kvno=3 | 1 << 16)], {}) == []


KEPT, GIVEN = Candidate("the keytab", KEYS, 3), Candidate("what was given", OTHER)
OLD = Candidate("kvno 1 of the keytab", {AES256: b"o" * 32}, 1)


@pytest.mark.parametrize(
    ("verdicts", "derived", "keys", "fits"),
    [
        ([(KEPT, RIGHT)], {}, KEYS, None),
        ([(KEPT, RIGHT)], KEYS, KEYS, True),
        ([(KEPT, RIGHT)], OTHER, KEYS, False),
        ([(KEPT, UNPROVED)], {}, KEYS, None),
        ([(KEPT, UNPROVED)], KEYS, KEYS, True),
        ([(KEPT, WRONG)], {}, {}, None),
        ([(KEPT, WRONG), (GIVEN, RIGHT)], OTHER, OTHER, True),
        ([(KEPT, WRONG), (GIVEN, WRONG)], OTHER, {}, False),
        ([(GIVEN, UNPROVED)], OTHER, OTHER, None),
        ([(OLD, UNPROVED)], {}, {}, None),
        ([(OLD, RIGHT)], {}, OLD.keys, None),
        ([], {}, {}, None),
    ],
)
def test_what_proofs_come_to(verdicts: list, derived: dict, keys: dict, fits: bool | None) -> None:
    found = weigh(ACCOUNT, [(one, Proof(verdict, text=one.origin)) for one, verdict in verdicts], derived)
    assert (dict(found.keys), found.password_fits) == (keys, fits)
    if verdicts and not keys:
        assert found.proof.text == verdicts[0][0].origin


RC4_ACCOUNT = dataclasses.replace(ACCOUNT, enctypes=4)


@pytest.mark.parametrize(
    ("ok", "symptom", "account", "found"),
    [
        (True, "", ACCOUNT, RIGHT),
        (False, "key_wrong", ACCOUNT, WRONG),
        (False, "kvno_behind", ACCOUNT, UNPROVED),
        (False, "kvno_ahead", ACCOUNT, UNPROVED),
        (False, "key_wrong", RC4_ACCOUNT, WRONG),
        (False, "enctype_missing", ACCOUNT, WRONG),
        (False, "enctype_missing", RC4_ACCOUNT, UNPROVED),
        (False, "enctype_unsupported", RC4_ACCOUNT, UNPROVED),
        (False, "service_principal_unknown", ACCOUNT, UNPROVED),
        (None, "key_not_judged", ACCOUNT, UNPROVED),
        (False, "clock_skew", ACCOUNT, None),
    ],
)
def test_verdict(ok: bool | None, symptom: str, account: Account, found: str | None) -> None:
    answer = KeyProof(entry().principal, ok, 4, AES256, symptom=symptom, cause="why", remedy="mend it")
    if found is None:
        with pytest.raises(ProofRefusal, match="account 'axigen_smtp': why; mend it"):
            verdict(answer, account, wish())
    else:
        assert verdict(answer, account, wish()) == Proof(found, 4, AES256, "" if ok else "why")


def test_no_key_is_shown() -> None:
    shown = repr((KEPT, Evidence(KEYS), weigh(ACCOUNT, [(KEPT, Proof(RIGHT))], KEYS)))
    assert "aaaa" not in shown
    assert "bbbb" not in shown
