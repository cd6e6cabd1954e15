# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files are whole, with their mode; locks end with their holder."""

from __future__ import annotations

import pathlib

from lab import state


def test_a_file_is_written_with_its_mode_and_only_when_it_differs(tmp_path):
    path = tmp_path / "deep" / "file"
    assert state.write(path, "a", mode=0o600)
    assert path.stat().st_mode & 0o777 == 0o600
    assert not state.write(path, "a", mode=0o600)
    assert state.write(path, "a", mode=0o644)
    assert path.stat().st_mode & 0o777 == 0o644
    assert state.write(path, "b")
    assert path.read_text() == "b"
    assert [entry.name for entry in path.parent.iterdir()] == ["file"]


def test_a_second_holder_is_told_that_it_waits(tmp_path):
    told = []

    def waiting():
        told.append("waiting")
        first.__exit__(None, None, None)

    first = state.lock(tmp_path / "lock")
    first.__enter__()
    with state.lock(tmp_path / "lock", waiting):
        pass
    assert told == ["waiting"]
    assert pathlib.Path(tmp_path / "lock").exists()
