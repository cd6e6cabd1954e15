# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`principal` with `old_keys`: which keys go, judged by getprinc, by the KDC's tickets and by logins."""

from __future__ import annotations

import pathlib
import re
from dataclasses import dataclass
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import climb, play
from ansible_collections.mailrealm.kerberos.tests.integration.mit_keytab import klist
from ansible_collections.mailrealm.kerberos.tests.integration.module_process import run
from ansible_collections.mailrealm.kerberos.tests.integration.realm import (
    Realm,
    configure,
    running_kadmind,
    running_kdc,
)

MODULE = "mailrealm.kerberos.principal"
INFO = "mailrealm.kerberos.principal_info"
PURGE = {"old_keys": "purge_when_expired"}
HOUR, DAY = 3600, 86400
RC4, AES = "arcfour-hmac", "aes256-cts-hmac-sha1-96"
MADE = ("addprinc -randkey -e rc4-hmac:normal", "cpw -randkey -keepold -e aes256-cts:normal")
ACL = "*/admin@{name} *e\n*/keeper@{name} ilacd\n*/smtp@{name} im smtp/*\n*/smtp@{name} ilacd\n"


@dataclass(frozen=True)
class Case:
    """A principal with keys of two kvnos: its lives, how long ago they were changed, the options, and what goes."""

    lives: str
    ago: int
    options: dict[str, Any]
    gone: bool


CASES = {
    "due": Case("-maxlife 10h -maxrenewlife 0", 11 * HOUR + 60, PURGE, True),
    # up to an hour longer than the life: replicas may have given tickets of the old key, and clocks differ
    "margin": Case("-maxlife 10h -maxrenewlife 0", 10 * HOUR + 60, PURGE, False),
    "renewed": Case("-maxlife 10h -maxrenewlife 7d", 7 * DAY + HOUR + 60, PURGE, True),
    "renewable": Case("-maxlife 10h -maxrenewlife 7d", 7 * DAY, PURGE, False),
    "fresh": Case("-maxlife 1h -maxrenewlife 0", 0, PURGE, False),
    "kept": Case("-maxlife 10h -maxrenewlife 0", 99 * DAY, {"old_keys": "keep"}, False),
    "unasked": Case("-maxlife 10h -maxrenewlife 0", 99 * DAY, {}, False),
    "endless": Case("-maxlife 0 -maxrenewlife 0", 99 * DAY, PURGE, False),
    "ended": Case("-maxlife 0 -maxrenewlife 0", DAY, {**PURGE, "tickets_end_after": "23h"}, True),
    "longer": Case("-maxlife 1h -maxrenewlife 0", DAY, {**PURGE, "tickets_end_after": "2 days"}, False),
    "at-once": Case("-maxlife 10h", 60, {**PURGE, "tickets_end_after": "0"}, True),
    "changed": Case("-maxlife 10h -maxrenewlife 0", 11 * HOUR + 60, {**PURGE, "max_life": "30h"}, True),
}
TRUST = "krbtgt/OTHER.TEST"
REKEYED = "rekeyed"


def name_of(case: str, way: str) -> str:
    return f"{case}/{way}.realm.test"


WAYS = ("local", "remote")


@pytest.fixture(scope="module")
def realm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Realm]:
    made = configure(tmp_path_factory.mktemp("realm"), libdefaults=["allow_weak_crypto = true"], acl=ACL)
    made.create_database()
    names = {name_of(one, way): case for way in WAYS for one, case in CASES.items()}
    rekeyed = [name_of(REKEYED, way) for way in WAYS]
    privileged = ["smtp/one", "http/one"]
    made.kadmin_local(
        *(f"{line} {name}" for name in (*names, *rekeyed, *privileged, TRUST, "shortened") for line in MADE),
        *(f"modprinc {case.lives} {name}" for name, case in names.items()),
        *(f"modprinc -maxlife 10h -maxrenewlife 0 {name}" for name in (*rekeyed, *privileged, TRUST, "shortened")),
        "addprinc -pw first user",
        "cpw -keepold -pw second user",
        *(f"addprinc -pw pw joe/{one}" for one in ("keeper", "smtp")),
    )
    ages = {name: case.ago for name, case in names.items()}
    made.backdate(
        {
            **ages,
            **dict.fromkeys([*rekeyed, *privileged, TRUST, "user"], 99 * DAY),
            # tickets of ten hours may be valid, those of an hour are not
            "shortened": 3 * HOUR,
        }
    )
    with running_kdc(made), running_kadmind(made):
        yield made


