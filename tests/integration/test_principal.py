# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module `principal` against kadmin.local and kadmind of throw-away realms; getprinc and kinit judge."""

from __future__ import annotations

import pathlib
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import climb
from ansible_collections.mailrealm.kerberos.tests.integration.realm import Realm, configure, running_kdc

MODULE = "mailrealm.kerberos.principal"


@pytest.fixture
def realm(tmp_path: pathlib.Path) -> Iterator[Realm]:
    made = configure(tmp_path / "realm")
    made.create_database()
    return made


def task(realm: Realm, **options: Any) -> dict[str, Any]:
    return {"name": "Keep principals", MODULE: options, "environment": realm.variables}


def test_ladder_of_creation(realm: Realm, tmp_path: pathlib.Path) -> None:
    items = [
        {"name": "alice", "password": "canary one", "attributes": ["+requires_preauth"], "max_life": "8h"},
        {"name": "smtp/mx1.realm.test", "enctypes": ["aes256-cts"]},
    ]
    steps = climb([task(realm, principals=items)], tmp_path, watch=[realm.database])
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert steps.check.watched_after == steps.check.watched_before
    assert realm.keys("smtp/mx1.realm.test") == ["Key: vno 1, aes256-cts-hmac-sha1-96"]
    with running_kdc(realm):
        realm.run("kinit", "alice", text="canary one\n")
    assert "canary" not in steps.output
