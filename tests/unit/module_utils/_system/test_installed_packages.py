# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The installed packages, by programs that answer as dpkg-query does; the real one judges in the integration tests."""

from __future__ import annotations

import pathlib

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.installed_packages import (
    PackagesUnread,
    installed_packages,
    names,
)

LISTED = """\
ii  adduser
hi  postfix
rc  exim4-base
un  mail-transport-agent
iU  krb5-user
iF  chrony
iHR libsasl2-modules
iiR broken
ii  libc6
ii  libc6
"""


def program(folder: pathlib.Path, script: str) -> str:
    path = folder / "dpkg-query"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_only_what_is_installed_as_a_whole_counts() -> None:
    assert names(LISTED) == ["adduser", "postfix", "libc6", "libc6"]


def test_names_are_sorted_and_told_once(tmp_path: pathlib.Path) -> None:
    (tmp_path / "listed").write_text(LISTED)
    assert installed_packages(program(tmp_path, f"cat {tmp_path}/listed")) == ("adduser", "libc6", "postfix")


def test_a_host_without_dpkg() -> None:
    assert installed_packages("dpkg-query-of-nowhere") is None


@pytest.mark.parametrize(
    ("script", "told"),
    [("echo 'dpkg-query: error: status file' >&2; exit 2", "error: status file"), ("exit 2", "nothing (status 2)")],
)
def test_damaged_files_of_dpkg(tmp_path: pathlib.Path, script: str, told: str) -> None:
    with pytest.raises(PackagesUnread, match="mend dpkg's files first") as caught:
        installed_packages(program(tmp_path, script))
    assert told in str(caught.value)
