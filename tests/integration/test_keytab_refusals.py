# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input of the module `keytab`: one sentence that says what, where and how to mend, and nothing written."""

from __future__ import annotations

import base64
import os
import pathlib
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.key_digest import PREFIX
from ansible_collections.mailrealm.kerberos.tests.integration import mit_keytab
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import play
from ansible_collections.mailrealm.kerberos.tests.integration.mit_keytab import Key

MODULE = "mailrealm.kerberos.keytab"
MX1 = Key("smtp/mx1.example.test@EXAMPLE.TEST", 2, "aes256-cts-hmac-sha1-96", "11" * 32)


@pytest.fixture(scope="module")
def failures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The message of each bad task, all of them tried in one playbook."""
    folder = tmp_path_factory.mktemp("refusals")
    whole = mit_keytab.write(folder / "whole", MX1)
    (folder / "cut").write_bytes(whole.read_bytes()[:-7])
    (folder / "empty").write_bytes(b"")
    (folder / "vault").write_text("$ANSIBLE_VAULT;1.1;AES256\n3333\n")
    (folder / "folder").mkdir()
    os.mkfifo(folder / "pipe")
    target = mit_keytab.write(folder / "target", MX1)
    before = target.read_bytes()
    bad: dict[str, dict[str, Any]] = {
        "src missing": {"sources": [{"src": "nowhere.keytab"}]},
        "src folder": {"sources": [{"src": "folder"}]},
        "src pipe": {"sources": [{"src": "pipe"}]},
        "src cut": {"sources": [{"src": "cut"}]},
        "src empty": {"sources": [{"src": "empty"}]},
        "src vault without password": {"sources": [{"src": "vault"}]},
        "remote_src missing": {"sources": [{"remote_src": str(folder / "nowhere")}]},
        "remote_src folder": {"sources": [{"remote_src": str(folder / "folder")}]},
        "remote_src pipe": {"sources": [{"remote_src": str(folder / "pipe")}]},
        "remote_src cut": {"sources": [{"remote_src": str(folder / "cut")}]},
        "remote_src vault": {"sources": [{"remote_src": str(folder / "vault")}]},
        "content not base64": {"sources": [{"content": "$$$"}]},
        "content not a keytab": {"sources": [{"content": base64.b64encode(b"hello").decode()}]},
        "content digests in a run": {"sources": [{"content": PREFIX + "e30="}]},
        "two kinds": {"sources": [{"src": "whole", "remote_src": str(whole)}]},
        "src and content": {"sources": [{"src": "whole", "content": "BQI="}]},
        "no kind": {"sources": [{}]},
        "unknown enctype": {"sources": [{"src": "whole"}], "enctypes": ["aes265-cts"]},
        "unknown principal": {"sources": [{"src": "whole"}], "principals": ["smtp/mx2.example.test"]},
        "exclusive without sources": {"exclusive": True},
        "exclusive absence": {"exclusive": True, "state": "absent", "sources": [{"src": "whole"}]},
        "prune without sources": {"prune": True},
        "prune absence": {"prune": True, "state": "absent", "sources": [{"src": "whole"}]},
        "negative kvnos": {"keep_kvnos": -1},
        "missing group": {"group": "no-such-group"},
        "target folder": {"path": str(folder / "folder"), "sources": [{"src": "whole"}]},
        "target cut": {"path": str(folder / "cut"), "sources": [{"src": "whole"}]},
        "target without folder": {"path": str(folder / "none" / "x"), "sources": [{"src": "whole"}]},
        "unknown option": {"keep_kvno": 1},
    }
    checked, ran = (
        tried(names, bad, target, check) for names, check in ((set(bad) - FORESEEN, True), (set(bad), False))
    )
    assert target.read_bytes() == before
    assert checked == {name: message for name, message in ran.items() if name not in FORESEEN}
    return {name: message.replace(str(folder), "FOLDER") for name, message in ran.items()}


# Check mode goes on: an earlier task of the same run may bring the group and the folder, and an export its keys.
FORESEEN = {"missing group", "target without folder", "content digests in a run"}


def tried(names: set[str], bad: dict[str, dict[str, Any]], target: pathlib.Path, check: bool) -> dict[str, str]:
    """The message of each of the tasks, all of which must fail, without a traceback."""
    tasks = [
        {"name": name, MODULE: {"path": str(target), **options}, "ignore_errors": True}
        for name, options in bad.items()
        if name in names
    ]
    step, output = play(tasks, target.parent, check=check, environment_more={"ANSIBLE_PIPELINING": "true"})
    assert {result.name for result in step.results if result.status == "failed"} == names, output
    assert "Traceback" not in output
    return {result.name: result.msg for result in step.results}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("src missing", "nowhere.keytab: there is no such file on the controller; "),
        ("src folder", "FOLDER/folder: is not a regular file on the controller; "),
        ("src pipe", "FOLDER/pipe: is not a regular file on the controller; "),
        ("src cut", "cut: entry 1 at byte 6: it takes "),
        ("src empty", "empty: is empty"),
        ("src vault without password", "FOLDER/vault: cannot be read on the controller ("),
        ("remote_src missing", "FOLDER/nowhere: there is no such keytab on the host; "),
        ("remote_src folder", "FOLDER/folder: is a directory; "),
        ("remote_src pipe", "FOLDER/pipe: is not a regular file; "),
        ("remote_src cut", "FOLDER/cut: entry 1 at byte 6: it takes "),
        ("remote_src vault", "FOLDER/vault: is encrypted by ansible-vault; "),
        ("content not base64", "sources[0].content: is not base64; "),
        ("content not a keytab", "sources[0].content: is not a keytab"),
        ("content digests in a run", "sources[0].content: holds digests of keys, not keys, "),
        ("two kinds", "mutually exclusive"),
        ("src and content", "sources[0]: names 'src' and 'content'; "),
        ("no kind", "one of the following is required: src, remote_src, content"),
        ("unknown enctype", "enctypes: 'aes265-cts' is not the name of an encryption type; did you mean 'aes256-cts'?"),
        ("unknown principal", "whole: no key of smtp/mx2.example.test is there; "),
        ("exclusive without sources", "exclusive: "),
        ("exclusive absence", "exclusive: "),
        ("prune without sources", "prune: says that keys go that are older than all of the sources' ones; give "),
        ("prune absence", "prune: "),
        ("negative kvnos", "keep_kvnos: "),
        ("missing group", "FOLDER/target: the group 'no-such-group' does not exist on this host; "),
        ("target folder", "FOLDER/folder: is a directory; "),
        ("target cut", "FOLDER/cut: entry 1 at byte 6: it takes "),
        ("target without folder", "FOLDER/none/x: the directory FOLDER/none does not exist; "),
        ("unknown option", "Unsupported parameters"),
    ],
)
def test_the_message_names_the_place_and_the_remedy(failures: dict[str, str], name: str, said: str) -> None:
    assert said in failures[name]
    assert "\n" not in failures[name].strip()


def test_unreadable_files_are_named(tmp_path: pathlib.Path) -> None:
    """Root without the right to pass over permissions stands in for a user who lacks them."""
    locked = mit_keytab.write(tmp_path / "locked", MX1)
    locked.chmod(0)
    tasks = [
        {
            "name": "Read",
            MODULE: {"path": str(tmp_path / "target"), "sources": [{kind: str(locked)}]},
            "ignore_errors": True,
        }
        for kind in ("src", "remote_src")
    ]
    powerless = (
        ["setpriv", "--inh-caps=-all", "--bounding-set=-dac_override,-dac_read_search"] if not os.geteuid() else []
    )
    step, output = play(tasks, tmp_path, prefix=powerless)
    on_controller, on_host = step.results
    assert f"{locked}: cannot be read on the controller (Permission denied)" in on_controller.msg, output
    assert f"{locked}: may not be read (Permission denied); use become" in on_host.msg, output
    assert not (tmp_path / "target").exists()
