# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every option of the module `principal`, by every way to the database: the ladder, with getprinc as the judge."""

from __future__ import annotations

import datetime
import pathlib
import subprocess
from dataclasses import dataclass
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration.forked_ladder import climb, play
from ansible_collections.mailrealm.kerberos.tests.integration.realm import ACL, Realm, running_realm

MODULE = "mailrealm.kerberos.principal"
INFO = "mailrealm.kerberos.principal_info"
CANARY = "canary-of-the-principal"
CHOSEN = "kvno: (chosen by the KDC)"


@dataclass(frozen=True)
class Case:
    """One option: kadmin's words that make the principal beforehand, the options, the diff, and getprinc's lines."""

    made: str | None
    options: dict[str, Any]
    before: tuple[str, ...]
    after: tuple[str, ...]
    shown: tuple[str, ...] = ()


CASES = {
    "missing": Case(None, {"state": "absent"}, (), ()),
    "set": Case(
        "-randkey", {"attributes": ["+requires_preauth"]}, ("attributes: -requires_preauth",),
        ("attributes: +requires_preauth",), ("Attributes: REQUIRES_PRE_AUTH",),
    ),
    "clear": Case(
        "-randkey +requires_preauth", {"attributes": ["-preauth"]}, ("attributes: +requires_preauth",),
        ("attributes: -requires_preauth",), ("Attributes:",),
    ),
    "opposite": Case(
        "-randkey", {"attributes": ["+disallow_svr"]}, ("attributes: +allow_svr",), ("attributes: -allow_svr",),
        ("Attributes: DISALLOW_SVR",),
    ),
    "spelling": Case(
        "-randkey", {"attributes": ["-Allow-Tix", "+OK_AS_DELEGATE"]}, ("attributes: +allow_tix, -ok_as_delegate",),
        ("attributes: +ok_as_delegate, -allow_tix",), ("Attributes: DISALLOW_ALL_TIX OK_AS_DELEGATE",),
    ),
    "policy": Case("-randkey", {"policy": "users"}, ("policy: none",), ("policy: users",), ("Policy: users",)),
    "no-policy": Case(
        "-randkey -policy users", {"policy": ""}, ("policy: users",), ("policy: none",), ("Policy: [none]",)
    ),
    "life": Case(
        "-randkey -maxlife 3h", {"max_life": "8h"}, ("max_life: 3h",), ("max_life: 8h",),
        ("Maximum ticket life: 0 days 08:00:00",),
    ),
    "renewable": Case(
        "-randkey -maxrenewlife 3days", {"max_renewable_life": "1d 12h"}, ("max_renewable_life: 3d",),
        ("max_renewable_life: 1d 12h",), ("Maximum renewable life: 1 day 12:00:00",),
    ),
    "expires": Case(
        "-randkey", {"expires": "2031-12-31 23:59:59 UTC"}, ("expires: never",), ("expires: 2031-12-31 23:59:59 UTC",),
        ("Expiration date: Wed Dec 31 23:59:59 UTC 2031",),
    ),
    "password-expires": Case(
        '-pw x -pwexpire "2031-01-01 UTC"', {"password_expires": "never"},
        ("password_expires: 2031-01-01 00:00:00 UTC",), ("password_expires: never",),
        ("Password expiration date: [never]",),
    ),
    "random": Case(
        None, {"key": "random", "enctypes": ["aes128-cts"]}, ("absent",),
        ("present", "key: random, kvno (chosen by the KDC)", "enctypes: aes128-cts-hmac-sha1-96"),
        ("Number of keys: 1", "Key: vno 1, aes128-cts-hmac-sha1-96"),
    ),
    "salted": Case(
        None, {"key": "password", "password": CANARY, "enctypes": ["aes256-cts:norealm", "aes128-cts:onlyrealm"]},
        ("absent",),
        ("present", "key: from the password, kvno (chosen by the KDC)",
         "enctypes: aes128-cts-hmac-sha1-96:onlyrealm, aes256-cts-hmac-sha1-96:norealm"),
        ("Key: vno 1, aes256-cts-hmac-sha1-96:norealm", "Key: vno 1, aes128-cts-hmac-sha1-96:onlyrealm"),
    ),
    "on-create": Case("-pw other", {"password": CANARY, "update_password": "on_create"}, (), (), ("MKey: vno 1",)),
    "always": Case(
        "-pw other", {"password": CANARY, "update_password": "always"}, ("kvno: 1", "password: another one"),
        (CHOSEN, "password: as asked"), ("Number of keys: 2", "Key: vno 2, aes256-cts-hmac-sha1-96"),
    ),
    "kept": Case("-randkey -e rc4-hmac:normal", {"enctypes": ["aes256-cts"], "rekey": "never"}, (), ()),
    "rekey": Case(
        "-randkey -e rc4-hmac:normal", {"enctypes": ["aes256-cts"], "rekey": "when_enctypes_differ"},
        ("kvno: 1", "enctypes: arcfour-hmac"), (CHOSEN, "enctypes: aes256-cts-hmac-sha1-96"),
        ("Number of keys: 2", "Key: vno 2, aes256-cts-hmac-sha1-96", "Key: vno 1, DEPRECATED:arcfour-hmac"),
    ),
    "unlock": Case(
        "-pw secret +requires_preauth -policy lockout", {"unlock": True}, ("failed attempts: 2",),
        ("failed attempts: 0",), ("Failed password attempts: 0",),
    ),
    "gone": Case("-randkey", {"state": "absent"}, ("present",), ("absent",)),
}  # fmt: skip
ACTIONS = {
    "missing": "none",
    "on-create": "none",
    "kept": "none",
    "random": "created",
    "salted": "created",
    "gone": "deleted",
}
NEW_KVNOS = {"random": 1, "salted": 1, "always": 2, "rekey": 2}


