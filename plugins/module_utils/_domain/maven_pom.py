# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A CAS overlay's pom.xml of Maven: what it depends on, and edits that leave the rest alone, to the byte.

From Maven's POM reference. What counts are the dependencies of the project itself and of a profile that is active by
default, where the overlays of CAS 5 keep them; dependencyManagement only says versions. New ones become dependencies of
the project, which hold whatever profile is asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Dict, List, Sequence

from . import xml_edit as edit
from .cas_dependency import CAS_GROUP, Dependency, matches
from .cas_release import CasRefusal
from .xml_text import Document, Element, FormRefusal, document, scan

NOT_PACKED = ("test", "provided", "system")  # scopes that do not go into the web archive
_PROPERTY = re.compile(r"\$\{([^}]+)\}")
_MOST = 10  # properties within properties


class PomRefusal(CasRefusal):
    """A pom.xml that cannot be read, or not be edited where it stands."""


@dataclass(frozen=True)
class Place:
    """A dependency and the element that declares it."""

    dependency: Dependency
    element: Element


def version_of(content: bytes, where: str) -> str:
    """The version of CAS that is built: the property cas.version, else that of a module; empty where neither is."""
    root = _read(content, where).root
    properties = _properties(root)
    held = [one.dependency.version for one in _places(root) if one.dependency.group == CAS_GROUP]
    for text in (properties.get("cas.version", ""), *held):
        value = _resolved(text, properties)
        if value and "$" not in value:
            return value
    return ""


def dependencies(content: bytes, where: str) -> List[Dependency]:
    """What the overlay puts into its web archive; PomRefusal where the file is no pom.xml."""
    return [place.dependency for place in _places(_read(content, where).root)]


def add(content: bytes, wanted: Sequence[Dependency], where: str) -> bytes:
    """The file with the wanted dependencies; the others and all else stay."""
    found = _read(content, where)
    for one in wanted:
        found = scan(_with(found, one, where), where, found.codec)
    return found.text.encode(found.codec)


def _with(found: Document, wanted: Dependency, where: str) -> str:
    places = _places(found.root)
    for place in places:
        there = place.dependency
        if (there.group, there.artifact) != (wanted.group, wanted.artifact):
            continue
        if not wanted.version or there.version in ("", wanted.version) or "$" in there.version:
            return found.text
        return edit.with_text(found, _all(place.element, "version")[0], wanted.version)
    version = wanted.version or _version(found.root, places, where)
    fields = {"groupId": wanted.group, "artifactId": wanted.artifact, "version": version}
    inside = [f"<{name}>{edit.escaped(value, '>', found.codec)}</{name}>" for name, value in fields.items() if value]
    sections = _all(found.root, "dependencies")
    parent = sections[0] if sections else found.root
    lines = ["<dependency>", *edit.indented(inside, found, parent), "</dependency>"]
    if not sections:
        lines = ["<dependencies>", *edit.indented(lines, found, parent), "</dependencies>"]
    return edit.with_child(found, parent, lines)


def _version(root: Element, places: Sequence[Place], where: str) -> str:
    """The version as the other modules of CAS have it; empty where dependencyManagement gives it."""
    held = [one.dependency.version for one in places if one.dependency.group == CAS_GROUP and one.dependency.version]
    if held:
        return held[0]
    if "cas.version" in _properties(root):
        return "${cas.version}"
    managed = _all(root, "dependencyManagement", "dependencies", "dependency")
    if any(_text(one, "artifactId") == "cas-server-support-bom" for one in managed):
        return ""
    raise PomRefusal(
        f"{where}: says nowhere which CAS it is an overlay of; give it a property cas.version, or name the folder of "
        "the overlay itself"
    )


def without_repositories(content: bytes, patterns: Sequence[str], where: str) -> bytes:
    """The file without the repositories whose URL one of the patterns means, in profiles too."""
    found = _read(content, where)
    holders = [found.root, *_all(found.root, "profiles", "profile")]
    kinds = (("repositories", "repository"), ("pluginRepositories", "pluginRepository"))
    there = [one for holder in holders for kind in kinds for one in _all(holder, *kind)]
    for one in sorted(there, key=lambda element: -element.start):  # from the end, so that the others stay in place
        if matches(_text(one, "url"), patterns):
            found = replace(found, text=edit.without_element(found, one))
    return found.text.encode(found.codec)


def _read(content: bytes, where: str) -> Document:
    if b"\0" in content:
        raise PomRefusal(f"{where}: is not in UTF-8 or another code that holds ASCII; save it as UTF-8")
    try:
        found = document(content, where)
    except FormRefusal as refusal:
        raise PomRefusal(f"{where}: line {refusal.line}: is no XML ({refusal.fault}); mend it there") from refusal
    if found.typed:
        raise PomRefusal(f"{where}: has a document type (<!DOCTYPE), which is not followed; take it out")
    if found.root.name != "project":
        raise PomRefusal(f"{where}: begins with <{found.root.name}> and not with <project>; name another file")
    return found


def _all(element: Element, *path: str) -> List[Element]:
    """The elements that the names lead to, from this one down."""
    found = [element]
    for name in path:
        found = [child for one in found for child in one.children if child.name == name]
    return found


def _text(element: Element, name: str) -> str:
    """The text of the first child of that name; empty without one."""
    return next((one.text.strip() for one in _all(element, name)), "")


def _places(root: Element) -> List[Place]:
    """The dependencies that hold in a plain build and go into the archive."""
    active = [
        profile
        for profile in _all(root, "profiles", "profile")
        if any(one.text.strip() == "true" for one in _all(profile, "activation", "activeByDefault"))
    ]
    elements = [one for holder in (root, *active) for one in _all(holder, "dependencies", "dependency")]
    return [
        Place(Dependency(*(_text(one, name) for name in ("groupId", "artifactId", "version"))), one)
        for one in elements
        if _text(one, "scope") not in NOT_PACKED
    ]


def _properties(root: Element) -> Dict[str, str]:
    return {one.name: one.text.strip() for section in _all(root, "properties") for one in section.children}


def _resolved(text: str, properties: Dict[str, str]) -> str:
    for dummy in range(_MOST):
        text, count = _PROPERTY.subn(lambda match: properties.get(match[1], match[0]), text)
        if not count or len(text) > 200:
            break
    return text
