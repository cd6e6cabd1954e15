# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module `realm` against kdb5_util; kadmin.local and kinit judge."""

from __future__ import annotations

import os
import pathlib
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration import ladder
from ansible_collections.mailrealm.kerberos.tests.integration.forked_ladder import climb, play
from ansible_collections.mailrealm.kerberos.tests.integration.realm import Realm, configure, running_kdc

MODULE = "mailrealm.kerberos.realm"
CANARY = "canary of the master password"


@pytest.fixture
def realm(tmp_path: pathlib.Path) -> Realm:
    return configure(tmp_path / "realm")


def task(realm: Realm, **options: Any) -> dict[str, Any]:
    return {"name": "Keep the realm", MODULE: {"name": realm.name, **options}, "environment": realm.variables}


def state(part: str) -> str:
    return f"database: {part}\n"


def test_ladder_of_creation(realm: Realm, tmp_path: pathlib.Path) -> None:
    steps = ladder.climb([task(realm, master_password=CANARY)], tmp_path, watch=[realm.folder], verbosity=4)
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert steps.run.diff == [
        {
            "before_header": "realm REALM.TEST",
            "after_header": "realm REALM.TEST",
            "before": "database: absent\n",
            "after": "database: present\nstash: present\n",
        }
    ]
    assert steps.check.watched_after == steps.check.watched_before
    assert steps.run_again.watched_after == steps.run_again.watched_before
    assert CANARY not in steps.output
    realm.kadmin_local("addprinc -pw secret alice")
    with running_kdc(realm):
        realm.run("kinit", "alice", text="secret\n")
    # the password is the one asked for: it makes the stash anew
    realm.stash.unlink()
    realm.run("kdb5_util", "stash", text=f"{CANARY}\n")


def test_random_master_password_opens_by_the_stash_alone(realm: Realm, tmp_path: pathlib.Path) -> None:
    step, dummy = play([task(realm)], tmp_path)
    assert step.changed and not step.failed
    assert "krbtgt/REALM.TEST@REALM.TEST" in realm.kadmin_local("listprincs")
    assert realm.stash.stat().st_mode & 0o077 == 0


def test_database_that_is_there_is_never_overwritten(realm: Realm, tmp_path: pathlib.Path) -> None:
    realm.create_database()
    before = realm.database.read_bytes()
    step, dummy = play([task(realm, master_password="another")], tmp_path)
    assert not step.changed and not step.failed
    assert realm.database.read_bytes() == before


def test_lost_stash_is_made_from_the_password(realm: Realm, tmp_path: pathlib.Path) -> None:
    realm.create_database()
    realm.stash.unlink()
    refused, dummy = play([task(realm)], tmp_path)
    assert "no stash opens it; give its master_password" in refused.only.msg
    wrong, dummy = play([task(realm, master_password="wrong")], tmp_path)
    assert wrong.only.msg == "master_password: is not the master password of realm REALM.TEST; correct it"
    assert not realm.stash.exists()
    steps = climb([task(realm, master_password=realm.master_password)], tmp_path)
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert "root/admin@REALM.TEST" in realm.kadmin_local("listprincs")


def test_without_stash(realm: Realm, tmp_path: pathlib.Path) -> None:
    refused, dummy = play([task(realm, stash=False)], tmp_path)
    assert refused.only.msg.startswith("master_password: is needed with stash: false")
    steps = climb([task(realm, stash=False, master_password=CANARY)], tmp_path)
    assert steps.changed == (True, True, False, False)
    assert realm.database.exists() and not realm.stash.exists()


def test_destruction_needs_the_name_again(realm: Realm, tmp_path: pathlib.Path) -> None:
    realm.create_database()
    refused, dummy = play([task(realm, state="absent", confirm_destruction="yes")], tmp_path)
    assert "set it to 'REALM.TEST'" in refused.only.msg
    assert realm.database.exists()
    steps = climb([task(realm, state="absent", confirm_destruction="REALM.TEST")], tmp_path)
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert not realm.database.exists()
    again = climb([task(realm)], tmp_path)  # beside the stash that was left
    assert again.changed == (True, True, False, False)


def test_realm_in_another_case_is_refused_with_both_spellings(realm: Realm, tmp_path: pathlib.Path) -> None:
    for check in (True, False):
        step, dummy = play([task(realm, name="realm.test")], tmp_path, check=check)
        assert step.failed
        assert step.only.msg == (
            f"realm 'realm.test': {realm.kdc_conf} names it 'REALM.TEST', and Kerberos tells upper from lower case; "
            f"write 'REALM.TEST', or correct {realm.kdc_conf}"
        )


def test_kdc_conf_option(realm: Realm, tmp_path: pathlib.Path) -> None:
    given = {**realm.variables}
    del given["KRB5_KDC_PROFILE"]
    step, dummy = play([{**task(realm, kdc_conf=str(realm.kdc_conf)), "environment": given}], tmp_path)
    assert step.changed and realm.database.exists()


