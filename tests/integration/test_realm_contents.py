# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module `realm` keeps what is in the realm too, by one session of kadmin.local; kadmin.local and kinit judge."""

from __future__ import annotations

import os
import pathlib
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system import kadmin
from ansible_collections.mailrealm.kerberos.tests.integration import ladder
from ansible_collections.mailrealm.kerberos.tests.integration.forked_ladder import climb, play
from ansible_collections.mailrealm.kerberos.tests.integration.realm import Realm, configure, running_kdc

MODULE = "mailrealm.kerberos.realm"
CANARY = "canary of a password"
MASTER = "canary of the master password"
USERS = {"name": "users", "min_length": 10, "max_failures": 5}
ALICE = {"name": "alice", "password": CANARY, "policy": "users", "attributes": ["+requires_preauth"]}
SMTP = {"name": "smtp/mx1.realm.test"}
COMPARE = {"policy": "compatible"}
WHOLE: dict[str, Any] = {
    "master_password": MASTER,
    "policies": [USERS],
    "principals": [ALICE, SMTP],
    "compare": COMPARE,
}


@pytest.fixture
def realm(tmp_path: pathlib.Path) -> Realm:
    return configure(tmp_path / "realm", libdefaults=["allow_weak_crypto = true"])


@pytest.fixture
def made(realm: Realm) -> Realm:
    realm.create_database()
    return realm


