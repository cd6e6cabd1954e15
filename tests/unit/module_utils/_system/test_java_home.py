# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Java of a host: which one, and what its files allow; invented trees of files."""

from __future__ import annotations

import pathlib
import zipfile
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_java import Java
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_unit import CasUnit
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system import systemctl
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.java_home import read_java, read_unit

NO_UNIT = CasUnit("cas.service")
ALL = "grant { permission javax.crypto.CryptoAllPermission; };"
SOME = "grant { permission javax.crypto.CryptoPermission *, 128; };"


def program(path: pathlib.Path, version: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    path.chmod(0o755)


def java(home: pathlib.Path, version: str, policy: str | None = "unlimited", folder: str = "conf/security") -> str:
    program(home / "bin/java")
    (home / "release").write_text(f'JAVA_VERSION="{version}"\n')
    base = home / folder
    base.mkdir(parents=True)
    (base / "java.security").write_text(
        "a=b\n" + (f"crypto.policy={policy}\n" if policy else "#crypto.policy=limited\n")
    )
    return str(home)


def policies(base: pathlib.Path, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        path = base / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".jar":
            with zipfile.ZipFile(path, "w") as made:
                made.writestr("default_local.policy", text)
                made.writestr("exempt_local.policy", SOME)
        else:
            path.write_text(text)


def test_the_one_that_was_asked_for(tmp_path: pathlib.Path) -> None:
    home = java(tmp_path / "j", "17.0.15")
    assert read_java(home + "/", NO_UNIT) == Java(home, "17.0.15", 17, 256, "asked")
    assert read_java(str(tmp_path / "none"), NO_UNIT) == Java()


def test_the_one_that_the_unit_starts(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, named = java(tmp_path / "real", "21.0.1"), java(tmp_path / "named", "11.0.2")
    link = tmp_path / "usr/bin/java"
    link.parent.mkdir(parents=True)
    link.symlink_to(f"{real}/bin/java")
    unit = CasUnit("cas.service", True, environment={"JAVA_HOME": named}, arguments=(str(link), "-jar"))
    assert read_java("", unit) == Java(real, "21.0.1", 21, 256, "unit")
    by_name = CasUnit("cas.service", True, environment={"JAVA_HOME": named}, arguments=("/opt/tomcat/bin/catalina.sh",))
    assert read_java("", by_name) == Java(named, "11.0.2", 11, 256, "unit")
    monkeypatch.setenv("PATH", str(link.parent))
    assert read_java("", NO_UNIT) == Java(real, "21.0.1", 21, 256, "path")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert read_java("", NO_UNIT) == Java()


def test_a_jdk_8_has_its_java_twice_and_a_release_it_may_lack(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "j8"
    java(home, "x", folder="jre/lib/security")
    (home / "release").unlink()
    program(home / "jre/bin/java")
    program(home / "bin/java", "1.8.0_492")
    monkeypatch.setenv("PATH", f"{home}/jre/bin:/usr/bin:/bin")
    assert read_java("", NO_UNIT) == Java(str(home), "1.8.0_492", 8, 256, "path")
    (home / "bin/java").write_text("no program")
    assert read_java(str(home), NO_UNIT) == Java(str(home), "", 0, 256, "asked")


@pytest.mark.parametrize(
    ("version", "policy", "place", "texts", "bits"),
    [
        ("17", "limited", "conf/security", {"policy/limited/default_local.policy": SOME}, 128),
        ("17", "limited", "conf/security", {}, 128),
        ("17", "own", "conf/security", {"policy/own/default_a.policy": ALL, "policy/own/default_b.policy": SOME}, 128),
        ("17", "own", "conf/security", {"policy/own/default_a.policy": ALL, "policy/own/exempt_b.policy": SOME}, 256),
        ("17", None, "conf/security", {"local_policy.jar": SOME, "US_export_policy.jar": SOME}, 256),
        ("1.8.0_202", None, "lib/security", {"local_policy.jar": SOME, "US_export_policy.jar": ALL}, 128),
        ("1.8.0_202", None, "lib/security", {"local_policy.jar": SOME}, 256),
        ("1.8.0_202", "unlimited", "lib/security", {"local_policy.jar": SOME, "US_export_policy.jar": ALL}, 256),
        ("1.8.0_202", "limited", "jre/lib/security", {"policy/limited/local_policy.jar": SOME}, 128),
        ("1.8.0_152", None, "jre/lib/security", {}, 128),
        ("1.8.0_144", None, "jre/lib/security", {"local_policy.jar": ALL, "US_export_policy.jar": ALL}, 256),
    ],
)
def test_policies(
    tmp_path: pathlib.Path, version: str, policy: str | None, place: str, texts: dict[str, str], bits: int
) -> None:
    home = java(tmp_path / "j", version, policy, place)
    policies(tmp_path / "j" / place, texts)
    assert read_java(home, NO_UNIT).aes == bits


def test_a_broken_archive_of_policies_allows_what_its_folder_is_named_for(tmp_path: pathlib.Path) -> None:
    home = java(tmp_path / "j", "1.8.0_202", "limited", "lib/security")
    path = tmp_path / "j/lib/security/policy/limited/local_policy.jar"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no archive")
    assert read_java(home, NO_UNIT).aes == 128


def test_the_unit(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.env").write_text("JAVA_HOME=/opt/b\n")
    shown = (
        "Id=cas.service\nLoadState=loaded\nActiveState=active\nUser=root\nGroup=\nEnvironment=JAVA_HOME=/opt/a A=1\n"
        f"EnvironmentFiles={tmp_path}/*.env (ignore_errors=no)\n"
    )
    asked: list[Any] = []

    def show(*words: Any) -> str:
        asked.append(words)
        return shown

    monkeypatch.setattr(systemctl, "shown", show)
    unit = read_unit("cas")
    assert asked[0][0] == "cas.service"
    assert (unit.group, unit.environment) == ("root", {"JAVA_HOME": "/opt/b", "A": "1"})


def test_systemctl_where_systemd_does_not_run(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(systemctl, "BOOTED", str(tmp_path / "none"))
    assert read_unit("cas") == NO_UNIT
    monkeypatch.setattr(systemctl, "BOOTED", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert read_unit("cas") == NO_UNIT
    called = tmp_path / "called"
    (tmp_path / "systemctl").write_text(f'#!/bin/sh\necho "$@" > {called}\necho LoadState=loaded\n')
    (tmp_path / "systemctl").chmod(0o755)
    assert read_unit("cas").exists
    assert called.read_text().startswith("show --property=Id,LoadState,")