def task(realm: Realm, module: str = MODULE, **options: Any) -> dict[str, Any]:
    return {"name": "Keep principals", module: options, "environment": realm.variables}


def kvnos(realm: Realm, name: str) -> list[tuple[int, str]]:
    """(kvno, enctype) as getprinc prints them."""
    found = [re.fullmatch(r"Key: vno (\d+), (?:DEPRECATED:)?(\S+)", line) for line in realm.keys(name)]
    return [(int(one[1]), one[2]) for one in found if one]


@pytest.mark.parametrize("way", WAYS)
def test_ladder(realm: Realm, tmp_path: pathlib.Path, way: str) -> None:
    kadmin = {} if way == "local" else {"principal": realm.admin, "password": realm.admin_password}
    items = [{"name": name_of(one, way), **case.options} for one, case in CASES.items()]
    items += [
        {"name": name_of(REKEYED, way), **PURGE, "rekey": "when_enctypes_differ", "enctypes": ["aes128-cts"]},
        {"name": TRUST, **PURGE},
        {"name": "new", **PURGE, "state": "absent"},
    ]
    steps = climb([task(realm, principals=items, kadmin=kadmin)], tmp_path, verbosity=4)
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    told = {one["name"].partition("/")[0]: one for one in steps.run.only.data["principals"]}
    for one, case in CASES.items():
        assert told[one]["purged_kvnos"] == ([1] if case.gone else []), one
        assert kvnos(realm, name_of(one, way)) == [(2, AES), *([] if case.gone else [(1, RC4)])], one
        block = f"{name_of(one, way)}@REALM.TEST:\n  keys of kvno 1: "
        assert (f"{block}{RC4}\n" in steps.run.diff[0]["before"]) == case.gone
        assert (f"{block}purged\n" in steps.run.diff[0]["after"]) == case.gone
    # what was the newest key goes on beside the new one
    assert (told[REKEYED]["purged_kvnos"], told[REKEYED]["new_kvno"]) == ([1], 3)
    assert kvnos(realm, name_of(REKEYED, way)) == [(3, "aes128-cts-hmac-sha1-96"), (2, AES)]
    assert kvnos(realm, TRUST) == [(2, AES), (1, RC4)]
    reasons = {
        name_of("endless", way): "a max_life of 0 sets their tickets no end",
        TRUST: "tickets of a trust end as the realm says that issues them",
    }
    warnings = [
        f"old_keys: purges none of {name}@REALM.TEST, for {reason}; say with tickets_end_after how long they live"
        for name, reason in reasons.items()
    ]
    assert [step.only.data["warnings"] for step in (steps.check, steps.run, steps.run_again)] == [warnings] * 3
    assert steps.check.only.data["principals"] == [
        {**one, "new_kvno": None} for one in steps.run.only.data["principals"]
    ]


def test_logins_go_on_with_the_newest_key(realm: Realm, tmp_path: pathlib.Path) -> None:
    """The new password opens a login, and a keytab from before opens a new ticket; the old password never did."""
    keytab = tmp_path / "keytab"
    realm.kadmin_local(f"ktadd -norandkey -k {keytab} smtp/one")
    step, dummy = play([task(realm, principals=[{"name": "user", **PURGE}])], tmp_path)
    assert step.only.data["principals"][0]["purged_kvnos"] == [1]
    realm.run("kinit", "user", text="second\n")
    # a ticket of the newest key, which the keytab from before opens
    assert "kvno = 2, keytab entry valid" in realm.run("kvno", "-k", str(keytab), "smtp/one")
    with pytest.raises(AssertionError, match="Password incorrect"):
        realm.run("kinit", "user", text="first\n")