def test_missing_folder_and_missing_program(realm: Realm, tmp_path: pathlib.Path) -> None:
    realm.kdc_conf.write_text(realm.kdc_conf.read_text().replace(f"{realm.folder}/principal", f"{realm.folder}/no/db"))
    step, dummy = play([task(realm)], tmp_path)
    assert step.only.msg.startswith("realm REALM.TEST: a folder that kdc.conf names does not exist (")
    assert f"{realm.folder}/no/db" in step.only.msg


def test_arguments_for_the_database_module(realm: Realm, tmp_path: pathlib.Path) -> None:
    """They reach kdb5_util and kadmin.local: the database is made, kept and destroyed where they say."""
    place = realm.folder / "elsewhere"
    args = {"db_args": [f"dbname={place}"]}
    made = climb([task(realm, **args)], tmp_path)
    assert made.changed == (True, True, False, False)
    assert made.check.diff == made.run.diff
    assert place.exists() and not realm.database.exists()
    listed = realm.run("kadmin.local", "-x", f"dbname={place}", "-r", realm.name, "listprincs")
    assert "kadmin/changepw@REALM.TEST" in listed
    realm.database.write_text("another one, at kdc.conf's place\n")
    gone = climb([task(realm, state="absent", confirm_destruction=realm.name, **args)], tmp_path)
    assert gone.changed == (True, True, False, False)
    assert realm.database.read_text() == "another one, at kdc.conf's place\n"
    assert not list(realm.folder.glob("elsewhere*"))


def test_arguments_that_are_refused(realm: Realm, tmp_path: pathlib.Path) -> None:
    for check in (True, False):
        secret, dummy = play([task(realm, db_args=["host=x", f"bindpwd={CANARY}"])], tmp_path, check=check)
        assert secret.only.msg == (
            "db_args: 'bindpwd' would stand in the process list; put the password into the file that "
            "ldap_service_password_file names"
        )
        unknown, dummy = play([task(realm, db_args=["host=x"])], tmp_path, check=check)
        assert unknown.only.msg == (
            "db_args: the database of realm REALM.TEST (kadmin.local) (db2) takes no 'host'; leave it out"
        )
    assert not list(realm.folder.glob("principal*"))


def under_strace(tmp_path: pathlib.Path, fault: str) -> dict[str, str]:
    """A PATH on which kdb5_util runs under strace, which makes a system call fail or kills it there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "kdb5_util"
    program.write_text(f'#!/bin/sh\nexec strace -f -o /dev/null -e inject={fault} /usr/sbin/kdb5_util "$@"\n')
    program.chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


# in a page of the database, and before the stash is renamed
@pytest.mark.parametrize("fault", ["write:signal=KILL:when=7", "rename:signal=KILL:when=1", "fsync:error=ENOSPC"])
def test_creation_that_fails_is_cleared_away(realm: Realm, tmp_path: pathlib.Path, fault: str) -> None:
    broken = {**task(realm), "environment": {**realm.variables, **under_strace(tmp_path, fault)}}
    step, output = play([broken], tmp_path)
    assert step.failed, output
    assert ("the disk is full, and nothing was created" in step.only.msg) == ("ENOSPC" in fault)
    assert not list(realm.folder.glob("principal*"))
    again, dummy = play([task(realm)], tmp_path)
    assert again.changed and not again.failed
    assert "kadmin/changepw@REALM.TEST" in realm.kadmin_local("listprincs")


# before the lock file, before the stash is renamed, and behind it, before the principals of the administration
@pytest.mark.parametrize(
    "fault", ["write:signal=KILL:when=4", "rename:signal=KILL:when=1", "utimensat:signal=KILL:when=3"]
)
def test_what_a_crash_left_is_refused_and_can_be_destroyed(realm: Realm, tmp_path: pathlib.Path, fault: str) -> None:
    """The module itself died with kdb5_util, as in a power failure."""
    path = under_strace(tmp_path, fault)["PATH"]
    realm.run("env", f"PATH={path}", "kdb5_util", "create", "-s", "-r", realm.name, text="p\np\n", check=False)
    assert realm.database.exists()
    left = {path.name: path.read_bytes() for path in realm.folder.glob("principal*")}
    refused, output = play([task(realm)], tmp_path)
    assert refused.failed, output
    assert "interrupted creation" in refused.only.msg and "destroy it" in refused.only.msg
    assert {path.name: path.read_bytes() for path in realm.folder.glob("principal*")} == left
    destroyed, output = play([task(realm, state="absent", confirm_destruction="REALM.TEST"), task(realm)], tmp_path)
    assert [result.changed for result in destroyed.results] == [True, True], output
    assert "kadmin/changepw@REALM.TEST" in realm.kadmin_local("listprincs")
