# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module `keytab` killed, out of space and many at once: the file is always the old one or the new one, whole."""

from __future__ import annotations

import base64
import pathlib
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration import mit_keytab
from ansible_collections.mailrealm.kerberos.tests.integration.mit_keytab import Key, klist
from ansible_collections.mailrealm.kerberos.tests.integration.module_process import Outcome, finish, run, start

ENCTYPE = "aes256-cts-hmac-sha1-96"
OLD = Key("HTTP/mail.example.test@EXAMPLE.TEST", 2, ENCTYPE, "21" * 32)
NEW = Key("smtp/mx1.example.test@EXAMPLE.TEST", 3, ENCTYPE, "11" * 32)
GROUP = "mail"
KILLED = (-9, 137)  # strace ends as its child did


def merging(folder: pathlib.Path, path: pathlib.Path, number: int, *keys: Key, **options: Any) -> dict[str, Any]:
    source = mit_keytab.write(folder / f"source-{number}", *keys)
    content = base64.b64encode(source.read_bytes()).decode()
    return {"path": str(path), "sources": [{"content": content}], **options}


def faulty(call: str, fault: str) -> list[str]:
    """Run under strace with ``fault`` at the first call of that kind (`call` is strace's regular expression)."""
    return ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace=/{call}", "-e", f"inject=/{call}:{fault}:when=1"]


def whole(path: pathlib.Path) -> None:
    """What every run must leave: a keytab with the old entries or with the new ones too, at the mode it had."""
    assert klist(path) in ([OLD], [OLD, NEW])
    assert path.stat().st_mode & 0o077 in (0, 0o040)


def leftovers(path: pathlib.Path) -> list[pathlib.Path]:
    return [one for one in path.parent.iterdir() if one.name.startswith(".mailrealm-")]


@pytest.mark.parametrize("call", ["^write$", "^fsync$", "^rename", "^fchmod$", "^fchown$"])
def test_killed_at_a_call(call: str, tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    path = mit_keytab.write(folder / "keytab", OLD)
    options = merging(tmp_path, path, 1, NEW, group=GROUP, mode="0640")
    outcome = run("keytab", options, tmp_path, prefix=faulty(call, "signal=KILL"))
    assert outcome.status in KILLED, f"the fault did not happen: {outcome.output}"
    whole(path)
    for one in leftovers(path):
        assert one.stat().st_mode & 0o077 in (0, 0o040), f"{one} can be read by others"
    again = run("keytab", options, tmp_path)
    assert again.result, again.output
    assert klist(path) == [OLD, NEW]
    assert path.stat().st_mode & 0o777 == 0o640


def test_killed_when_only_the_mode_changes(tmp_path: pathlib.Path) -> None:
    path = mit_keytab.write(tmp_path / "keytab", OLD)
    path.chmod(0o600)
    options = {"path": str(path), "mode": "0640"}
    outcome = run("keytab", options, tmp_path, prefix=faulty("^chmod$|^fchmodat", "signal=KILL"))
    assert outcome.status in KILLED, f"the fault did not happen: {outcome.output}"
    whole(path)
    assert klist(path) == [OLD]


COPYING = "^(write|sendfile|copy_file_range)$"


def test_killed_while_it_makes_a_backup(tmp_path: pathlib.Path) -> None:
    """What is left of the copy can be read by nobody else."""
    folder = tmp_path / "etc"
    folder.mkdir()
    path = mit_keytab.write(folder / "keytab", OLD)
    path.chmod(0o600)
    options = merging(tmp_path, path, 1, NEW, backup=True)
    outcome = run("keytab", options, tmp_path, prefix=faulty(COPYING, "signal=KILL"))
    assert outcome.status in KILLED, f"the fault did not happen: {outcome.output}"
    assert klist(path) == [OLD]
    assert len(list(folder.iterdir())) == 2
    assert [one for one in folder.iterdir() if one.stat().st_mode & 0o077] == []


def test_a_backup_that_cannot_be_made_is_one_sentence(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    path = mit_keytab.write(folder / "keytab", OLD)
    before = path.read_bytes()
    options = merging(tmp_path, path, 1, NEW, backup=True)
    outcome = run("keytab", options, tmp_path, prefix=faulty(COPYING, "error=ENOSPC"))
    assert outcome.result, outcome.output
    assert outcome.result["msg"].startswith(f"{path}.")
    assert ": could not be written (No space left on device) " in outcome.result["msg"]
    assert path.read_bytes() == before
    assert sorted(folder.iterdir()) == [path]


@pytest.mark.parametrize(
    ("call", "fault", "said"),
    [
        ("^write$", "error=ENOSPC", "No space left on device"),
        ("^fsync$", "error=EIO", "Input/output error"),
        ("^rename", "error=EACCES", "Permission denied"),
        ("^fchmod$", "error=EPERM", "Operation not permitted"),
        ("^fchown$", "error=EPERM", "Operation not permitted"),
    ],
)
def test_a_failing_call_is_one_sentence_and_leaves_nothing(
    call: str, fault: str, said: str, tmp_path: pathlib.Path
) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    path = mit_keytab.write(folder / "keytab", OLD)
    before = path.read_bytes()
    outcome = run("keytab", merging(tmp_path, path, 1, NEW, mode="0640"), tmp_path, prefix=faulty(call, fault))
    assert outcome.result, outcome.output
    assert outcome.result["failed"]
    assert outcome.result["msg"].startswith(f"{path}: could not be written ({said}) and is as it was; ")
    assert path.read_bytes() == before
    assert leftovers(path) == []


def test_many_at_once_lose_nothing(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    path = folder / "keytab"
    keys = [Key(f"smtp/mx{number}@R", 2, ENCTYPE, f"{number:02x}" * 32) for number in range(8)]
    processes = [start("keytab", merging(tmp_path, path, number, key), tmp_path) for number, key in enumerate(keys)]
    outcomes: list[Outcome] = [finish(process) for process in processes]
    assert all(outcome.result and outcome.result.get("changed") for outcome in outcomes), outcomes
    assert sorted(klist(path)) == sorted(keys)
    assert sorted(one.name for one in folder.iterdir()) == ["keytab"]
