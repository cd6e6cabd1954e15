# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An XML document as text: where its elements and attributes stand, so that an edit changes nothing else.

After XML 1.0 (fifth edition). References to entities that a document type declares stay as they are, and what they
stand for is not looked at; neither is what is declared between the brackets of a document type.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Dict, List, NoReturn, Optional, Tuple

from . import xml_grammar as grammar
from .refusal import Refusal

# Encodings in which every byte string that can be read is written back as it was, by their names in lower case
_CODECS = {"utf-8": "utf-8", "utf8": "utf-8", "us-ascii": "ascii", "ascii": "ascii"}
_CODECS.update({"iso-8859-1": "latin-1", "iso-8859-15": "iso8859-15", "windows-1252": "cp1252"})
_UTF_16 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")


class XmlRefusal(Refusal):
    """What is no well-formed XML, with its line and column, or cannot be edited as it is."""


class FormRefusal(XmlRefusal):
    """What is no well-formed XML: ``fault`` says why, for rooms that say the rest in words of their own."""

    def __init__(self, path: str, place: Tuple[int, int], fault: str, remedy: str) -> None:
        self.line, self.fault = place[0], fault
        super().__init__(f"{path}: line {place[0]}, column {place[1]}: {fault}; {remedy}")


@dataclass(frozen=True)
class Attribute:
    """An attribute: ``value`` as a program reads it; from ``start`` (the gap before it included) to ``end``, and its
    value between the quotes from ``value_start`` to ``value_end``."""

    name: str
    value: str
    start: int
    value_start: int
    value_end: int
    end: int


@dataclass(frozen=True)
class Element:
    """An element: from ``start`` to ``end``; its content from ``inner`` to ``inner_end``. ``empty``: `<a/>`, which has
    no end tag. ``text``: what stands in it outside its children, comments and instructions."""

    name: str
    attributes: Tuple[Attribute, ...]
    children: Tuple[Element, ...] = field(repr=False)
    start: int
    inner: int
    inner_end: int
    end: int
    empty: bool
    text: str

    def attribute(self, name: str, any_case: bool = False) -> Optional[Attribute]:
        """The attribute of that name; in any case of letters where the program that reads it takes them so."""
        for one in self.attributes:
            if one.name == name or (any_case and one.name.lower() == name.lower()):
                return one
        return None

    def value(self, name: str, any_case: bool = False) -> str:
        """The attribute's value, empty where there is none."""
        found = self.attribute(name, any_case)
        return "" if found is None else found.value


@dataclass(frozen=True)
class Document:
    """A document: its text, its root element, what its bytes are made of (``codec``), and whether it has a type."""

    text: str
    root: Element
    codec: str = "utf-8"
    typed: bool = False


@dataclass
class _Open:
    """An element of which the scanner has not met the end."""

    name: str
    attributes: Tuple[Attribute, ...]
    start: int
    inner: int
    children: List[Element] = field(default_factory=list)
    text: List[str] = field(default_factory=list)


def document(content: bytes, path: str) -> Document:
    """The document that a file's bytes hold. XmlRefusal names ``path``, line and column of what is no XML."""
    codec = _codec(content, path)
    try:
        text = content.decode(codec)
    except UnicodeDecodeError as error:
        before = content[: error.start].decode(codec)
        fault = f"byte 0x{content[error.start]:02x} is not {codec}, as which the file is read"
        remedy = "correct the byte, or the encoding in the first line"
        raise FormRefusal(path, position(before, len(before)), fault, remedy) from error
    return scan(text, path, codec)


def scan(text: str, path: str, codec: str = "utf-8") -> Document:
    """The document in ``text``; XmlRefusal as for `document`."""
    return _Scanner(text, path).document(codec)


def position(text: str, at: int) -> Tuple[int, int]:
    """Line and column of a place in a text, both from 1; a column is a character."""
    ends = [end.end() for end in grammar.LINE_END.finditer(text, 0, at)]
    return len(ends) + 1, at - (ends[-1] if ends else 0) + 1


def _codec(content: bytes, path: str) -> str:
    if content.startswith(_UTF_16):
        raise FormRefusal(path, (1, 1), "the file is written in UTF-16", "save it as UTF-8")
    found = grammar.DECLARATION.match(content[:200].decode("latin-1").replace("\xef\xbb\xbf", "", 1))
    name = (found.group(1) or found.group(2) or "utf-8") if found else "utf-8"
    codec = _CODECS.get(name.lower())
    if codec is None:
        raise FormRefusal(path, (1, 1), f"the encoding {name} is not known here", "save the file as UTF-8")
    return codec


