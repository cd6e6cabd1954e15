# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in the archive that users install: everything they need, nothing of the checkout's own."""

from __future__ import annotations

import json
import os
import pathlib
import tarfile

import pytest

FOR_USERS = {"CHANGELOG.md", "CONTRIBUTING.md", "FILES.json", "LICENSE", "MANIFEST.json", "README.md"}
FOLDERS_FOR_USERS = {"changelogs", "docs", "extensions", "meta", "playbooks", "plugins", "roles"}


@pytest.fixture(scope="module")
def names() -> set[str]:
    """The files of the archive."""
    with tarfile.open(os.environ["RELEASE_ARCHIVE"]) as archive:
        return {member.name for member in archive.getmembers() if member.isfile()}


def test_nothing_but_what_users_need(names: set[str]) -> None:
    strangers = {name for name in names if name not in FOR_USERS and name.split("/")[0] not in FOLDERS_FOR_USERS}
    assert not strangers


def test_every_plugin_role_and_playbook_is_there(names: set[str]) -> None:
    staged = pathlib.Path(os.environ["RELEASE_STAGE"])
    wanted = {
        str(path.relative_to(staged))
        for folder in ("plugins", "roles", "playbooks", "meta")
        for path in (staged / folder).rglob("*")
        if path.is_file()
    }
    assert wanted - names == set()
    assert "plugins/module_utils/_ansible/converge.py" in names


def test_manifest_names_the_collection() -> None:
    with tarfile.open(os.environ["RELEASE_ARCHIVE"]) as archive:
        manifest = json.load(archive.extractfile("MANIFEST.json"))
    info = manifest["collection_info"]
    assert (info["namespace"], info["name"]) == ("mailrealm", "kerberos")
    assert info["license"] == ["GPL-3.0-or-later"]
    assert info["dependencies"] == {}
