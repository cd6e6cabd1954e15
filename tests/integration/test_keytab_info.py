# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module `keytab_info` says what klist says, and never a key."""

from __future__ import annotations

import pathlib
import shutil

from ansible_collections.mailrealm.kerberos.tests.integration import mit_keytab
from ansible_collections.mailrealm.kerberos.tests.integration.canary import found_in
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import climb, play
from ansible_collections.mailrealm.kerberos.tests.integration.mit_keytab import (
    Key,
    klist,
    klist_times,
    libkrb5_reads,
)

MODULE = "mailrealm.kerberos.keytab_info"
OWNER, GROUP = "daemon", "mail"
KEYS = (
    Key("smtp/mx1.example.test@EXAMPLE.TEST", 300, "aes256-cts-hmac-sha384-192", "ca7a" * 16),
    Key(r"a\/b\@c/\\d@EXAMPLE.TEST", 1, "arcfour-hmac", "ca7b" * 8),
    Key("HTTP/mail.example.test@EXAMPLE.TEST", 44, "camellia256-cts-cmac", "ca7c" * 16),
    Key("host/rodc.example.test@EXAMPLE.TEST", 0x7ABC0003, "aes128-cts-hmac-sha256-128", "ca7d" * 8),
)


def test_it_says_what_klist_says(tmp_path: pathlib.Path) -> None:
    path = mit_keytab.write(tmp_path / "keytab", *KEYS)
    path.chmod(0o640)
    shutil.chown(path, OWNER, GROUP)
    steps = climb([{"name": "Read", MODULE: {"path": str(path)}}], tmp_path, watch=[path], verbosity=4)
    assert steps.changed == (False, False, False, False)
    for step in (steps.check, steps.run):
        data = step.only.data
        assert [(one["principal"], one["kvno"], one["enctype"]) for one in data["entries"]] == [
            key[:3] for key in klist(path)
        ]
        assert [one["timestamp"] for one in data["entries"]] == [
            when.strftime("%Y-%m-%dT%H:%M:%SZ") for when in klist_times(path)
        ]
        assert [(one["kvno"], one["enctype_number"]) for one in data["entries"]] == [
            (kvno, enctype) for dummy, kvno, enctype, dummy in libkrb5_reads(path) or []
        ]
        assert (data["exists"], data["mode"], data["owner"], data["group"]) == (True, "0640", OWNER, GROUP)
        assert step.watched_after == step.watched_before
    for key in KEYS:
        assert found_in(steps.output.encode(), bytes.fromhex(key.key)) == []


def test_a_missing_keytab_is_no_error(tmp_path: pathlib.Path) -> None:
    step, dummy = play([{"name": "Read", MODULE: {"path": str(tmp_path / "none")}}], tmp_path)
    assert not step.failed
    assert (step.only.data["exists"], step.only.data["entries"]) == (False, [])


def test_what_is_no_keytab_is_refused(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "keytab"
    path.write_bytes(mit_keytab.write(tmp_path / "whole", *KEYS).read_bytes()[:-9])
    tasks = [{"name": "Read", MODULE: {"path": str(one)}, "ignore_errors": True} for one in (path, tmp_path)]
    step, dummy = play(tasks, tmp_path)
    cut, folder = step.results
    assert f"{path}: entry {len(KEYS)} at byte " in cut.msg
    assert f"{tmp_path}: is a directory" in folder.msg
