# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`keytab_export` over the network: kadmind's own log tells what it handed out, getprinc that no key was rotated."""

from __future__ import annotations

import base64
import pathlib
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.key_digest import decode_digests
from ansible_collections.mailrealm.kerberos.tests.integration.mit_keytab import Key, klist
from ansible_collections.mailrealm.kerberos.tests.integration.module_process import Outcome, run
from ansible_collections.mailrealm.kerberos.tests.integration.realm import (
    Realm,
    configure,
    running_kadmind,
    running_kdc,
)

AES = ["aes256-cts-hmac-sha1-96", "aes128-cts-hmac-sha1-96"]
NAMES = ("smtp/mx1", "smtp/mx2", "smtp/mail", "alice")
ACL = """\
*/admin@{name} *e
*/all@{name} *
*/abbreviated@{name} x
*/reader@{name} il
*/extractor@{name} e
*/smtp@{name} ie smtp/*
*/smtp@{name} i
*/host@{name} ie */mx1
"""
ADMINISTRATORS = ("all", "abbreviated", "reader", "extractor", "smtp", "host")


@pytest.fixture(scope="module")
def realm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Realm]:
    made = configure(tmp_path_factory.mktemp("realm"), acl=ACL)
    made.create_database()
    made.kadmin_local(
        *(f"addprinc -randkey {name}" for name in NAMES),
        "cpw -randkey -keepold smtp/mail",
        "addprinc -randkey +lockdown_keys smtp/locked",
        "addprinc -nokey smtp/keyless",
        *(f"addprinc -pw pw joe/{one}" for one in ADMINISTRATORS),
    )
    with running_kdc(made), running_kadmind(made):
        yield made


def export(realm: Realm, folder: pathlib.Path, *principals: str, check: bool = False, **kadmin: Any) -> Outcome:
    """One keytab for each of the principals, by an administrator with a password."""
    options = {
        "keytabs": [{"name": name, "principals": [name]} for name in principals],
        "kadmin": {"principal": realm.admin, "password": realm.admin_password, **kadmin},
    }
    return run("keytab_export", options, folder, check=check, variables=realm.variables)


def as_joe(who: str) -> dict[str, str]:
    return {"principal": f"joe/{who}", "password": "pw"}


def requests(realm: Realm, since: int) -> list[str]:
    """What kadmind wrote since then of requests for keys."""
    log = (realm.folder / "log" / "kadmind.log").read_text()[since:]
    return [line for line in log.splitlines() if "kadm5_get_principal_keys" in line or "kadm5_ch" in line]


def size(realm: Realm) -> int:
    return len((realm.folder / "log" / "kadmind.log").read_text())


def test_run_hands_out_what_ktadd_does_and_rotates_none(realm: Realm, tmp_path: pathlib.Path) -> None:
    before = {name: realm.keys(name) for name in NAMES}
    result = export(realm, tmp_path, *NAMES).result
    assert result and not result.get("failed"), result
    bare = tmp_path / "bare"
    realm.kadmin_local(*(f"ktadd -norandkey -k {bare} {name}" for name in NAMES))
    ours: list[Key] = []
    for one in result["keytabs"]:
        keytab = tmp_path / "ours"
        keytab.write_bytes(base64.b64decode(one["content"]))
        ours += klist(keytab)
    assert ours == klist(bare)
    assert {name: realm.keys(name) for name in NAMES} == before


def test_check_mode_has_no_key_sent(realm: Realm, tmp_path: pathlib.Path) -> None:
    since = size(realm)
    foretold = export(realm, tmp_path, *NAMES, check=True).result
    asked = requests(realm, since)
    assert foretold and not foretold.get("failed"), foretold
    # for the privilege alone, and so of names that are not there
    assert asked and all("@REALM.TEST, Principal does not exist, client=" in line for line in asked), asked
    assert not any(f" {name}@REALM.TEST" in line for line in asked for name in NAMES)
    assert "is asked for no key in check mode, so that keys are compared by kvno" in str(foretold["warnings"])
    since = size(realm)
    happened = export(realm, tmp_path, *NAMES).result
    assert happened
    assert [line.split(", ")[1] for line in requests(realm, since)] == [f"{name}@REALM.TEST" for name in NAMES]
    assert [one["entries"] for one in foretold["keytabs"]] == [one["entries"] for one in happened["keytabs"]]
    digests = [digest for one in foretold["keytabs"] for digest in decode_digests(one["content"], "x")[1]]
    assert {digest.digest for digest in digests} == {None}


def keep(path: pathlib.Path, result: dict[str, Any], folder: pathlib.Path, check: bool, **more: Any) -> dict[str, Any]:
    sources = [{"content": one["content"]} for one in result["keytabs"]]
    done = run("keytab", {"path": str(path), "sources": sources, **more}, folder, check=check)
    assert done.result, done.output
    return {name: done.result.get(name) for name in ("changed", "diff", "added", "removed", "replaced", "msg")}


