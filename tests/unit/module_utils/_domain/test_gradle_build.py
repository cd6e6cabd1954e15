# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Code, strings and comments of Gradle told apart, and dependencies added where they count."""

from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import gradle_build as gradle
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_dependency import CAS_GROUP, Dependency
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.gradle_code import (
    DEEPEST,
    GradleRefusal,
    statements,
)
from hypothesis import given
from hypothesis import strategies as st

SPNEGO = Dependency(CAS_GROUP, "cas-server-support-spnego-webflow")
JCIFS = Dependency("org.example", "jcifs-ext", "0.9.4")
LINE = '    implementation "org.apereo.cas:cas-server-support-spnego-webflow"\n'
DEAD = ["http*://dl.bintray.com/uniconiam/*"]
TEXT = """\
buildscript {
    dependencies { classpath "org.apereo.cas:cas-server-support-spnego-webflow:1" }
}
def pattern = ~/a"{2}/   // a lone " and {
allprojects {
    dependencies { implementation "org.apereo.cas:cas-server-support-spnego-webflow" }
}
dependencies {
    /* implementation "org.apereo.cas:cas-server-support-spnego-webflow" */
    implementation enforcedPlatform("org.apereo.cas:cas-server-support-bom:${project.'cas.version'}")
    implementation "org.apereo.cas:cas-server-webapp-init"
    testImplementation "org.apereo.cas:cas-server-support-spnego-webflow"
    if (appServer == 'tomcat') {
        implementation "org.apereo.cas:cas-server-webapp-init-tomcat"
    }
    // implementation "org.apereo.cas:cas-server-support-x"
}
tasks.register("x") { doLast { println "}" } }
"""


def names(text: str, kotlin: bool = False) -> list[str]:
    return [one.artifact for one in gradle.dependencies(text, "f", kotlin)]


def test_what_counts_is_what_ends_up_in_the_archive() -> None:
    assert names(TEXT) == ["cas-server-webapp-init"]


def test_a_module_gets_a_line_at_the_end_of_its_block_and_no_version_beside_a_bill_of_materials() -> None:
    after = gradle.add(TEXT, [SPNEGO], "f")
    assert after == TEXT.replace("}\ntasks", f"{LINE}}}\ntasks")
    assert names(after) == ["cas-server-webapp-init", SPNEGO.artifact]
    assert gradle.add(after, [SPNEGO], "f") == after


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            'dependencies {\n\tcompile "org.apereo.cas:cas-server-webapp${project.appServer}:${casServerVersion}"\n}\n',
            '\tcompile "org.apereo.cas:cas-server-support-spnego-webflow:${casServerVersion}"\n',
        ),
        ("dependencies {\n}\n", f"{LINE[:-2]}:${{project.'cas.version'}}\"\n"),
        ("dependencies {\r\n  implementation 'a.b:c'\r\n}", f"  {LINE[4:-2]}:${{project.'cas.version'}}\"\r\n"),
    ],
)
def test_the_others_decide_on_the_version_the_method_the_indent_and_the_line_ends(text: str, line: str) -> None:
    after = gradle.add(text, [SPNEGO], "f")
    end = text.rindex("}")
    assert after == f"{text[:end]}{line}{text[end:]}"
    assert gradle.add(after, [SPNEGO], "f") == after
    assert SPNEGO.artifact in names(after)


def test_a_block_of_one_line_is_opened() -> None:
    text = 'dependencies { implementation "org.apereo.cas:cas-server-webapp-init:7.0.0" }'
    after = gradle.add(text, [SPNEGO], "f")
    assert after == f'{text[:-1]}\n{LINE[:-2]}:7.0.0"\n}}'


def test_kotlin() -> None:
    text = (
        'dependencies {\n    implementation("org.apereo.cas:cas-server-webapp:${project.property("cas.version")}")\n}\n'
    )
    after = gradle.add(text, [SPNEGO, JCIFS], "f", kotlin=True)
    assert after == text[:-2] + (
        '    implementation("org.apereo.cas:cas-server-support-spnego-webflow:${project.property("cas.version")}")\n'
        '    implementation("org.example:jcifs-ext:0.9.4")\n}\n'
    )
    assert names(after, kotlin=True) == ["cas-server-webapp", SPNEGO.artifact, "jcifs-ext"]
    assert names("val c = 'x' / 'y' / 2\ndependencies { api(\"a.b:c\") }", kotlin=True) == ["c"]


@pytest.mark.parametrize(
    ("written", "after"),
    [
        ('implementation "org.example:jcifs-ext:0.9.1"', 'implementation "org.example:jcifs-ext:0.9.4"'),
        ("runtimeOnly('org.example:jcifs-ext:0.9.1') { transitive = false }", None),
        ('implementation "org.example:jcifs-ext:${jcifsVersion}"', "same"),
        ('implementation group: "org.example", name: "jcifs-ext", version: "0.9.1"', "same"),
        ('implementation "a.b:c:1",\n        "org.example:jcifs-ext:0.9.4"', "same"),
        ("implementation(\n  'a.b:c:1',\n  'org.example:jcifs-ext:0.9.4'\n)", "same"),
    ],
)
def test_a_dependency_gets_its_version_where_it_stands(written: str, after: str | None) -> None:
    text = f"dependencies {{\n    {written}\n}}\n"
    wanted = written if after == "same" else after or written.replace("0.9.1", "0.9.4")
    assert gradle.add(text, [JCIFS], "f") == f"dependencies {{\n    {wanted}\n}}\n"


