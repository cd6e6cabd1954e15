# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules `principal` and `principal_info` on throw-away realms, ladders with secrets through Ansible; getprinc and
kinit judge."""

from __future__ import annotations

import pathlib
import shutil
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration import ladder
from ansible_collections.mailrealm.kerberos.tests.integration.forked_ladder import climb, play
from ansible_collections.mailrealm.kerberos.tests.integration.realm import (
    Realm,
    configure,
    running_kadmind,
    running_kdc,
)

MODULE = "mailrealm.kerberos.principal"
INFO = "mailrealm.kerberos.principal_info"
CANARIES = ("canary-of-alice", "canary-of-bob", "canary-of-the-administrator")


@pytest.fixture
def realm(tmp_path: pathlib.Path) -> Realm:
    made = configure(tmp_path / "realm")
    made.create_database()
    return made


def task(realm: Realm, module: str = MODULE, **options: Any) -> dict[str, Any]:
    return {"name": "Keep principals", module: options, "environment": realm.variables}


def test_ladder_of_creation(realm: Realm, tmp_path: pathlib.Path) -> None:
    items = [
        {"name": "alice", "password": CANARIES[0], "attributes": ["+requires_preauth"], "max_life": "8h"},
        {"name": "smtp/mx1.realm.test", "enctypes": ["aes256-cts"]},
    ]
    steps = ladder.climb([task(realm, principals=items)], tmp_path, watch=[realm.database, realm.folder], verbosity=4)
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert steps.check.watched_after == steps.check.watched_before
    assert steps.run_again.watched_after == steps.run_again.watched_before
    assert steps.run.diff[0]["after"] == (
        "alice@REALM.TEST:\n  present\n  key: from the password, kvno (chosen by the KDC)\n"
        "  attributes: +requires_preauth\n  max_life: 8h\n"
        "smtp/mx1.realm.test@REALM.TEST:\n  present\n  key: random, kvno (chosen by the KDC)\n"
        "  enctypes: aes256-cts-hmac-sha1-96\n"
    )
    assert realm.keys("smtp/mx1.realm.test") == ["Key: vno 1, aes256-cts-hmac-sha1-96"]
    with running_kdc(realm):
        realm.run("kinit", "alice", text=f"{CANARIES[0]}\n")
    assert CANARIES[0] not in steps.output


def test_ladder_of_change_and_deletion(realm: Realm, tmp_path: pathlib.Path) -> None:
    realm.kadmin_local(
        "addprinc -randkey -e aes256-cts:normal,rc4-hmac:normal imap/mx1",
        f"addprinc -pw {CANARIES[1]} bob",
        "addprinc -randkey gone",
        "addpol users",
    )
    items = [
        {"name": "imap/mx1", "enctypes": ["aes256-cts"], "rekey": "when_enctypes_differ"},
        {"name": "bob", "policy": "users", "attributes": ["-allow_tix"], "expires": "2030-12-31"},
        {"name": "bob2", "password": CANARIES[1], "update_password": "always"},
        {"name": "gone", "state": "absent"},
        {"name": "never", "state": "absent"},
    ]
    steps = ladder.climb([task(realm, principals=items)], tmp_path, watch=[realm.database], verbosity=4)
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert steps.check.watched_after == steps.check.watched_before
    (part,) = steps.run.diff
    assert part["before"].startswith(
        "imap/mx1@REALM.TEST:\n  kvno: 1\n  enctypes: aes256-cts-hmac-sha1-96, arcfour-hmac\nbob@REALM.TEST:\n"
        "  policy: none\n  attributes: +allow_tix\n  expires: never\n"
    )
    assert [one["action"] for one in steps.run.only.data["principals"]] == [
        "changed", "changed", "created", "deleted", "none",
    ]  # fmt: skip
    assert [one["new_key"] for one in steps.check.only.data["principals"]] == [True, False, True, False, False]
    assert [(one["kvno"], one["new_kvno"]) for one in steps.run.only.data["principals"]] == [
        (1, 2), (1, None), (None, 1), (1, None), (None, None),
    ]  # fmt: skip
    foreseen = [{**one, "new_kvno": None} for one in steps.run.only.data["principals"]]
    assert steps.check.only.data["principals"] == foreseen
    listed = realm.kadmin_local("listprincs")
    assert "gone@" not in listed and "bob2@" in listed
    assert CANARIES[1] not in steps.output


def test_one_principal_by_the_module_s_own_options(realm: Realm, tmp_path: pathlib.Path) -> None:
    steps = climb([task(realm, name="http/www", max_life=3600, kadmin={"realm": realm.name})], tmp_path)
    assert steps.changed == (True, True, False, False)
    assert "Maximum ticket life: 0 days 01:00:00" in realm.kadmin_local("getprinc http/www")
    refused, dummy = play([task(realm, principals=[{"name": "x"}], state="absent")], tmp_path)
    assert refused.failed and "mutually exclusive" in refused.only.msg


def test_check_mode_before_the_realm_is_there(tmp_path: pathlib.Path) -> None:
    blank = configure(tmp_path / "blank")
    asked = task(blank, name="alice", policy="users", kadmin={"realm": blank.name})
    checked, output = play([asked], tmp_path, check=True, watch=[blank.folder])
    assert checked.changed and "goes on as if an earlier task brings an empty realm" in output
    assert not list(blank.folder.glob("principal*"))
    refused, dummy = play([asked], tmp_path)
    assert refused.only.msg.startswith("realm REALM.TEST (kadmin.local): there is no database at ")
    blank.create_database()
    lacking, dummy = play([asked], tmp_path)
    assert lacking.only.msg == (
        "policy 'users': does not exist in the realm; create it first (kadmin: addpol), "
        "or correct the principal's policy"
    )
    blank.kadmin_local("addpol users")
    ran, dummy = play([asked], tmp_path)
    assert ran.diff == checked.diff


def test_realm_in_lower_case_names_both(realm: Realm, tmp_path: pathlib.Path) -> None:
    for check in (True, False):
        step, dummy = play([task(realm, name="alice", kadmin={"realm": "realm.test"})], tmp_path, check=check)
        assert "realm 'realm.test'" in step.only.msg and "'REALM.TEST'" in step.only.msg


def test_failed_login_leaves_nothing_behind(realm: Realm, tmp_path: pathlib.Path) -> None:
    access = {"principal": realm.admin, "password": "wrong", "realm": realm.name}
    with running_kdc(realm):
        step, dummy = play([task(realm, name="alice", kadmin=access)], tmp_path)
    assert step.only.msg == f"kadmin.password: is not the password of {realm.admin}; correct it"
    assert not [path for place in ("/run", "/dev/shm") for path in pathlib.Path(place).glob(".mailrealm-kadmin-*")]


def test_info(realm: Realm, tmp_path: pathlib.Path) -> None:
    realm.kadmin_local("addprinc -randkey +requires_preauth smtp/mx1", "addprinc -randkey smtp/mx2")
    step, dummy = play([task(realm, INFO, names=["smtp/*"])], tmp_path, watch=[realm.database])
    assert not step.changed and step.watched_after == step.watched_before
    first, second = step.only.data["principals"]
    assert (first["name"], second["name"]) == ("smtp/mx1@REALM.TEST", "smtp/mx2@REALM.TEST")
    assert first["attributes"] == ["+requires_preauth"] and second["attributes"] == []
    assert [key["enctype"] for key in first["key_data"]] == ["aes256-cts-hmac-sha1-96", "aes128-cts-hmac-sha1-96"]


def test_no_secret_in_processes_or_output(realm: Realm, tmp_path: pathlib.Path) -> None:
    """All programs that run, with arguments and environment, as the kernel saw them started."""
    realm.kadmin_local(f"addprinc -pw {CANARIES[2]} ansible/admin")
    trace, programs = tmp_path / "trace", tmp_path / "bin"
    programs.mkdir()
    python = programs / "python"
    strace = shutil.which("strace")
    python.write_text(
        f"#!/bin/sh\nexec {strace} -f -v -A -s 1000000 -e trace=execve -e signal=none -o {trace} "
        f'{ladder.sys.executable} "$@"\n'
    )
    python.chmod(0o755)
    access = {"principal": "ansible/admin", "password": CANARIES[2]}
    items = [
        {"name": "alice", "password": CANARIES[0], "update_password": "always"},
        {"name": "bob", "password": CANARIES[1], "update_password": "always"},
    ]
    with running_kdc(realm), running_kadmind(realm):
        for kadmin in ({}, access):
            for again in range(2):
                step, output = ladder.play(
                    [task(realm, principals=items, kadmin=kadmin)], tmp_path, verbosity=4, interpreter=str(python)
                )
                assert not step.failed, output
                assert step.changed == (not kadmin and not again)
                assert not any(canary in output for canary in CANARIES)
    seen = trace.read_text()
    assert "kadmin.local" in seen and '"kinit"' in seen.replace("/usr/bin/kinit", "kinit") and "KRB5_CONFIG=" in seen
    assert not any(canary in seen for canary in CANARIES)
