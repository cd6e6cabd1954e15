# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An overlay's plan, its wishes, and that no password of a repository is shown."""

from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_dependency import (
    CAS_GROUP,
    Dependency,
    asked_modules,
    dependencies_from,
    modules_from,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_overlay import (
    Overlay,
    OverlayPlan,
    OverlayWish,
    describe,
    overlay_of,
    plan,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_release import CasRefusal
from hypothesis import given
from hypothesis import strategies as st

SPNEGO = "cas-server-support-spnego-webflow"
WISH = OverlayWish(modules_from([SPNEGO]), dead=("http*://dl.bintray.com/uniconiam/*",))
LOGIN = b"me:hunter2@"  # in a URL
GRADLE = (
    b"""\
repositories { maven { url "https://%sexample.test"; credentials { password = "canary-5e1f" } } }
dependencies {
    implementation platform("org.apereo.cas:cas-server-support-bom:${project.'cas.version'}")
    implementation "org.apereo.cas:cas-server-webapp-init" // \xff
    if (hasProperty("casModules")) { casModules.split(",").each { implementation "org.apereo.cas:$it" } }
}
"""
    % LOGIN
)
POM = (
    b"""\
<project>
  <properties><cas.version>5.3.16</cas.version></properties>
  <repositories>
    <repository><url>https://%sdl.bintray.com/uniconiam/maven</url></repository>
    <repository>
      <url>https://dl.bintray.com/uniconiam/maven</url>
    </repository>
  </repositories>
</project>
"""
    % LOGIN
)


@pytest.mark.parametrize(
    ("build_file", "content", "properties", "overlay"),
    [
        (
            "build.gradle",
            GRADLE,
            "cas.version=7.0.10\n",
            Overlay("/o", "gradle", "7.0.10", ("cas-server-webapp-init",)),
        ),
        (
            "build.gradle",
            GRADLE,
            "#cas.version=1\n cas.version : 6.6.12 \r\ncasModules=spnego-webflow, ldap\r\n",
            Overlay("/o", "gradle", "6.6.12", ("cas-server-webapp-init", SPNEGO, "cas-server-support-ldap")),
        ),
        (
            "build.gradle",
            GRADLE.replace(b'"casModules"', b'"x"'),
            "casModules=spnego-webflow",
            Overlay("/o", "gradle", "", ("cas-server-webapp-init",)),
        ),
        (
            "build.gradle.kts",
            b'dependencies { api("a:b") }',
            "cas.version=8.0.0",
            Overlay("/o", "gradle", "8.0.0", ("b",)),
        ),
        ("pom.xml", POM, "cas.version=1", Overlay("/o", "maven", "5.3.16")),
    ],
)
def test_what_an_overlay_asks_for(build_file: str, content: bytes, properties: str, overlay: Overlay) -> None:
    assert overlay_of("/o", build_file, content, properties) == overlay


def test_a_plan() -> None:
    planned = plan("/o", "build.gradle", GRADLE, "", WISH)
    assert planned.after == GRADLE[:-2] + f'    implementation "org.apereo.cas:{SPNEGO}"\n}}\n'.encode()
    assert describe(planned) == ("", f'    implementation "org.apereo.cas:{SPNEGO}"\n')
    assert plan("/o", "build.gradle", planned.after, "", WISH).after == planned.after


def test_a_module_asked_for_elsewhere_needs_no_line() -> None:
    assert plan("/o", "build.gradle", GRADLE, "casModules=spnego-webflow", WISH).after == GRADLE


def test_a_plan_for_maven() -> None:
    planned = plan("/o", "pom.xml", POM, "", WISH)
    went, came = describe(planned)
    assert went == "    <repository>\n      <url>https://dl.bintray.com/uniconiam/maven</url>\n    </repository>\n"
    assert came.count(SPNEGO) == 1
    assert LOGIN + b"dl.bintray.com" in planned.after and b"//dl.bintray.com" not in planned.after


@pytest.mark.parametrize(("build_file", "where"), [("build.gradle", "/o/gradle.properties"), ("pom.xml", "/o/pom.xml")])
def test_another_version_is_refused(build_file: str, where: str) -> None:
    content = {"build.gradle": GRADLE, "pom.xml": POM}[build_file]
    wish = OverlayWish(WISH.modules, version="7.0.10")
    with pytest.raises(CasRefusal, match=f"^version: CAS 7.0.10 is asked for, but {where} says cas.version 5.3.16; "):
        plan("/o", build_file, content, "cas.version=5.3.16", wish)
    same = OverlayWish(WISH.modules, version="5.3.16")
    assert plan("/o", build_file, content, "cas.version=5.3.16", same).after != content
    with pytest.raises(CasRefusal, match=r"^/o/pom\.xml: is gone"):
        plan("/o", "pom.xml", None, "", WISH)


def test_passwords_are_not_shown() -> None:
    before = GRADLE + b"<password>canary-5e1f</password>\n  username = 'canary-5e1f'\n"
    for one, two in ((before, b""), (b"", before)):
        text = "".join(describe(OverlayPlan("gradle", one, two)))
        assert "canary" not in text and "hunter2" not in text
        assert "password" in text and "cas-server-webapp-init" in text


@given(st.text(alphabet="abcXYZ0189+/-_.", min_size=8, max_size=20))
def test_no_value_of_a_secret_is_shown(secret: str) -> None:
    lines = f'password "{secret}"\n<password>{secret}</password>\ntoken=\'{secret}\'\nurl "https:{"//"}a:{secret}@b"\n'
    assert secret not in "".join(describe(OverlayPlan("gradle", b"", lines.encode()))).replace("(not shown)", "")


def test_wishes() -> None:
    assert modules_from([SPNEGO, SPNEGO]) == (Dependency(CAS_GROUP, SPNEGO),)
    assert dependencies_from(["a.b:c-d:1.0"]) == (Dependency("a.b", "c-d", "1.0"),)
    assert asked_modules(" spnego-webflow,support-ldap,,cas-server-core-x") == (
        *(SPNEGO, "cas-server-support-ldap", "cas-server-core-x"),
    )


@pytest.mark.parametrize(
    "name", ["spnego-webflow", "", "cas-server-a:b", 'cas-server-"', "org.apereo.cas:cas-server-x"]
)
def test_what_is_no_module(name: str) -> None:
    with pytest.raises(CasRefusal, match=r"^modules: '.*' is no module of CAS; write"):
        modules_from([name])


@pytest.mark.parametrize("given_", [["a:b"], ["a:b:c:d"], ["a:b:${c}"], [""], ["a:b:1 "], ["a:b:1", "a:b:2"]])
def test_what_is_no_dependency(given_: list[str]) -> None:
    with pytest.raises(CasRefusal, match=r"^dependencies: .*; "):
        dependencies_from(given_)