def test_shorter_lives_do_not_take_keys_from_tickets_that_are_out(realm: Realm, tmp_path: pathlib.Path) -> None:
    before = realm.database.read_bytes()
    options = {"name": "shortened", "max_life": "1h", **PURGE}
    for check in (True, False):
        told = run("principal", options, tmp_path, check=check, variables=realm.variables).result
        assert told and told["msg"].startswith(
            "principal shortened@REALM.TEST: old_keys: tickets with the longer life from before may still be valid; "
        ), told
    assert realm.database.read_bytes() == before
    told = run("principal", {**options, "tickets_end_after": "10h"}, tmp_path, variables=realm.variables).result
    assert told and told["changed"] and told["principals"][0]["purged_kvnos"] == []
    assert kvnos(realm, "shortened") == [(2, AES), (1, RC4)]


@pytest.mark.parametrize("check", [True, False])
def test_missing_privilege(realm: Realm, tmp_path: pathlib.Path, check: bool) -> None:
    """Neither letters for other things nor those for other principals do."""
    before = realm.database.read_bytes()
    for who, name in (("keeper", "smtp/one"), ("smtp", "http/one")):
        options = {"name": name, **PURGE, "kadmin": {"principal": f"joe/{who}", "password": "pw"}}
        told = run("principal", options, tmp_path, check=check, variables=realm.variables).result
        assert told and told["msg"] == (
            f"principal {name}@REALM.TEST: joe/{who} lacks the privilege 'modify' for it; grant it in kadm5.acl (or "
            f"clear lockdown_keys on the KDC){'' if check else ' (nothing is done)'}"
        )
    assert realm.database.read_bytes() == before


def test_privilege_for_a_pattern(realm: Realm, tmp_path: pathlib.Path) -> None:
    options = {"name": "smtp/one", **PURGE, "kadmin": {"principal": "joe/smtp", "password": "pw"}}
    for check in (True, False):
        told = run("principal", options, tmp_path, check=check, variables=realm.variables).result
        assert told and told["principals"][0]["purged_kvnos"] == [1], told
    assert kvnos(realm, "smtp/one") == [(2, AES)]


def test_export_and_keytab_follow(tmp_path: pathlib.Path) -> None:
    """Check mode knows that the purged keys will not be exported any more."""
    realm = configure(tmp_path / "realm", libdefaults=["allow_weak_crypto = true"])
    realm.create_database()
    path = tmp_path / "keytab"
    realm.kadmin_local(*(f"{line} smtp/mx1" for line in MADE), f"ktadd -norandkey -k {path} smtp/mx1")
    realm.backdate({"smtp/mx1": 99 * DAY})
    shown, dummy = play([task(realm, INFO, names=["smtp/mx1"])], tmp_path)
    (one,) = shown.only.data["principals"]
    assert one["old_kvnos"] == [1] and one["old_tickets_end"] < one["modified"]
    tasks = [
        {**task(realm, name="smtp/mx1", **PURGE), "register": "planned"},
        {
            "name": "Export",
            "mailrealm.kerberos.keytab_export": {
                "keytabs": [{"name": "mx1", "principals": ["smtp/mx1"]}],
                "planned": "{{ planned.principals }}",
            },
            "environment": realm.variables,
            "register": "export",
        },
        {
            "name": "Keep the keytab",
            "mailrealm.kerberos.keytab": {
                "path": str(path),
                "sources": [{"content": "{{ export.keytabs[0].content }}"}],
                "exclusive": True,
            },
        },
    ]
    steps = climb(tasks, tmp_path, watch=[path, realm.database])
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff and len(steps.run.diff) == 2
    assert steps.check.watched_after == steps.check.watched_before
    assert [(key.kvno, key.enctype) for key in klist(path)] == [(2, AES)]


def test_master_key_is_never_purged(realm: Realm, tmp_path: pathlib.Path) -> None:
    """kadmin would do it, and the database could not be decrypted any more."""
    told = run("principal", {"name": "K/M", **PURGE}, tmp_path, variables=realm.variables).result
    assert told and told["msg"] == (
        "principal K/M@REALM.TEST: old_keys: kdb5_util purge_mkeys alone can tell which old master keys nothing needs "
        "any more; leave it out"
    )
