# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a web archive keeps its log4j2.xml, and archives that cannot be read."""

from __future__ import annotations

import io
import pathlib
import zipfile

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.log4j2 import LoggersRefusal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system import war_log4j2
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.war_log4j2 import shipped_log4j2

LIB = "WEB-INF/lib/"
RESOURCES = f"{LIB}cas-server-webapp-resources-7.0.0.jar"


def packed(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, held in members.items():
            archive.writestr(name, held)
    return content.getvalue()


JAR = packed({"log4j2.xml": b"<shipped/>"})
WHOLE = packed({RESOURCES: JAR})
SPOILED = WHOLE[:90] + bytes(20) + WHOLE[110:]  # within the jar
CASES = [
    ({RESOURCES: JAR}, b"<shipped/>"),
    ({RESOURCES: JAR, "WEB-INF/classes/log4j2.xml": b"<own/>"}, b"<own/>"),
    ({f"{LIB}cas-server-webapp-5.3.16.jar": JAR, RESOURCES: packed({"log4j2.xml": b"<first/>"})}, b"<first/>"),
    ({f"{LIB}cas-server-webapp-5.3.16.jar": JAR, RESOURCES: packed({"other.xml": b""})}, b"<shipped/>"),
]


@pytest.mark.parametrize(("members", "expected"), CASES)
@pytest.mark.parametrize("exploded", [True, False])
def test_where_it_is_found(tmp_path: pathlib.Path, members: dict[str, bytes], expected: bytes, exploded: bool) -> None:
    war = tmp_path / "cas.war"
    if exploded:
        for name, content in members.items():
            (war / name).parent.mkdir(parents=True, exist_ok=True)
            (war / name).write_bytes(content)
    else:
        war.write_bytes(packed(members))
    assert shipped_log4j2(str(war)) == expected


def test_what_is_not_there_may_come(tmp_path: pathlib.Path) -> None:
    assert shipped_log4j2(str(tmp_path / "cas.war")) is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is no intact archive"),
        (b"no archive at all", "is no intact archive"),
        (packed({RESOURCES: b"no jar"}), "is no intact archive"),
        (SPOILED, "is no intact archive"),
        (packed({f"{LIB}other.jar": JAR, "log4j2.xml": b""}), "holds no log4j2.xml"),
    ],
)
def test_archives_that_cannot_serve(tmp_path: pathlib.Path, content: bytes, words: str) -> None:
    war = tmp_path / "cas.war"
    war.write_bytes(content)
    with pytest.raises(LoggersRefusal, match=f"^war: {war} {words}.*; "):
        shipped_log4j2(str(war))


def test_a_member_of_any_size_is_not_read(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    war = tmp_path / "cas.war"
    war.write_bytes(packed({RESOURCES: JAR}))
    monkeypatch.setattr(war_log4j2, "LARGEST", len(JAR) - 1)
    with pytest.raises(LoggersRefusal, match="has more than"):
        shipped_log4j2(str(war))


def test_a_folder_without_anything(tmp_path: pathlib.Path) -> None:
    with pytest.raises(LoggersRefusal, match=f"^war: {tmp_path} holds no log4j2.xml"):
        shipped_log4j2(str(tmp_path))
    (tmp_path / LIB).mkdir(parents=True)
    with pytest.raises(LoggersRefusal, match=f"^war: {tmp_path} holds no log4j2.xml"):
        shipped_log4j2(str(tmp_path))
