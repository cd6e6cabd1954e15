# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Web archives as files and folders, and what is none."""

from __future__ import annotations

import io
import pathlib
import zipfile

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_archive import (
    AUTHENTICATION,
    ArchiveRefusal,
    War,
    likely_first,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.cas_archive import read_war

PLAIN = (
    "cas-server-core-api-7.0.10.jar",
    "cas-server-webapp-init-7.0.10.jar",
    "cas-server-client-9.1.jar",
    "tomcat-embed-core-10.1.17.jar",
    "jakarta.servlet-api-6.0.0.jar",
)
SPNEGO = "cas-server-support-spnego-webflow-7.0.10.jar"


def jar(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        for name in names or ("META-INF/MANIFEST.MF",):
            made.writestr(name, "x")
    return content.getvalue()


def fill(folder: pathlib.Path, jars: dict[str, bytes], *classes: str) -> tuple[pathlib.Path, pathlib.Path]:
    """The same web archive as a folder and as a file."""
    exploded, packed = folder / "cas", folder / "cas.war"
    for name, content in jars.items():
        path = exploded / "WEB-INF" / "lib" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for name in classes:
        path = exploded / "WEB-INF" / "classes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as war:
        for path in sorted(exploded.rglob("*")):
            war.write(path, path.relative_to(exploded))
    return exploded, packed


def both(folder: pathlib.Path, jars: dict[str, bytes], *classes: str) -> War:
    """What is told of both, which is the same but for path and kind."""
    exploded, packed = fill(folder, jars, *classes)
    one, two = read_war(str(exploded)), read_war(str(packed))
    assert (one.kind, two.kind) == ("exploded", "archive")
    assert one == War(str(exploded), "exploded", two.version, two.spnego, two.jcifs, two.servlet_apis, two.tomcat)
    return two


def test_a_cas_without_spnego(tmp_path: pathlib.Path) -> None:
    found = both(tmp_path, dict.fromkeys(PLAIN, jar()))
    assert (found.version, found.spnego, found.jcifs) == ("7.0.10", False, False)
    assert (found.servlet_apis, found.tomcat) == ((), "10.1.17")


@pytest.mark.parametrize("holder", ["jcifs-ext-0.9.4.jar", "other.jar", SPNEGO])
def test_a_cas_with_spnego(tmp_path: pathlib.Path, holder: str) -> None:
    jars = {**dict.fromkeys((*PLAIN, SPNEGO, "servlet-api-2.5.jar", "broken.jar"), jar()), holder: jar(AUTHENTICATION)}
    jars["broken.jar"] = b"jcifs/spnego/Authentication.class"
    found = both(tmp_path, jars)
    assert (found.version, found.spnego, found.jcifs) == ("7.0.10", True, True)
    assert found.servlet_apis == ("servlet-api-2.5.jar",)


def test_the_class_may_be_unpacked(tmp_path: pathlib.Path) -> None:
    assert both(tmp_path, {SPNEGO: jar()}, AUTHENTICATION).jcifs


def test_nothing_that_is_cas(tmp_path: pathlib.Path) -> None:
    assert both(tmp_path, {"x.jar": jar()}) == War(str(tmp_path / "cas.war"), "archive")
    empty = tmp_path / "empty"
    empty.mkdir()
    assert read_war(str(empty)) == War(str(empty), "exploded")


def test_absent(tmp_path: pathlib.Path) -> None:
    for path in (tmp_path / "none.war", tmp_path / "none" / "none.war"):
        assert read_war(str(path)) == War(str(path), "absent")
    (tmp_path / "file").touch()
    assert read_war(str(tmp_path / "file" / "none.war")).kind == "absent"


def test_broken(tmp_path: pathlib.Path) -> None:
    dummy, packed = fill(tmp_path, {SPNEGO: jar(), "x.jar": jar()})
    whole = packed.read_bytes()
    for content in (b"", b"no archive", whole[:-30], whole[: len(whole) // 2]):
        packed.write_bytes(content)
        with pytest.raises(ArchiveRefusal, match="is no web archive"):
            read_war(str(packed))
    with pytest.raises(ArchiveRefusal, match="neither a file nor a folder"):
        read_war("/dev/null")


def test_the_likely_ones_are_looked_at_first() -> None:
    assert likely_first(["a.jar", "zz-JCIFS.jar", SPNEGO, "b.jar"]) == [SPNEGO, "zz-JCIFS.jar", "a.jar", "b.jar"]
