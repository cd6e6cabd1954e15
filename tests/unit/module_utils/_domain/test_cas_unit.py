# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a unit of CAS says about its Java, as systemctl shows it."""

from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_unit import CasUnit, unit_of, variables_of
from hypothesis import given
from hypothesis import strategies as st

SHOWN = """\
Id=cas.service
LoadState=loaded
ActiveState=active
User=cas
Group=
ExecStart={ path=/usr/bin/java ; argv[]=/usr/bin/java -Xmx1g "-Dx=a b" -jar /etc/cas/cas.war ; ignore_errors=no ; }
Environment=JAVA_HOME=/opt/java "OPTS=-a -b=c" loose
EnvironmentFiles=/etc/default/cas (ignore_errors=yes)
EnvironmentFiles=/etc/cas/*.env (ignore_errors=no)
"""


def test_a_unit() -> None:
    unit = unit_of(SHOWN, "cas.service")
    assert (unit.name, unit.exists, unit.active, unit.user, unit.group) == ("cas.service", True, True, "cas", "")
    assert unit.arguments == ("/usr/bin/java", "-Xmx1g", "-Dx=a b", "-jar", "/etc/cas/cas.war")
    assert unit.java == "/usr/bin/java"
    assert unit.environment == {"JAVA_HOME": "/opt/java", "OPTS": "-a -b=c"}
    assert unit.files == ("/etc/default/cas", "/etc/cas/*.env")


@pytest.mark.parametrize(
    ("command", "java"),
    [
        ("/usr/bin/env X=y /opt/j/bin/java -jar x", "/opt/j/bin/java"),
        ("/opt/tomcat/bin/catalina.sh run", ""),
        ("/bin/sh -c 'exec ${JAVA_HOME}/bin/java -jar x'", ""),
        ("", ""),
    ],
)
def test_the_java_that_it_starts(command: str, java: str) -> None:
    shown = f"LoadState=loaded\nExecStart={{ path=/x ; argv[]={command} ; ignore_errors=no ; pid=0 }}\n"
    assert unit_of(shown, "cas.service").java == java


def test_no_unit() -> None:
    assert unit_of("", "cas.service") == CasUnit("cas.service")
    assert unit_of("Id=cas.service\nLoadState=not-found\nActiveState=inactive\n", "cas.service") == CasUnit(
        "cas.service"
    )
    bare = unit_of("LoadState=loaded\nActiveState=failed\nUser=\n", "cas.service")
    assert (bare.exists, bare.active, bare.user) == (True, False, "root")


def test_variables_of_a_file() -> None:
    text = "# JAVA_HOME=/no\n; x\nJAVA_HOME='/opt/a b'\n  B=\nC=\"x y\" z\nD=it's\nno name=1\n"
    assert variables_of(text) == {"JAVA_HOME": "/opt/a b", "B": "", "C": "x y", "D": "it's"}


@given(st.text(alphabet="ExecStart=argv[];{}'\"\\ \n/binjava", max_size=80))
def test_any_text(text: str) -> None:
    unit_of(f"LoadState=loaded\n{text}", "cas.service")
    variables_of(text)
