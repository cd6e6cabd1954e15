# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/restore.md on a throw-away realm: its commands bring principals back with their keys and kvnos.

kinit and kadmin.local judge. What the role's unit takes for a backup is judged by a disk that is full.
"""

from __future__ import annotations

import pathlib
import re
import subprocess

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import ROOT, climb
from ansible_collections.mailrealm.kerberos.tests.integration.realm import Realm, configure, running_kdc

PEOPLE = ("alice", "smtp/mx1.realm.test")
DOCUMENTED = (ROOT / "docs" / "restore.md").read_text()


@pytest.fixture
def dumped(tmp_path: pathlib.Path) -> tuple[Realm, pathlib.Path, dict[str, list[str]]]:
    """A realm, its dump, and the keys of PEOPLE in it; alice is gone since, and the service has a new key."""
    realm = configure(tmp_path / "realm")
    realm.create_database()
    realm.kadmin_local("addprinc -pw first alice", "addprinc -randkey smtp/mx1.realm.test")
    realm.kadmin_local(
        "cpw -randkey -keepold smtp/mx1.realm.test", f"ktadd -norandkey -k {tmp_path}/old smtp/mx1.realm.test"
    )
    keys = {one: realm.keys(one) for one in PEOPLE}
    dump = tmp_path / "dump"
    realm.run("kdb5_util", "dump", str(dump))
    realm.kadmin_local("delprinc -force alice", "cpw -randkey smtp/mx1.realm.test")
    assert realm.keys("alice") == []
    assert realm.keys("smtp/mx1.realm.test") != keys["smtp/mx1.realm.test"]
    return realm, dump, keys


def documented(command: str, **parts: str) -> list[str]:
    """A command as restore.md gives it, its example's file replaced."""
    assert f"\n{command}\n" in DOCUMENTED
    return [parts.get(word, word) for word in command.split()]


def load(realm: Realm, dump: pathlib.Path) -> None:
    example = "/var/backups/krb5/EXAMPLE.TEST-2026-01-31T000512Z.dump"
    realm.run(*documented(f"kdb5_util load {example}", **{example: str(dump)}))


def serves(realm: Realm, folder: pathlib.Path, keys: dict[str, list[str]]) -> None:
    """The KDC knows the password and the key of then, by kinit; kvnos and enctypes are those of then."""
    assert {one: realm.keys(one) for one in PEOPLE} == keys
    with running_kdc(realm):
        realm.run("kinit", "alice", text="first\n")
        realm.run("kinit", "-k", "-t", f"{folder}/old", "smtp/mx1.realm.test")


def test_after_a_mistake(dumped: tuple[Realm, pathlib.Path, dict[str, list[str]]], tmp_path: pathlib.Path) -> None:
    realm, dump, keys = dumped
    load(realm, dump)
    serves(realm, tmp_path, keys)


def test_with_the_stash_lost(dumped: tuple[Realm, pathlib.Path, dict[str, list[str]]], tmp_path: pathlib.Path) -> None:
    realm, dump, keys = dumped
    realm.stash.unlink()
    load(realm, dump)
    realm.run(*documented("kdb5_util stash"), text=f"{realm.master_password}\n")
    serves(realm, tmp_path, keys)


def test_on_a_new_host_with_a_copy_of_the_stash(
    dumped: tuple[Realm, pathlib.Path, dict[str, list[str]]], tmp_path: pathlib.Path
) -> None:
    """The new host's own database and stash, of another master key, give way."""
    realm, dump, keys = dumped
    copy = realm.stash.read_bytes()
    for path in realm.folder.glob("principal*"):
        path.unlink()
    realm.stash.unlink()
    realm.run("kdb5_util", "create", "-s", text="another\nanother\n")
    assert realm.stash.read_bytes() != copy
    load(realm, dump)
    realm.stash.write_bytes(copy)
    serves(realm, tmp_path, keys)


def test_the_stash_as_the_keytab_of_the_master_key(tmp_path: pathlib.Path) -> None:
    """How the role brings it to a replica: by the export that shows nothing, foreseen by digests in check mode."""
    realm = configure(tmp_path / "realm")
    realm.create_database()
    realm.kadmin_local("addprinc -pw first alice")
    stash = tmp_path / "stash"
    name = f"K/M@{realm.name}"
    export = {"keytabs": [{"name": "stash", "principals": [name]}], "kadmin": {"realm": realm.name}}
    keytab = {
        "path": str(stash),
        "sources": [{"content": "{{ master_key['keytabs'][0]['content'] }}"}],
        "principals": [name],
        "mode": "0600",
    }
    steps = climb(
        [
            {"name": "Export", "mailrealm.kerberos.keytab_export": export, "register": "master_key"},
            {"name": "Stash", "mailrealm.kerberos.keytab": keytab},
        ],
        tmp_path,
        watch=[stash],
        environment_more=realm.variables,
        verbosity=4,
    )
    assert steps.changed == (True, True, False, False)
    assert steps.check.results[1].diff == steps.run.results[1].diff
    assert steps.check.watched_after == steps.check.watched_before
    key = re.search(r"\(0x([0-9a-f]+)\)", realm.run("klist", "-keK", str(stash)))
    assert key is not None
    assert key[1] not in steps.output
    # kdb5_util and the KDC open the database by it
    realm.stash.unlink()
    stash.rename(realm.stash)
    realm.run("kdb5_util", "dump", str(tmp_path / "dump"))
    with running_kdc(realm):
        realm.run("kinit", "alice", text="first\n")


def test_a_dump_of_a_full_disk_is_no_backup(tmp_path: pathlib.Path) -> None:
    """kdb5_util dump ends with 0 on a full disk; the loading that the role's unit does after it does not."""
    realm = configure(tmp_path / "realm")
    realm.create_database()
    realm.kadmin_local(*(f"addprinc -randkey host/h{number}" for number in range(200)))
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(("mount", "-t", "tmpfs", "-o", "size=32k", "none", str(small)), check=True)
    try:
        realm.run("kdb5_util", "dump", f"{small}/new")
        with pytest.raises(AssertionError, match="error processing line"):
            realm.run("kdb5_util", "-d", str(tmp_path / "loaded"), "load", f"{small}/new")
    finally:
        subprocess.run(("umount", str(small)), check=True)
    unit = (ROOT / "roles" / "kdc" / "templates" / "krb5-backup.service.j2").read_text()
    dump, loading = unit.index(" dump .new\n"), unit.index(" load .new\n")
    assert dump < loading < unit.index("mv .new")
