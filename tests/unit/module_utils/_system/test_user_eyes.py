# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking as another user and from within a chroot, in a process of its own."""

from __future__ import annotations

import os
import pathlib
import pwd
import time

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.refusal import Refusal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.user_eyes import EyesRefusal, in_child, seen_by
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.user_rights import RightsRefusal

ME = pwd.getpwuid(os.geteuid()).pw_name
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


def test_what_was_seen_comes_back_and_nothing_else_changes() -> None:
    seen = []
    assert seen_by(ME, "", lambda: seen.append(1) or {"pid": os.getpid()}) != {"pid": os.getpid()}
    assert seen == []


@as_root
def test_the_users_own_rights_and_groups() -> None:
    account = pwd.getpwnam("nobody")
    ids = seen_by("nobody", "", lambda: [*os.getresuid(), *os.getresgid(), *os.getgroups()])
    assert ids == [*[account.pw_uid] * 3, *[account.pw_gid] * 3, *os.getgrouplist("nobody", account.pw_gid)]
    assert os.geteuid() == 0


@as_root
def test_a_chroot_is_the_root_directory(tmp_path: pathlib.Path) -> None:
    (tmp_path / "keytab").write_text("x")
    tmp_path.chmod(0o755)
    assert seen_by("root", str(tmp_path), lambda: [str(one) for one in pathlib.Path("/").iterdir()]) == ["/keytab"]
    with pytest.raises(EyesRefusal, match="cannot be entered as root directory"):
        seen_by("root", str(tmp_path / "gone"), lambda: 1)


def test_a_user_who_is_none() -> None:
    with pytest.raises(RightsRefusal, match="is no user of this host"):
        seen_by("nobody-of-that-name", "", lambda: 1)


def test_refusals_and_surprises_come_back_as_sentences() -> None:
    def refuse() -> None:
        raise Refusal("x: is not there; bring it")

    def stumble() -> None:
        raise KeyError("x")

    with pytest.raises(EyesRefusal, match=r"^x: is not there; bring it$"):
        in_child(refuse, 5, "x")
    with pytest.raises(EyesRefusal, match="KeyError: 'x'"):
        in_child(stumble, 5, "x")


def test_who_takes_too_long_is_killed() -> None:
    begun = time.monotonic()
    with pytest.raises(EyesRefusal, match="tickets: no answer within 0 s"):
        in_child(lambda: time.sleep(30), 0.2, "tickets")
    assert time.monotonic() - begun < 10


def test_who_dies_without_a_word_is_told() -> None:
    with pytest.raises(EyesRefusal, match="ended without an answer"):
        in_child(lambda: os._exit(3), 5, "tickets")


def test_more_than_a_pipe_holds() -> None:
    assert in_child(lambda: "x" * 300_000, 10, "much") == "x" * 300_000
