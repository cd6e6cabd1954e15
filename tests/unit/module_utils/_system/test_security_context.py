# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Labels of SELinux, on a machine that has none: the files and the program are made for it."""

from __future__ import annotations

import os
import pathlib

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system import security_context
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.security_context import context_of

LABEL = b"system_u:object_r:etc_t:s0\0"


@pytest.fixture
def enforcing(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    switch = tmp_path / "enforce"
    switch.write_text("1\n")
    monkeypatch.setattr(security_context, "ENFORCING", str(switch))
    monkeypatch.setattr(os, "getxattr", lambda *dummy: LABEL)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    program = tmp_path / "matchpathcon"
    program.write_text('#!/bin/sh\ntest "$3" = /etc/x && echo system_u:object_r:krb5_keytab_t:s0\n')
    program.chmod(0o755)
    return switch


@pytest.mark.usefixtures("enforcing")
def test_the_label_that_is_and_the_one_that_should_be() -> None:
    assert context_of("/etc/x") == {
        "enforcing": True,
        "is": "system_u:object_r:etc_t:s0",
        "should": "system_u:object_r:krb5_keytab_t:s0",
        "untested": "",
    }


@pytest.mark.usefixtures("enforcing")
def test_a_policy_that_does_not_say() -> None:
    assert context_of("/etc/y")["untested"].startswith("matchpathcon /etc/y: ")


def test_labels_keep_nobody_out_where_nothing_is_enforced(enforcing: pathlib.Path) -> None:
    enforcing.write_text("0\n")
    assert context_of("/etc/x") == {"enforcing": False}
    enforcing.unlink()
    assert context_of("/etc/x") == {"enforcing": False}
