# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module `password_policy`, its first ladder through Ansible; getpol, kpasswd, kinit and the KDC judge."""

from __future__ import annotations

import pathlib
import subprocess
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration import ladder
from ansible_collections.mailrealm.kerberos.tests.integration.bad_input import CANARY, Case, judge, try_all
from ansible_collections.mailrealm.kerberos.tests.integration.forked_ladder import climb, play
from ansible_collections.mailrealm.kerberos.tests.integration.realm import ACL, Realm, configure, running_realm
from ansible_collections.mailrealm.kerberos.tests.integration.refusals import refusals

MODULE = "mailrealm.kerberos.password_policy"
ALL = {
    "max_life": "90d",
    "min_life": "1h",
    "min_length": 10,
    "min_classes": 3,
    "history": 5,
    "max_failures": 4,
    "failure_count_interval": "15m",
    "lockout_duration": "30m",
    "allowed_keysalts": ["aes256-cts", "aes128-cts:normal"],
}
# of each option: what it is changed to, how the diff shows that, and the line of getpol
CHANGES: dict[str, tuple[Any, str, str]] = {
    "max_life": ("0", "90d -> 0s", "Maximum password life: 0 days 00:00:00"),
    "min_life": (60, "1h -> 1m", "Minimum password life: 0 days 00:01:00"),
    "min_length": (12, "10 -> 12", "Minimum password length: 12"),
    "min_classes": (5, "3 -> 5", "Minimum number of password character classes: 5"),
    "history": (1, "5 -> 1", "Number of old keys kept: 1"),
    "max_failures": (0, "4 -> 0", "Maximum password failures before lockout: 0"),
    "failure_count_interval": ("1d 12h", "15m -> 1d 12h", "Password failure count reset interval: 1 day 12:00:00"),
    "lockout_duration": ("0", "30m -> 0s", "Password lockout duration: 0 days 00:00:00"),
    "allowed_keysalts": (
        ["aes128-cts"],
        "aes256-cts-hmac-sha1-96, aes128-cts-hmac-sha1-96 -> aes128-cts-hmac-sha1-96",
        "Allowed key/salt types: aes128-cts-hmac-sha1-96:normal",
    ),
}


@pytest.fixture(scope="module")
def realm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Realm]:
    acl = ACL + "*/deleter@{name} di\n"
    with running_realm(tmp_path_factory.mktemp("policies") / "realm", acl=acl) as made:
        yield made


def task(realm: Realm, module: str = MODULE, **options: Any) -> dict[str, Any]:
    return {"name": "Keep policies", module: options, "environment": realm.variables}


def policy_file(realm: Realm) -> pathlib.Path:
    return realm.folder / "principal.kadm5"


def told(realm: Realm, name: str) -> list[str]:
    """What getpol prints of a policy."""
    return realm.kadmin_local(f'getpol "{name}"').splitlines()


def actions(step: Any) -> list[tuple[str, str]]:
    return [(one["name"], one["action"]) for one in step.only.data["policies"]]


def test_ladder_of_creation(realm: Realm, tmp_path: pathlib.Path) -> None:
    # what kadmin made with aliases and units of its own is what is asked for in other words
    realm.kadmin_local(
        'addpol -maxlife "2 weeks" -minlife "90 minutes" -allowedkeysalts AES256-SHA1,rc4-hmac:normal spelt'
    )
    items = [
        {"name": "all of them", **ALL},
        {"name": "bare"},
        {"name": "never", "state": "absent"},
        {"name": "spelt", "max_life": "14d", "min_life": "1:30:00", "allowed_keysalts": ["aes256-cts", "rc4"]},
    ]
    steps = ladder.climb([task(realm, policies=items)], tmp_path, watch=[policy_file(realm)])
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert steps.check.watched_after == steps.check.watched_before
    assert steps.run_again.watched_after == steps.run_again.watched_before
    (part,) = steps.run.diff
    assert part["before_header"] == part["after_header"] == "password policies of REALM.TEST"
    assert part["before"] == "all of them:\n  absent\nbare:\n  absent\n"
    assert part["after"] == (
        "all of them:\n  present\n  max_life: 90d\n  min_life: 1h\n  min_length: 10\n  min_classes: 3\n  history: 5\n"
        "  max_failures: 4\n  failure_count_interval: 15m\n  lockout_duration: 30m\n"
        "  allowed_keysalts: aes256-cts-hmac-sha1-96, aes128-cts-hmac-sha1-96\nbare:\n  present\n"
    )
    expected = [("all of them", "created"), ("bare", "created"), ("never", "none"), ("spelt", "none")]
    assert actions(steps.check) == actions(steps.run) == expected
    assert [action for dummy, action in actions(steps.run_again)] == ["none"] * 4
    assert {
        "Maximum password life: 90 days 00:00:00",
        "Minimum password life: 0 days 01:00:00",
        "Minimum password length: 10",
        "Minimum number of password character classes: 3",
        "Number of old keys kept: 5",
        "Maximum password failures before lockout: 4",
        "Password failure count reset interval: 0 days 00:15:00",
        "Password lockout duration: 0 days 00:30:00",
        "Allowed key/salt types: aes256-cts-hmac-sha1-96:normal,aes128-cts-hmac-sha1-96:normal",
    } <= set(told(realm, "all of them"))


