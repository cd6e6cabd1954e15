# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A policy held against keytabs and a realm: what contradicts it, what is refused. kadmin made the keys."""

from __future__ import annotations

import pathlib
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import play
from ansible_collections.mailrealm.kerberos.tests.integration.realm import Realm, configure
from ansible_collections.mailrealm.kerberos.tests.integration.refusals import assert_refused

INFO = "mailrealm.kerberos.enctype_policy_info"
POLICY = "mailrealm.kerberos.enctype_policy"
AES256, AES128, RC4 = "aes256-cts-hmac-sha1-96", "aes128-cts-hmac-sha1-96", "arcfour-hmac"
MIXED, OLD, NEW = "smtp/mixed.realm.test", "smtp/old.realm.test", "smtp/new.realm.test"
MADE = (
    f"addprinc -randkey -e aes256-cts:normal,rc4-hmac:normal {MIXED}",
    f"addprinc -randkey -e rc4-hmac:normal {OLD}",
    f"addprinc -randkey -e rc4-hmac:normal {NEW}",
    f"cpw -randkey -keepold -e aes256-cts:normal {NEW}",
    "addprinc -pw secret-of-hers -e camellia256-cts:normal alice",
    "addprinc -pw secret-of-his -e aes256-cts:normal,des3-hmac-sha1:normal bob",
)


@pytest.fixture(scope="module")
def realm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Realm]:
    made = configure(tmp_path_factory.mktemp("realm"), libdefaults=["allow_weak_crypto = true"])
    made.create_database()
    made.kadmin_local(*MADE)
    yield made


@pytest.fixture(scope="module")
def keytabs(realm: Realm, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pathlib.Path]:
    folder = tmp_path_factory.mktemp("keytabs")
    paths = {name: folder / f"{name}.keytab" for name in ("mixed", "old", "new")}
    realm.kadmin_local(
        *(f"ktadd -norandkey -k {path} smtp/{name}.realm.test" for name, path in paths.items()),
    )
    return paths


def asked(module: str, realm: Realm, **options: Any) -> dict[str, Any]:
    return {module: {"kadmin": {"realm": realm.name}, **options}}


def told(data: dict[str, Any], where: str) -> dict[str, list[tuple[int, list[str], str]]]:
    """Kvno, types and kind of the contradictions at one place, by the principal without its realm."""
    found: dict[str, list[tuple[int, list[str], str]]] = {}
    for one in data["contradictions"]:
        if one["where"] == where:
            name = one["principal"].partition("@")[0]
            found.setdefault(name, []).append((one["kvno"], one["enctypes"], one["kind"]))
            assert one["principal"] in one["sentence"]
    return found


def test_what_contradicts_the_policy_and_what_is_needed_still(
    realm: Realm, keytabs: dict[str, pathlib.Path], tmp_path: pathlib.Path
) -> None:
    paths = [str(path) for path in (*keytabs.values(), tmp_path / "none.keytab")]
    tasks = [
        asked(INFO, realm, policy="zimbra", principals=["*"], keytabs=paths),
        asked(INFO, realm, policy="zimbra", principals=["smtp/new*", "bob"], tickets_end_after="0s"),
        asked(INFO, realm, policy="with_rc4", accept_weak=True, principals=["smtp/*"]),
    ]
    step, output = play(tasks, tmp_path, environment_more=realm.variables)
    assert not step.failed and not step.changed, output
    whole, ended, rc4 = (result.data for result in step.results)
    known = told(whole, realm.name)
    assert known[MIXED] == [(1, [RC4], "other_keys")]
    assert known[OLD] == [(1, [RC4], "no_key")]
    assert known[NEW] == [(1, [RC4], "old_keys")]
    assert known["alice"] == [(1, ["camellia256-cts-cmac"], "no_key")]
    assert known["bob"] == [(1, ["des3-cbc-sha1"], "other_keys")]
    assert told(whole, paths[0]) == {MIXED: [(1, [RC4], "other_keys")]}
    assert told(whole, paths[1]) == {OLD: [(1, [RC4], "no_key")]}
    assert told(whole, paths[2]) == {NEW: [(1, [RC4], "old_keys")]}
    # bob has a key of the policy, and nobody gets tickets to him
    assert set(whole["in_use"]) >= {RC4, "camellia256-cts-cmac"}
    assert "des3-cbc-sha1" not in whole["in_use"]
    assert ended["in_use"] == []
    (warning,) = whole["warnings"]
    assert f"alice@{realm.name}" in warning and f"{OLD}@{realm.name}" in warning
    assert "bob" not in warning
    assert rc4["in_use"] == []
    assert told(rc4, realm.name) == {}
    again, output = play(tasks, tmp_path, check=True, environment_more=realm.variables)
    assert [result.data["contradictions"] for result in again.results] == [
        result.data["contradictions"] for result in step.results
    ]


def test_a_realm_that_is_not_there_yet_has_no_keys(tmp_path: pathlib.Path) -> None:
    blank = configure(tmp_path / "blank")
    for check in (True, False):
        task = asked(INFO, blank, policy="zimbra", principals=["*"])
        step, output = play([task], tmp_path, check=check, environment_more=blank.variables)
        assert not step.failed, output
        assert step.only.data["in_use"] == step.only.data["contradictions"] == []


def test_a_keytab_to_which_no_key_fits_is_refused_and_types_in_use_mend_it(
    keytabs: dict[str, pathlib.Path], tmp_path: pathlib.Path
) -> None:
    krb5 = tmp_path / "krb5.conf"
    krb5.write_text("[libdefaults]\n rdns = false\n")
    options = {"krb5_conf": str(krb5), "policy": "zimbra"}
    old, mixed = str(keytabs["old"]), str(keytabs["mixed"])
    broken = tmp_path / "broken.keytab"
    broken.write_bytes(b"no keytab")
    cases = {
        f"{old}: holds keys of arcfour-hmac alone, and {AES256}, {AES128} would be permitted": {
            POLICY: {**options, "keytabs": [mixed, old]}
        },
        f"{broken}: is not a keytab": {POLICY: {**options, "keytabs": [str(broken)]}},
        "tickets_end_after: ": {INFO: {"policy": "zimbra", "tickets_end_after": "tomorrow"}},
        "policy sha2_only: no type is left": {INFO: {"policy": "sha2_only", "consumers": ["java8"]}},
    }
    assert_refused(cases, tmp_path)
    assert krb5.read_text() == "[libdefaults]\n rdns = false\n"
    step, output = play([{POLICY: {**options, "keytabs": [mixed, old], "in_use": ["rc4"]}}], tmp_path)
    assert step.changed, output
    assert "arcfour-hmac-md5" in krb5.read_text()
    assert told(step.only.data, old) == {OLD: [(1, [RC4], "no_key")]}
    weak, no_key = step.only.data["warnings"]
    assert weak.startswith("arcfour-hmac stays permitted, for keys in use need it")
    assert no_key.startswith(f"{old}: principal {OLD}@REALM.TEST: its keys of kvno 1 and type arcfour-hmac are outside")
    step, output = play([{POLICY: {**options, "keytabs": [mixed]}}], tmp_path)
    assert step.changed, output
    assert "arcfour" not in krb5.read_text()
