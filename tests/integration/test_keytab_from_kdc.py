# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Principals, their export and the keytab in one play, as the roles do it: check mode foretells it from end to end."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import climb
from ansible_collections.mailrealm.kerberos.tests.integration.mit_keytab import klist
from ansible_collections.mailrealm.kerberos.tests.integration.module_process import run
from ansible_collections.mailrealm.kerberos.tests.integration.realm import Realm, configure, running_kdc

HOST = "smtp/mx1.realm.test"
SHARED = "smtp/mail.realm.test"
AES = ["aes256-cts-hmac-sha1-96", "aes128-cts-hmac-sha1-96"]


@pytest.fixture
def realm(tmp_path: pathlib.Path) -> Realm:
    made = configure(tmp_path / "realm")
    made.create_database()
    return made


def tasks(realm: Realm, path: pathlib.Path, names: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "name": "Keep the principals",
            "mailrealm.kerberos.principal": {"principals": [{"name": name, "key": "random"} for name in names]},
            "environment": realm.variables,
            "register": "planned",
        },
        {
            "name": "Export their keys",
            "mailrealm.kerberos.keytab_export": {
                "keytabs": [{"name": "mx1", "principals": names, "enctypes": AES}],
                "planned": "{{ planned.principals }}",
            },
            "environment": realm.variables,
            "register": "export",
        },
        {
            "name": "Keep the keytab",
            "mailrealm.kerberos.keytab": {
                "path": str(path),
                "sources": [{"content": "{{ export.keytabs[0].content }}"}],
                "principals": names,
                "enctypes": ["aes"],
                "on_conflict": "source",
            },
        },
    ]


def test_from_a_blank_realm(realm: Realm, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "keytab"
    steps = climb(tasks(realm, path, [HOST, SHARED]), tmp_path, watch=[path, realm.database])
    changes = [[result.changed for result in step.results] for step in (steps.check, steps.run)]
    assert changes == [[True, False, True]] * 2
    assert steps.changed == (True, True, False, False)
    assert steps.check.watched_after == steps.check.watched_before
    shown = steps.check.last.diff[0]["after"].splitlines()
    assert shown
    assert all("kvno (chosen by the KDC)" in line for line in shown)
    assert {(key.principal, key.enctype) for key in klist(path)} == {
        (f"{name}@REALM.TEST", enctype) for name in (HOST, SHARED) for enctype in AES
    }
    with running_kdc(realm):
        realm.run("kinit", "-k", "-t", str(path), HOST)


def test_drifts_of_principals_that_exist_are_foretold_exactly(realm: Realm, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "keytab"
    realm.kadmin_local(f"addprinc -randkey {HOST}", f"addprinc -randkey {SHARED}", f"ktadd -k {path} {HOST}")
    before = [realm.keys(name) for name in (HOST, SHARED)]
    # an older life of the principal: its kvno is there again, with another key
    realm.kadmin_local(f"delprinc -force {HOST}", f"addprinc -randkey {HOST}", f"cpw -randkey {HOST}")
    steps = climb(tasks(realm, path, [HOST, SHARED]), tmp_path, watch=[path, realm.database])
    assert steps.changed == (True, True, False, False)
    assert steps.check.last.diff == steps.run.last.diff
    after = steps.run.last.diff[0]["after"]
    assert f"{HOST}@REALM.TEST kvno 2 {AES[0]} (key replaced)\n" in after
    assert f"{SHARED}@REALM.TEST kvno 1 {AES[0]}\n" in after
    assert [realm.keys(name) for name in (HOST, SHARED)] == before, "a key was rotated"


def kept(realm: Realm, folder: pathlib.Path, hosts: dict[str, str], check: bool) -> list[dict[str, Any]]:
    """What the modules return when one run, without a playbook, keeps the principals and both hosts' keytabs."""

    def done(module: str, options: dict[str, Any]) -> dict[str, Any]:
        outcome = run(module, options, folder, check=check, variables=realm.variables)
        assert outcome.result and not outcome.result.get("failed"), outcome.output
        return outcome.result

    shared = {"name": SHARED, "enctypes": AES, "rekey": "when_enctypes_differ"}
    principals = [shared, *({"name": name, "enctypes": AES} for name in hosts.values())]
    planned = done("principal", {"principals": principals})
    shares = [{"name": name, "principals": [own, SHARED], "enctypes": AES} for name, own in hosts.items()]
    export = done("keytab_export", {"keytabs": shares, "planned": planned["principals"]})
    keytabs = [
        done("keytab", {"path": str(folder / one["name"]), "sources": [{"content": one["content"]}]})
        for one in export["keytabs"]
    ]
    return [planned, *keytabs]


def test_a_shared_principal_that_the_run_rekeys_goes_to_both_hosts(realm: Realm, tmp_path: pathlib.Path) -> None:
    hosts = {"mx1": HOST, "mx2": "smtp/mx2.realm.test"}
    realm.kadmin_local(f"addprinc -randkey -e {AES[0]}:normal {SHARED}", f"addprinc -randkey {HOST}")
    database = realm.database.read_bytes()
    check = kept(realm, tmp_path, hosts, check=True)
    assert realm.database.read_bytes() == database
    assert not any((tmp_path / name).exists() for name in hosts)
    steps = [check, *(kept(realm, tmp_path, hosts, check=again) for again in (False, True, False))]
    assert [[one["changed"] for one in step] for step in steps] == [[True] * 3] * 2 + [[False] * 3] * 2
    for told in (one["diff"][0]["after"] for one in check[1:]):
        assert f"{SHARED}@REALM.TEST kvno 1 {AES[0]}\n" in told, "the old key is kept, and known"
        for enctype in AES:
            assert told.count(f"{SHARED}@REALM.TEST kvno (chosen by the KDC) {enctype}\n") == 1
    assert [line.split()[2] for line in realm.keys(SHARED)] == ["2,", "2,", "1,"]
    mx1, mx2 = ([key for key in klist(tmp_path / name) if key.principal.startswith(SHARED)] for name in hosts)
    assert mx1 == mx2
    assert [(key.kvno, key.enctype) for key in mx1] == [(2, AES[0]), (2, AES[1]), (1, AES[0])]
    with running_kdc(realm):
        for name, own in hosts.items():
            realm.run("kinit", "-k", "-t", str(tmp_path / name), own)
            realm.run("kinit", "-k", "-t", str(tmp_path / name), SHARED)
