# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module `kadm5_acl` through Ansible; kadmind judges who may do what."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import climb
from ansible_collections.mailrealm.kerberos.tests.integration.realm import (
    Realm,
    configure,
    running_kadmind,
    running_kdc,
)

FOREIGN = "# who may\njoe/admin@REALM.TEST\t l\nold/admin@REALM.TEST *\n"
ENTRIES = [
    {"principal": "fleet/admin@REALM.TEST", "permissions": "aile", "target": "smtp/*@REALM.TEST"},
    {"principal": "joe/admin@REALM.TEST", "permissions": "il"},
]


@pytest.fixture
def realm(tmp_path: pathlib.Path) -> Realm:
    made = configure(tmp_path / "realm", acl=FOREIGN)
    made.create_database()
    return made


def task(realm: Realm, entries: list[dict[str, str]], **options: Any) -> dict[str, Any]:
    path = str(realm.folder / "kadm5.acl")
    return {"name": "Keep the ACL", "mailrealm.kerberos.kadm5_acl": {"path": path, "entries": entries, **options}}


def test_ladder_and_what_kadmind_makes_of_it(realm: Realm, tmp_path: pathlib.Path) -> None:
    path = realm.folder / "kadm5.acl"
    tasks = [task(realm, ENTRIES, backup=True), task(realm, [{"principal": "old/admin@REALM.TEST"}], state="absent")]
    steps = climb(tasks, tmp_path, watch=[path])
    assert steps.changed == (True, True, False, False)
    assert steps.check.watched_after == steps.check.watched_before
    assert steps.run_again.watched_after == steps.run_again.watched_before
    assert steps.check.results[0].diff == steps.run.results[0].diff
    assert pathlib.Path(steps.run.results[0].data["backup_file"]).read_text() == FOREIGN
    assert path.read_text() == "# who may\njoe/admin@REALM.TEST il\nfleet/admin@REALM.TEST aile smtp/*@REALM.TEST\n"
    realm.kadmin_local("addprinc -pw x fleet/admin", "addprinc -pw x old/admin")
    with running_kdc(realm), running_kadmind(realm):
        assert administered(realm, "fleet/admin", "addprinc -randkey smtp/mx1")
        assert not administered(realm, "fleet/admin", "addprinc -randkey imap/mx1")
        assert not administered(realm, "old/admin", "addprinc -randkey smtp/mx2")


def administered(realm: Realm, who: str, command: str) -> bool:
    """Whether kadmind lets an administrator give a command; AssertionError where it fails for another reason."""
    ccache = f"FILE:{realm.folder}/who"
    realm.run("kinit", "-c", ccache, "-S", "kadmin/admin", who, text="x\n")
    said = realm.run("sh", "-c", '"$@" 2>&1', "sh", "kadmin", "-c", ccache, "-q", command, check=False)
    refused = "Operation requires" in said
    assert refused or "created" in said, said
    return not refused


def test_a_file_of_its_own(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "kadm5.acl"
    module = {"path": str(path), "entries": [{"principal": "*/admin@REALM.TEST"}], "mode": "0600"}
    steps = climb([{"name": "Keep the ACL", "mailrealm.kerberos.kadm5_acl": module}], tmp_path, watch=[path])
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert path.read_text() == "*/admin@REALM.TEST *\n"
    assert path.stat().st_mode & 0o7777 == 0o600
