# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module `keytab` killed, out of space and refused at every system call: the file is the old or the new one, whole.

strace puts each fault in place of each call that a run without faults was seen to make.
"""

from __future__ import annotations

import base64
import os
import pathlib
import re
import subprocess
from typing import Any, Iterator, NamedTuple

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration import forked_module, mit_keytab
from ansible_collections.mailrealm.kerberos.tests.integration.forked_module import Call, faults
from ansible_collections.mailrealm.kerberos.tests.integration.mit_keytab import Key, klist

ENCTYPE = "aes256-cts-hmac-sha1-96"
OLD = Key("HTTP/mail.example.test@EXAMPLE.TEST", 2, ENCTYPE, "21" * 32)
NEW = Key("smtp/mx1.example.test@EXAMPLE.TEST", 3, ENCTYPE, "11" * 32)
ACL = "system.posix_acl_access"
KILLED = -9
# What changes a file, a directory or who holds the lock. Between two of these nothing is any different, so a run that
# is killed at one of them and at the call after it has been killed everywhere.
CHANGING = re.compile(
    r"(openat\(.*O_CREAT|write|ftruncate|fsync|rename|unlink|f?chmod|fchmodat|f?chown|setxattr|removexattr|flock)"
)
BACKUP = re.compile(r"keytab\.\d+\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~")


class State(NamedTuple):
    """A file as its readers meet it."""

    content: bytes
    owner: int
    group: int
    mode: int
    acl: bytes | None


def state(path: pathlib.Path) -> State:
    status = path.stat()
    acl = os.getxattr(path, ACL) if ACL in os.listxattr(path) else None
    return State(path.read_bytes(), status.st_uid, status.st_gid, status.st_mode & 0o7777, acl)


def put(path: pathlib.Path, was: State) -> None:
    """The file as it was, and nothing beside it."""
    for one in path.parent.iterdir():
        one.unlink()
    path.write_bytes(was.content)
    os.chown(path, was.owner, was.group)
    if was.acl:
        os.setxattr(path, ACL, was.acl)
    path.chmod(was.mode)


class Aftermath(NamedTuple):
    """How a run with a fault ended, and the file that it left."""

    outcome: forked_module.Outcome
    left: State


class Scene:
    """A change of a keytab, seen once without faults: ``old`` and ``new`` are the file before and after."""

    def __init__(self, folder: pathlib.Path, options: dict[str, Any]) -> None:
        self.folder, self.path = folder, folder / "etc" / "keytab"
        self.path.parent.mkdir()
        mit_keytab.write(self.path, OLD)
        subprocess.run(["setfacl", "-m", "u:mail:r", str(self.path)], check=True, timeout=60)
        self.options = {"path": str(self.path), **options}
        self.old = state(self.path)
        self.calls = forked_module.calls("keytab", self.options, folder)
        self.new = state(self.path)
        assert self.new != self.old

    def run(self, *given: tuple[str, int, str]) -> forked_module.Outcome:
        return forked_module.run("keytab", self.options, self.folder, strace=faults(*given) if given else ())

    def after(self, *given: tuple[str, int, str]) -> Aftermath:
        """Run with these faults from the old file on, look at what they left, and at what the next run makes of it."""
        put(self.path, self.old)
        outcome = self.run(*given)
        left = state(self.path)
        assert left in (self.old, self.new), given
        for one in self.path.parent.iterdir():
            assert not one.stat().st_mode & 0o007, f"{given}: {one} can be read by others"
        again = self.run()
        assert again.result, (given, again.output)
        assert "failed" not in again.result, (given, again.output)
        assert state(self.path) == self.new, given
        others = [one for one in self.path.parent.iterdir() if one != self.path]
        assert [one.name for one in others if not BACKUP.fullmatch(one.name)] == [], given
        assert {state(one) for one in others} <= {self.old}, given
        return Aftermath(outcome, left)


def merging(folder: pathlib.Path, *keys: Key, **options: Any) -> dict[str, Any]:
    content = mit_keytab.write(folder / "source", *keys).read_bytes()
    return {"sources": [{"content": base64.b64encode(content).decode()}], **options}


@pytest.fixture(scope="module")
def merge(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """A merge into a keytab with an ACL, with another owner, group and mode, and a backup."""
    folder = tmp_path_factory.mktemp("merge")
    scene = Scene(folder, merging(folder, NEW, owner="daemon", group="mail", mode="0660", backup=True))
    assert klist(scene.path) == [OLD, NEW]
    assert (scene.new.mode, scene.new.acl is None) == (0o660, False)
    (backup,) = (one for one in scene.path.parent.iterdir() if BACKUP.fullmatch(one.name))
    assert state(backup) == scene.old
    return scene


@pytest.fixture(scope="module")
def dressing(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Another owner, group and mode, and the same keys."""
    return Scene(tmp_path_factory.mktemp("dressing"), {"owner": "daemon", "group": "mail", "mode": "0600"})


def everywhere(made: list[Call]) -> Iterator[Call]:
    """The calls that change something, from the lock on, and each one's successor."""
    start = [call.name for call in made].index("flock")
    for at in range(start, len(made)):
        if CHANGING.match(made[at].line) or CHANGING.match(made[at - 1].line):
            yield made[at]


@pytest.mark.parametrize("scene", ["merge", "dressing"])
def test_killed_at_every_call(scene: str, request: pytest.FixtureRequest) -> None:
    seen: Scene = request.getfixturevalue(scene)
    states = set()
    for call in everywhere(seen.calls):
        outcome, dummy = seen.after((call.name, call.number, "signal=KILL"))
        assert outcome.status == KILLED, f"{call}: the fault did not happen: {outcome.output}"
        states.add(call.name)
    assert {"flock", "write", "fsync", "rename", "fchmod", "fchown", "setxattr", "exit_group"} <= states


