# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files beside a policy file."""

from __future__ import annotations

import pathlib

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.files import FileRefusal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.policy_files import others


def test_the_others(tmp_path: pathlib.Path) -> None:
    own = tmp_path / "kerberos.json"
    for path in (own, tmp_path / "site.json", tmp_path / "site.json~", tmp_path / ".mailrealm-x"):
        path.write_text("{}")
    (tmp_path / "folder").mkdir()
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "link").symlink_to(own)
    assert others(str(tmp_path), str(own)) == {str(tmp_path / name): b"{}" for name in ("site.json", "site.json~")}


def test_no_folder(tmp_path: pathlib.Path) -> None:
    assert others(str(tmp_path / "none"), str(tmp_path / "x")) == {}
    (tmp_path / "file").write_text("")
    with pytest.raises(FileRefusal, match=r"^beside: .* cannot be read .*; name the folder of the policy files$"):
        others(str(tmp_path / "file"), str(tmp_path / "x"))
