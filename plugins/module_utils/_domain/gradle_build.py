# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A CAS overlay's build file of Gradle: what it depends on, and edits that leave the rest alone.

Counted are the dependencies of the block `dependencies` at the top of the file that end up in the web archive: those
below an `if` or in `subprojects` may not. A version is written only where no bill of materials of CAS gives it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Dict, Iterable, Iterator, List, Optional, Sequence, Tuple

from .cas_dependency import CAS_GROUP, Dependency, matches
from .gradle_code import MARK, STRING, WORD, Block, GradleRefusal, Statement, Token, statements

PACKED = ("implementation", "compile", "api", "runtimeOnly", "runtime")  # configurations that go into the archive
PLATFORMS = frozenset(("platform", "enforcedPlatform"))
OWN_VERSION = {False: "${project.'cas.version'}", True: '${project.property("cas.version")}'}  # by whether Kotlin
# An artifact may be made of parts, as cas-server-webapp${project.appServer}.
_COORDINATES = re.compile(
    r"(?P<group>[\w.-]+):(?P<artifact>(?:[\w.-]|\$\{[^}]*\}|\$\w+)+)(?::(?P<version>.*))?", re.DOTALL
)
_OF_MODULES = re.compile(r"org\.apereo\.cas:(?:cas-server-)?(?:support-)?\$")


@dataclass(frozen=True)
class Place:
    """A dependency, the method that declares it, and where its coordinates stand; ``platform``: a bill of materials."""

    dependency: Dependency
    method: str
    platform: bool
    token: Optional[Token]  # None where group, name and version are given one by one


def dependencies(text: str, where: str, kotlin: bool = False) -> List[Dependency]:
    """What the overlay puts into its web archive; GradleRefusal where the file cannot be told apart."""
    return [place.dependency for place in _places(_blocks(text, where, kotlin)) if not place.platform]


def takes_modules(text: str, where: str, kotlin: bool = False) -> bool:
    """Whether the file makes dependencies of the property casModules.

    Many overlays read it and look for projects of such names, as CAS's own build has them and no overlay does.
    """
    strings = [token.text for token in _all_tokens(statements(text, where, kotlin)) if token.kind == STRING]
    return "casModules" in strings and any(map(_OF_MODULES.match, strings))


def _all_tokens(parsed: Iterable[Statement]) -> Iterator[Token]:
    for statement in parsed:
        yield from statement.tokens
        for block in statement.blocks:
            yield from _all_tokens(block.statements)


def add(text: str, wanted: Sequence[Dependency], where: str, kotlin: bool = False) -> str:
    """The text with the wanted dependencies, each as it is to stand; the others and all else stay."""
    for one in wanted:
        text = _add(text, one, where, kotlin)
    return text


def _add(text: str, wanted: Dependency, where: str, kotlin: bool) -> str:
    blocks = _blocks(text, where, kotlin)
    places = _places(blocks)
    for place in places:
        there = place.dependency
        if place.platform or (there.group, there.artifact) != (wanted.group, wanted.artifact):
            continue
        if place.token is None or not wanted.version or there.version == wanted.version or "$" in there.version:
            return text
        start = place.token.start + text[place.token.start : place.token.end].index(place.token.text)
        now = f"{wanted.group}:{wanted.artifact}:{wanted.version}"
        return text[:start] + now + text[start + len(place.token.text) :]
    if not blocks:
        raise GradleRefusal(
            f"{where}: has no block dependencies {{ ... }} at its top, in which modules of CAS stand; add one, or name "
            "the folder of the overlay itself"
        )
    coordinates = f"{wanted.group}:{wanted.artifact}"
    version = wanted.version or _version(places, kotlin)
    coordinates += f":{version}" if version else ""
    method = next((one.method for one in places if one.dependency.group == CAS_GROUP), "implementation")
    line = f'{method}("{coordinates}")' if kotlin else f'{method} "{coordinates}"'
    return _insert(text, _last_of_cas(blocks), line)


