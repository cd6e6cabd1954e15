# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Java's property files: what java.util.Properties reads, and edits that leave every other byte alone.

The rules are those of `Properties.load` in the JDK's documentation. A file is ISO 8859-1 there, and any other character
is written `\\uXXXX`. CAS 6 and 7 read their `cas.properties` with that very method, and not with Spring's own reader:
neither `#---` nor `key[]` means anything to it, and a single broken `\\u` makes CAS go on without the whole file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple

from .refusal import Refusal

ENCODING = "iso-8859-1"
_BLANKS = " \t\f"
_NATURAL = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_NAMELESS = re.compile(r"\\[\r\n]?\Z")  # a file's last backslash: the JDK makes a property without a name of it
_CONTINUED = re.compile(r"(?:\\(?:\r\n|\r|\n)[ \t\f]*)+\Z")
_HEX = re.compile(r"[0-9A-Fa-f]{4}")
_READ = {"t": "\t", "r": "\r", "n": "\n", "f": "\f"}
_WRITTEN = {character: "\\" + letter for letter, character in _READ.items()}


class PropertiesRefusal(Refusal):
    """A file that Java does not read, or a value that it cannot hold."""


@dataclass(frozen=True)
class Item:
    """A property, or a natural line that is blank or a comment.

    ``text``: as it stands in the file, over all its lines and with their ends. ``line``: the number of the first.
    ``key`` and ``value``: what Java reads; None for what is no property. ``start`` and ``end``: where the value stands
    in ``text``. ``separator``: `=` (or `:`), a blank, or nothing before it. ``open_end``: the file ends here, with a
    backslash or with one before the last line's end.
    """

    text: str
    line: int
    key: Optional[str] = None
    value: str = ""
    start: int = 0
    end: int = 0
    separator: str = ""
    open_end: bool = False


class _Read(NamedTuple):
    """A character of a logical line, and where it stands in the text."""

    character: str
    at: int


def items_of(content: bytes, source: str) -> Tuple[Item, ...]:
    """The file's items in order; ``source`` is its name in a PropertiesRefusal."""
    lines = _NATURAL.findall(content.decode(ENCODING))
    items: List[Item] = []
    position = 0
    while position < len(lines):
        first = position
        begun = lines[first].lstrip(_BLANKS)
        position += 1
        if begun[:1] not in ("#", "!") and begun.rstrip("\r\n") != "\\":  # a backslash alone continues nothing
            while position < len(lines) and _continues(lines[position - 1]):
                position += 1
        items.append(_item("".join(lines[first:position]), first + 1, source, position == len(lines)))
    return tuple(items)


def content_of(items: Sequence[Item]) -> bytes:
    """The file's bytes."""
    return "".join(item.text for item in items).encode(ENCODING)


def properties_of(items: Sequence[Item]) -> Dict[str, str]:
    """What Java makes of them: of a key that stands there twice, the last counts."""
    return {item.key: item.value for item in items if item.key is not None}


def with_value(item: Item, value: str) -> Item:
    """The property with another value, in its own spelling and place."""
    head, tail = item.text[: item.start], item.text[item.end :]
    if not item.separator:
        head += "="
    written = _escaped(value, leading="=: " if item.separator == " " else " ")
    if not written:  # a continuation with nothing behind it would take in the next line
        head = _CONTINUED.sub("", head)
    text = head + written + _end_of(tail)
    start, end = len(head), len(head) + len(written)
    return replace(item, text=text, value=value, start=start, end=end, separator=item.separator or "=", open_end=False)


def with_more(items: Sequence[Item], more: Sequence[Tuple[str, str]]) -> Tuple[Item, ...]:
    """The items and new properties (key, value) behind them, with the line ends that the file has."""
    if not more:
        return tuple(items)
    newline = _newline(items)
    kept = [*items[:-1], _ended(items[-1], newline)] if items else []
    number = sum(len(_NATURAL.findall(item.text)) for item in kept)
    made = [_made(key, value, newline, number + place) for place, (key, value) in enumerate(more, 1)]
    return (*kept, *made)