def test_ladder_of_each_change_and_of_deletion(realm: Realm, tmp_path: pathlib.Path) -> None:
    options = (
        '-maxlife "90 days" -minlife "1 hour" -minlength 10 -minclasses 3 -history 5 -maxfailure 4 '
        '-failurecountinterval "15 minutes" -lockoutduration "30 minutes" '
        "-allowedkeysalts aes256-cts:normal,aes128-cts:normal"
    )
    names = [*CHANGES, "cleared"]
    slips = ["-help", 'qu"ote']  # nobody wants them, and they can be deleted
    realm.kadmin_local(*(f"addpol {options} {name}" for name in [*names, "gone"]), "addpol -help", 'addpol "qu""ote"')
    before = {name: told(realm, name) for name in names}
    items = [
        *({"name": name, name: value} for name, (value, dummy, dummy2) in CHANGES.items()),
        {"name": "cleared", "allowed_keysalts": []},
        *({"name": name, "state": "absent"} for name in ["gone", *slips]),
    ]
    steps = climb([task(realm, policies=items)], tmp_path, watch=[policy_file(realm)])
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert steps.check.watched_after == steps.check.watched_before
    (part,) = steps.run.diff
    shown = {name: difference.split(" -> ") for name, (dummy, difference, dummy2) in CHANGES.items()}
    keysalts = "aes256-cts-hmac-sha1-96, aes128-cts-hmac-sha1-96"
    for side, number, last in (
        ("before", 0, f"cleared:\n  allowed_keysalts: {keysalts}\ngone:\n  present\n"),
        ("after", 1, "cleared:\n  allowed_keysalts: any\ngone:\n  absent\n"),
    ):
        changed = "".join(f"{name}:\n  {name}: {values[number]}\n" for name, values in shown.items())
        assert part[side].startswith(changed + last)
    assert actions(steps.run) == [
        *((name, "changed") for name in names),
        *((name, "deleted") for name in ["gone", *slips]),
    ]
    for name, line in ((name, line) for name, (*dummy, line) in CHANGES.items()):
        differing = set(told(realm, name)) ^ set(before[name])
        assert line in differing and len(differing) == 2, differing
    assert not any(line.startswith("Allowed key/salt types") for line in told(realm, "cleared"))
    assert not {"gone", *slips} & set(realm.kadmin_local("listpols").splitlines())


def test_policy_in_use_is_deleted_when_nobody_names_it(realm: Realm, tmp_path: pathlib.Path) -> None:
    names = ["u1", "u2", "u3", "u4"]
    realm.kadmin_local("addpol used", *(f"addprinc -randkey -policy used {name}" for name in names))
    delete = task(realm, name="used", state="absent")
    (message,) = refusals([delete], tmp_path)
    assert message == (
        "policy 'used': is the policy of u1@REALM.TEST, u2@REALM.TEST, u3@REALM.TEST and 1 more, for whom any password "
        "would do without it; give them another policy, or '' for none (mailrealm.kerberos.principal), then delete it"
    )
    assert "Policy: used" in told(realm, "used")
    freed = [{"name": name, "policy": ""} for name in names]
    tasks = [task(realm, "mailrealm.kerberos.principal", principals=freed), delete]
    (checked, dummy), (ran, dummy) = (play(tasks, tmp_path, check=check) for check in (True, False))
    assert checked.diff == ran.diff and ran.last.changed
    (warning,) = checked.last.data["warnings"]
    assert warning.endswith("and 1 more; check mode goes on as if an earlier task gives them another one")
    assert "warnings" not in ran.last.data
    assert "used" not in realm.kadmin_local("listpols").splitlines()


