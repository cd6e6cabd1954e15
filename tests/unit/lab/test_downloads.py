# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of Maven Central: where they come from, and that they are the right ones."""

from __future__ import annotations

import hashlib

import pytest
from lab import downloads
from lab.failure import LabError

BODY = b"a web archive"
WANTED = downloads.artifact("org.example.test", "server", "1.2", "war", hashlib.sha256(BODY).hexdigest())
SETTINGS = """<settings xmlns="http://maven.apache.org/SETTINGS/1.2.0">
  <mirrors>
    <mirror><mirrorOf>internal</mirrorOf><url>https://other.example.test/</url></mirror>
    <mirror><mirrorOf>{of}</mirrorOf><url> https://mirror.example.test/maven/ </url></mirror>
  </mirrors>
</settings>
"""


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A user's home, whose repository is a folder."""
    monkeypatch.setattr(downloads, "CENTRAL", (tmp_path / "central").as_uri())
    monkeypatch.setattr(downloads.pathlib.Path, "home", lambda: tmp_path)
    published = tmp_path / "central" / WANTED.path
    published.parent.mkdir(parents=True)
    published.write_bytes(BODY)
    return tmp_path


def written(home, text):
    (home / ".m2").mkdir()
    (home / ".m2" / "settings.xml").write_text(text)
    return downloads.repository(home)


def test_coordinates_are_a_path_of_the_repository():
    assert WANTED.path == "org/example/test/server/1.2/server-1.2.war"
    assert WANTED.name == "server-1.2.war"


def test_without_settings_of_mavens_it_is_central(tmp_path):
    assert downloads.repository(tmp_path) == downloads.CENTRAL


@pytest.mark.parametrize("of", ["central", "*", "external:*", "one, central"])
def test_a_mirror_of_central_takes_its_place(tmp_path, of):
    assert written(tmp_path, SETTINGS.format(of=of)) == "https://mirror.example.test/maven"


@pytest.mark.parametrize("of", ["one", "*, !central", ""])
def test_a_mirror_of_others_does_not(tmp_path, of):
    assert written(tmp_path, SETTINGS.format(of=of)) == downloads.CENTRAL


def test_settings_that_are_no_xml_are_named(tmp_path):
    with pytest.raises(LabError, match=r"\.m2/settings\.xml is not XML"):
        written(tmp_path, "<settings>")


def test_a_file_is_fetched_once(home):
    folder = home / "kept"
    path = downloads.fetch(WANTED, folder)
    assert path.read_bytes() == BODY
    (home / "central" / WANTED.path).unlink()
    assert downloads.fetch(WANTED, folder) == path
    assert list(folder.iterdir()) == [path]


def test_a_file_that_was_cut_short_is_fetched_again(home):
    folder = home / "kept"
    folder.mkdir()
    (folder / WANTED.name).write_bytes(BODY[:3])
    assert downloads.fetch(WANTED, folder).read_bytes() == BODY


def test_another_file_is_refused_and_not_kept(home):
    (home / "central" / WANTED.path).write_bytes(b"another")
    with pytest.raises(LabError, match=r"has the SHA-256 [0-9a-f]{64}, and [0-9a-f]{64} is expected"):
        downloads.fetch(WANTED, home / "kept")
    assert list((home / "kept").iterdir()) == []


def test_a_file_that_cannot_be_had_is_told_with_what_to_do(home):
    (home / "central" / WANTED.path).unlink()
    with pytest.raises(LabError, match=r"server-1\.2\.war cannot be had \(.*\): lay the file into .*kept by hand"):
        downloads.fetch(WANTED, home / "kept")


def test_a_file_of_this_machine_is_taken_where_it_lies(tmp_path):
    made = tmp_path / "cas.war"
    made.write_bytes(b"x")
    wanted = downloads.of_this_machine(made)
    assert wanted.name == "cas.war"
    assert wanted.sha256 == hashlib.sha256(b"x").hexdigest()
    assert downloads.fetch(wanted, tmp_path / "elsewhere") == made
    with pytest.raises(LabError, match="cannot be read"):
        downloads.of_this_machine(tmp_path / "missing.war")
