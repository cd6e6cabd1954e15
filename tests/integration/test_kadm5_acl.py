# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kadm5_acl through ansible-playbook, and kadmind as the judge of what it wrote."""

from __future__ import annotations

import pathlib
from typing import Any

from ansible_collections.mailrealm.kerberos.tests.integration.ladder import climb, play
from ansible_collections.mailrealm.kerberos.tests.integration.realm import (
    Realm,
    configure,
    running_kadmind,
    running_kdc,
)
from ansible_collections.mailrealm.kerberos.tests.integration.refusals import assert_refused

MODULE = "mailrealm.kerberos.kadm5_acl"
PASSWORD = "of a throw-away realm"


def task(path: pathlib.Path, *entries: dict[str, str], **options: Any) -> list[dict[str, Any]]:
    return [{MODULE: {"path": str(path), "entries": list(entries), **options}}]


def test_ladder(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "kadm5.acl"
    path.write_text("# kept\njoe/admin@EXAMPLE.TEST l\n")
    entries = ({"principal": "joe/admin@EXAMPLE.TEST", "permissions": "il"}, {"principal": "*/admin@EXAMPLE.TEST"})
    steps = climb(task(path, *entries, mode="0600"), tmp_path, watch=[path])
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert steps.check.watched_after == steps.check.watched_before
    assert steps.run_again.watched_after == steps.run_again.watched_before
    assert path.read_text() == "# kept\njoe/admin@EXAMPLE.TEST il\n*/admin@EXAMPLE.TEST *\n"
    assert path.stat().st_mode & 0o7777 == 0o600


def test_ladder_of_removing(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "kadm5.acl"
    path.write_text("# kept\njoe/admin@EXAMPLE.TEST l\n")
    steps = climb(task(path, {"principal": "joe/admin@EXAMPLE.TEST"}, state="absent"), tmp_path, watch=[path])
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert path.read_text() == "# kept\n"


def test_refusals(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "kadm5.acl"
    missing = tmp_path / "none" / "kadm5.acl"
    assert_refused(
        {
            "entries: permissions '!'": task(path, {"principal": "a@EXAMPLE.TEST", "permissions": "!"})[0],
            "entries: principal 'a b'": task(path, {"principal": "a b"})[0],
            f"{tmp_path}: is a directory": task(tmp_path, {"principal": "a@EXAMPLE.TEST"})[0],
            f"{missing}: the directory": task(missing, {"principal": "a@EXAMPLE.TEST"})[0],
        },
        tmp_path,
        foreseen={f"{missing}: the directory"},
    )
    assert not path.exists()


def test_kadmind_obeys(tmp_path: pathlib.Path) -> None:
    realm = configure(tmp_path, "REALM.TEST", acl="# nobody\n")
    realm.create_database()
    realm.kadmin_local(
        f'addprinc -pw "{PASSWORD}" lister@REALM.TEST',
        f'addprinc -pw "{PASSWORD}" maker@REALM.TEST',
        "addprinc -randkey alice@REALM.TEST",
    )
    entries = (
        {"principal": "lister@REALM.TEST", "permissions": "il"},
        {"principal": "maker@REALM.TEST", "permissions": "a", "target": "smtp/*@REALM.TEST"},
    )
    step, output = play(task(tmp_path / "kadm5.acl", *entries), tmp_path)
    assert step.changed, output
    with running_kdc(realm), running_kadmind(realm):
        assert "alice@REALM.TEST" in as_admin(realm, "lister", "listprincs")
        as_admin(realm, "lister", "addprinc -randkey imap/a.test")
        as_admin(realm, "maker", "addprinc -randkey imap/b.test")
        as_admin(realm, "maker", "addprinc -randkey smtp/c.test")
    principals = realm.kadmin_local("listprincs")
    assert "smtp/c.test@REALM.TEST" in principals
    assert "imap/" not in principals


def as_admin(realm: Realm, who: str, command: str) -> str:
    """What kadmin answers ``who`` over the network, whether it is granted or not."""
    server = f"127.0.0.1:{realm.kadmin_port}"
    return realm.run(
        "kadmin", "-r", realm.name, "-s", server, "-p", f"{who}@{realm.name}", "-q", command,
        text=f"{PASSWORD}\n", check=False,
    )  # fmt: skip
