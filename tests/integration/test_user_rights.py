# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether another user may read a file, tried with that user's rights. Needs root (the toolbox)."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.user_rights import (
    RightsRefusal,
    check_readable,
)
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import play

NOBODY, GROUP = "nobody", "daemon"  # nobody is no member of that group


@pytest.fixture
def keytab(tmp_path: pathlib.Path) -> pathlib.Path:
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    path = tmp_path / "folder" / "x.keytab"
    path.parent.mkdir()
    path.write_bytes(b"\x05\x02")
    return path


def give(path: pathlib.Path, user: str, group: str, mode: int) -> None:
    shutil.chown(path, user, group)
    path.chmod(mode)


def test_the_owner_and_everybody(keytab: pathlib.Path) -> None:
    give(keytab, NOBODY, "root", 0o600)
    check_readable(str(keytab), NOBODY)
    give(keytab, "root", "root", 0o644)
    check_readable(str(keytab), NOBODY)


def test_a_group_that_the_user_is_in(keytab: pathlib.Path) -> None:
    give(keytab, "root", GROUP, 0o640)
    with pytest.raises(RightsRefusal, match=r"x\.keytab: may not be read by nobody, as whom the service runs; correct"):
        check_readable(str(keytab), NOBODY)
    subprocess.run(["usermod", "-a", "-G", GROUP, NOBODY], check=True)
    try:
        check_readable(str(keytab), NOBODY)
    finally:
        subprocess.run(["gpasswd", "-d", NOBODY, GROUP], check=True)


def test_a_folder_that_the_user_may_not_enter(keytab: pathlib.Path) -> None:
    give(keytab, NOBODY, "root", 0o600)
    keytab.parent.chmod(0o700)
    with pytest.raises(RightsRefusal, match="may not be read by nobody"):
        check_readable(str(keytab), NOBODY)


def test_roots_own_rights_are_back_afterwards(keytab: pathlib.Path) -> None:
    before = os.geteuid(), os.getegid(), sorted(os.getgroups())
    keytab.chmod(0o600)
    with pytest.raises(RightsRefusal):
        check_readable(str(keytab), NOBODY)
    assert (os.geteuid(), os.getegid(), sorted(os.getgroups())) == before


def test_a_file_that_is_not_there_is_no_matter_of_rights(tmp_path: pathlib.Path) -> None:
    check_readable(str(tmp_path / "none"), "root")


def test_a_user_who_is_not_there(keytab: pathlib.Path) -> None:
    with pytest.raises(RightsRefusal, match="user 'zimbra9': is no user of this host; install the service first"):
        check_readable(str(keytab), "zimbra9")


def test_who_is_not_root_cannot_try_for_another(keytab: pathlib.Path) -> None:
    give(keytab, NOBODY, "root", 0o600)
    child = os.fork()
    if not child:  # pragma: no cover
        os.setuid(65534)
        check_readable(str(keytab), NOBODY)
        try:
            check_readable(str(keytab), "daemon")
        except RightsRefusal as refusal:
            os._exit(0 if str(refusal).endswith(": only root can take another user's rights; set become: true") else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize("check", [True, False])
def test_keytab_probe_says_so_and_check_mode_warns(keytab: pathlib.Path, tmp_path: pathlib.Path, check: bool) -> None:
    """A task before may be what gives the rights."""
    keytab.chmod(0o600)
    options = {"path": str(keytab), "user": NOBODY, "credentials": {"principal": "a@R.TEST", "password": "x"}}
    step, output = play([{"mailrealm.kerberos.keytab_probe": options}], tmp_path, check=check)
    assert step.failed is not check
    assert "may not be read by nobody, as whom the service runs" in (output if check else step.only.msg)