def _version(places: Sequence[Place], kotlin: bool) -> str:
    """The version as the other modules of CAS have it; empty where a bill of materials gives it."""
    if any(one.platform and one.dependency.artifact == "cas-server-support-bom" for one in places):
        return ""
    held = [one.dependency.version for one in places if one.dependency.group == CAS_GROUP and one.dependency.version]
    return held[0] if held else OWN_VERSION[kotlin]


def _last_of_cas(blocks: Sequence[Block]) -> Block:
    of_cas = [block for block in blocks if any(one.dependency.group == CAS_GROUP for one in _places([block]))]
    return (of_cas or list(blocks))[-1]


def _insert(text: str, block: Block, line: str) -> str:
    """The line as the last statement of the block."""
    newline = "\r\n" if "\r\n" in text else "\n"
    at = text.rfind("\n", 0, block.close) + 1
    outer = _indent(text, at)
    inner = f"{outer}    "
    for statement in block.statements:
        begins = text.rfind("\n", 0, statement.start) + 1
        if begins > block.open and not text[begins : statement.start].strip():
            inner = text[begins : statement.start]
    if at > block.open and not text[at : block.close].strip():
        return f"{text[:at]}{inner}{line}{newline}{text[at:]}"
    return f"{text[: block.close]}{newline}{inner}{line}{newline}{outer}{text[block.close :]}"


def _indent(text: str, at: int) -> str:
    return text[at : at + len(text[at:]) - len(text[at:].lstrip(" \t"))]


def without_repositories(text: str, patterns: Sequence[str], where: str, kotlin: bool = False) -> str:
    """The text without the repositories of Maven's kind whose URL one of the patterns means."""
    gone = [
        (statement.start, statement.end)
        for statement in _of_repositories(statements(text, where, kotlin))
        if any(token.kind == STRING and matches(token.text, patterns) for token in _all_tokens([statement]))
    ]
    for start, end in reversed(gone):
        begins, ends = text.rfind("\n", 0, start) + 1, text.find("\n", end)
        ends = len(text) if ends < 0 else ends + 1
        alone = not text[begins:start].strip() and not text[end:ends].strip()
        text = text[:begins] + text[ends:] if alone else text[:start] + text[end:]
    return text


def _of_repositories(parsed: Iterable[Statement], inside: bool = False) -> Iterator[Statement]:
    for statement in parsed:
        if inside and statement.word == "maven":
            yield statement
            continue
        for block in statement.blocks:
            yield from _of_repositories(block.statements, statement.word == "repositories")


def _blocks(text: str, where: str, kotlin: bool) -> List[Block]:
    """The blocks `dependencies` at the top of the file."""
    return [
        block
        for statement in statements(text, where, kotlin)
        if statement.word == "dependencies"
        for block in statement.blocks
    ]


def _places(blocks: Iterable[Block]) -> List[Place]:
    return [
        place
        for block in blocks
        for statement in block.statements
        if statement.word in PACKED
        for place in _declared(statement)
    ]


def _declared(statement: Statement) -> Iterator[Place]:
    named = _named(statement.tokens)
    if "group" in named and "name" in named:
        found = Dependency(named["group"], named["name"], named.get("version", ""))
        yield Place(found, statement.word, False, None)
        return
    platform = any(token.kind == WORD and token.text in PLATFORMS for token in statement.tokens)
    for token in statement.tokens:
        match = _COORDINATES.fullmatch(token.text) if token.kind == STRING else None
        if match:
            found = Dependency(match["group"], match["artifact"], match["version"] or "")
            yield Place(found, statement.word, platform, token)


def _named(tokens: Sequence[Token]) -> Dict[str, str]:
    """The strings that are given by name: `group: "a", name: "b"`, or with = in Kotlin."""
    triples: Iterator[Tuple[Token, Token, Token]] = zip(tokens, tokens[1:], tokens[2:])
    return {
        one.text: three.text
        for one, two, three in triples
        if one.kind == WORD and two.kind == MARK and two.text in ":=" and three.kind == STRING
    }
