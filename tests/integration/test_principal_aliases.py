# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Aliases of principals, with the programs of MIT Kerberos 1.22 or later; its KDC and kadmin judge."""

from __future__ import annotations

import pathlib
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration.forked_ladder import climb, play
from ansible_collections.mailrealm.kerberos.tests.integration.mit_keytab import klist
from ansible_collections.mailrealm.kerberos.tests.integration.module_process import run
from ansible_collections.mailrealm.kerberos.tests.integration.realm import (
    Realm,
    configure,
    running_kadmind,
    running_kdc,
)

MODULE = "mailrealm.kerberos.principal"
INFO = "mailrealm.kerberos.principal_info"
NEXT = pathlib.Path("/opt/mit-next")  # of the toolbox: the programs, each in its own C library
DATABASE_MODULES = NEXT / "lib/krb5/plugins/kdb"


@pytest.fixture(scope="module")
def realm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Realm]:
    """A realm that lives by the programs of NEXT alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{NEXT}/bin", prepend=":")
        made = configure(tmp_path_factory.mktemp("realm"))
        with made.kdc_conf.open("a") as file:
            file.write(f"[dbmodules]\n    db_module_dir = {DATABASE_MODULES}\n")
        made.create_database()
        made.kadmin_local(f"ktadd -norandkey -k {made.folder}/admin.keytab {made.admin}")
        with running_kdc(made), running_kadmind(made):
            yield made


def task(realm: Realm, module: str = MODULE, **options: Any) -> dict[str, Any]:
    path = {"PATH": realm.environment["PATH"]}
    return {"name": "Keep principals", module: options, "environment": {**realm.variables, **path}}


def remote(realm: Realm) -> dict[str, Any]:
    return {"principal": realm.admin, "keytab": f"{realm.folder}/admin.keytab"}


@pytest.mark.parametrize("way", ["local", "remote"])
def test_ladder_of_aliases(realm: Realm, tmp_path: pathlib.Path, way: str) -> None:
    kadmin = remote(realm) if way == "remote" else {}
    realm.kadmin_local(f"addprinc -randkey there/{way}", f"add_alias old/{way} there/{way}")
    items = [
        {"name": f"new/{way}", "aliases": [f"a/{way}", f"b/{way}"]},
        {"name": f"there/{way}", "aliases": [f"old/{way}", f"more/{way}"]},
    ]
    steps = climb([task(realm, principals=items, kadmin=kadmin)], tmp_path)
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert steps.run.diff[0]["after"] == (
        f"new/{way}@REALM.TEST:\n  present\n  key: random, kvno (chosen by the KDC)\n"
        f"  alias a/{way}@REALM.TEST: present\n  alias b/{way}@REALM.TEST: present\n"
        f"there/{way}@REALM.TEST:\n  alias more/{way}@REALM.TEST: present\n"
    )
    realm.run("kinit", "-k", "-t", f"{realm.folder}/admin.keytab", realm.admin)
    for alias in ("a", "b", "old", "more"):  # the KDC gives tickets for them
        assert f"{alias}/{way}@REALM.TEST: kvno = 1" in realm.run("kvno", f"{alias}/{way}")
    info, dummy = play([task(realm, INFO, names=[f"*/{way}", "nobody"], kadmin=kadmin)], tmp_path)
    told = {one["name"]: one["aliases"] for one in info.only.data["principals"]}
    assert told == {
        f"new/{way}@REALM.TEST": [f"a/{way}@REALM.TEST", f"b/{way}@REALM.TEST"],
        f"there/{way}@REALM.TEST": [f"more/{way}@REALM.TEST", f"old/{way}@REALM.TEST"],
    }
    assert info.only.data["missing"] == ["nobody@REALM.TEST"]
    away = [
        {"name": f"new/{way}", "state": "absent", "aliases": [f"a/{way}"]},
        {"name": f"old/{way}", "state": "absent"},
    ]
    gone = climb([task(realm, principals=away, kadmin=kadmin)], tmp_path)
    assert gone.changed == (True, True, False, False) and gone.check.diff == gone.run.diff
    assert f"old/{way}@REALM.TEST:\n  alias of there/{way}@REALM.TEST\n" in gone.run.diff[0]["before"]
    left = [name for name in realm.kadmin_local("listprincs").splitlines() if f"/{way}@" in name]
    # b was not listed: it leads nowhere, and only a listing shows it
    assert sorted(left) == [f"{name}/{way}@REALM.TEST" for name in ("b", "more", "there")]


def test_names_that_are_taken_are_refused_before_anything_is_written(realm: Realm, tmp_path: pathlib.Path) -> None:
    realm.kadmin_local("addprinc -randkey taken", "addprinc -randkey other", "add_alias led other")
    before = realm.database.read_bytes()
    for alias, words in (
        ("taken", "principal x@REALM.TEST: aliases: taken@REALM.TEST is a principal of its own; delete it first"),
        ("led", "principal x@REALM.TEST: aliases: led@REALM.TEST is an alias of other@REALM.TEST; delete it first"),
    ):
        items = [{"name": "first"}, {"name": "x", "aliases": [alias]}]
        refused, dummy = play([task(realm, principals=items)], tmp_path)
        assert refused.only.msg.startswith(words)
    refused, dummy = play([task(realm, name="led", max_life="1h")], tmp_path)
    assert refused.only.msg == "principal led@REALM.TEST: is an alias of other@REALM.TEST; name that one instead"
    assert realm.database.read_bytes() == before


def test_no_alias_of_a_principal_that_could_not_be_made(realm: Realm, tmp_path: pathlib.Path) -> None:
    """kadmin itself takes an alias that leads nowhere."""
    realm.kadmin_local("addpol -minlength 20 strict")
    item = {"name": "weak", "password": "tiny", "policy": "strict", "aliases": ["feeble"]}
    refused, dummy = play([task(realm, **item)], tmp_path)
    assert refused.only.msg.startswith("principal weak@REALM.TEST: its policy refuses the password")
    assert "feeble" not in realm.kadmin_local("listprincs")
    made, dummy = play([task(realm, **{**item, "password": "long enough for this policy"})], tmp_path)
    assert made.changed and not made.failed


def test_keys_are_staged_once_under_all_names_and_salted_by_the_principal_s_own(
    realm: Realm, tmp_path: pathlib.Path
) -> None:
    variables = {**realm.variables, "PATH": realm.environment["PATH"]}
    realm.kadmin_local("addprinc -randkey -e arcfour-hmac:normal staged/own", "add_alias staged/alias staged/own")
    shares = [{"name": name, "principals": [f"staged/{name}"]} for name in ("own", "alias")]
    options = {"keytabs": shares, "stage": {"enctypes": ["aes256-sha2", "aes128-cts"]}}
    export = run("keytab_export", options, tmp_path, variables=variables).result
    assert export and [one["name"] for one in export["staged"]] == ["staged/own@REALM.TEST"], export
    for share in export["keytabs"]:
        keytab = {"path": str(tmp_path / share["name"]), "sources": [{"content": share["content"]}]}
        assert run("keytab", keytab, tmp_path).status == 0
    given = run("principal", {"principals": export["staged"]}, tmp_path, variables=variables).result
    assert given and given["changed"], given
    realm.kadmin_local(*(f"ktadd -norandkey -k {tmp_path}/bare.{name} staged/{name}" for name in ("own", "alias")))
    for name in ("own", "alias"):
        assert set(klist(tmp_path / name)) == set(klist(tmp_path / f"bare.{name}"))
        assert len(klist(tmp_path / name)) == 3
