# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A CAS overlay, whichever tool builds it: what it asks for, and the plan that makes it ask for more."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import List, Mapping, Optional, Tuple

from . import gradle_build, maven_pom
from .cas_dependency import CAS_GROUP, Dependency, asked_modules
from .cas_release import CasRefusal

GRADLE, MAVEN, ABSENT = "gradle", "maven", "absent"
BUILD_FILES: Mapping[str, str] = {"build.gradle": GRADLE, "build.gradle.kts": GRADLE, "pom.xml": MAVEN}
PROPERTIES_FILE = "gradle.properties"
NOT_SHOWN = "(not shown)"
_PROPERTY = re.compile(r"^[ \t\f]*(?P<name>[\w.-]+)[ \t\f]*[=:][ \t\f]*(?P<value>[^\r\n]*?)[ \t\f]*\r?$", re.MULTILINE)
_SECRET = re.compile(r"pass|credential|secret|token|user|api.?key", re.IGNORECASE)
_VALUES = re.compile(r"""(?P<before>["'>=])(?P<value>[^"'<>\s=][^"'<>]*)""")
_IN_URL = re.compile(r"(?<=://)[^@\s\"'<>]+(?=@)")


class OverlayRefusal(CasRefusal):
    """An overlay that is not what was asked for, and what would mend it."""


@dataclass(frozen=True)
class Overlay:
    """``version``: of CAS, empty where it is not told; ``modules``: the artifacts that it asks for, in their order."""

    path: str
    kind: str = ABSENT
    version: str = ""
    modules: Tuple[str, ...] = ()


@dataclass(frozen=True)
class OverlayWish:
    """``modules`` may have any version, ``dependencies`` have theirs; ``dead``: patterns of URLs."""

    modules: Tuple[Dependency, ...] = ()
    dependencies: Tuple[Dependency, ...] = ()
    dead: Tuple[str, ...] = ()
    version: str = ""


@dataclass(frozen=True)
class OverlayPlan:
    """The build file before and after."""

    kind: str
    before: bytes
    after: bytes


def kind_of(build_file: str) -> str:
    """GRADLE or MAVEN for the name of a build file."""
    return BUILD_FILES[build_file]


def properties_of(text: str) -> Mapping[str, str]:
    """The properties in the text of gradle.properties; of two of one name the last counts, as in Java."""
    return {one["name"]: one["value"] for one in _PROPERTY.finditer(text)}


def overlay_of(path: str, build_file: str, content: bytes, properties: str) -> Overlay:
    """What the overlay in the folder ``path`` asks for; ``properties``: the text of its gradle.properties."""
    where = f"{path}/{build_file}"
    if kind_of(build_file) == MAVEN:
        found = maven_pom.dependencies(content, where)
        return Overlay(path, MAVEN, maven_pom.version_of(content, where), _artifacts(found))
    text, kotlin = _text(content), _is_kotlin(build_file)
    values = properties_of(properties)
    modules = _artifacts(gradle_build.dependencies(text, where, kotlin))
    if gradle_build.takes_modules(text, where, kotlin):
        modules += asked_modules(values.get("casModules", ""))
    return Overlay(path, GRADLE, values.get("cas.version", ""), tuple(dict.fromkeys(modules)))


def _artifacts(found: List[Dependency]) -> Tuple[str, ...]:
    return tuple(dict.fromkeys(one.artifact for one in found))


def plan(path: str, build_file: str, content: Optional[bytes], properties: str, wish: OverlayWish) -> OverlayPlan:
    """The build file as it is to be; OverlayRefusal where the overlay is of another CAS than was asked for."""
    where = f"{path}/{build_file}"
    if content is None:
        raise OverlayRefusal(f"{where}: is gone; name the folder of the overlay")
    there = overlay_of(path, build_file, content, properties)
    if wish.version and there.version and there.version != wish.version:
        place = where if there.kind == MAVEN else f"{path}/{PROPERTIES_FILE}"
        raise OverlayRefusal(
            f"version: CAS {wish.version} is asked for, but {place} says cas.version {there.version}; set one of them "
            "to the other"
        )
    # A module may be asked for elsewhere (casModules); then the build file needs none.
    wanted = [one for one in wish.modules if one.group != CAS_GROUP or one.artifact not in there.modules]
    wanted += wish.dependencies
    if there.kind == MAVEN:
        after = maven_pom.without_repositories(content, wish.dead, where)
        return OverlayPlan(MAVEN, content, maven_pom.add(after, wanted, where))
    kotlin = _is_kotlin(build_file)
    text = gradle_build.without_repositories(_text(content), wish.dead, where, kotlin)
    text = gradle_build.add(text, wanted, where, kotlin)
    return OverlayPlan(GRADLE, content, text.encode("utf-8", "surrogateescape"))


def describe(planned: OverlayPlan) -> Tuple[str, str]:
    """The lines that go and those that come. The file may hold passwords of repositories, which are not shown."""
    before, after = (
        content.decode("utf-8", "replace").splitlines(keepends=True) for content in (planned.before, planned.after)
    )
    went, came = [], []
    for tag, first, last, begin, end in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            went += before[first:last]
            came += after[begin:end]
    return "".join(map(_masked, went)), "".join(map(_masked, came))


def _masked(line: str) -> str:
    if _SECRET.search(line):
        line = _VALUES.sub(lambda match: f"{match['before']}{NOT_SHOWN}", line)
    return _IN_URL.sub(NOT_SHOWN, line)


def _is_kotlin(build_file: str) -> bool:
    return build_file.endswith(".kts")


def _text(content: bytes) -> str:
    # Bytes that are no UTF-8 survive as they are.
    return content.decode("utf-8", "surrogateescape")