@pytest.mark.parametrize(
    ("name", "errors"),
    [
        ("write", ["ENOSPC", "EIO", "EDQUOT"]),
        ("fsync", ["ENOSPC", "EIO"]),
        ("rename", ["EACCES", "ENOSPC", "EIO", "EBUSY", "EPERM"]),
        ("fchmod", ["EPERM", "EIO"]),
        ("fchown", ["EPERM", "EIO"]),
        ("setxattr", ["ENOSPC", "EPERM"]),
        ("listxattr", ["EIO"]),
        ("getxattr", ["EIO"]),
        ("openat", ["EACCES", "ENOSPC", "EMFILE"]),
    ],
)
def test_an_error_at_every_call_is_one_sentence(name: str, errors: list[str], merge: Scene) -> None:
    made = [call for call in merge.calls if call.name == name and str(merge.path.parent) in call.line]
    assert made
    failures = 0
    for call in made:
        for error in errors:
            outcome, left = merge.after((name, call.number, f"error={error}"))
            assert outcome.result, (call, error, outcome.output)
            message = outcome.result.get("msg", "")
            assert message == "" or re.match(rf"{merge.path}[:.]", message), message
            assert "\n" not in message
            assert "Traceback" not in outcome.output
            assert (left == merge.old) or "is as it was" not in message
            assert (left == merge.new) or outcome.result.get("failed")
            failures += bool(message)
    assert failures, f"no error of {name} was ever told"


IS_AS_IT_WAS = "could not be written ({}) and is as it was; see to space and permissions of "


@pytest.mark.parametrize(
    ("options", "name", "error", "said"),
    [
        ({}, "write", "ENOSPC", IS_AS_IT_WAS.format("No space left on device")),
        ({}, "fsync", "EIO", IS_AS_IT_WAS.format("Input/output error")),
        ({}, "rename", "EPERM", IS_AS_IT_WAS.format("Operation not permitted")),
        (
            {},
            "rename",
            "EBUSY",
            "is a mount of its own and cannot be replaced in one step; mount its directory instead",
        ),
        ({}, "fchown", "EPERM", IS_AS_IT_WAS.format("Operation not permitted")),
        ({}, "fchmod", "EPERM", IS_AS_IT_WAS.format("Operation not permitted")),
        ({}, "flock", "EBADF", "FOLDER cannot be locked (Bad file descriptor); keep the file on a local file system"),
        (
            {"sources": [], "mode": "0640"},
            "chmod",
            "EPERM",
            "owner or mode could not be set (Operation not permitted); ",
        ),
        (
            {"sources": [], "group": "mail"},
            "chown",
            "EPERM",
            "owner or mode could not be set (Operation not permitted); ",
        ),
        ({"sources": [], "state": "absent"}, "unlink", "EBUSY", "could not be removed (Device or resource busy); "),
    ],
)
def test_the_sentence_of_an_error(
    options: dict[str, Any], name: str, error: str, said: str, tmp_path: pathlib.Path
) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    path = mit_keytab.write(folder / "keytab", OLD)
    before = state(path)
    given = {"path": str(path), **merging(tmp_path, NEW), **options}
    outcome = forked_module.run("keytab", given, tmp_path, strace=faults((name, 1, f"error={error}")))
    assert outcome.result, outcome.output
    assert outcome.result["msg"].startswith(f"{path}: {said.replace('FOLDER', str(folder))}")
    assert state(path) == before
    assert list(folder.iterdir()) == [path]


def test_what_could_not_be_removed_goes_with_the_next_run(merge: Scene) -> None:
    fsyncs = [call for call in merge.calls if call.name == "fsync" and "/.mailrealm-" in call.line]
    assert len(fsyncs) == 2, "the backup and the keytab"
    for call in fsyncs:
        dummy, left = merge.after(("fsync", call.number, "error=EIO"), ("unlink", 0, "error=EACCES"))
        assert left == merge.old


def test_a_dead_runs_keys_go_though_there_is_nothing_to_write(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    path = mit_keytab.write(folder / "keytab", OLD)
    before = (path.stat().st_ino, path.stat().st_mtime_ns)
    options = {"path": str(path), **merging(tmp_path, NEW)}
    writing = faults(("rename", 1, "signal=KILL"))
    assert forked_module.run("keytab", options, tmp_path, strace=writing).status == KILLED
    (leftover,) = folder.glob(".mailrealm-*")
    assert klist(leftover) == [OLD, NEW]
    steady = {"path": str(path)}
    told = forked_module.run("keytab", steady, tmp_path, check=True).result
    assert leftover.exists(), "check mode removed a file"
    undeletable = forked_module.run("keytab", steady, tmp_path, strace=faults(("unlinkat", 1, "error=EROFS"))).result
    assert undeletable
    assert undeletable["msg"].startswith(f"{leftover}: was left by a run that was killed and could not be removed ")
    assert leftover.exists()
    assert forked_module.run("keytab", steady, tmp_path).result == told
    assert told and not told["changed"]
    assert list(folder.iterdir()) == [path]
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == before


def test_what_only_looks_like_a_leftover_stays(tmp_path: pathlib.Path) -> None:
    path = mit_keytab.write(tmp_path / "keytab", OLD)
    (tmp_path / ".mailrealm-kadmin-1").mkdir()
    (tmp_path / ".mailrealm-link").symlink_to(path)
    others = sorted(tmp_path.glob(".mailrealm-*"))
    outcome = forked_module.run("keytab", {"path": str(path), **merging(tmp_path, NEW)}, tmp_path)
    assert outcome.result and outcome.result["changed"], outcome.output
    assert sorted(tmp_path.glob(".mailrealm-*")) == others
