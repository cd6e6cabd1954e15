# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Encryption types change while logins go on: none fails where the keys are staged first, and some do otherwise."""

from __future__ import annotations

import pathlib
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import play
from ansible_collections.mailrealm.kerberos.tests.integration.login_loop import logging_in
from ansible_collections.mailrealm.kerberos.tests.integration.mit_keytab import klist
from ansible_collections.mailrealm.kerberos.tests.integration.module_process import run
from ansible_collections.mailrealm.kerberos.tests.integration.realm import Realm, configure, running_kdc

AES256, AES128, RC4 = "aes256-cts-hmac-sha1-96", "aes128-cts-hmac-sha1-96", "arcfour-hmac"
AES = [AES256, AES128]
SERVICE = "smtp/mx1.realm.test"
# What the service has at first: types that go, and types of which one stays
FIRST = {"disjoint": RC4, "overlapping": f"{AES256}:normal,{RC4}"}


@pytest.fixture
def realm(tmp_path: pathlib.Path) -> Iterator[Realm]:
    made = configure(tmp_path / "realm", libdefaults=("allow_rc4 = true", "allow_weak_crypto = true"))
    made.create_database()
    made.kadmin_local(f'addprinc -pw "{made.admin_password}" alice')
    with running_kdc(made):
        yield made


def service(realm: Realm, folder: pathlib.Path, enctypes: str) -> pathlib.Path:
    keytab = folder / "smtp.keytab"
    realm.kadmin_local(f"addprinc -randkey -e {enctypes}:normal {SERVICE}", f"ktadd -norandkey -k {keytab} {SERVICE}")
    return keytab


def export(realm: Realm, **more: Any) -> dict[str, Any]:
    return {
        "name": "Export the keys",
        "mailrealm.kerberos.keytab_export": {"keytabs": [{"name": "mx1", "principals": [SERVICE]}], **more},
        "environment": realm.variables,
        "register": "export",
    }


def keytab(path: pathlib.Path) -> dict[str, Any]:
    sources = [{"content": "{{ export.keytabs[0].content }}"}]
    options = {"path": str(path), "sources": sources, "on_conflict": "source", "prune": True}
    return {"name": "Keep the keytab", "mailrealm.kerberos.keytab": options}


def principal(realm: Realm, principals: Any) -> dict[str, Any]:
    options = {"principals": principals}
    return {"name": "Keep the principal", "mailrealm.kerberos.principal": options, "environment": realm.variables}


@pytest.mark.parametrize("first", FIRST)
def test_no_login_fails_where_keys_are_staged(realm: Realm, tmp_path: pathlib.Path, first: str) -> None:
    path = service(realm, tmp_path, FIRST[first])
    way = [export(realm, stage={"enctypes": AES}), keytab(path), principal(realm, "{{ export.staged }}")]
    with logging_in(realm, tmp_path, SERVICE, path, "alice") as logins:
        step, output = play(way, tmp_path)
        assert not step.failed and step.changed, output
    assert logins.fresh.failures == {} and logins.kept.failures == {}
    assert set(logins.fresh.kvnos) == {1, 2}
    assert set(logins.kept.kvnos) == {1}
    assert sorted((key.kvno, key.enctype) for key in klist(path) if key.kvno == 2) == [(2, AES128), (2, AES256)]


def test_logins_fail_where_the_kdc_is_first(realm: Realm, tmp_path: pathlib.Path) -> None:
    path = service(realm, tmp_path, FIRST["overlapping"])
    direct = [{"name": SERVICE, "enctypes": AES, "rekey": "when_enctypes_differ"}]
    way = [principal(realm, direct), export(realm), keytab(path)]
    with logging_in(realm, tmp_path, SERVICE, path, "alice") as logins:
        step, output = play(way, tmp_path)
        assert not step.failed and step.changed, output
    assert sum(logins.fresh.failures.values()) > 0
    assert set(logins.fresh.kvnos) == {1, 2}
    assert logins.kept.failures == {} and set(logins.kept.kvnos) == {1}


@pytest.mark.parametrize("first", FIRST)
def test_a_login_by_the_keytab_itself_takes_the_newest_key(realm: Realm, tmp_path: pathlib.Path, first: str) -> None:
    """Why the documentation says to leave such principals out: MIT's kinit goes by the highest kvno of a type."""
    path = service(realm, tmp_path, FIRST[first])

    def logs_in() -> bool:
        return realm.run("sh", "-c", f"kinit -k -t {path} {SERVICE} && echo yes", check=False) == "yes\n"

    assert logs_in()
    options = {"keytabs": [{"name": "mx1", "principals": [SERVICE]}], "stage": {"enctypes": AES}}
    export = run("keytab_export", options, tmp_path, variables=realm.variables).result
    assert export and export["staged"]
    content = export["keytabs"][0]["content"]
    assert run("keytab", {"path": str(path), "sources": [{"content": content}]}, tmp_path).status == 0
    assert logs_in() == (first == "disjoint")
    assert run("principal", {"principals": export["staged"]}, tmp_path, variables=realm.variables).status == 0
    assert logs_in()