def test_a_dead_repository_goes_with_its_lines() -> None:
    kept = "repositories {\n    mavenCentral()\n    maven { url 'https://example.test/maven' }\n}\n"
    gone = '    maven {\n        url "https://dl.bintray.com/uniconiam/maven"  // closed\n    }\n'
    text = kept.replace("    maven {", gone + "    maven {")
    assert gradle.without_repositories(text, DEAD, "f") == kept
    assert gradle.without_repositories(kept, DEAD, "f") == kept
    inline = 'buildscript { repositories { mavenLocal(); maven("https://dl.bintray.com/uniconiam/maven") } }\n'
    assert gradle.without_repositories(inline, DEAD, "f", kotlin=True) == (
        "buildscript { repositories { mavenLocal();  } }\n"
    )
    assert gradle.without_repositories('x = "https://dl.bintray.com/uniconiam/maven"', DEAD, "f").startswith("x")


def test_whether_modules_can_be_asked_for_by_a_property() -> None:
    asks = 'if (project.hasProperty("casModules")) { project.casModules.split(",").each { %s } }'
    for each in (
        '"org.apereo.cas:$it"',
        '"org.apereo.cas:cas-server-support-${it}:${v}"',
        "b { 'org.apereo.cas:$it' }",
    ):
        assert gradle.takes_modules(asks % f"implementation {each}", "f")
    assert not gradle.takes_modules(asks % "rootProject.subprojects.findAll { p -> p.name == it }", "f")
    assert not gradle.takes_modules(f"// {asks}\n" % 'implementation "org.apereo.cas:$it"', "f")
    assert not gradle.takes_modules(asks % 'compile "org.apereo.cas:cas-server-webapp${project.appServer}"', "f")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('a "b\nc"', "f: line 1: a string is never closed"),
        ("a\n/* b", "f: line 2: a comment is never closed"),
        ("a {\n b", "f: line 1: a brace is never closed"),
        ("a }", "f: line 1: a brace is closed that was not opened"),
        ('a "${b', "f: line 1: code in a string is never closed"),
        ("'''x", "f: line 1: a string is never closed"),
        ("a {" * (DEEPEST + 2) + "}" * (DEEPEST + 2), "f: line 1: braces stand too deep"),
    ],
)
def test_what_cannot_be_told_apart(text: str, said: str) -> None:
    with pytest.raises(GradleRefusal) as refused:
        statements(text, "f")
    assert str(refused.value).startswith(said) and ";" in str(refused.value)


def test_a_file_without_dependencies_is_refused() -> None:
    with pytest.raises(GradleRefusal, match="f: has no block dependencies"):
        gradle.add("plugins { id 'war' }\n", [SPNEGO], "f")


PIECES = st.sampled_from(
    [
        '// } " { dependencies {\n',
        '/* " } implementation "org.apereo.cas:cas-server-support-spnego-webflow" */\n',
        'def a = "}${b ? "{" : \'}\'}{"\n',
        "def b = '''\n} { \"\n'''\n",
        'def c = """${x.collect { "}" }} {"""\n',
        "x = y / 2 / z\n",
        "if (a =~ /[{\"']/) { b() } else { c 'd' }\n",
        'task e {\n    doLast { println "\\"}" }\n}\n',
        "ext { dependencies = ['org.apereo.cas:cas-server-support-spnego-webflow'] }\n",
        "subprojects { dependencies { implementation 'org.apereo.cas:cas-server-support-spnego-webflow' } }\n",
        "\r\n",
        "\tq()\n",
    ]
)


@given(st.lists(PIECES, max_size=5), st.lists(PIECES, max_size=5), st.lists(PIECES, max_size=5))
def test_only_one_line_comes_whatever_stands_around(before: list[str], inside: list[str], behind: list[str]) -> None:
    parts = ["".join(before), "dependencies {\n", "".join(inside), "}\n", "".join(behind)]
    text = "".join(parts)
    after = gradle.add(text, [SPNEGO], "f")
    head, tail = "".join(parts[:3]), "".join(parts[3:])
    assert after.startswith(head) and after.endswith(tail)
    line = after[len(head) : len(after) - len(tail)]
    assert line.strip() == f"{LINE.strip()[:-1]}:${{project.'cas.version'}}\""
    assert names(after) == [*names(text), SPNEGO.artifact]
    assert gradle.add(after, [SPNEGO], "f") == after
    assert gradle.without_repositories(text, DEAD, "f") == text


@given(st.text(alphabet="{}[]()\"'/*\\$\n ;,ab", max_size=60), st.booleans())
def test_any_text_is_told_apart_or_refused(text: str, kotlin: bool) -> None:
    try:
        found = statements(text, "f", kotlin)
    except GradleRefusal:
        return
    assert all(one.end <= two.start for one, two in zip(found, found[1:]))