def test_check_mode_before_the_realm_is_there(tmp_path: pathlib.Path) -> None:
    """A user may be given a policy that an earlier task of the same run brings."""
    blank = configure(tmp_path / "blank")
    access = {"realm": blank.name}
    tasks = [
        task(blank, name="users", min_length=8, kadmin=access),
        task(blank, "mailrealm.kerberos.principal", name="alice", policy="users", kadmin=access),
    ]
    checked, output = play(tasks, tmp_path, check=True, watch=[blank.folder])
    assert not checked.failed and "goes on as if an earlier task brings an empty realm" in output
    assert not list(blank.folder.glob("principal*"))
    (message,) = refusals(tasks[:1], tmp_path)
    assert message.startswith("realm REALM.TEST (kadmin.local): there is no database at ")
    blank.create_database()
    again, dummy = play(tasks, tmp_path, check=True)
    ran, dummy = play(tasks, tmp_path)
    assert checked.diff == again.diff == ran.diff and not ran.failed
    assert "Policy: users" in blank.kadmin_local("getprinc alice")


def test_remote_administrators(realm: Realm, tmp_path: pathlib.Path) -> None:
    realm.kadmin_local(
        "addprinc -pw canary-of-joe joe/limited",
        "addprinc -pw canary-of-ann ann/deleter",
        "addpol -minlength 3 far",
        "addpol unwanted",
    )
    access = {"principal": realm.admin, "password": realm.admin_password, "realm": realm.name}
    items = [{"name": "far", "min_length": 4, "allowed_keysalts": ["aes"]}, {"name": "new", "history": 2}]
    steps = climb([task(realm, policies=items, kadmin=access)], tmp_path, watch=[policy_file(realm)])
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert steps.check.watched_after == steps.check.watched_before
    assert {"Minimum password length: 4"} <= set(told(realm, "far"))
    assert {"Number of old keys kept: 2"} <= set(told(realm, "new"))
    limited = {**access, "principal": "joe/limited", "password": "canary-of-joe"}
    messages = refusals(
        [
            task(realm, policies=[{"name": "newer"}, {"name": "far", "min_length": 5}], kadmin=limited),
            task(realm, name="newer", state="absent", kadmin=limited),
        ],
        tmp_path,
    )
    lacks = "joe/limited lacks the privilege '{}' for it; grant it in kadm5.acl (or clear lockdown_keys on the KDC)"
    assert messages == [
        f"policy 'far': {lacks.format('modify')} (done for 1 of 2 policies: 'newer')",
        f"policy 'newer': {lacks.format('delete')} (nothing is done)",
    ]
    deleter = {**access, "principal": "ann/deleter", "password": "canary-of-ann"}
    step, output = ladder.play([task(realm, name="unwanted", state="absent", kadmin=deleter)], tmp_path, verbosity=4)
    assert step.changed and "canary" not in output
    assert step.only.data["warnings"] == [
        (
            "policy 'unwanted': nobody can tell which principals have it, and any password would do for them without "
            "it; principal *@REALM.TEST: ann/deleter lacks the privilege 'list' for it; grant it in kadm5.acl (or "
            "clear lockdown_keys on the KDC)"
        )
    ]
    assert "unwanted" not in realm.kadmin_local("listpols").splitlines()


# -- bad input ----------------------------------------------------------------------------------------------------

WRONG = {"principal": "root/admin", "password": f"{CANARY}-wrong"}


def bad(says: str, **options: Any) -> Case:
    """Refused before kadmin starts, for a login would be refused too."""
    return Case("password_policy", {"name": "users", "kadmin": WRONG, **options}, says)


