# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Staged keys, from the export through the keytabs to the KDC: what the KDC has in the end is what was staged."""

from __future__ import annotations

import json
import pathlib
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration.canary import found_below, found_in
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import climb, play
from ansible_collections.mailrealm.kerberos.tests.integration.mit_keytab import Key, klist
from ansible_collections.mailrealm.kerberos.tests.integration.module_process import Outcome, run
from ansible_collections.mailrealm.kerberos.tests.integration.realm import (
    Realm,
    configure,
    running_kadmind,
    running_kdc,
)

AES256, AES128, RC4 = "aes256-cts-hmac-sha1-96", "aes128-cts-hmac-sha1-96", "arcfour-hmac"
AES = [AES256, AES128]
OWN, SHARED, OLD_KEYS, WIDE, RENAMED, RIGHT = (
    f"smtp/{name}.realm.test" for name in ("mx1", "mail", "kept", "wide", "renamed", "right")
)
HOSTS = {"mx1": [OWN, SHARED, OLD_KEYS, WIDE], "mx2": [RENAMED, RIGHT, SHARED]}
KVNOS = {OWN: 2, SHARED: 2, OLD_KEYS: 4, WIDE: 256, RENAMED: 2}  # of the staged keys
CREATION = (
    f"addprinc -randkey -e {RC4}:normal {OWN}",
    f"addprinc -randkey -e {AES256}:normal,{RC4}:normal {SHARED}",
    f"addprinc -randkey -e {RC4}:normal {OLD_KEYS}",
    *[f"cpw -randkey -keepold -e {AES128}:normal {OLD_KEYS}"] * 2,
    f"addprinc -randkey -e {RC4}:normal {WIDE}",
    f"modprinc -kvno 255 {WIDE}",
    f"addprinc -randkey -e {AES256}:normal smtp/before.realm.test",
    f"renprinc -force smtp/before.realm.test {RENAMED}",
    f"addprinc -randkey -e {AES256}:normal,{AES128}:normal {RIGHT}",
    # as strict as a policy of passwords can be
    "addpol -minlength 60 -minclasses 5 -history 5 -minlife 1d strict",
    f"modprinc -policy strict {OWN}",
)


