# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module `keytab_export` against throw-away realms: klist and kinit judge, and nothing shows a key."""

from __future__ import annotations

import base64
import json
import pathlib
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import parse
from ansible_collections.mailrealm.kerberos.tests.integration.canary import found_below, found_in
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import play
from ansible_collections.mailrealm.kerberos.tests.integration.realm import Realm, configure, running_kdc

EXPORT = "mailrealm.kerberos.keytab_export"
ENCTYPES = ["aes256-cts-hmac-sha1-96", "aes128-cts-hmac-sha1-96"]


@pytest.fixture(scope="module")
def realm(tmp_path_factory: pytest.TempPathFactory) -> Realm:
    made = configure(tmp_path_factory.mktemp("realm"))
    made.create_database()
    for name in ("smtp/mx1", "smtp/mx2", "smtp/mail"):
        made.kadmin_local(f"addprinc -randkey {name}")
    made.kadmin_local("cpw -randkey -keepold smtp/mail")
    return made


def export(realm: Realm, keytabs: list[dict[str, Any]], **options: Any) -> dict[str, Any]:
    return {
        "name": "Export the keys",
        EXPORT: {"keytabs": keytabs, **options},
        "environment": realm.variables,
        "register": "export",
    }


def saved(path: pathlib.Path) -> dict[str, Any]:
    """What a playbook can do with the registered result."""
    return {
        "name": "Save the export",
        "ansible.builtin.copy": {"content": "{{ export | to_json }}", "dest": str(path)},
        "no_log": True,
        "check_mode": False,
    }


SHARES = [
    {"name": "mx1", "principals": ["smtp/mx1", "smtp/mail"], "enctypes": ENCTYPES},
    {"name": "mx2", "principals": ["smtp/mx2", "smtp/mail"], "enctypes": ENCTYPES[:1]},
]


def keys_in(content: str) -> list[bytes]:
    return [entry.key for entry in parse(base64.b64decode(content), "the export")]


def test_run_hands_out_the_keys_and_rotates_none(realm: Realm, tmp_path: pathlib.Path) -> None:
    before = {name: realm.keys(name) for name in ("smtp/mx1", "smtp/mx2", "smtp/mail")}
    database = realm.database.read_bytes()
    step, output = play([export(realm, SHARES), saved(tmp_path / "saved")], tmp_path, verbosity=4)
    assert not step.failed, output
    assert {name: realm.keys(name) for name in before} == before
    assert realm.database.read_bytes() == database
    result = json.loads((tmp_path / "saved").read_text())
    assert result["changed"] is False
    assert [one["name"] for one in result["keytabs"]] == ["mx1", "mx2"]
    for one in result["keytabs"]:
        keytab = tmp_path / f"{one['name']}.keytab"
        keytab.write_bytes(base64.b64decode(one["content"]))
        listed = realm.run("klist", "-k", "-e", f"{keytab}").splitlines()[3:]
        told = [f"{e['kvno']:4d} {e['principal']} ({e['enctype']}) " for e in one["entries"]]
        assert listed == told
        with running_kdc(realm):
            for name in (f"smtp/{one['name']}", "smtp/mail"):
                realm.run("kinit", "-k", "-t", f"{keytab}", name)
    assert [e["kvno"] for e in result["keytabs"][1]["entries"]] == [1, 2, 1]


def over_ssh(tmp_path: pathlib.Path) -> dict[str, Any]:
    """Variables of a host that Ansible reaches by its ssh connection, whose `ssh` runs the command on this machine."""
    program = tmp_path / "ssh"
    program.write_text('#!/bin/sh\nfor command; do :; done\nexec /bin/sh -c "$command"\n')
    program.chmod(0o755)
    return {
        "ansible_connection": "ssh",
        "ansible_ssh_executable": str(program),
        "ansible_ssh_transfer_method": "piped",
    }


LOUD = {"ANSIBLE_INJECT_INVOCATION": "true", "ANSIBLE_DISPLAY_ARGS_TO_STDOUT": "true"}


