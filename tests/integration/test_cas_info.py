# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cas_info through ansible-playbook, with invented web archives and the Java that is here."""

from __future__ import annotations

import io
import pathlib
import shutil
import subprocess
import zipfile
from typing import Any

from ansible_collections.mailrealm.kerberos.tests.integration import forked_module
from ansible_collections.mailrealm.kerberos.tests.integration.bad_input import FAST
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import climb
from ansible_collections.mailrealm.kerberos.tests.integration.refusals import assert_refused
from ansible_collections.mailrealm.kerberos.tests.integration.returned import check_returned

MODULE = "mailrealm.kerberos.cas_info"
MODULES = ("core-api", "webapp-init", "support-spnego-webflow")


def archive(path: pathlib.Path, version: str, *more: str) -> pathlib.Path:
    """A web archive of CAS with SPNEGO, made as Java's own tools make one."""
    library = io.BytesIO()
    with zipfile.ZipFile(library, "w") as jar:
        jar.writestr("jcifs/spnego/Authentication.class", b"\xca\xfe\xba\xbe")
    folder = path.with_suffix(".folder") / "WEB-INF/lib"
    folder.mkdir(parents=True)
    for name in (*(f"cas-server-{module}-{version}.jar" for module in MODULES), "jcifs-ext-0.9.4.jar", *more):
        (folder / name).write_bytes(library.getvalue())
    subprocess.run(["jar", "-cf", str(path), "-C", str(folder.parents[1]), "."], check=True)
    return path


def told(folder: pathlib.Path, **options: Any) -> dict[str, Any]:
    """What the module returns, in check mode as in the run."""
    given = {"log4j2": str(folder / "log4j2.xml"), **options}
    one, two = (forked_module.run("cas_info", given, folder, check=check) for check in (True, False))
    assert one.result and one.result == two.result, one.output + two.output
    check_returned(MODULE, one.result)
    return one.result


def checks(result: dict[str, Any]) -> list[str]:
    return [problem["check"] for problem in result["problems"]]


def test_a_cas_with_spnego(tmp_path: pathlib.Path) -> None:
    war = archive(tmp_path / "cas.war", "6.6.12", "tomcat-embed-core-9.0.80.jar")
    (tmp_path / "build.gradle").write_text(
        'dependencies { implementation "org.apereo.cas:cas-server-webapp:6.6.12" }\n'
    )
    (tmp_path / "gradle.properties").write_text("cas.version=6.6.12\n")
    task = {MODULE: {"war": str(war), "overlay": str(tmp_path), "version": "6.6.12"}}
    steps = climb([task], tmp_path, watch=[war], environment_more=FAST)
    assert steps.changed == (False, False, False, False)
    found = steps.run.only.data
    assert steps.check.only.data["war"] == found["war"]
    assert checks(found) == ["unit_absent"]  # a container has no systemd
    assert (found["version"], found["line"]["name"], found["line"]["dialect"]) == ("6.6.12", "6.6", "indexed")
    told_of_war = found["war"]
    assert (told_of_war["path"], told_of_war["kind"], told_of_war["version"]) == (str(war), "archive", "6.6.12")
    assert (told_of_war["spnego"], told_of_war["jcifs"]) == (True, True)
    assert (told_of_war["servlet_apis"], told_of_war["tomcat"]) == ([], "9.0.80")
    assert found["overlay"]["modules"] == ["cas-server-webapp"]
    java = pathlib.Path(shutil.which("java") or "").resolve()
    printed = subprocess.run([str(java), "-version"], capture_output=True, text=True, check=True).stderr
    assert found["java"]["version"] in printed and found["java"]["version"]
    assert (found["java"]["home"], found["java"]["source"]) == (str(java.parents[1]), "path")
    exploded = told(tmp_path, war=str(tmp_path / "cas.folder"))
    assert exploded["war"] == {**found["war"], "path": str(tmp_path / "cas.folder"), "kind": "exploded"}


def test_what_is_wrong(tmp_path: pathlib.Path) -> None:
    war = archive(tmp_path / "cas.war", "8.0.1", "servlet-api-2.5.jar")
    found = told(tmp_path, war=str(war), version="8.0.0")
    assert checks(found) == ["java_too_old", "war_with_old_servlet_api", "version_differs", "unit_absent"]
    assert found["problems"][1]["what"].startswith("has servlet-api-2.5.jar in it")
    old = told(tmp_path, war=str(archive(tmp_path / "old.war", "5.3.16")))
    assert "java_too_new" in checks(old)


def test_a_blank_host(tmp_path: pathlib.Path) -> None:
    found = told(tmp_path, war=str(tmp_path / "none"), overlay=str(tmp_path / "none"), java_home=str(tmp_path))
    assert checks(found) == ["version_unknown", "java_absent", "war_absent", "unit_absent"]
    assert (found["version"], found["line"], found["overlay"]["kind"]) == ("", {}, "absent")
    assert found["log4j2"] == {"path": str(tmp_path / "log4j2.xml"), "exists": False}


def test_refusals(tmp_path: pathlib.Path) -> None:
    broken = tmp_path / "broken.war"
    broken.write_bytes(archive(tmp_path / "cas.war", "7.0.0").read_bytes()[:-40])
    overlay = tmp_path / "overlay"
    overlay.mkdir()
    (overlay / "build.gradle").write_text("dependencies {\n")
    cases = {
        f"war: {broken} is no web archive": {"war": str(broken)},
        "war: /dev/null is neither a file nor a folder": {"war": "/dev/null"},
        "version: '7' is not a version of CAS": {"war": str(tmp_path), "version": "7"},
        "version: CAS 9.9 is none of the lines": {"war": str(tmp_path), "version": "9.9.0"},
        "unit: 'a b' is not a unit's name": {"war": str(tmp_path), "unit": "a b"},
        f"{overlay}/build.gradle: line 1: a brace is never closed": {"war": str(tmp_path), "overlay": str(overlay)},
    }
    assert_refused({start: {MODULE: options} for start, options in cases.items()}, tmp_path)
