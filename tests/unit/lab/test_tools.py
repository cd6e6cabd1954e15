# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lab needs of the machine, and what the images take over from it."""

from __future__ import annotations

import pytest
from lab import command, tools
from lab.failure import LabError

DUMP = """APT "";
Acquire "";
Acquire::http "";
Acquire::http::Proxy "http://192.0.2.1:3142";
Acquire::Check-Valid-Until "false";
Acquire::Languages "";
Acquire::Languages:: "none";
DPkg::Post-Invoke:: "rm -f /var/cache/apt/archives/*.deb || true";
"""


def test_images_take_over_how_packages_are_got_and_nothing_else():
    assert tools.getting_settings(DUMP) == {
        "Acquire::http::Proxy": "http://192.0.2.1:3142",
        "Acquire::Check-Valid-Until": "false",
    }


def test_packages_of_missing_programs_are_named_once(monkeypatch):
    monkeypatch.setattr(tools, "_present", lambda program: program not in {"ssh", "ssh-keygen", "podman"})
    assert tools.missing() == ["openssh-client", "podman"]


def test_a_machine_without_apt_is_told_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(tools.shutil, "which", lambda *_any: None)
    with pytest.raises(LabError, match="needs podman runc, and this machine has no apt-get"):
        tools.install(["podman", "runc"], tmp_path / "log")


def test_a_user_runs_root_commands_by_sudo(monkeypatch):
    monkeypatch.setattr(command.os, "geteuid", lambda: 1000)
    assert command.as_root(["podman", "ps"], A="b") == ["sudo", "env", "A=b", "podman", "ps"]
    monkeypatch.setattr(command.os, "geteuid", lambda: 0)
    assert command.as_root(["podman", "ps"]) == ["podman", "ps"]


def test_the_last_words_are_the_last_line_that_says_something():
    assert command.last_words("one\ntwo\n\n  \n") == "two"
    assert command.last_words("") == "no output"


def test_a_program_that_is_not_there_is_a_status():
    assert command.attempt(["/nowhere/program"]).returncode == 127
    with pytest.raises(LabError, match=r"doing it: .*exit status 127"):
        command.run(["/nowhere/program"], "doing it")