class _Scanner:
    """A cursor over one document."""

    def __init__(self, text: str, path: str) -> None:
        self._text, self._path = text, path
        self._at = 0
        self._declares = False  # whether there is a document type, which may declare entities
        self._root: Optional[Element] = None
        self._open: List[_Open] = []

    def document(self, codec: str) -> Document:
        text = self._text
        found = grammar.NO_CHARACTER.search(text)
        if found:
            self._refuse(found.start(), f"the character U+{ord(found.group()):04X} cannot stand in XML", "remove it")
        self._at = 1 if text.startswith("\ufeff") else 0
        declaration = grammar.DECLARATION.match(text, self._at)
        self._at = declaration.end() if declaration else self._at
        while self._at < len(text):
            self._next()
        if self._open:
            one = self._open[-1]
            self._refuse(one.start, f"the element <{one.name}> has no end", f"write </{one.name}> behind its content")
        if self._root is None:
            self._refuse(len(text), "the file ends and holds no element", "restore it from a backup")
        return Document(text, self._root, codec, self._declares)

    def _refuse(self, at: int, what: str, remedy: str) -> NoReturn:
        raise FormRefusal(self._path, position(self._text, at), what, remedy)

    def _taken(self, pattern: re.Pattern[str], what: str, remedy: str) -> re.Match[str]:
        found = pattern.match(self._text, self._at)
        if found is None:
            self._refuse(self._at, what, remedy)
        self._at = found.end()
        return found

    def _next(self) -> None:
        text, at = self._text, self._at
        if text.startswith("<!--", at):
            self._taken(grammar.COMMENT, "the comment has no end, or '--' stands in it", "end it by '-->' alone")
        elif text.startswith("<![CDATA[", at) and self._open:
            found = self._taken(grammar.CDATA, "the CDATA section has no end", "end it by ']]>'")
            self._open[-1].text.append(_line_ends(found.group()[9:-3]))
        elif text.startswith("<?", at):
            found = self._taken(grammar.INSTRUCTION, "the processing instruction is not well-formed", "end it by '?>'")
            if found.group(1).lower() == "xml":
                self._refuse(at, "an XML declaration is not well-formed or not the first of the file", "correct it")
        elif text.startswith("<!DOCTYPE", at):
            self._doctype()
        elif text.startswith("</", at):
            self._close()
        elif text.startswith("<", at):
            self._start_tag()
        else:
            self._characters()

    def _characters(self) -> None:
        start = self._at
        end = self._text.find("<", start)
        self._at = len(self._text) if end < 0 else end
        piece = self._text[start : self._at]
        wrong = re.search("]]>" if self._open else "[^ \t\r\n]", piece)
        if wrong:
            where = "in the text of an element" if self._open else "outside the document's one element"
            self._refuse(start + wrong.start(), f"'{wrong.group()}' cannot stand {where}", "remove it")
        if self._open:
            self._open[-1].text.append(self._decoded(start, self._at, _line_ends(piece)))

    def _doctype(self) -> None:
        start = self._at
        if self._declares or self._root is not None or self._open:
            self._refuse(start, "a second or late document type", "keep one, before the first element")
        wrong, remedy = "the document type is not well-formed", "correct it, or remove it"
        self._declares = True
        if self._taken(grammar.DOCTYPE, wrong, remedy).group(2) is None:
            self._taken(grammar.TAG_END, wrong, remedy)
            if self._text[self._at - 2] == "/":
                self._refuse(start, wrong, remedy)
            return
        while not self._text.startswith("]", self._at):
            self._taken(grammar.DECLARED, wrong, remedy)
        self._taken(grammar.DOCTYPE_END, wrong, remedy)

    def _start_tag(self) -> None:
        start = self._at
        if self._root is not None and not self._open:
            self._refuse(start, "a second element stands beside the document's one", "remove it")
        name = self._taken(grammar.TAG, "'<' begins no tag", "write &lt; where the character itself is meant").group(1)
        attributes = self._attributes(name)
        ending = self._taken(
            grammar.TAG_END,
            f"the tag <{name}> is not well-formed",
            'write attributes as name="value" with a blank before',
        )
        one = _Open(name, attributes, start, self._at)
        if ending.group(1):
            self._ended(one, self._at, empty=True)
        else:
            self._open.append(one)

    def _attributes(self, name: str) -> Tuple[Attribute, ...]:
        found: Dict[str, Attribute] = {}
        match = grammar.ATTRIBUTE.match(self._text, self._at)
        while match:
            own, number = match.group(1), 2 if match.group(2) is not None else 3
            start, end = match.span(number)
            if own in found:
                self._refuse(match.start(1), f"the attribute {own} stands twice in <{name}>", "keep one")
            blanks = re.sub("[\t\n]", " ", _line_ends(match.group(number)))
            found[own] = Attribute(own, self._decoded(start, end, blanks), match.start(), start, end, match.end())
            self._at = match.end()
            match = grammar.ATTRIBUTE.match(self._text, self._at)
        return tuple(found.values())

    def _close(self) -> None:
        start = self._at
        name = self._taken(grammar.CLOSING, "the end tag is not well-formed", "write it as </name>").group(1)
        if not self._open or self._open[-1].name != name:
            meant = f"</{self._open[-1].name}> is due" if self._open else "nothing is open"
            self._refuse(start, f"</{name}> stands where {meant}", "correct the nesting of the elements")
        self._ended(self._open.pop(), start)

    def _ended(self, one: _Open, inner_end: int, empty: bool = False) -> None:
        element = Element(
            one.name,
            one.attributes,
            tuple(one.children),
            one.start,
            one.inner,
            inner_end,
            self._at,
            empty,
            "".join(one.text),
        )
        if self._open:
            self._open[-1].children.append(element)
        else:
            self._root = element

    def _decoded(self, start: int, end: int, piece: str) -> str:
        """What ``piece`` stands for, which lies from ``start`` to ``end`` and may hold references."""
        for reference in grammar.REFERENCE.finditer(self._text, start, end):
            decimal, hexadecimal, name = reference.groups()
            number = int(decimal or "0") if decimal else int(hexadecimal or "0", 16)
            if name is None and not (0 < number < 0x110000 and not grammar.NO_CHARACTER.match(chr(number))):
                self._refuse(reference.start(), "'&' begins no reference", "write &amp; where '&' itself is meant")
            if name is not None and name not in grammar.ENTITIES and not self._declares:
                self._refuse(reference.start(), f"the entity &{name}; is not declared", "write what it stands for")
        return grammar.REFERENCE.sub(_character, piece)


def _line_ends(text: str) -> str:
    return grammar.LINE_END.sub("\n", text)


def _character(reference: re.Match[str]) -> str:
    decimal, hexadecimal, name = reference.groups()
    if name is not None:
        return grammar.ENTITIES.get(name, reference.group())
    return chr(int(decimal) if decimal else int(hexadecimal, 16))
