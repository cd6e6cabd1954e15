# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of CAS, and the matrix of what differs between them: printed here, repeated in docs/cas-versions.md."""

from __future__ import annotations

import pathlib
from typing import Callable, Dict, List, Tuple

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.cas_release import (
    FLAT,
    INDEXED,
    LINES,
    CasRefusal,
    Line,
    line_of,
)
from hypothesis import given
from hypothesis import strategies as st

PAGE = pathlib.Path(__file__).resolve().parents[4] / "docs" / "cas-versions.md"
MATRIX_LINES = ("5.3", "6.6", "7.0", "7.1", "7.2", "7.3", "8.0")
# What the lab starts: the version, and the Java and the embedded Tomcat that it runs on there.
STARTED = {"6.6": ("6.6.12", "17", "9.0.80"), "7.0": ("7.0.0", "21", "10.1.17")}
REAL, DOCUMENTS = "started for real", "from documents"


def _properties(line: Line) -> str:
    if line.dialect == FLAT:
        return "side by side, `kerberosConf` is a path"
    return "`properties[n]` and `system`, `kerberos-conf` is a `file:` URL"


def _dependency(line: Line) -> str:
    return "Maven, `pom.xml`" if line.dialect == FLAT else "Gradle, `build.gradle`"


def _java(line: Line) -> str:
    if line.java == line.java_most:
        return str(line.java)
    return f"{line.java} or later" + (f", at most {line.java_most}" if line.java_most else "")


def _tomcat(line: Line) -> str:
    return f"{' or '.join(line.tomcats)} (`{line.servlets}`)"


def _appenders(line: Line) -> str:
    return "`console`, `file`" if line.dialect == FLAT else "`casConsole`, `casFile`"


COLUMNS: Dict[str, Callable[[Line], str]] = {
    "SPNEGO's properties": _properties,
    "overlay": _dependency,
    "Java": _java,
    "Tomcat": _tomcat,
    "header limit": lambda line: f"`{line.header_key}`",
    "appenders of log4j2.xml": _appenders,
}
# The SPNEGO module is not where anybody can fetch it, so the lab builds no overlay.
NEVER_STARTED = ("overlay",)


def cell(line: Line, column: str) -> str:
    """What the line has there, and how we know."""
    known = REAL if line.name in STARTED and column not in NEVER_STARTED else DOCUMENTS
    if known == REAL and column in ("Java", "Tomcat"):
        known = f"{STARTED[line.name][1 if column == 'Java' else 2]} {REAL}"
    return f"{COLUMNS[column](line)}; {known}"


def matrix() -> str:
    """The table of docs/cas-versions.md."""
    rows: List[Tuple[str, ...]] = [("CAS", *COLUMNS), ("---",) * (len(COLUMNS) + 1)]
    for name in MATRIX_LINES:
        title = f"{name} ({STARTED[name][0]})" if name in STARTED else name
        rows.append((title, *(cell(line_of(f"{name}.0"), column) for column in COLUMNS)))
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def test_the_matrix_is_printed_and_stands_in_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print("\n" + matrix())
    assert matrix() in PAGE.read_text(encoding="utf-8")


# The lines of the matrix once more, by hand: dialect, Java, Tomcats, servlets, header key, NTLM's handler.
_OLD, _NEW = "server.max-http-header-size", "server.max-http-request-header-size"
BY_HAND = {
    "5.3": (FLAT, 8, 8, ("8.5", "9.0"), "javax", _OLD, True),
    "6.6": (INDEXED, 11, None, ("9.0",), "javax", _OLD, True),
    "7.0": (INDEXED, 21, None, ("10.1",), "jakarta", _NEW, False),
    "7.1": (INDEXED, 21, None, ("10.1",), "jakarta", _NEW, False),
    "7.2": (INDEXED, 21, None, ("10.1",), "jakarta", _NEW, False),
    "7.3": (INDEXED, 21, None, ("10.1", "11.0"), "jakarta", _NEW, False),
    "8.0": (INDEXED, 25, None, ("11.0",), "jakarta", _NEW, False),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_lines(name: str) -> None:
    line = line_of(f"{name}.3")
    held = (line.dialect, line.java, line.java_most, line.tomcats, line.servlets, line.header_key, line.ntlm_handler)
    assert held == BY_HAND[name]
    assert line.conf_is_url == (name != "5.3")


def test_the_matrix_s_lines_are_lines() -> None:
    assert set(MATRIX_LINES) == set(BY_HAND) <= {line.name for line in LINES}


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
def test_what_hangs_together(line: Line) -> None:
    """Spring Boot 3 came with jakarta, Java 17 and another name for the header's limit; Tomcat 10 with jakarta."""
    boot = int(line.boot.split(".")[0])
    assert (line.servlets == "jakarta") == (boot >= 3) == (line.header_key == _NEW)
    assert all((int(tomcat.split(".")[0]) >= 10) == (line.servlets == "jakarta") for tomcat in line.tomcats)
    assert line.java >= {1: 8, 2: 8, 3: 17, 4: 17}[boot]
    assert (line.dialect == FLAT) == (line.name == "5.3")


@pytest.mark.parametrize(
    ("version", "name"),
    [
        ("5.3.16", "5.3"),
        ("6.6.15.2", "6.6"),
        ("7.0.10.1", "7.0"),
        ("7.3", "7.3"),
        ("8.0.0-RC1", "8.0"),
        ("6.6.0-SNAPSHOT", "6.6"),
        ("06.6.1", "6.6"),
    ],
)
def test_versions(version: str, name: str) -> None:
    assert line_of(version).name == name


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("", "^cas_version: '' is not a version of CAS; write it in full"),
        ("7", "^cas_version: '7' is not a version"),
        ("7.0\n", "^cas_version: '7.0.x0a' is not a version"),
        ("v7.0.0", "is not a version"),
        ("5.2.1", r"^cas_version: CAS 5\.2 is none of the lines .*\(5\.3, 6\.0, .*8\.0\).*; "),
        ("8.1.0", "CAS 8.1 is none of the lines"),
    ],
)
def test_what_is_no_version_or_no_line_that_is_known(version: str, words: str) -> None:
    with pytest.raises(CasRefusal, match=words):
        line_of(version)


def test_the_option_is_named() -> None:
    with pytest.raises(CasRefusal, match=r"^version: 'x' is not a version"):
        line_of("x", "version")


@given(st.text(max_size=20))
def test_any_text_is_a_line_or_refused(version: str) -> None:
    try:
        line = line_of(version)
    except CasRefusal as refused:
        assert "\n" not in str(refused)
        return
    assert line in LINES