# each of them, and more, in tests/unit/module_utils/_domain/test_password_policy.py
BAD: dict[str, Case] = {
    "line break": bad("name: 'a\\ndelpol b' holds a newline", name="a\ndelpol b"),
    "dash": bad("name: '-minlength' begins with a dash", name="-minlength"),
    "twice": Case(
        "password_policy",
        {"policies": [{"name": "a"}, {"name": "b"}, {"name": "a"}], "kadmin": WRONG},
        "policy 'a': is listed twice; ",
    ),
    "misspelt salt": bad("policy 'users': allowed_keysalts: 'aes:normla' names", allowed_keysalts=["aes:normla"]),
    "nine classes": bad("policy 'users': min_classes: 9 is out of range; ", min_classes=9),
    "lives at odds with what is there": bad(
        "policy 'lives': min_life: 2d is longer than", name="lives", max_life="1d", kadmin=None
    ),
    "wrong password": bad("kadmin.password: is not the password of root/admin"),
}


def test_bad_input(realm: Realm, tmp_path: pathlib.Path) -> None:
    realm.kadmin_local('addpol -minlife "2 days" lives')
    before = policy_file(realm).read_bytes()
    empty = tmp_path / "empty"
    empty.mkdir()
    for (name, check), outcome in try_all(BAD, empty, tmp_path, environment=realm.variables).items():
        judge(BAD[name], outcome, check)
    assert policy_file(realm).read_bytes() == before


# -- that it bites ------------------------------------------------------------------------------------------------


def change(realm: Realm, user: str, old: str, new: str) -> str:
    """What kpasswd says of a user's new password."""
    done = subprocess.run(
        ("kpasswd", user),
        env=realm.environment,
        input=f"{old}\n{new}\n{new}\n",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=60,
    )
    return done.stdout


def test_passwords_that_the_policy_refuses(realm: Realm, tmp_path: pathlib.Path) -> None:
    policy = {
        "name": "strict",
        "min_length": 10,
        "min_classes": 3,
        "history": 3,
        "max_life": "90d",
        "allowed_keysalts": ["aes128-cts", "aes256-cts"],
    }
    user = {"name": "alice", "password": "First-pass-1", "policy": "strict"}
    step, output = play([task(realm, **policy), task(realm, "mailrealm.kerberos.principal", **user)], tmp_path)
    assert not step.failed, output
    (message,) = refusals(
        [task(realm, "mailrealm.kerberos.principal", name="bob", password="Short-1", policy="strict")], tmp_path
    )
    assert message.startswith("principal bob@REALM.TEST: its policy refuses the password; choose another password")
    assert "New password is too short" in change(realm, "alice", "First-pass-1", "Sh-1")
    assert "character classes" in change(realm, "alice", "First-pass-1", "onlylowercase")
    assert "Password changed" in change(realm, "alice", "First-pass-1", "Second-pass-2")
    assert "New password was used previously" in change(realm, "alice", "Second-pass-2", "First-pass-1")
    assert realm.keys("alice") == ["Key: vno 2, aes128-cts-hmac-sha1-96", "Key: vno 2, aes256-cts-hmac-sha1-96"]
    assert "Invalid key/salt tuples" in realm.kadmin_local("cpw -e rc4-hmac:normal -pw Third-pass-3 alice")
    assert "Password expiration date: [never]" not in realm.kadmin_local("getprinc alice")
    step, output = play([task(realm, name="strict", min_life="1d")], tmp_path)
    assert step.changed, output
    assert "Password cannot be changed because it was changed too recently" in change(
        realm, "alice", "Second-pass-2", "Third-pass-3"
    )


def login(realm: Realm, user: str, password: str) -> str:
    """What kinit says; empty where it gets a ticket."""
    done = subprocess.run(
        ("kinit", user), env=realm.environment, input=f"{password}\n", capture_output=True, text=True, check=False
    )
    assert (done.returncode == 0) == (not done.stderr), done
    return done.stderr


def test_lockout_after_failed_logins(realm: Realm, tmp_path: pathlib.Path) -> None:
    user = {"name": "carol", "password": "right", "policy": "lockout", "attributes": ["+requires_preauth"]}
    step, output = play(
        [
            task(realm, name="lockout", max_failures=2, failure_count_interval="0", lockout_duration="0"),
            task(realm, "mailrealm.kerberos.principal", **user),
        ],
        tmp_path,
    )
    assert not step.failed, output
    for dummy in range(2):
        assert "Password incorrect" in login(realm, "carol", "wrong")
    assert "credentials have been revoked" in login(realm, "carol", "right")
    # the rule binds at once, and so does its end
    assert play([task(realm, name="lockout", max_failures=0)], tmp_path)[0].changed
    assert login(realm, "carol", "right") == ""
