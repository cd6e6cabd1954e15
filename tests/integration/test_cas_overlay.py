# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cas_overlay through ansible-playbook. Neither Gradle nor Maven is here: Python's own reader judges the pom.xml."""

from __future__ import annotations

import pathlib
from typing import Any
from xml.etree import ElementTree

from ansible_collections.mailrealm.kerberos.tests.integration import forked_module
from ansible_collections.mailrealm.kerberos.tests.integration.bad_input import FAST
from ansible_collections.mailrealm.kerberos.tests.integration.forked_module import of_task
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import climb
from ansible_collections.mailrealm.kerberos.tests.integration.refusals import assert_refused

MODULE = "mailrealm.kerberos.cas_overlay"
SPNEGO = "cas-server-support-spnego-webflow"
CANARY = "canary-5e1f"
JCIFS = "org.example:jcifs-ext:0.9.4"
GRADLE = f"""\
repositories {{
    mavenCentral()
    maven {{
        url "https://dl.bintray.com/uniconiam/maven"
        credentials {{ username "me"; password "{CANARY}" }}
    }}
}}
dependencies {{
    implementation platform("org.apereo.cas:cas-server-support-bom:${{project.'cas.version'}}")
    implementation "org.apereo.cas:cas-server-webapp-init"
    // implementation "org.apereo.cas:{SPNEGO}"
}}
// the end \xe9
"""
AFTER = f"""\
repositories {{
    mavenCentral()
}}
dependencies {{
    implementation platform("org.apereo.cas:cas-server-support-bom:${{project.'cas.version'}}")
    implementation "org.apereo.cas:cas-server-webapp-init"
    // implementation "org.apereo.cas:{SPNEGO}"
    implementation "org.apereo.cas:{SPNEGO}"
    implementation "{JCIFS}"
}}
// the end \xe9
"""
POM = """\
<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
\t<properties>
\t\t<cas.version>5.3.16</cas.version>
\t</properties>
\t<dependencyManagement><dependencies/></dependencyManagement>
\t<dependencies>
\t\t<dependency>
\t\t\t<groupId>org.apereo.cas</groupId>
\t\t\t<artifactId>cas-server-webapp-tomcat</artifactId>
\t\t\t<version>${cas.version}</version>
\t\t</dependency>
\t</dependencies>
</project>
"""


def task(folder: pathlib.Path, **options: Any) -> dict[str, Any]:
    return {MODULE: {"path": str(folder), **options}}


def overlay(folder: pathlib.Path, name: str, content: bytes, version: str = "7.0.10") -> pathlib.Path:
    folder.mkdir(exist_ok=True)
    (folder / "gradle.properties").write_text(f"cas.version={version}\n")
    path = folder / name
    path.write_bytes(content)
    path.chmod(0o640)
    return path


def test_gradle(tmp_path: pathlib.Path) -> None:
    path = overlay(tmp_path / "o", "build.gradle", GRADLE.encode("latin-1"))
    asked = task(path.parent, dependencies=[JCIFS], version="7.0.10", backup=True)
    steps = climb([asked], tmp_path, watch=[path.parent], environment_more=FAST)
    assert steps.changed == (True, True, False, False)
    assert steps.check.watched_after == steps.check.watched_before
    assert steps.run_again.watched_after == steps.run.watched_after
    assert steps.check.diff == steps.run.diff
    assert path.read_bytes() == AFTER.encode("latin-1")
    assert path.stat().st_mode & 0o7777 == 0o640
    assert CANARY not in steps.output and CANARY not in str(steps.run.diff)
    told = steps.run.only.data
    assert (told["kind"], told["files"], told["path"]) == ("gradle", [str(path)], str(path))
    assert pathlib.Path(told["backup_file"]).read_bytes() == GRADLE.encode("latin-1")
    assert steps.run_again.only.data["files"] == []


def test_kotlin(tmp_path: pathlib.Path) -> None:
    text = 'dependencies {\n    implementation("org.apereo.cas:cas-server-webapp-init:8.0.0")\n}\n'
    path = overlay(tmp_path / "o", "build.gradle.kts", text.encode())
    forked_module.climb(*of_task(task(path.parent)), tmp_path, watch=path)
    assert path.read_text() == f'{text[:-2]}    implementation("org.apereo.cas:{SPNEGO}:8.0.0")\n}}\n'