def task(realm: Realm, **options: Any) -> dict[str, Any]:
    """The task, in whose environment kadmin.local leaves a line for each session."""
    folder = realm.folder.parent / "bin"
    folder.mkdir(exist_ok=True)
    program = folder / "kadmin.local"
    program.write_text(f'#!/bin/sh\necho >> {counted(realm)}\nexec /usr/sbin/kadmin.local "$@"\n')
    program.chmod(0o755)
    path = {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    return {
        "name": "Keep the realm",
        MODULE: {"name": realm.name, **options},
        "environment": {**realm.variables, **path},
    }


def counted(realm: Realm) -> pathlib.Path:
    return realm.folder.parent / "sessions"


def sessions(realm: Realm) -> int:
    """How many there were since this was asked last."""
    count = len(counted(realm).read_text()) if counted(realm).exists() else 0
    counted(realm).unlink(missing_ok=True)
    return count


def headers(diff: list[dict[str, Any]]) -> list[str]:
    assert all(one["before_header"] == one["after_header"] for one in diff)
    return [one["before_header"] for one in diff]


def test_ladder_from_nothing(realm: Realm, tmp_path: pathlib.Path) -> None:
    steps = ladder.climb([task(realm, **WHOLE)], tmp_path, watch=[realm.folder], verbosity=4)
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert headers(steps.run.diff) == [
        "realm REALM.TEST",
        "password policies of REALM.TEST",
        "principals of REALM.TEST",
    ]
    database, policies, principals = steps.run.diff
    assert database["after"] == "database: present\nstash: present\n"
    assert policies["before"] == "users:\n  absent\n"
    assert policies["after"] == "users:\n  present\n  min_length: 10\n  max_failures: 5\n"
    assert principals["after"] == (
        "alice@REALM.TEST:\n  present\n  key: from the password, kvno (chosen by the KDC)\n  policy: users\n"
        "  attributes: +requires_preauth\n"
        "smtp/mx1.realm.test@REALM.TEST:\n  present\n  key: random, kvno (chosen by the KDC)\n"
    )
    assert steps.check.watched_after == steps.check.watched_before
    assert steps.run_again.watched_after == steps.run_again.watched_before
    assert not [warning for step in (steps.check, steps.run) for warning in step.only.data.get("warnings", [])]
    assert steps.run.only.data["policies"] == [{"name": "users", "action": "created"}]
    told = {one["name"]: (one["action"], one["new_kvno"]) for one in steps.run.only.data["principals"]}
    assert told == {"alice@REALM.TEST": ("created", 1), "smtp/mx1.realm.test@REALM.TEST": ("created", 1)}
    assert steps.run.only.data["in_use"] == steps.run.only.data["contradictions"] == []
    for canary in (CANARY, MASTER):
        assert canary not in steps.output
    with running_kdc(realm):
        realm.run("kinit", "alice", text=f"{CANARY}\n")


def test_one_session_that_answers(realm: Realm, tmp_path: pathlib.Path) -> None:
    """Where the database is still to be made, one fails before."""
    keep = task(realm, **WHOLE)
    for check, expected in ((True, 1), (False, 2), (True, 1), (False, 1)):
        step, output = play([keep], tmp_path, check=check)
        assert not step.failed, output
        assert sessions(realm) == expected
    users = [{**USERS, "min_length": 12}, {"name": "staff"}]
    people = [{**ALICE, "policy": "staff", "max_life": "1h"}, {"name": "bob"}]
    changed = task(realm, **{**WHOLE, "policies": users, "principals": people})
    for check in (True, False):
        step, output = play([changed], tmp_path, check=check)
        assert step.changed and sessions(realm) == 1, output


def test_options_are_judged_before_anything_runs(realm: Realm, tmp_path: pathlib.Path) -> None:
    for options, says in (
        ({"policies": [{"name": "users", "max_life": "soon"}]}, "policy 'users': max_life: 'soon' is not a duration"),
        ({"policies": [USERS, USERS]}, "policy 'users': is listed twice"),
        ({"principals": [{**ALICE, "max_life": "soon"}]}, "principal alice@REALM.TEST: max_life: 'soon' is not a "),
        ({"principals": [{"name": "a@OTHER.TEST"}]}, "principal a@OTHER.TEST: names another realm than REALM.TEST"),
        ({"compare": {"enctypes": ["aes265-cts"]}}, "enctypes: 'aes265-cts' is not"),
        ({"compare": {**COMPARE, "tickets_end_after": "soon"}}, "tickets_end_after: 'soon' is not a duration"),
        ({"state": "absent", "confirm_destruction": "REALM.TEST", "policies": []}, "policies: is nothing that a "),
    ):
        for check in (True, False):
            step, output = play([task(realm, **{**WHOLE, **options})], tmp_path, check=check)
            assert step.failed and step.only.msg.startswith(says), output
            assert sessions(realm) == 0 and not realm.database.exists()
            assert CANARY not in output


def test_what_the_contents_refuse_keeps_the_database_from_being_made(realm: Realm, tmp_path: pathlib.Path) -> None:
    lacking = task(realm, policies=[], principals=[ALICE])
    for check in (True, False):
        step, output = play([lacking], tmp_path, check=check)
        assert step.only.msg.startswith("policy 'users': does not exist in the realm; create it first"), output
        assert not realm.database.exists()


def test_policies_come_and_go_around_the_principals(made: Realm, tmp_path: pathlib.Path) -> None:
    first, output = play(
        [task(made, policies=[USERS], principals=[ALICE, {"name": "bob", "policy": "users"}])], tmp_path
    )
    assert not first.failed, output
    gone = {"name": "users", "state": "absent"}
    staff = {"name": "staff", "min_length": 9}
    alone = task(made, policies=[gone, staff], principals=[{**ALICE, "policy": "staff"}])
    before = made.kadmin_local("listpols", "getprinc alice")
    for check in (True, False):
        refused, output = play([alone], tmp_path, check=check)
        assert refused.only.msg == (
            "policy 'users': is the policy of bob@REALM.TEST, for whom any password would do without it; give them "
            "another policy, or '' for none (mailrealm.kerberos.principal), then delete it"
        ), output
        assert made.kadmin_local("listpols", "getprinc alice") == before  # nothing was written
    both = task(
        made,
        policies=[gone, staff],
        principals=[{**ALICE, "policy": "staff"}, {"name": "bob", "state": "absent"}],
    )
    steps = climb([both], tmp_path, watch=[made.folder / "principal.kadm5"])
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert headers(steps.run.diff)[1:] == ["password policies of REALM.TEST", "principals of REALM.TEST"]
    assert steps.check.watched_after == steps.check.watched_before
    assert steps.run.only.data["policies"] == [
        {"name": "users", "action": "deleted"},
        {"name": "staff", "action": "created"},
    ]
    assert "Policy: staff" in made.kadmin_local("getprinc alice")
    assert "users" not in made.kadmin_local("listpols").splitlines()
    assert "does not exist" in made.kadmin_local("getprinc bob")


def test_the_policy_named_default_of_a_new_principal(made: Realm, tmp_path: pathlib.Path) -> None:
    made.kadmin_local("addpol default")
    gone = {"name": "default", "state": "absent"}
    for check in (True, False):
        refused, output = play([task(made, policies=[gone], principals=[SMTP])], tmp_path, check=check)
        assert "policy 'default': is the policy of smtp/mx1.realm.test@REALM.TEST" in refused.only.msg, output
    assert "does not exist" in made.kadmin_local("getprinc smtp/mx1.realm.test")


def test_keys_are_compared_as_they_are_afterwards(made: Realm, tmp_path: pathlib.Path) -> None:
    made.kadmin_local(
        "addprinc -randkey -e rc4-hmac:normal smtp/old.realm.test", "addprinc -pw x -e rc4-hmac:normal bob"
    )
    rekeyed = {"name": "smtp/old.realm.test", "enctypes": ["aes256-cts"], "rekey": "when_enctypes_differ"}
    keep = task(made, principals=[rekeyed], compare=COMPARE)
    kinds = []
    for check in (True, False):
        step, output = play([keep], tmp_path, check=check)
        assert not step.failed and sessions(made) == 1, output
        found = step.only.data["contradictions"]
        assert {one["where"] for one in found} == {"REALM.TEST"}
        kinds.append({one["principal"]: one["kind"] for one in found})
        assert step.only.data["in_use"] == ["arcfour-hmac"]
        (warning,) = step.only.data["warnings"]
        assert warning.startswith("no key of the policy: bob@REALM.TEST")
    assert kinds == [
        {"bob@REALM.TEST": "no_key", "smtp/old.realm.test@REALM.TEST": "no_key"},
        {"bob@REALM.TEST": "no_key", "smtp/old.realm.test@REALM.TEST": "old_keys"},
    ]
    some, dummy = play([task(made, compare={**COMPARE, "principals": ["smtp/new*"]})], tmp_path)
    assert some.only.data["contradictions"] == some.only.data["in_use"] == []
    assert "policies" not in some.only.data and "principals" not in some.only.data


def test_without_create_the_database_is_left_to_another_run(realm: Realm, tmp_path: pathlib.Path) -> None:
    keep = task(realm, **WHOLE, create=False)
    checked, output = play([keep], tmp_path, check=True)
    assert checked.changed, output
    (warning,) = checked.only.data["warnings"]
    assert warning == (
        "check mode goes on as if an earlier task brings it: realm REALM.TEST: there is no database, and create: false "
        "makes none; leave create out, or with the role kdc run the tag configure too"
    )
    refused, output = play([keep], tmp_path)
    assert refused.only.msg.startswith("realm REALM.TEST: there is no database, and create: false makes none"), output
    assert not realm.database.exists()
    realm.create_database()
    steps = climb([task(realm, policies=[USERS], principals=[ALICE], create=False)], tmp_path)
    assert steps.changed == (True, True, False, False)


def test_without_a_stash_the_master_password_opens_it(realm: Realm, tmp_path: pathlib.Path) -> None:
    steps = climb([task(realm, **WHOLE, stash=False)], tmp_path)
    assert steps.changed == (True, True, False, False)
    assert not realm.stash.exists()
    assert CANARY not in steps.output and MASTER not in steps.output
    for check in (True, False):
        wrong = {**WHOLE, "master_password": "wrong", "stash": False}
        refused, output = play([task(realm, **wrong)], tmp_path, check=check)
        assert refused.only.msg == "master_password: is not the master password of realm REALM.TEST; correct it", output


def test_lost_stash_is_mended_with_the_contents(made: Realm, tmp_path: pathlib.Path) -> None:
    made.stash.unlink()
    options = {**WHOLE, "master_password": made.master_password}
    kept, output = play([task(made, **options, create=False)], tmp_path)  # as far as the password reaches
    assert kept.changed and not made.stash.exists(), output
    steps = climb([task(made, **{**options, "policies": [{**USERS, "history": 3}]})], tmp_path)
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert made.stash.exists()


def test_interrupted_creation_and_broken_database(realm: Realm, tmp_path: pathlib.Path) -> None:
    """What is left of one is refused before the contents are looked at, and a creation that fails leaves nothing."""
    keep = task(realm, **WHOLE)
    folder = pathlib.Path(keep["environment"]["PATH"].partition(os.pathsep)[0])
    program = folder / "kdb5_util"
    fault = "inject=rename:signal=KILL:when=1"
    program.write_text(f'#!/bin/sh\nexec strace -f -o /dev/null -e {fault} /usr/sbin/kdb5_util "$@"\n')
    program.chmod(0o755)
    step, output = play([keep], tmp_path)
    assert step.failed and not list(realm.folder.glob("principal*")), output
    realm.run(str(program), "create", "-s", "-r", realm.name, text=f"{MASTER}\n{MASTER}\n", check=False)
    assert realm.database.exists()
    program.unlink()
    for check in (True, False):
        refused, output = play([keep], tmp_path, check=check)
        assert "interrupted creation" in refused.only.msg and "destroy it" in refused.only.msg, output
    destroy = task(realm, state="absent", confirm_destruction=realm.name)
    again, output = play([destroy, keep], tmp_path)
    assert [result.changed for result in again.results] == [True, True], output


def test_without_programs_check_mode_foresees_an_empty_realm(
    realm: Realm, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As before the packages are installed."""
    monkeypatch.setattr(kadmin, "PLACES", ())
    keep = {**task(realm, **WHOLE), "environment": {**realm.variables, "PATH": str(realm.folder)}}
    step, output = play([keep], tmp_path, check=True)
    (warning,) = step.only.data["warnings"]
    assert warning == (
        "check mode goes on as if an earlier task brings it: kadmin.local: is not installed on this host; install "
        "krb5-admin-server or krb5-server"
    )
    assert [one["action"] for one in step.only.data["principals"]] == ["created", "created"]
    refused, output = play([keep], tmp_path)
    assert refused.only.msg.startswith("kadmin.local: is not installed on this host"), output