def test_ladder_of_a_keytab_that_comes_over_the_network(realm: Realm, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "keytab"
    steps = []
    for check in (True, False, True, False):
        result = export(realm, tmp_path, "smtp/mx1", "smtp/mail", check=check).result
        assert result
        steps.append(keep(path, result, tmp_path, check))
    assert [step["changed"] for step in steps] == [True, True, False, False]
    assert steps[0] == steps[1] and steps[2] == steps[3]
    assert steps[0]["added"] == 6
    # a newer kvno and one that is gone are seen without a key
    realm.kadmin_local("cpw -randkey -keepold smtp/mx1")
    drifted = []
    for check in (True, False):
        result = export(realm, tmp_path, "smtp/mx1", "smtp/mail", check=check).result
        assert result
        drifted.append(keep(path, result, tmp_path, check, keep_kvnos=1))
    assert drifted[0] == drifted[1] and drifted[0]["changed"]
    assert (drifted[0]["added"], drifted[0]["removed"]) == (2, 4)


def test_another_key_of_the_same_kvno_is_found_by_the_run(realm: Realm, tmp_path: pathlib.Path) -> None:
    realm.kadmin_local("addprinc -randkey smtp/again", f"ktadd -norandkey -k {tmp_path}/keytab smtp/again")
    realm.kadmin_local("delprinc -force smtp/again", "addprinc -randkey smtp/again")
    told = []
    for check in (True, False):
        result = export(realm, tmp_path, "smtp/again", check=check).result
        assert result
        told.append(keep(tmp_path / "keytab", result, tmp_path, check))
    assert (told[0]["changed"], told[0]["msg"]) == (False, None)
    assert "is another one than in" in told[1]["msg"] and "on_conflict" in told[1]["msg"]


PRIVILEGE = (
    "principal smtp/mx1@REALM.TEST: {who} lacks the privilege 'extract-keys' for it; give it the letter 'e' in "
    "kadm5.acl, which neither '*' nor 'x' includes"
)
LOCKED = (
    "principal smtp/locked@REALM.TEST: has the attribute lockdown_keys, with which kadmind hands out no key; export it "
    "on the KDC itself (kadmin.mode: local), or clear the attribute there"
)


@pytest.mark.parametrize("check", [True, False])
def test_refusals_are_the_same_in_check_mode(realm: Realm, tmp_path: pathlib.Path, check: bool) -> None:
    for who in ("all", "abbreviated", "reader"):
        told = export(realm, tmp_path, "smtp/mx1", check=check, **as_joe(who)).result
        assert told and told["msg"] == PRIVILEGE.format(who=f"joe/{who}")
    told = export(realm, tmp_path, "smtp/mx1", check=check, **as_joe("extractor")).result
    assert told and "joe/extractor lacks the privilege 'get'" in told["msg"]
    told = export(realm, tmp_path, "smtp/mx1", "alice", check=check, **as_joe("smtp")).result
    assert told and told["msg"].startswith("principal alice@REALM.TEST: joe/smtp lacks the privilege 'extract-keys'")
    told = export(realm, tmp_path, "smtp/locked", check=check).result
    assert told and told["msg"] == LOCKED
    told = export(realm, tmp_path, "smtp/keyless", check=check).result
    assert told and "has no key that keytab 'smtp/keyless' takes (asked: any; there: none)" in told["msg"]
    # of a credential cache, the principal that kadmin itself names
    ccache = f"FILE:{tmp_path}/ccache"
    realm.run("kinit", "-c", ccache, "-S", "kadmin/admin", "joe/all", text="pw\n")
    options = {"keytabs": [{"name": "x", "principals": ["smtp/mx1"]}], "kadmin": {"ccache": ccache}}
    told = run("keytab_export", options, tmp_path, check=check, variables=realm.variables).result
    assert told and told["msg"] == PRIVILEGE.format(who="joe/all@REALM.TEST")


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(("who", "names"), [("smtp", ("smtp/mx1", "smtp/mail")), ("host", ("smtp/mx1",))])
def test_a_privilege_for_a_pattern_is_seen(
    realm: Realm, tmp_path: pathlib.Path, who: str, names: tuple[str, ...], check: bool
) -> None:
    told = export(realm, tmp_path, *names, check=check, **as_joe(who)).result
    assert told and not told.get("failed"), told


def test_locked_keys_are_handed_out_on_the_kdc(realm: Realm, tmp_path: pathlib.Path) -> None:
    options = {"keytabs": [{"name": "x", "principals": ["smtp/locked"]}]}
    result = run("keytab_export", options, tmp_path, variables=realm.variables).result
    assert result and [one["kvno"] for one in result["keytabs"][0]["entries"]] == [1, 1]
