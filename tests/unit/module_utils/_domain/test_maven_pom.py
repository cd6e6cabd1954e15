# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""pom.xml: the dependencies of a plain build, and edits that leave all other bytes alone."""

from __future__ import annotations

import copy
from xml.etree import ElementTree

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import maven_pom as maven
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_dependency import CAS_GROUP, Dependency
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.maven_pom import PomRefusal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.xml_text import Element, document
from hypothesis import given
from hypothesis import strategies as st

SPNEGO = Dependency(CAS_GROUP, "cas-server-support-spnego-webflow")
JCIFS = Dependency("org.example", "jcifs-ext", "0.9.4")
NAMESPACE = "{http://maven.apache.org/POM/4.0.0}"
DEAD = ["http*://dl.bintray.com/uniconiam/*"]
WEBAPP = """\
        <dependency>
            <groupId>org.apereo.cas</groupId>
            <artifactId>cas-server-webapp${app.server}</artifactId>
            <version>${cas.version}</version>
            <type>war</type>
        </dependency>
"""
ADDED = """\
        <dependency>
            <groupId>org.apereo.cas</groupId>
            <artifactId>cas-server-support-spnego-webflow</artifactId>
            <version>${cas.version}</version>
        </dependency>
"""
POM = f"""\
<?xml version="1.0" encoding="UTF-8"?>
<!-- <dependencies> -->
<project xmlns="http://maven.apache.org/POM/4.0.0" note="a>b">
    <properties><cas.version>${{base}}.16</cas.version><base>5.3</base></properties>
    <dependencyManagement><dependencies><dependency>
        <groupId>org.apereo.cas</groupId><artifactId>cas-server-support-spnego-webflow</artifactId>
    </dependency></dependencies></dependencyManagement>
    <dependencies>
{WEBAPP}        <!-- more: <dependency> -->
    </dependencies>
    <repositories>
        <repository>
            <id>uniconiam</id>
            <url>https://dl.bintray.com/uniconiam/maven</url>
        </repository>
    </repositories>
    <profiles><profile><id>x</id><dependencies>{ADDED}</dependencies></profile></profiles>
</project>
""".encode()
IN_PROFILE = f"""\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <properties>
    <cas.version>5.3.16</cas.version>
  </properties>
  <profiles>
    <profile>
      <activation><activeByDefault>true</activeByDefault></activation>
      <dependencies>
{WEBAPP}      </dependencies>
    </profile>
  </profiles>
</project>
""".encode()


def judged(content: bytes, path: str = "dependencies/dependency") -> list[str]:
    """The artifacts below that path, as Python's own reader has them."""
    steps = "/".join(NAMESPACE + step for step in path.split("/"))
    return [one.findtext(f"{NAMESPACE}artifactId") or "" for one in ElementTree.fromstring(content).findall(steps)]


def test_what_counts_is_what_a_plain_build_takes() -> None:
    assert [one.artifact for one in maven.dependencies(POM, "f")] == ["cas-server-webapp${app.server}"]
    assert [one.artifact for one in maven.dependencies(IN_PROFILE, "f")] == ["cas-server-webapp${app.server}"]
    assert (maven.version_of(POM, "f"), maven.version_of(IN_PROFILE, "f")) == ("5.3.16", "5.3.16")
    assert maven.version_of(b"<project/>", "f") == ""


def test_a_module_goes_to_the_end_of_the_projects_own_dependencies() -> None:
    after = maven.add(POM, [SPNEGO], "f")
    assert after == POM.replace(b"-->\n    </dep", b"-->\n" + ADDED.encode() + b"    </dep")
    assert judged(after) == ["cas-server-webapp${app.server}", SPNEGO.artifact]
    assert maven.add(after, [SPNEGO], "f") == after


def test_a_project_without_dependencies_of_its_own_gets_some() -> None:
    after = maven.add(IN_PROFILE, [SPNEGO, JCIFS], "f")
    assert judged(after) == [SPNEGO.artifact, "jcifs-ext"]
    assert after.startswith(IN_PROFILE[: -len(b"</project>\n")]) and after.endswith(b"  </dependencies>\n</project>\n")
    assert maven.add(after, [SPNEGO, JCIFS], "f") == after


@pytest.mark.parametrize(
    ("before", "begins", "ends"),
    [
        (b"<project><dependencies/></project>", b"<project><dependencies>\n", b"\n</dependencies></project>"),
        (
            b"<project>\r\n<dependencies>\r\n</dependencies>\r\n</project>",
            b"<project>\r\n<dependencies>\r\n    <dependency>\r\n        <groupId>",
            b"    </dependency>\r\n</dependencies>\r\n</project>",
        ),
    ],
)
def test_empty_sections(before: bytes, begins: bytes, ends: bytes) -> None:
    done = maven.add(before, [JCIFS], "f")
    root = ElementTree.fromstring(done)
    assert root.findtext("dependencies/dependency/version") == "0.9.4"
    assert maven.add(done, [JCIFS], "f") == done
    assert done.count(b"\r\n") == (done.count(b"\n") if b"\r\n" in before else 0)
    assert (done.startswith(begins), done.endswith(ends)) == (True, True)


