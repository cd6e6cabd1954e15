# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's CAS as it is installed: web archive, Java, overlay and unit, and what keeps SPNEGO from working in them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Dict, List, Optional, Tuple

from . import cas_archive, cas_java
from .cas_archive import War
from .cas_java import Java
from .cas_overlay import Overlay
from .cas_release import CasRefusal, Line, line_of
from .cas_unit import CasUnit

MODULE = "cas-server-support-spnego-webflow"


@dataclass(frozen=True)
class Problem:
    """``check``: a fixed name; ``where``, ``what``, ``remedy``: the parts of a sentence."""

    check: str
    where: str
    what: str
    remedy: str


@dataclass(frozen=True)
class Log4j2:
    """The file in which CAS's log is set, and whether it is there."""

    path: str
    exists: bool


@dataclass(frozen=True)
class Found:
    """What was read. ``asked``: the version that CAS is to have, empty for any; ``java_asked``: its Java's folder."""

    war: War
    java: Java
    overlay: Overlay
    unit: CasUnit
    log4j2: Log4j2
    asked: str = ""
    java_asked: str = ""

    @property
    def version(self) -> str:
        return self.asked or self.war.version or self.overlay.version


def _line(found: Found) -> Tuple[Optional[Line], List[Problem]]:
    """The line of the version; CasRefusal where one that was asked for is none, a problem where one was found."""
    if found.asked:
        return line_of(found.asked, "version"), []
    where = found.war.path if found.war.version else found.overlay.path or found.war.path
    remedy = "say which CAS it is (version)"
    if not found.version:
        return None, [Problem("version_unknown", where, "tells no version of CAS", remedy)]
    try:
        return line_of(found.version), []
    except CasRefusal:
        what = f"is CAS {found.version}, whose settings are not known"
        return None, [Problem("version_unknown", where, what, "take a CAS whose line is known, or a newer collection")]


def _of_java(found: Found, line: Optional[Line]) -> List[Problem]:
    java = found.java
    if java.source == cas_java.NOWHERE:
        where = found.java_asked or "java"
        remedy = "install the Java that CAS needs, or say where it is (java_home)"
        return [Problem("java_absent", where, "holds no Java" if found.java_asked else "is not on this host", remedy)]
    told = []
    if line and java.major < line.java:
        what = f"is Java {java.version or 'of an unknown version'}, and CAS {line.name} needs {line.java} or later"
        remedy = f"install Java {line.java} and let the unit start it, or say where it is (java_home)"
        told.append(Problem("java_too_old", java.home, what, remedy))
    if line and line.java_most and java.major > line.java_most:
        what = f"is Java {java.version}, and CAS {line.name} runs on {line.java_most} at most"
        remedy = f"install Java {line.java_most} and let the unit start it, or say where it is (java_home)"
        told.append(Problem("java_too_new", java.home, what, remedy))
    if java.aes < cas_java.UNLIMITED:
        what = f"works with keys of AES up to {java.aes} bits only, so that it opens no ticket of AES-256"
        remedy = "set crypto.policy=unlimited in its java.security; before 8u151 install the unlimited JCE policy files"
        told.append(Problem("java_aes_limited", java.home, what, remedy))
    return told


def _of_war(found: Found) -> List[Problem]:
    war = found.war
    if war.kind == cas_archive.ABSENT:
        return [Problem("war_absent", war.path, "is not there", "build CAS, or say where its web archive is (war)")]
    rows = (
        (
            not war.spnego,
            Problem(
                "war_without_spnego", war.path, f"has no {MODULE} in it", "add it to the overlay and build it again"
            ),
        ),
        (
            not war.jcifs,
            Problem(
                "war_without_jcifs",
                war.path,
                f"has no {cas_archive.AUTHENTICATION} in it, which CAS's SPNEGO calls",
                "add jcifs-ext to the overlay from a repository that has it, and build it again",
            ),
        ),
        (
            bool(war.servlet_apis),
            Problem(
                "war_with_old_servlet_api",
                war.path,
                f"has {', '.join(war.servlet_apis)} in it, which takes the place of the servlet API that CAS needs",
                "exclude servlet-api from the dependency that brings it, and build it again",
            ),
        ),
        (
            bool(found.asked and war.version) and not same_version(found.asked, war.version),
            Problem(
                "version_differs",
                war.path,
                f"is CAS {war.version} and not {found.asked}",
                "build it again, or say the version that it has",
            ),
        ),
    )
    return [problem for wrong, problem in rows if wrong]


def same_version(asked: str, held: str) -> bool:
    """Whether a version is the one that was asked for, which may leave its last numbers out: 7.0 is 7.0.10 too."""
    return held == asked or held.startswith((f"{asked}.", f"{asked}-"))


def _of_unit(found: Found) -> List[Problem]:
    if found.unit.exists:
        return []
    return [Problem("unit_absent", found.unit.name, "is no unit of systemd on this host", "say which runs CAS (unit)")]


def report(found: Found) -> Dict[str, Any]:
    """All of it as the module returns it."""
    line, problems = _line(found)
    problems = [*problems, *_of_java(found, line), *_of_war(found), *_of_unit(found)]
    return {
        "version": found.version,
        "line": _plain(line) if line else {},
        "war": _plain(found.war),
        "java": _plain(found.java),
        "overlay": _plain(found.overlay),
        "unit": {name: getattr(found.unit, name) for name in ("name", "exists", "active", "user", "group")},
        "log4j2": _plain(found.log4j2),
        "problems": [_plain(problem) for problem in problems],
    }


def _plain(value: Any) -> Dict[str, Any]:
    """A dataclass as Ansible's JSON has it, which knows no tuples."""
    return {name: list(held) if isinstance(held, tuple) else held for name, held in asdict(value).items()}
