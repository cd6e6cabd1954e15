# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys that a YAML file sets, as Spring flattens them: `cas: {authn: [x]}` is `cas.authn[0]`.

Only names and lines of what people write in blocks: mappings, lists below them, keys with dots. A flow collection
counts as one value, and neither anchors nor values that go on over several lines are followed. Enough to say where a
property is set, since hosts have no YAML parser for certain; nothing is ever written by it.
"""

from __future__ import annotations

import re
from typing import Dict, Iterator, List, NamedTuple, Tuple

_KEY = re.compile(
    r"(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<plain>[^\s\"'#\[\]{}&*!|>%@`,-][^#]*?|-[^\s#][^#]*?))"
    r"\s*:(?:\s+(?P<value>.*))?\Z"
)
_BLOCK = re.compile(r"[|>][0-9+-]*\s*(?:#.*)?\Z")


class _Open(NamedTuple):
    """A mapping's key or a list's item to which deeper lines belong."""

    indent: int
    path: str
    item: bool


def yaml_keys(text: str) -> Iterator[Tuple[str, int]]:
    """Each key that has a value, and its line."""
    opened: List[_Open] = []
    counts: Dict[str, int] = {}
    scalar = -1  # the indentation that ends a block scalar, -1 outside of one
    for number, line in enumerate(text.splitlines(), 1):
        body = line.strip()
        indent = len(line) - len(line.lstrip(" "))
        if not body or body.startswith("#") or (0 <= scalar < indent):
            continue
        scalar = -1
        if body.startswith(("---", "...", "%")):
            opened, counts = [], {}
            continue
        while body == "-" or body.startswith("- "):
            while opened and (opened[-1].indent > indent or (opened[-1].indent == indent and opened[-1].item)):
                opened.pop()
            parent = opened[-1].path if opened else ""
            place = counts.get(parent, 0)
            counts[parent] = place + 1
            opened.append(_Open(indent, f"{parent}[{place}]", item=True))
            rest = body[1:].lstrip()
            indent += len(body) - len(rest)
            body = rest
        found = _KEY.match(body)
        if found is None:
            if body and not body.startswith("#") and opened and opened[-1].item:
                yield opened[-1].path, number
            continue
        while opened and opened[-1].indent >= indent:
            opened.pop()
        path = _below(opened[-1].path if opened else "", found)
        value = re.sub(r"(?:\A|\s)#.*", "", found.group("value") or "").strip()
        if _BLOCK.match(value):
            scalar = indent
        if value:
            yield path, number
        else:
            opened.append(_Open(indent, path, item=False))


def _below(parent: str, found: re.Match[str]) -> str:
    own = next(part for part in found.group("double", "single", "plain") if part is not None)
    return parent + own if own.startswith("[") or not parent else f"{parent}.{own}"
