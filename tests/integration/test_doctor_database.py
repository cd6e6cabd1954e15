# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor's section `database` on a realm of its own: what kadmin.local made is what the checks name."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import doctor_database, doctor_database_keys
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor import diagnose
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor_asked import Asked
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.doctor_database import gather
from ansible_collections.mailrealm.kerberos.tests.integration.realm import Realm, configure

KDC = "kdc1.realm.test"
CHECKS = (*doctor_database.CHECKS, *doctor_database_keys.CHECKS)
PAST = '"2025-11-01 00:00:00 UTC"'
SERVICES = ("fine", "disabled", "nobodys", "expired", "locked-down", "weak", "away")
USERS = ("alice", "late", "new", "guessed", "locked", "gone")
MADE = (
    "addpol -maxfailure 2 -lockoutduration 1h users",
    *(f"addprinc -randkey smtp/{name}" for name in SERVICES if name not in ("away", "weak")),
    "addprinc -randkey -e aes128-cts:normal smtp/weak",
    "cpw -randkey -e arcfour-hmac:normal smtp/weak",
    "modprinc -allow_tix smtp/disabled",
    "modprinc -allow_svr smtp/nobodys",
    f"modprinc -expire {PAST} smtp/expired",
    "modprinc +lockdown_keys smtp/locked-down",
    *(f"addprinc -policy users +requires_preauth -pw pw-{name} {name}" for name in USERS if name != "gone"),
    f"modprinc -pwexpire {PAST} late",
    "modprinc +needchange new",
    "modprinc -requires_preauth guessed",
)
NAMED = {
    "database.disabled": ["smtp/disabled"],
    "database.no_service_tickets": ["smtp/nobodys"],
    "database.expired": ["smtp/expired"],
    "database.keys_locked_down": ["smtp/locked-down"],
    "database.weak_keys": ["smtp/weak"],
    "database.principal_missing": ["gone", "smtp/away"],
    "database.password_expired": ["late", "new"],
    "database.no_preauth": ["guessed"],
}


@pytest.fixture
def realm(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Realm:
    made = configure(tmp_path / "realm", libdefaults=["allow_weak_crypto = true", "allow_rc4 = true"])
    made.create_database()
    for name, value in made.variables.items():
        monkeypatch.setenv(name, value)
    return made


def asked(realm: Realm) -> Asked:
    principals = [f"smtp/{name}@{realm.name}" for name in SERVICES]
    settings = {"kdc": {"principals": principals, "users": list(USERS)}}
    return Asked(KDC, realm.name, realm.domain, products=("kdc",), settings=settings)


def named(evidence: dict[str, Any], realm: Realm) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in diagnose({KDC: {"database": evidence}}, CHECKS):
        found.setdefault(one.check.id, []).append(one.trouble.subject.removesuffix(f"@{realm.name}"))
    return {check: sorted(subjects) for check, subjects in found.items()}


def test_what_is_wrong_with_principals_is_named_and_nothing_changes(realm: Realm) -> None:
    realm.kadmin_local(*MADE)
    before = realm.run("kdb5_util", "dump")
    evidence = gather(asked(realm))
    assert realm.run("kdb5_util", "dump") == before
    assert named(evidence, realm) == NAMED
    record = evidence["principals"][f"smtp/weak@{realm.name}"]
    assert (record["kvno"], record["enctypes"]) == (2, ["arcfour-hmac"])


def test_a_database_without_its_stash_is_told(realm: Realm) -> None:
    realm.stash.unlink()
    evidence = gather(asked(realm))
    assert list(named(evidence, realm)) == ["database.stash_missing"]


def test_no_database_is_told(realm: Realm) -> None:
    for path in realm.folder.glob("principal*"):
        path.unlink()
    assert list(named(gather(asked(realm)), realm)) == ["database.unopened"]
