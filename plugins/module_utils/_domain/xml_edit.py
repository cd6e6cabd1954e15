# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One edit of an XML document: the text with it, all other text as it was.

An edit moves what stands behind it, so the next one is made on the new text, scanned again.
"""

from __future__ import annotations

import re
from typing import Sequence

from . import xml_grammar as grammar
from .xml_text import Document, Element

_STEP = "    "  # what an element is indented by where no other tells
_REFERENCES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"}


def is_name(text: str) -> bool:
    """Whether an element or an attribute can have this name."""
    return re.fullmatch(grammar.NAME, text) is not None


def is_text(text: str) -> bool:
    """Whether XML can hold all characters of a text."""
    return grammar.NO_CHARACTER.search(text) is None


def escaped(value: str, quote: str = '"', codec: str = "utf-8") -> str:
    """A value as it stands between such quotes, or in an element with ``quote`` '>'; what the encoding cannot hold
    becomes a reference."""
    special = "&<\t\n\r" + quote
    text = "".join(_REFERENCES.get(one, f"&#{ord(one)};") if one in special else one for one in value)
    return text.encode(codec, "xmlcharrefreplace").decode(codec)


def with_attribute(document: Document, element: Element, name: str, value: str, any_case: bool = False) -> str:
    """The text with the element's attribute set: in its place where it is there, else behind the others."""
    text, there = document.text, element.attribute(name, any_case)
    if there is not None:
        quote = text[there.value_end]
        return _spliced(text, there.value_start, there.value_end, escaped(value, quote, document.codec))
    at = element.attributes[-1].end if element.attributes else element.start + 1 + len(element.name)
    gap = _gap(text, element.attributes[-1].start) if element.attributes else " "
    return _spliced(
        text, at, at, f'{gap if _has_line_end(gap) else " "}{name}="{escaped(value, codec=document.codec)}"'
    )


def without_attribute(document: Document, element: Element, name: str, any_case: bool = False) -> str:
    """The text without the element's attribute and the gap before it; as it was where there is none."""
    there = element.attribute(name, any_case)
    return document.text if there is None else _spliced(document.text, there.start, there.end, "")


def with_text(document: Document, element: Element, value: str) -> str:
    """The text with the value as all that the element holds, which is no `<a/>`."""
    return _spliced(document.text, element.inner, element.inner_end, escaped(value, ">", document.codec))


def renamed(document: Document, element: Element, name: str) -> str:
    """The text with the element under another name."""
    text, length = document.text, len(element.name)
    if not element.empty:
        closing = element.inner_end + 2
        text = _spliced(text, closing, closing + length, name)
    return _spliced(text, element.start + 1, element.start + 1 + length, name)


def without_element(document: Document, element: Element) -> str:
    """The text without the element, and without its lines where nothing else stands on them."""
    text, start, end = document.text, element.start, element.end
    line = _line_start(text, start)
    rest = re.compile(r"[ \t]*(\r\n?|\n)").match(text, end)
    if rest and not text[line:start].strip(" \t"):
        start, end = line, rest.end()
    return _spliced(text, start, end, "")


def with_child(document: Document, parent: Element, lines: Sequence[str]) -> str:
    """The text with one more child, the last of ``parent``: its lines, which are indented as its neighbours are."""
    text, outer = document.text, _indent(document.text, parent.start)
    own = [_indent(text, one.start) for one in parent.children if _begins_line(text, one.start)]
    inner = own[-1] if own else outer + _step(document, parent)
    newline = _line_end(text)
    child = newline.join(inner + line for line in lines)
    if parent.empty:
        start = text.rindex("/", 0, parent.end)
        start -= len(text[:start]) - len(text[:start].rstrip(" \t\r\n"))
        return _spliced(text, start, parent.end, f">{newline}{child}{newline}{outer}</{parent.name}>")
    content = text[parent.inner : parent.inner_end].rstrip(" \t\r\n")
    at = parent.inner + len(content)
    closed = _has_line_end(text[at : parent.inner_end])
    return _spliced(text, at, at, f"{newline}{child}{'' if closed else newline + outer}")


def indented(lines: Sequence[str], document: Document, parent: Element) -> Sequence[str]:
    """Lines one step deeper than the children of ``parent`` are."""
    step = _step(document, parent)
    return [step + line for line in lines]


def _step(document: Document, parent: Element) -> str:
    """By what ``parent`` indents its children, or else the root its own."""
    for one in (parent, document.root):
        outer = _indent(document.text, one.start)
        for child in one.children:
            inner = _indent(document.text, child.start)
            if _begins_line(document.text, child.start) and inner.startswith(outer) and inner != outer:
                return inner[len(outer) :]
    return "\t" if "\t" in _indent(document.text, parent.start) else _STEP


def _spliced(text: str, start: int, end: int, new: str) -> str:
    return text[:start] + new + text[end:]


def _gap(text: str, at: int) -> str:
    found = re.compile(f"{grammar.GAP}*").match(text, at)
    return found.group() if found else ""


def _has_line_end(text: str) -> bool:
    return grammar.LINE_END.search(text) is not None


def _line_end(text: str) -> str:
    found = grammar.LINE_END.search(text)
    return found.group() if found else "\n"


def _line_start(text: str, at: int) -> int:
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1


def _begins_line(text: str, at: int) -> bool:
    return not text[_line_start(text, at) : at].strip(" \t\ufeff")


def _indent(text: str, at: int) -> str:
    found = re.compile(r"[ \t]*").match(text, _line_start(text, at))
    return found.group() if found else ""
