# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import json

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.mailrealm.kerberos.plugins.module_utils._ansible import respawn
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.key_digest import PREFIX
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.key_proof import KeyProof
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.keytab import KeytabEntry, serialize
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.principal import parse_principal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system import gss
from ansible_collections.mailrealm.kerberos.plugins.modules import keytab_probe

SMTP = parse_principal("smtp/mx1@R")
ENTRY = KeytabEntry(SMTP, 0, 3, 18, b"k" * 32)
CONTENT = base64.b64encode(serialize([ENTRY])).decode()
GOOD = KeyProof(SMTP, True, 3, 18, ((3, 18),), 3)
BAD = KeyProof(SMTP, False, 4, 18, ((3, 18),), None, "sad", "it is sad", "cheer it up")


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the module in this process with proofs that end as given; its result, and what was to be proved."""

    def run_module(proofs, check=False, **options):
        tried = []
        monkeypatch.setattr(gss, "available", lambda: proofs is not None)
        monkeypatch.setattr(respawn, "INTERPRETERS", ())
        monkeypatch.setattr(keytab_probe, "prove_keytab", lambda *given: tried.append(given) or list(proofs))
        credentials = {"principal": "alice", "password": "x-y-z"}
        given = {"credentials": credentials, "_ansible_check_mode": check, **options}
        with patch_module_args(given), pytest.raises(SystemExit):
            keytab_probe.main()
        return json.loads(capsys.readouterr().out), tried

    return run_module


def test_good_keys(run, tmp_path):
    (tmp_path / "keytab").write_bytes(serialize([ENTRY]))
    result, ((credentials, asked, entries, label),) = run([GOOD], path=str(tmp_path / "keytab"), principals=["a/b"])
    assert (result["changed"], result.get("failed")) == (False, None)
    assert result["principals"] == [GOOD.as_result()]
    assert (credentials.password, asked, entries, label) == ("x-y-z", ["a/b"], (ENTRY,), str(tmp_path / "keytab"))


@pytest.mark.parametrize("check", [True, False])
def test_a_bad_key_fails_the_task_and_warns_in_check_mode(run, check):
    result, tried = run([GOOD, BAD], content=CONTENT, check=check)
    said = "1 of 2 keys are not proved: it is sad; cheer it up"
    assert tried[0][2:] == ((ENTRY,), "content")
    assert [one["ok"] for one in result["principals"]] == [True, False]
    if check:
        assert result.get("failed") is None
        assert f"check mode goes on as if this run mended it: {said}" in str(result["warnings"])
    else:
        assert (result["failed"], result["msg"]) == (True, said)


def test_a_bad_key_may_be_asked_to_be_told_only(run):
    result, dummy = run([BAD], content=CONTENT, fail_on_error=False)
    assert result.get("failed") is None
    assert result.get("warnings", []) == []
    assert result["principals"][0]["symptom"] == "sad"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"path": "/nowhere/keytab"}, "/nowhere/keytab: there is no such keytab; bring it first, or correct path"),
        (
            {"content": PREFIX + "x"},
            "content: holds digests of keys, not keys, because keytab_export ran in",
        ),
    ],
)
def test_a_keytab_that_the_run_may_bring(run, options, said):
    result, tried = run([GOOD], **options)
    assert result["msg"].startswith(said)
    result, tried = run([GOOD], check=True, **options)
    assert result.get("failed") is None
    assert said in str(result["warnings"])
    assert (result["principals"], tried) == ([], [])


def test_no_bindings(run):
    result, tried = run(None, content=CONTENT)
    assert "install python3-gssapi" in result["msg"]
    assert (result["principals"][0]["ok"], tried) == (None, [])


def test_nothing_to_prove_is_no_success(run):
    result, dummy = run([], content=CONTENT)
    assert result["msg"].startswith("content: holds no service principal of the user's realm to prove")


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"content": "&"}, "content: is not base64"),
        ({"content": base64.b64encode(b"x").decode()}, "content: is not a keytab"),
        ({"path": "/dev/null"}, "/dev/null"),
        ({"content": CONTENT, "credentials": {"password": "x"}}, "credentials: a password proves nobody"),
        ({}, "one of the following is required: path, content"),
        ({"content": CONTENT, "path": "/x"}, "parameters are mutually exclusive: path|content"),
    ],
)
def test_options_that_make_no_sense(run, options, said, check):
    result, tried = run([GOOD], check=check, **options)
    assert result["failed"]
    assert said in result["msg"]
    assert not tried


def test_a_principal_that_is_none(run, monkeypatch):
    monkeypatch.setattr(gss, "available", lambda: False)
    result, dummy = run(None, content=CONTENT, principals=["smtp/mx 1"])
    assert "holds white space" in result["msg"]