def test_other_widths_and_encodings_are_kept() -> None:
    begins = "<?xml version='1.0' encoding='windows-1252'?>\n<project>\n"
    author = "\t<!-- J\u00fcrgen \u20ac -->\n"
    done = maven.add(f"{begins}{author}\t<dependencies/>\n</project>\n".encode("cp1252"), [JCIFS], "f")
    assert done.decode("cp1252") == (
        f"{begins}{author}\t<dependencies>\n\t\t<dependency>\n\t\t\t<groupId>org.example</groupId>\n"
        "\t\t\t<artifactId>jcifs-ext</artifactId>\n\t\t\t<version>0.9.4</version>\n\t\t</dependency>\n"
        "\t</dependencies>\n</project>\n"
    )
    two_blanks = maven.add(IN_PROFILE, [JCIFS], "f")
    assert b"\n  <dependencies>\n    <dependency>\n      <groupId>" in two_blanks


def test_a_version_is_taken_over_as_it_is_read() -> None:
    odd = POM.replace(b"<version>${cas.version}</version>", b"<version> 5&lt;3&gt;&amp; </version>", 1)
    assert maven.add(odd, [SPNEGO], "f").count(b"<version>5&lt;3&gt;&amp;</version>") == 1


def test_a_dependency_gets_its_version_where_it_stands() -> None:
    there = maven.add(POM, [Dependency("org.example", "jcifs-ext", "0.9.1")], "f")
    assert maven.add(there, [JCIFS], "f") == there.replace(b"0.9.1", b"0.9.4")
    by_property = there.replace(b"0.9.1", b"${jcifs.version}")
    assert maven.add(by_property, [JCIFS], "f") == by_property


def test_a_bill_of_materials_gives_the_version() -> None:
    managed = (
        b"<project><dependencyManagement><dependencies><dependency><groupId>org.apereo.cas</groupId>"
        b"<artifactId>cas-server-support-bom</artifactId></dependency></dependencies></dependencyManagement></project>"
    )
    done = maven.add(managed, [SPNEGO], "f")
    assert b"<version>" not in done and SPNEGO.artifact.encode() in done
    with pytest.raises(PomRefusal, match="f: says nowhere which CAS"):
        maven.add(b"<project/>", [SPNEGO], "f")


def test_a_dead_repository_goes_with_its_lines() -> None:
    gone = b"".join(POM.partition(b"        <repository>\n")[1:]).partition(b"    </repositories>")[0]
    assert maven.without_repositories(POM, DEAD, "f") == POM.replace(gone, b"")
    assert maven.without_repositories(POM, ["https://other/*"], "f") == POM


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<project>", "f: line 1: is no XML"),
        (b"", "f: line 1: is no XML"),
        (b"<project>\n<a>\xff</a></project>", "f: line 2: is no XML (byte 0xff is not utf-8"),
        (b"<a/>", "f: begins with <a> and not with <project>"),
        (b"<!DOCTYPE project [<!ENTITY a 'b'>]><project/>", "f: has a document type"),
        ("<project/>".encode("utf-16"), "f: is not in UTF-8"),
        (b"<?xml version='1.0' encoding='klingon'?><project/>", "f: line 1: is no XML"),
    ],
)
def test_what_is_no_pom(content: bytes, said: str) -> None:
    with pytest.raises(PomRefusal) as refused:
        maven.dependencies(content, "f")
    assert str(refused.value).startswith(said) and ";" in str(refused.value)


NAMES = st.sampled_from(["a", "dependencies", "dependency", "b"])
TEXTS = st.sampled_from(["", " ", "\n  ", "x", "<!-- <a> -->", "<![CDATA[</a>]]>", "&lt;", "é"])
TREES = st.recursive(
    st.builds("<{0}/>".format, NAMES) | st.builds("<{0} c='>' d=\"/>\"/>".format, NAMES),
    lambda inner: st.builds(
        lambda name, parts: f"<{name} >{''.join(a + b for a, b in parts)}</{name}\n>",
        NAMES,
        st.lists(st.tuples(TEXTS, inner), max_size=3),
    ),
    max_leaves=8,
)


@given(st.lists(st.tuples(TEXTS, TREES), max_size=4), st.sampled_from([b"", b"\xef\xbb\xbf"]))
def test_places_are_those_of_the_elements(parts: list[tuple[str, str]], mark: bytes) -> None:
    content = mark + f"<project>{''.join(a + b for a, b in parts)}</project>".encode()
    found = document(content, "f")

    def same(element: Element, own: ElementTree.Element) -> None:
        alone = copy.copy(own)
        alone.tail = None
        again = ElementTree.fromstring(found.text[element.start : element.end])
        assert ElementTree.tostring(again) == ElementTree.tostring(alone)
        assert len(element.children) == len(own)
        for one, two in zip(element.children, own):
            same(one, two)

    same(found.root, ElementTree.fromstring(content))
    done = maven.add(content, [JCIFS], "f")
    assert maven.add(done, [JCIFS], "f") == done
    ElementTree.fromstring(done)
