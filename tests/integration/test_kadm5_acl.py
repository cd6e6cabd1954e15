# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module `kadm5_acl` through Ansible; kadmind judges who may do what."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration import ladder
from ansible_collections.mailrealm.kerberos.tests.integration.forked_ladder import climb
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
    steps = ladder.climb(tasks, tmp_path, watch=[path])
    assert steps.changed == (True, True, False, False)
    assert steps.check.watched_after == steps.check.watched_before
    assert steps.run_again.watched_after == steps.run_again.watched_before
    assert steps.check.results[0].diff == steps.run.results[0].diff
    assert pathlib.Path(steps.run.results[0].data["backup_file"]).read_text() == FOREIGN
    assert path.read_text() == "# who may\nfleet/admin@REALM.TEST aile smtp/*@REALM.TEST\njoe/admin@REALM.TEST il\n"
    realm.kadmin_local("addprinc -pw x fleet/admin", "addprinc -pw x old/admin")
    with running_kdc(realm), running_kadmind(realm):
        assert administered(realm, "fleet/admin", "addprinc -randkey smtp/mx1")
        assert not administered(realm, "fleet/admin", "addprinc -randkey imap/mx1")
        assert not administered(realm, "old/admin", "addprinc -randkey smtp/mx2")


RULES = [
    {"principal": "helpdesk@REALM.TEST", "permissions": "ADMCI", "target": "*/admin@REALM.TEST"},
    {"principal": "helpdesk@REALM.TEST", "permissions": "ci", "target": "*@REALM.TEST"},
    {"principal": "*/root@REALM.TEST", "permissions": "cim", "target": "*1@REALM.TEST"},
    {
        "principal": "joiner@REALM.TEST",
        "permissions": "ai",
        "target": "*@REALM.TEST",
        "restrictions": "+requires_preauth -maxlife 9h",
    },
    {"principal": "lister@REALM.TEST", "permissions": "l", "target": "*@REALM.TEST"},
    {"principal": "auditor/admin@REALM.TEST", "permissions": "ilADMC"},
    {"principal": "*/admin@REALM.TEST", "permissions": "*"},
]
WIDE = "# ours\n*/admin@REALM.TEST *\n"  # stands in the file before the narrow entries are asked for
# who gives which command, and whether kadmind lets it
RULED = [
    ("helpdesk", "cpw -pw new alice", True),
    ("helpdesk", "getprinc alice", True),
    ("helpdesk", "cpw -pw new boss/admin", False),
    ("helpdesk", "getprinc boss/admin", False),
    ("helpdesk", "delprinc -force alice", False),
    ("alice/root", "modprinc -maxlife 1h alice", True),
    ("alice/root", "modprinc -maxlife 1h bob", False),
    ("alice/root", "cpw -pw new bob", False),
    ("joiner", "addprinc -pw new -maxlife 20h joined", True),
    ("joiner", "delprinc -force joined", False),
    ("lister", "listprincs", False),
    ("auditor/admin", "listprincs", True),
    ("auditor/admin", "cpw -pw new alice", False),
    ("auditor/admin", "addprinc -pw new other", False),
    ("boss/admin", "addprinc -pw new other", True),
    ("boss/admin", "ktadd -norandkey -k /dev/null alice", False),
]


def test_targets_back_references_denials_restrictions_and_order(tmp_path: pathlib.Path) -> None:
    realm = configure(tmp_path / "realm", acl=WIDE)
    realm.create_database()
    steps = climb([task(realm, RULES)], tmp_path, watch=[realm.folder / "kadm5.acl"])
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    people = ("alice", "bob", "helpdesk", "joiner", "lister", "alice/root", "auditor/admin", "boss/admin")
    realm.kadmin_local(*(f"addprinc -pw x {one}" for one in people))
    with running_kdc(realm), running_kadmind(realm):
        assert [(who, asked, administered(realm, who, asked)) for who, asked, dummy in RULED] == RULED
    joined = realm.kadmin_local("getprinc joined")
    assert "Maximum ticket life: 0 days 09:00:00" in joined
    assert "Attributes: REQUIRES_PRE_AUTH" in joined


def administered(realm: Realm, who: str, command: str) -> bool:
    """Whether kadmind lets an administrator give a command; AssertionError where it fails for another reason."""
    ccache = f"FILE:{realm.folder}/who"
    realm.run("kinit", "-c", ccache, "-S", "kadmin/admin", who, text="x\n")
    said = realm.run("sh", "-c", '"$@" 2>&1', "sh", "kadmin", "-c", ccache, "-q", command, check=False)
    refused = "Operation requires" in said or "while changing password" in said or "Insufficient authorization" in said
    assert refused or any(word in said for word in ("created", "changed", "modified", "Principal: ", "K/M@")), said
    return not refused


def test_a_file_of_its_own(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "kadm5.acl"
    module = {"path": str(path), "entries": [{"principal": "*/admin@REALM.TEST"}], "mode": "0600"}
    steps = climb([{"name": "Keep the ACL", "mailrealm.kerberos.kadm5_acl": module}], tmp_path, watch=[path])
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert path.read_text() == "*/admin@REALM.TEST *\n"
    assert path.stat().st_mode & 0o7777 == 0o600
