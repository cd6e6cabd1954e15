# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of a JSON text, one at a time: a value set, a member added or taken out, in the manner of the file.

Indentation, line ends, the order of members and comments stay; what is added looks like its neighbours.
"""

from __future__ import annotations

import json
import re
from typing import Any, List, Optional, Tuple

from .json_text import Member, Node

INDENT = "  "  # of a file that shows none of its own
_LINE_END = re.compile(r"\r?\n")
_BLANK = re.compile(r"[ \t]*")
_REST_OF_LINE = re.compile(r"(?:[ \t]|/\*[^\r\n]*?\*/)*(?://[^\r\n]*)?")


def rendered(value: Any, indent: str, begin: str, newline: str) -> str:
    """A value as JSON over several lines; ``begin``: the indentation of the line on which it starts."""
    text = json.dumps(value, indent=indent, ensure_ascii=not _encodable(value))
    return text.replace("\n", newline + begin)


def inline(value: Any) -> str:
    """A value as JSON on one line."""
    return json.dumps(value, ensure_ascii=not _encodable(value))


def _encodable(value: Any) -> bool:
    """Whether the value can be written as UTF-8; half of a surrogate pair cannot."""
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def newline_of(text: str) -> str:
    """How lines end in a text."""
    return "\r\n" if text.partition("\n")[0].endswith("\r") else "\n"


def set_value(text: str, root: Node, old: Node, value: Any) -> str:
    """The text with ``value`` where ``old`` stands."""
    return text[: old.start] + _in_manner(text, root, old, value) + text[old.end :]


def add_member(text: str, root: Node, container: Node, key: str, value: Any) -> str:
    """The text with a new last member of ``container``; ``key`` counts for objects alone."""
    name = f"{inline(key)}{_colon(text, container)}" if container.kind == "object" else ""
    if container.members:
        return _behind_the_last(text, root, container, name, value)
    at, end = container.start + 1, container.end - 1
    if "\n" not in text.strip():
        return text[:at] + text[at:end].rstrip() + name + inline(value) + text[end:]
    newline, outer, step = newline_of(text), _indentation(text, container.start), indent_of(text, root)
    body = newline + outer + step + name + rendered(value, step, outer + step, newline) + newline + outer
    return text[:at] + text[at:end].rstrip() + body + text[end:]


def _behind_the_last(text: str, root: Node, container: Node, name: str, value: Any) -> str:
    last = container.members[-1].node.end
    trailing = len(container.commas) == len(container.members)
    at = container.commas[-1] + 1 if trailing else last
    comma, behind = ("", ",") if trailing else (",", "")
    if _on_one_line(text, container):
        return text[:last] + comma + text[last:at] + " " + name + inline(value) + behind + text[at:]
    newline, begin = newline_of(text), _indentation(text, container.members[-1].start)
    body = newline + begin + name + rendered(value, indent_of(text, root), begin, newline) + behind
    rest = _REST_OF_LINE.match(text, at)
    line_end = at if rest is None else rest.end()
    if text[line_end : line_end + 1] in ("\r", "\n"):  # a comment at the end of the line belongs to the member before
        return text[:last] + comma + text[last:line_end].rstrip(" \t") + body + text[line_end:]
    return text[:last] + comma + text[last:at] + body + text[at:]


def remove_member(text: str, container: Node, member: Member) -> str:
    """The text without a member of an object or array, and without the comma that it took."""
    at = container.members.index(member)
    comma = container.commas[at] if at < len(container.commas) else None
    start, end = member.start, member.node.end if comma is None else comma + 1
    before = text.rfind("\n", 0, start) + 1
    rest = _REST_OF_LINE.match(text, end)
    tail = _LINE_END.match(text, end if rest is None else rest.end())
    if tail and before > container.start and not text[before:start].strip(" \t"):
        start, end = before, tail.end()
    elif comma is not None and at < len(container.members) - 1:
        end += len(text[end:]) - len(text[end:].lstrip(" \t"))
    if comma is None and container.commas:
        earlier = container.commas[-1]
        between = text[earlier + 1 : start]
        return text[:earlier] + (between if between.strip(" \t") else "") + text[end:]
    return text[:start] + text[end:]


def indent_of(text: str, root: Node) -> str:
    """The indentation of one level: that of the first member on a line of its own."""
    level: List[Tuple[int, Node]] = [(0, root)]
    while level:
        depth, node = level.pop(0)
        for member in node.members:
            begin = _own_line(text, member.start)
            outer = _indentation(text, node.start)
            if begin is not None and begin.startswith(outer) and len(begin) > len(outer):
                return begin[len(outer) :]
            level.append((depth + 1, member.node))
    return INDENT


def _in_manner(text: str, root: Node, old: Node, value: Any) -> str:
    """The value on one line or several, as the old one is; what takes a scalar's place as the file is."""
    if _on_one_line(text, old) and (old.kind != "scalar" or "\n" not in text.strip()):
        return inline(value)
    return rendered(value, indent_of(text, root), _indentation(text, old.start), newline_of(text))


def _on_one_line(text: str, node: Node) -> bool:
    return "\n" not in text[node.start : node.end]


def _colon(text: str, container: Node) -> str:
    """What stands between the name and the value of a neighbour."""
    found = [text[one.key_end : one.node.start] for one in container.members]
    return found[-1] if found and re.fullmatch(r"[ \t]*:[ \t]*", found[-1]) else ": "


def _own_line(text: str, at: int) -> Optional[str]:
    """The indentation of what begins a line; None where something stands before it."""
    before = text[text.rfind("\n", 0, at) + 1 : at]
    return before if "\n" in text[:at] and not before.strip(" \t") else None


def _indentation(text: str, at: int) -> str:
    """The indentation of the line on which ``at`` is."""
    found = _BLANK.match(text, text.rfind("\n", 0, at) + 1)
    return found.group(0) if found else ""
