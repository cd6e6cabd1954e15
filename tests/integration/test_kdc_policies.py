# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role `kdc` keeps password policies around its principals: before those that name them, gone after."""

from __future__ import annotations

import pathlib
from typing import Any

from ansible_collections.mailrealm.kerberos.tests.integration.ladder import climb, play
from ansible_collections.mailrealm.kerberos.tests.integration.realm import Realm, configure


def role(realm: Realm, **variables: Any) -> dict[str, Any]:
    """The role's work on the database; what comes before it needs a host with systemd."""
    include = {"name": "mailrealm.kerberos.kdc", "tasks_from": "realm"}
    return {
        "block": [{"ansible.builtin.include_role": include, "vars": {"kdc_realm": realm.name, **variables}}],
        "environment": realm.variables,
    }


def test_policies_around_the_principals(tmp_path: pathlib.Path) -> None:
    realm = configure(tmp_path / "realm")
    users = {"name": "users", "min_length": 8, "max_failures": 5}
    alice = {"name": "alice", "password": "long enough", "policy": "users"}
    first = role(realm, kdc_policies=[users], kdc_users=[alice])
    checked, output = play([first], tmp_path, check=True)
    assert not checked.failed, output
    ran, output = play([first], tmp_path)
    assert not ran.failed, output
    assert checked.diff == ran.diff
    assert {one.name for one in checked.results if one.changed} == {one.name for one in ran.results if one.changed}
    assert "Policy: users" in realm.kadmin_local("getprinc alice")
    # she gets another one, and hers is deleted, in one run
    staff = {"name": "staff", "min_length": 9}
    second = role(
        realm, kdc_policies=[{"name": "users", "state": "absent"}, staff], kdc_users=[{**alice, "policy": "staff"}]
    )
    steps = climb([second], tmp_path, watch=[realm.folder / "principal.kadm5"])
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert steps.check.watched_after == steps.check.watched_before
    assert steps.run_again.watched_after == steps.run_again.watched_before
    assert "Policy: staff" in realm.kadmin_local("getprinc alice")
    assert "users" not in realm.kadmin_local("listpols").splitlines()
    without, output = play([role(realm)], tmp_path)
    assert not without.failed and not without.changed, output