@pytest.mark.parametrize(
    ("connection", "pipelining", "verbosity"),
    [("local", True, 1), ("local", False, 2), ("ssh", False, 3), ("ssh", True, 4)],
)
def test_nothing_shows_the_keys(
    realm: Realm, tmp_path: pathlib.Path, connection: str, pipelining: bool, verbosity: int
) -> None:
    plain, lenient = export(realm, SHARES), {"ignore_errors": True}
    tasks = [
        plain,
        {**plain, "loop": [1, 2], "register": "loop"},
        {**plain, "register": "tried", "until": "tried is failed", "retries": 1, "delay": 0, **lenient},
        {**plain, "register": "judged", "failed_when": "judged.keytabs | length > 0", **lenient},
        {**export(realm, [*SHARES, {"name": "x", "principals": ["smtp/none"]}]), "register": "refused", **lenient},
        {"name": "Show the entries", "ansible.builtin.debug": {"var": "export.keytabs[0].entries"}},
        {"name": "Read nothing", "mailrealm.kerberos.keytab_info": {"path": "/no/such/witness"}},
        saved(tmp_path / "saved"),
    ]
    log = tmp_path / "ansible.log"
    step, output = play(
        tasks,
        tmp_path,
        verbosity=verbosity,
        variables={**(over_ssh(tmp_path) if connection == "ssh" else {}), "ansible_pipelining": pipelining},
        environment_more={**LOUD, "ANSIBLE_LOG_PATH": str(log), "ANSIBLE_KEEP_REMOTE_FILES": "true"},
    )
    assert [one.status for one in step.results] == ["ok", "ok", "failed", "failed", "failed", "ok", "ok", "ok"], output
    # over SSH, Ansible shows at -vvv what a module answers: if it did not, this test would prove nothing
    assert ('{"changed": false, "path": "/no/such/witness"' in output) == (connection == "ssh")
    everything = (output + "".join(json.dumps(result.data) for result in step.results)).encode()
    content = [one["content"] for one in json.loads((tmp_path / "saved").read_text())["keytabs"]]
    for text in content:
        assert text.encode() not in everything
        for key in keys_in(text):
            assert found_in(everything, key) == []
            assert found_below(tmp_path, key, [tmp_path / "saved"]) == []
    assert log.stat().st_size
    # hidden whole, and shown where there is only a reason to show
    assert all("keytabs" not in json.dumps(result.data) for result in step.results[:2])
    assert "censored" in step.results[0].data and "censored" in step.results[3].data
    assert "does not exist, so keytab 'x' cannot get its key" in step.results[4].msg
    assert step.results[5].data["export.keytabs[0].entries"][0]["principal"] == "smtp/mx1@REALM.TEST"


def test_check_mode_hands_out_digests_only(realm: Realm, tmp_path: pathlib.Path) -> None:
    wanted = [*SHARES, {"name": "new", "principals": ["smtp/new"], "enctypes": ENCTYPES}]
    planned = [{"name": "smtp/mx2@REALM.TEST", "action": "changed", "new_key": True, "old_keys_kept": True}]
    step, output = play(
        [export(realm, wanted, planned=planned), saved(tmp_path / "saved")], tmp_path, check=True, verbosity=4
    )
    assert not step.failed, output
    told = json.loads((tmp_path / "saved").read_text())["keytabs"]
    ran, dummy = play([export(realm, SHARES), saved(tmp_path / "ran")], tmp_path)
    assert not ran.failed
    really = json.loads((tmp_path / "ran").read_text())["keytabs"]
    assert all(one["content"].startswith("mailrealm-digests:") for one in told)
    assert told[0]["entries"] == really[0]["entries"]
    assert told[1]["entries"] == [
        {"principal": "smtp/mx2@REALM.TEST", "kvno": None, "enctype": ENCTYPES[0]},
        *really[1]["entries"],
    ]
    assert told[2]["entries"] == [
        {"principal": "smtp/new@REALM.TEST", "kvno": None, "enctype": enctype} for enctype in ENCTYPES
    ]
    keys = {key for one in really for key in keys_in(one["content"])}
    digests = "".join(base64.b64decode(one["content"].partition(":")[2]).decode() for one in told)
    for key in keys:
        assert key.hex() not in digests + output


def test_check_mode_before_the_realm_is_there(tmp_path: pathlib.Path) -> None:
    realm = configure(tmp_path / "blank")
    wanted = export(realm, SHARES, kadmin={"realm": realm.name})
    step, output = play([wanted, saved(tmp_path / "saved")], tmp_path, check=True)
    assert not step.failed, output
    told = json.loads((tmp_path / "saved").read_text())["keytabs"]
    assert [(e["principal"], e["kvno"]) for e in told[1]["entries"]] == [
        ("smtp/mx2@REALM.TEST", None),
        ("smtp/mail@REALM.TEST", None),
    ]
    step, dummy = play([wanted], tmp_path)
    assert step.failed
    assert step.only.msg.startswith("realm REALM.TEST (kadmin.local): there is no database at ")


def test_refusals_are_shown(realm: Realm, tmp_path: pathlib.Path) -> None:
    step, dummy = play([export(realm, [{"name": "x", "principals": ["smtp/none"]}])], tmp_path)
    assert step.only.msg == (
        "principal smtp/none@REALM.TEST: does not exist, so keytab 'x' cannot get its key; "
        "create it with mailrealm.kerberos.principal"
    )
    step, dummy = play([export(realm, [{"name": "x", "principals": ["smtp/mx1"], "enctypes": ["rc4"]}])], tmp_path)
    assert "has no key that keytab 'x' takes (asked: arcfour-hmac; there: aes128" in step.only.msg
    step, dummy = play([{**export(realm, SHARES), "async": 10, "poll": 1}], tmp_path)
    assert step.failed and "async" in step.only.msg