@pytest.fixture(scope="module")
def realm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Realm]:
    """With an administrator who may do everything but extract keys."""
    with running_realm(tmp_path_factory.mktemp("realm"), acl=f"{ACL}*/keyless@{{name}} *\n") as made:
        keytab = made.folder / "admin.keytab"
        made.kadmin_local(
            "addpol users",
            "addpol -maxfailure 2 -failurecountinterval 1h -lockoutduration 0 lockout",
            "addprinc -pw keyless joe/keyless",
            f"ktadd -norandkey -k {keytab} {made.admin}",
        )
        made.run("kinit", "-c", f"{made.folder}/admin.ccache", "-S", "kadmin/admin", made.admin,
                 text=f"{made.admin_password}\n")  # fmt: skip
        yield made


def task(realm: Realm, **options: Any) -> dict[str, Any]:
    return {"name": "Keep principals", MODULE: options, "environment": realm.variables}


def mistype(realm: Realm, name: str) -> str:
    """What kinit says to a wrong password."""
    done = subprocess.run(
        ["kinit", name], env=realm.environment, input="wrong\n", capture_output=True, text=True, check=False
    )
    assert done.returncode
    return done.stderr


WAYS: dict[str, Any] = {
    "local": lambda dummy: {},
    "local-realm": lambda realm: {"mode": "local", "realm": realm.name},
    "keytab": lambda realm: {"principal": realm.admin, "keytab": f"{realm.folder}/admin.keytab"},
    "password": lambda realm: {
        "mode": "remote", "realm": realm.name, "server": f"127.0.0.1:{realm.kadmin_port}",
        "principal": realm.admin, "password": realm.admin_password,
    },
    "ccache": lambda realm: {"ccache": f"FILE:{realm.folder}/admin.ccache"},
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_ladder_of_every_option(realm: Realm, tmp_path: pathlib.Path, way: str) -> None:
    names = {case: f"{case}/{way}.realm.test" for case in CASES}
    realm.kadmin_local(*(f"addprinc {case.made} {names[one]}" for one, case in CASES.items() if case.made))
    said = [mistype(realm, names["unlock"]) for dummy in range(3)]
    assert "revoked" in said[-1]
    items = [{"name": names[one], **case.options} for one, case in CASES.items()]
    steps = climb([task(realm, principals=items, kadmin=WAYS[way](realm))], tmp_path)
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    for side, lines in (("before", lambda case: case.before), ("after", lambda case: case.after)):
        assert steps.run.diff[0][side] == "".join(
            "".join((f"{names[one]}@REALM.TEST:\n", *(f"  {line}\n" for line in lines(case))))
            for one, case in CASES.items()
            if case.after
        )
    told = steps.run.only.data["principals"]
    assert [one["name"] for one in told] == [f"{name}@REALM.TEST" for name in names.values()]
    assert [one["action"] for one in told] == [ACTIONS.get(one, "changed") for one in CASES]
    assert [one["kvno"] for one in told] == [1 if case.made else None for case in CASES.values()]
    assert {one["name"].partition("/")[0]: one["new_kvno"] for one in told if one["new_kvno"]} == NEW_KVNOS
    assert steps.check.only.data["principals"] == [{**one, "new_kvno": None} for one in told]
    assert "warnings" not in steps.run.only.data
    for one, case in CASES.items():
        printed = realm.kadmin_local(f"getprinc {names[one]}").splitlines()
        assert set(case.shown) <= {line.strip() for line in printed}, printed
    listed = realm.kadmin_local("listprincs").splitlines()
    assert sorted(one for one in listed if f"/{way}." in one) == sorted(
        f"{name}@REALM.TEST" for one, name in names.items() if one not in ("missing", "gone")
    )
    realm.run("kinit", names["unlock"], text="secret\n")
    realm.run("kinit", names["always"], text=f"{CANARY}\n")
    assert CANARY not in steps.output and realm.admin_password not in steps.output


def test_password_that_cannot_be_compared_is_set_each_time_and_said(realm: Realm, tmp_path: pathlib.Path) -> None:
    """Neither without the privilege to extract keys, nor where the KDC alone knows the salt."""
    asked = {"password": CANARY, "update_password": "always"}
    realm.kadmin_local("addprinc -pw other hidden", "addprinc -pw other -e aes256-cts:special salted")
    keyless = {"principal": "joe/keyless", "password": "keyless"}
    reasons = {
        "hidden": ({"kadmin": keyless}, "the administrator may not extract keys (grant 'e' in kadm5.acl,"),
        "salted": ({"enctypes": ["aes256-cts:special"]}, "the salt of its keys (special) is known to the KDC alone"),
    }
    for name, (options, reason) in reasons.items():
        steps = climb([task(realm, name=name, **asked, **options)], tmp_path)
        assert steps.changed == (True, True, True, True)
        assert steps.check.diff == steps.run.diff
        assert steps.run.diff[0]["before"] == f"{name}@REALM.TEST:\n  kvno: 1\n  password: cannot be compared\n"
        assert steps.run.diff[0]["after"] == f"{name}@REALM.TEST:\n  {CHOSEN}\n  password: as asked\n"
        for step in (steps.check, steps.run, steps.check_again, steps.run_again):
            (warning,) = step.only.data["warnings"]
            assert warning.startswith(
                f"update_password: always sets the password of {name}@REALM.TEST in every run, for it cannot be "
                f"compared: {reason}"
            )
        assert [step.only.data["principals"][0]["new_kvno"] for step in (steps.run, steps.run_again)] == [2, 3]
        realm.run("kinit", name, text=f"{CANARY}\n")
    # a password that is to be made for a new principal needs no comparison
    made, dummy = play([task(realm, name="hidden2", kadmin=keyless, **asked)], tmp_path)
    assert made.changed and "warnings" not in made.only.data


def test_database_in_a_file_takes_no_arguments(realm: Realm, tmp_path: pathlib.Path) -> None:
    realm.kadmin_local("addprinc -randkey before")
    asked = task(realm, name="argued", db_args=["dn=uid=argued"])
    refused, dummy = play([asked], tmp_path)
    assert refused.only.msg == (
        "principal argued@REALM.TEST: db_args: the realm's database (db2) takes no 'dn=uid=argued'; leave it out "
        "(nothing is done)"
    )
    refused, dummy = play([task(realm, name="x", kadmin={"db_args": ["host=ldap"]})], tmp_path)
    assert refused.only.msg == (
        "db_args: the database of the default realm (kadmin.local) (db2) takes no 'host'; leave it out"
    )
    assert "argued" not in realm.kadmin_local("listprincs")


def test_aliases_of_an_older_kadmin_are_refused_before_anything_is_written(
    realm: Realm, tmp_path: pathlib.Path
) -> None:
    before = realm.database.read_bytes()
    items = [{"name": "first"}, {"name": "second", "aliases": ["other"]}]
    for way, program in (("local", "kadmin.local"), ("keytab", "kadmin")):
        for check in (True, False):
            asked = task(realm, principals=items, kadmin=WAYS[way](realm))
            refused, dummy = play([asked], tmp_path, check=check)
            assert refused.only.msg == (
                f"aliases: {program} on this host is older than MIT Kerberos 1.22 and knows no aliases; leave them "
                "out, or create each name as a principal of its own"
            )
    assert realm.database.read_bytes() == before
    absent, dummy = play([task(realm, name="none", state="absent", aliases=["other"])], tmp_path)
    assert not absent.failed and not absent.changed


def test_info_is_what_getprinc_shows(realm: Realm, tmp_path: pathlib.Path) -> None:
    realm.kadmin_local(
        "addprinc -pw secret +requires_preauth -policy lockout -maxlife 2h -maxrenewlife 3h "
        '-expire "2031-12-31 23:59:59 UTC" -pwexpire "2045-06-30 UTC" -e aes256-cts:norealm known/one',
        'cpw -keepold -pw secret -e "aes128-cts:normal" known/one',
        'modprinc -pwexpire "2045-06-30 UTC" known/one',
        "addprinc -randkey known/two",
    )
    mistype(realm, "known/one")
    names = ["known/*", "none", "known/two", "no/such@REALM.TEST", "nothing/*"]
    for kadmin in ({}, WAYS["keytab"](realm)):
        asked = {"name": "Read", INFO: {"names": names, "kadmin": kadmin}, "environment": realm.variables}
        step, dummy = play([asked], tmp_path)
        assert step.only.data["missing"] == ["none@REALM.TEST", "no/such@REALM.TEST"]
        one, two = step.only.data["principals"]
        shown = told(realm, "known/one")
        assert one["last_failure"] == as_iso(shown["Last failed authentication"]) != "never"
        assert one["password_changed"] == as_iso(shown["Last password change"])
        assert one["modified"] == as_iso(shown["Last modified"].partition(" (")[0])
        assert shown["Last modified"].endswith(f"({one['modified_by']})")
        assert {key: value for key, value in one.items() if key not in ("modified", "modified_by")} == {
            "name": "known/one@REALM.TEST",
            "aliases": [],
            "kvno": 2,
            "old_kvnos": [1],
            "old_tickets_end": later(one["password_changed"], hours=3 + 1),
            "key_data": [
                {"kvno": 2, "enctype": "aes128-cts-hmac-sha1-96", "salt": "normal"},
                {"kvno": 1, "enctype": "aes256-cts-hmac-sha1-96", "salt": "norealm"},
            ],
            "attributes": ["+requires_preauth"],
            "policy": "lockout",
            "max_life": 7200,
            "max_renewable_life": 10800,
            "expires": "2031-12-31 23:59:59 UTC",
            "password_expires": "2045-06-30 00:00:00 UTC",
            "password_changed": one["password_changed"],
            "last_success": "never",
            "last_failure": one["last_failure"],
            "failures": int(shown["Failed password attempts"]),
        }
        assert (two["old_kvnos"], two["old_tickets_end"]) == ([], None)
        assert one["failures"] == 1 and (two["failures"], two["policy"], two["last_failure"]) == (0, None, "never")
    realm.run("kinit", "known/one", text="secret\n")
    step, dummy = play([asked], tmp_path)
    one = step.only.data["principals"][0]
    assert one["last_success"] == as_iso(told(realm, "known/one")["Last successful authentication"]) != "never"
    assert one["failures"] == 0


def told(realm: Realm, name: str) -> dict[str, str]:
    """The lines of the long getprinc."""
    lines = realm.kadmin_local(f"getprinc {name}").splitlines()
    return {label: rest for label, colon, rest in (line.partition(": ") for line in lines) if colon}


def later(text: str, **more: int) -> str:
    """A time as the module writes it, so much later."""
    moment = datetime.datetime.strptime(text, "%Y-%m-%d %H:%M:%S UTC") + datetime.timedelta(**more)
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")


def as_iso(text: str) -> str:
    """A time of the long getprinc, which the tests see in UTC, as the module writes it."""
    if text == "[never]":
        return "never"
    return datetime.datetime.strptime(text, "%a %b %d %H:%M:%S %Z %Y").strftime("%Y-%m-%d %H:%M:%S UTC")
