# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a CAS overlay depends on, as a value: group, artifact and version, however its build file writes it."""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass
from typing import Iterable, List, Sequence, Tuple

from .cas_release import CasRefusal

CAS_GROUP = "org.apereo.cas"
PREFIX = "cas-server-"
_ARTIFACT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_COORDINATES = re.compile(r"(?P<group>[\w.-]+):(?P<artifact>[\w.-]+):(?P<version>[\w.+-]+)", re.ASCII)


class DependencyRefusal(CasRefusal):
    """A module or dependency that cannot be written, and how to write it."""


@dataclass(frozen=True)
class Dependency:
    """``version`` is empty where a bill of materials gives it, or, for one that is wanted, where any will do."""

    group: str
    artifact: str
    version: str = ""


def modules_from(given: Sequence[str]) -> Tuple[Dependency, ...]:
    """The option `modules`; DependencyRefusal for what is no module of CAS."""
    for name in given:
        if not _ARTIFACT.fullmatch(name) or not name.startswith(PREFIX):
            raise DependencyRefusal(
                f"modules: '{name}' is no module of CAS; write the whole artifact, as cas-server-support-spnego-webflow"
            )
    return tuple(Dependency(CAS_GROUP, name) for name in dict.fromkeys(given))


def dependencies_from(given: Sequence[str]) -> Tuple[Dependency, ...]:
    """The option `dependencies`; DependencyRefusal for what is not group, artifact and version, or is there twice."""
    found: List[Dependency] = []
    for text in given:
        match = _COORDINATES.fullmatch(text)
        if match is None:
            raise DependencyRefusal(
                f"dependencies: '{text}' is not group, artifact and version; write it as org.example:jcifs-ext:0.9.4"
            )
        one = Dependency(match["group"], match["artifact"], match["version"])
        if any((one.group, one.artifact) == (two.group, two.artifact) for two in found):
            raise DependencyRefusal(f"dependencies: {one.group}:{one.artifact} is there twice; leave one of them out")
        found.append(one)
    return tuple(found)


def asked_modules(value: str) -> Tuple[str, ...]:
    """The artifacts that the property casModules asks for: `spnego-webflow` means cas-server-support-spnego-webflow."""
    names = [name.strip() for name in value.split(",") if name.strip()]
    return tuple(
        name if name.startswith(PREFIX) else f"{PREFIX}{name if name.startswith('support-') else f'support-{name}'}"
        for name in names
    )


def matches(url: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns (with * and ?) means the URL."""
    return any(fnmatch.fnmatchcase(url.strip(), pattern) for pattern in patterns)
