# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of CAS's properties as Spring Boot compares them: `ntlmAllowed`, `ntlm_allowed` and `NTLM-ALLOWED` are one.

From Spring Boot's documentation of relaxed binding, and asked of its own ConfigurationPropertyName (2.7.3 and 3.2.1).
Letters' case and everything but letters and digits does not count between dots; what stands in brackets counts as it
is, so that `properties[0]` and `properties.0` are one, but `map[a-b]` and `map.a-b` are not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Iterator, List, Tuple

from .cas_release import CasRefusal

Name = Tuple[str, ...]  # the elements in their plainest form; one in brackets keeps them where that makes a difference
ANY = "[*]"

_PART = re.compile(r"\[(?P<bracketed>[^\[\]]*)\]|(?P<plain>[^.\[]+)|\[(?P<open>[^\[\]]*)\Z|[.\[]")
_ASKED = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+|\[[^\[\]]+\])*\Z")
_PLAIN = re.compile(r"[a-z0-9]+\Z")
_SECRET = re.compile(r"(?:passwords?|passwd|passphrase|pwd|secrets?|credentials?|tokens?|users|keys?)\Z")
_SECRET_VALUE = re.compile(r"://[^/\s:@]*:[^/\s@]+@|\bpass(?:word|wd)?=", re.IGNORECASE)


@dataclass(frozen=True)
class Pattern:
    """What of a file is meant: a key, or with ``below`` everything under it. An element ANY stands for any index."""

    elements: Name
    below: bool = False

    def matches(self, name: Name) -> bool:
        length = len(self.elements)
        deep = len(name) > length or (bool(self.elements) and self.elements[-1] == ANY and len(name) == length)
        if not (deep if self.below else len(name) == length):
            return False
        return all(one == other or (one == ANY and _is_index(other)) for one, other in zip(self.elements, name))


def name_of(key: str) -> Name:
    """The elements of a key in any spelling; keys of one name are one property."""
    return tuple(_elements(key))


def asked_name(key: str, option: str = "settings") -> Name:
    """The same for a key that a user gave; CasRefusal names ``option`` where it cannot be one."""
    if not key.isprintable() or not _ASKED.match(key):
        raise CasRefusal(
            f"{option}: '{key}' is no name of a property; write it as cas.authn.spnego.ntlm-allowed or "
            "cas.authn.spnego.properties[0].jcifs-service-principal"
        )
    return name_of(key)


def pattern_of(key: str, option: str = "absent") -> Pattern:
    """A key, or `key.*` for all below it, with `[*]` for any index; CasRefusal for what is neither."""
    below = key.endswith((".*", ANY))
    bare = key[:-2] if key.endswith(".*") else key
    asked_name(bare.replace(ANY, "[0]"), option)
    return Pattern(name_of(bare), below)


def secret(name: Name, value: str = "") -> bool:
    """Whether the value must not be seen: by the name's last element, or because it holds a password itself."""
    words = [element for element in name if not _is_index(element)]
    return bool(words and _SECRET.search(words[-1].strip("[]").lower())) or bool(_SECRET_VALUE.search(value))


def _elements(key: str) -> Iterator[str]:
    plain: List[str] = []
    for part in _PART.finditer(key):
        if part.group("plain") is not None:
            plain.append(_plain(part.group("plain")))
            continue
        yield from filter(None, ["".join(plain)])
        bracketed = part.group("bracketed")
        if bracketed is not None:
            yield bracketed if _PLAIN.match(bracketed) else f"[{bracketed}]"
        plain = [_plain(part.group("open") or "")]
    yield from filter(None, ["".join(plain)])


def _plain(text: str) -> str:
    return re.sub("[^a-z0-9]", "", text.lower())


def _is_index(element: str) -> bool:
    return element.isdigit()
