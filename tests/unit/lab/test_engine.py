# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine that cannot run containers is told what it lacks."""

from __future__ import annotations

import pytest
from lab import engine


@pytest.mark.parametrize(
    ("stderr", "words"),
    [
        ("Error: OCI runtime error: crun: cgroups in hybrid mode not supported, drop all controllers", "install runc"),
        ("runc create failed: error setting rlimit type 7: operation not permitted", "ulimit -Hn"),
        ("mkdir /sys/fs/cgroup/memory/libpod_parent: read-only file system", "--privileged"),
        ("netavark: unable to append rule to iptables: No such file or directory", "install iptables"),
        ("Error: netavark: create bridge: Netlink error: Operation not supported", "modprobe bridge veth"),
        ("kernel does not support overlay fs: no such device", "modprobe overlay"),
        ("sudo: a password is required", "sudo -v"),
        ("cannot clone: Operation not permitted", "CAP_SYS_ADMIN"),
    ],
)
def test_the_words_of_a_failed_start_become_a_requirement(stderr, words):
    assert words in engine.requirement(stderr)


def test_an_unknown_complaint_is_handed_on():
    assert engine.requirement("first\nsomething new\n").endswith("something new")


def test_the_settings_name_runtime_and_limits():
    text = engine.settings("runc", 20000, 16384)
    assert 'runtime = "runc"' in text
    assert '"nofile=20000:20000", "nproc=16384:16384"' in text