@pytest.fixture(params=["local", "remote"])
def place(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def realm(tmp_path: pathlib.Path) -> Iterator[Realm]:
    made = configure(tmp_path / "realm")
    made.create_database()
    made.kadmin_local(*CREATION)
    with running_kdc(made), running_kadmind(made):
        yield made


def login(realm: Realm, place: str) -> dict[str, Any]:
    remote = {"principal": realm.admin, "password": realm.admin_password}
    return {"mode": "local"} if place == "local" else remote


def tasks(realm: Realm, folder: pathlib.Path, place: str = "local") -> list[dict[str, Any]]:
    """The whole way, as in the examples of `keytab_export`; two hosts, whose filters name the new types alone."""
    shares = [{"name": host, "principals": names, "enctypes": AES} for host, names in HOSTS.items()]
    export = {
        "name": "Export the keys and stage new ones",
        "mailrealm.kerberos.keytab_export": {
            "keytabs": shares,
            "stage": {"enctypes": AES},
            "kadmin": login(realm, place),
        },
        "environment": realm.variables,
        "register": "export",
    }
    keytabs = [
        {
            "name": f"Keep the keytab of {host}",
            "mailrealm.kerberos.keytab": {
                "path": str(folder / host),
                "sources": [{"content": f"{{{{ export.keytabs[{number}].content }}}}"}],
                "on_conflict": "source",
                "prune": True,
            },
        }
        for number, host in enumerate(HOSTS)
    ]
    principal = {
        "name": "Give the KDC the staged keys",
        "mailrealm.kerberos.principal": {"principals": "{{ export.staged }}", "kadmin": login(realm, place)},
        "environment": realm.variables,
        "register": "planned",
    }
    return [export, *keytabs, principal]


def saved(path: pathlib.Path) -> dict[str, Any]:
    content = {"content": "{{ export | to_json }}", "dest": str(path)}
    return {"name": "Save the export", "ansible.builtin.copy": content, "no_log": True, "check_mode": False}


def extracted(realm: Realm, *names: str) -> set[Key]:
    """All keys of the principals, as bare ktadd writes them and klist reads them."""
    bare = realm.folder / "bare.keytab"
    bare.unlink(missing_ok=True)
    realm.kadmin_local(*(f"ktadd -norandkey -k {bare} {name}" for name in names))
    return set(klist(bare))


def test_ladder_of_the_whole_way(realm: Realm, tmp_path: pathlib.Path, place: str) -> None:
    files = [tmp_path / host for host in HOSTS]
    before = extracted(realm, *KVNOS, RIGHT)
    steps = climb(tasks(realm, tmp_path, place), tmp_path, watch=[*files, realm.database])
    changes = [[result.changed for result in step.results] for step in (steps.check, steps.run)]
    assert changes == [[False, True, True, True]] * 2
    assert steps.changed == (True, True, False, False)
    assert steps.check.watched_after == steps.check.watched_before
    assert steps.check.diff == steps.run.diff
    shown = "".join(part["after"] for part in steps.run.diff)
    for name, kvno in KVNOS.items():
        lines = [f"{name}@REALM.TEST kvno {kvno} {enctype}\n" for enctype in AES]
        assert all(line in shown for line in lines)
        assert f"{name}@REALM.TEST:\n  kvno: {kvno}\n  enctypes: {AES128}, {AES256}\n" in shown
    told = {one["name"].partition("@")[0]: one for one in steps.run.last.data["principals"]}
    assert {name: one["new_kvno"] for name, one in told.items()} == KVNOS
    assert all(one["old_keys_kept"] and one["kvno"] == one["new_kvno"] - 1 for one in told.values())
    assert steps.check.last.data["principals"] == steps.run.last.data["principals"]
    # the judge: what kadmin.local itself hands out now is what the keytabs hold, the old keys among it
    after = extracted(realm, *KVNOS, RIGHT)
    assert {key for path in files for key in klist(path)} == after
    assert after > before
    made = {(key.principal.partition("@")[0], key.kvno, key.enctype) for key in after - before}
    assert made == {(name, kvno, enctype) for name, kvno in KVNOS.items() for enctype in AES}
    for host, names in HOSTS.items():
        for name in names:
            realm.run("kinit", "-k", "-t", str(tmp_path / host), name)


def test_purged_keys_go(realm: Realm, tmp_path: pathlib.Path) -> None:
    files = [tmp_path / host for host in HOSTS]
    first, output = play(tasks(realm, tmp_path), tmp_path)
    assert not first.failed, output
    realm.kadmin_local(*(f"purgekeys {name}" for name in KVNOS))
    steps = climb(tasks(realm, tmp_path), tmp_path, watch=files)
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert [result.data.get("removed") for result in steps.run.results] == [None, 7, 3, None]
    assert {key for path in files for key in klist(path)} == extracted(realm, *KVNOS, RIGHT)


def test_a_run_that_stopped_in_between(realm: Realm, tmp_path: pathlib.Path) -> None:
    whole = tasks(realm, tmp_path)
    first, output = play(whole[:-1], tmp_path)
    assert not first.failed, output
    stale = {key for host in HOSTS for key in klist(tmp_path / host)} - extracted(realm, *KVNOS, RIGHT)
    assert len(stale) == 2 * len(KVNOS)
    steps = climb(whole, tmp_path, watch=[tmp_path / host for host in HOSTS])
    assert steps.changed == (True, True, False, False)
    assert steps.check.diff == steps.run.diff
    assert [result.data.get("replaced") for result in steps.run.results] == [None, 8, 4, None]
    left = {key for host in HOSTS for key in klist(tmp_path / host)}
    assert left == extracted(realm, *KVNOS, RIGHT)
    assert not left & stale


def modules(realm: Realm, folder: pathlib.Path, check: bool = False) -> tuple[dict[str, Any], dict[str, Any]]:
    """An export with staged keys of OWN, and its keytab, without a playbook; what both returned."""
    options = {
        "keytabs": [{"name": "mx1", "principals": [OWN, SHARED]}],
        "stage": {"enctypes": AES, "principals": [OWN]},
    }
    export = run("keytab_export", options, folder, check=check, variables=realm.variables)
    assert export.result, export.output
    content = export.result["keytabs"][0]["content"]
    keytab = run("keytab", {"path": str(folder / "keytab"), "sources": [{"content": content}]}, folder, check=check)
    assert keytab.result, keytab.output
    return export.result, keytab.result


def given(realm: Realm, folder: pathlib.Path, staged: list[dict[str, Any]], **more: Any) -> Outcome:
    return run("principal", {"principals": staged}, folder, variables=realm.variables, **more)


def test_patterns_choose_whose_keys_are_staged(realm: Realm, tmp_path: pathlib.Path) -> None:
    told, dummy = modules(realm, tmp_path, check=True)
    assert told["staged"] == [
        {
            "name": f"{OWN}@REALM.TEST", "key": "password", "password": None,
            "enctypes": AES, "rekey": "when_enctypes_differ", "new_kvno": 2,
        }
    ]  # fmt: skip
    done, dummy = modules(realm, tmp_path)
    (one,) = done["staged"]
    assert {**one, "password": None} == told["staged"][0]
    assert done["keytabs"][0]["entries"] == told["keytabs"][0]["entries"]
    assert len(one["password"]) == 69


@pytest.mark.parametrize(
    ("change", "kvno"),
    [(f"cpw -randkey -keepold -e {AES256}:normal,{AES128}:normal {OWN}", 2), (f"modprinc -kvno 7 {OWN}", 7)],
)
def test_a_key_that_something_else_changed_is_refused(
    realm: Realm, tmp_path: pathlib.Path, change: str, kvno: int
) -> None:
    export, dummy = modules(realm, tmp_path)
    realm.kadmin_local(change)
    before = realm.keys(OWN)
    outcome = given(realm, tmp_path, export["staged"])
    assert outcome.result
    assert outcome.result["msg"] == (
        f"principal {OWN}@REALM.TEST: new_kvno: has kvno {kvno}, so keys that were staged for kvno 2 are not its next "
        "ones, for its key was changed since; run again from keytab_export on"
    )
    assert realm.keys(OWN) == before


def test_what_is_done_already_is_not_done_again(realm: Realm, tmp_path: pathlib.Path) -> None:
    export, dummy = modules(realm, tmp_path)
    outcomes = [given(realm, tmp_path, export["staged"], check=check) for check in (True, False, True, False)]
    assert [one.result and one.result.get("changed") for one in outcomes] == [True, True, False, False]
    nobody = given(realm, tmp_path, []).result
    assert nobody and (nobody["changed"], nobody["principals"]) == (False, [])


def test_staged_passwords_of_check_mode_are_no_passwords_of_a_run(realm: Realm, tmp_path: pathlib.Path) -> None:
    export, dummy = modules(realm, tmp_path, check=True)
    before = realm.keys(OWN)
    outcome = given(realm, tmp_path, export["staged"])
    assert outcome.result
    assert outcome.result["msg"].startswith(f"principal {OWN}@REALM.TEST: password: is missing for key: password; ")
    assert realm.keys(OWN) == before


REFUSALS = [
    ({"enctypes": ["aes512"]}, "stage: enctypes: 'aes512' is not the name of an encryption type; "),
    ({"enctypes": []}, "stage: enctypes: names no encryption type; list those that the keys are to have"),
    ({"enctypes": ["des-cbc-crc"]}, "stage: enctypes: no des-cbc-crc key can be made on this host, whose libk5crypto"),
    ({"enctypes": AES, "principals": ["smtp/*", "imap/mx1"]}, "stage: principals: 'imap/mx1' is in none of the keyt"),
    ({"enctypes": ["camellia"]}, f"principal {OWN}@REALM.TEST: has no key that keytab 'mx1' takes (asked: {AES256}, "),
]


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(("stage", "said"), REFUSALS)
def test_refusals(realm: Realm, tmp_path: pathlib.Path, stage: dict[str, Any], said: str, check: bool) -> None:
    options = {"keytabs": [{"name": "mx1", "principals": [OWN], "enctypes": AES}], "stage": stage}
    outcome = run("keytab_export", options, tmp_path, check=check, variables=realm.variables)
    assert outcome.result
    assert outcome.result["msg"].startswith(said)


def test_nothing_shows_passwords_or_keys(realm: Realm, tmp_path: pathlib.Path) -> None:
    log, kept = tmp_path / "ansible.log", tmp_path / "saved"
    whole = tasks(realm, tmp_path)
    step, output = play(
        [whole[0], saved(kept), *whole[1:]],
        tmp_path,
        verbosity=4,
        environment_more={
            "ANSIBLE_INJECT_INVOCATION": "true",
            "ANSIBLE_DISPLAY_ARGS_TO_STDOUT": "true",
            "ANSIBLE_LOG_PATH": str(log),
        },
    )
    assert not step.failed, output
    export = json.loads(kept.read_text())
    assert "censored" in step.results[0].data and "staged" not in step.results[0].data
    everything = (output + log.read_text() + "".join(json.dumps(one.data) for one in step.results)).encode()
    allowed = [kept, *(tmp_path / host for host in HOSTS), realm.database]
    secrets = [one["password"].encode() for one in export["staged"]]
    secrets += [bytes.fromhex(key.key) for host in HOSTS for key in klist(tmp_path / host)]
    assert len(secrets) > 2 * len(KVNOS)
    for secret in secrets:
        assert found_in(everything, secret) == []
        assert found_below(tmp_path, secret, allowed) == []