def test_maven(tmp_path: pathlib.Path) -> None:
    path = overlay(tmp_path / "o", "pom.xml", POM.encode())
    forked_module.climb(*of_task(task(path.parent, dependencies=[JCIFS])), tmp_path, watch=path)
    after = path.read_text()
    start = POM.index("\t</dependencies>\n")
    assert (after[:start], after[-len(POM) + start :]) == (POM[:start], POM[start:])
    space = {"m": "http://maven.apache.org/POM/4.0.0"}
    rows = ElementTree.fromstring(after).findall("m:dependencies/m:dependency", space)
    assert [[field.text for field in row] for row in rows] == [
        ["org.apereo.cas", "cas-server-webapp-tomcat", "${cas.version}"],
        ["org.apereo.cas", SPNEGO, "${cas.version}"],
        ["org.example", "jcifs-ext", "0.9.4"],
    ]


def test_a_module_asked_for_by_a_property(tmp_path: pathlib.Path) -> None:
    text = (
        'dependencies {\n    if (project.hasProperty("casModules")) {\n        project.casModules.split(",").each {\n'
        '            implementation "org.apereo.cas:cas-server-support-${it}"\n        }\n    }\n}\n'
    )
    path = overlay(tmp_path / "o", "build.gradle", text.encode())
    (path.parent / "gradle.properties").write_text("cas.version=7.3.0\ncasModules=spnego-webflow\n")
    told = forked_module.run(*of_task(task(path.parent)), tmp_path)
    assert told.result and (told.result["changed"], path.read_text()) == (False, text), told.output


def test_no_overlay_yet(tmp_path: pathlib.Path) -> None:
    told = forked_module.run(*of_task(task(tmp_path / "none")), tmp_path, check=True)
    assert told.result and (told.result["changed"], told.result["kind"]) == (False, "absent"), told.output
    (warning,) = told.result["warnings"]
    assert "check mode goes on as if it will be there: path: " in str(warning)


def test_refusals(tmp_path: pathlib.Path) -> None:
    good = overlay(tmp_path / "good", "build.gradle", GRADLE.encode("latin-1"))
    open_string = overlay(tmp_path / "open", "build.gradle", b'a "b\n')
    bare = overlay(tmp_path / "bare", "build.gradle", b"plugins { }\n")
    xml = overlay(tmp_path / "xml", "pom.xml", b"<project>")
    entity = overlay(tmp_path / "entity", "pom.xml", b"<!DOCTYPE x [<!ENTITY a 'b'>]><project/>")
    cases = {
        f"path: {tmp_path}/none holds no build.gradle": task(tmp_path / "none"),
        f"{open_string}: line 1: a string is never closed": task(open_string.parent),
        f"{bare}: has no block dependencies": task(bare.parent),
        f"{xml}: line 1: is no XML": task(xml.parent),
        f"{entity}: has a document type": task(entity.parent),
        f"version: CAS 6.6.12 is asked for, but {good.parent}/gradle.properties says": task(
            good.parent, version="6.6.12"
        ),
        "modules: 'spnego' is no module of CAS": task(good.parent, modules=["spnego"]),
        "dependencies: 'a:b' is not group, artifact and version": task(good.parent, dependencies=["a:b"]),
    }
    before = {path: path.read_bytes() for path in (good, open_string, bare, xml, entity)}
    assert_refused(cases, tmp_path, foreseen=[f"path: {tmp_path}/none holds no build.gradle"])
    assert {path: path.read_bytes() for path in before} == before


def test_owner_and_mode_alone(tmp_path: pathlib.Path) -> None:
    content = b"dependencies { }\n"
    path = overlay(tmp_path / "o", "build.gradle", content)
    forked_module.climb(*of_task(task(path.parent, modules=[], mode="0600")), tmp_path, watch=path)
    assert (path.read_bytes(), path.stat().st_mode & 0o7777) == (content, 0o600)