def joined(text: str) -> str:
    """Text in which two halves of a surrogate pair are one character, as in a value that Ansible hands over."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def _made(key: str, value: str, newline: str, line: int) -> Item:
    head = _escaped(key, leading="#!", anywhere="=: ") + "="
    written = _escaped(value, leading=" ")
    return Item(head + written + newline, line, key, value, len(head), len(head) + len(written), "=")


def _newline(items: Sequence[Item]) -> str:
    for item in items:
        for line in _NATURAL.findall(item.text):
            end = _end_of(line)
            if end:
                return end
    return "\n"


def _end_of(text: str) -> str:
    found = re.search(r"(?:\r\n|\r|\n)\Z", text)
    return found.group() if found else ""


def _ended(item: Item, newline: str) -> Item:
    """The last item with an end, so that a line behind it does not become part of it."""
    text = item.text if _end_of(item.text) else item.text + newline
    if item.open_end:  # behind a backslash one line end only continues
        text += "\r" if text.endswith("\r") else newline
    return replace(item, text=text, open_end=False)


def _continues(line: str) -> bool:
    body = line.rstrip("\r\n")
    return len(body) < len(line) and _dangles(body)


def _dangles(body: str) -> bool:
    return (len(body) - len(body.rstrip("\\"))) % 2 == 1


def _item(text: str, line: int, source: str, final: bool) -> Item:
    if text.lstrip(_BLANKS)[:1] in ("#", "!"):
        return Item(text, line)
    read, open_end = _logical(text)
    if not read:
        return Item(text, line, "" if final and _NAMELESS.search(text) else None, open_end=open_end)
    stop, start, separator = _separated(read)
    key = _unescaped(read[:stop], source, line)
    value = _unescaped(read[start:], source, line)
    end = read[-1].at + 1
    at = read[start].at if start < len(read) else end
    return Item(text, line, key, value, at, end, separator, open_end)


def _logical(text: str) -> Tuple[List[_Read], bool]:
    """The characters that count, without continuations and the blanks behind them; whether a backslash ends all."""
    read: List[_Read] = []
    at = 0
    last = ""
    for last in _NATURAL.findall(text):
        body = last.rstrip("\r\n")
        kept = body[:-1] if _dangles(body) else body
        begin = len(kept) - len(kept.lstrip(_BLANKS))
        read.extend(_Read(kept[place], at + place) for place in range(begin, len(kept)))
        at += len(last)
    return read, _dangles(last.rstrip("\r\n"))


def _separated(read: Sequence[_Read]) -> Tuple[int, int, str]:
    """Where the key ends, where the value begins, and what is between them: `=` (or `:`), a blank, nothing."""
    stop = 0
    while stop < len(read) and read[stop].character not in "=:" + _BLANKS:
        stop += 2 if read[stop].character == "\\" else 1
    stop = min(stop, len(read))
    start, separator = stop, ""
    while start < len(read):
        character = read[start].character
        if character in "=:" and separator != "=":
            separator = "="
        elif character in _BLANKS:
            separator = separator or " "
        else:
            break
        start += 1
    return stop, start, separator


def _unescaped(read: Sequence[_Read], source: str, line: int) -> str:
    text = "".join(one.character for one in read)
    out: List[str] = []
    place = 0
    while place < len(text):
        character = text[place]
        place += 1
        if character != "\\":
            out.append(character)
            continue
        letter = text[place : place + 1]
        place += 1
        if letter != "u":
            out.append(_READ.get(letter, letter))
            continue
        digits = _HEX.match(text, place)
        if digits is None:
            raise PropertiesRefusal(
                f"{source}: line {line} holds '\\u' without four hexadecimal digits behind it, and Java does not read "
                "a file with such a line; write a backslash as '\\\\'"
            )
        out.append(chr(int(digits.group(), 16)))
        place += 4
    return joined("".join(out))


def _escaped(text: str, leading: str, anywhere: str = "") -> str:
    """Text as Java reads it back; of ``leading`` characters only a first one needs a backslash."""
    units = text.encode("utf-16-be", "surrogatepass")
    out: List[str] = []
    for place in range(0, len(units), 2):
        character = chr(int.from_bytes(units[place : place + 2], "big"))
        if character in _WRITTEN:
            out.append(_WRITTEN[character])
        elif character == "\\" or character in anywhere or (place == 0 and character in leading):
            out.append("\\" + character)
        elif " " <= character <= "~":
            out.append(character)
        else:
            out.append(f"\\u{ord(character):04x}")
    return "".join(out)
