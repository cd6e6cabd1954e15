# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""localconfig.xml: the file of keys and values that Zimbra's programs read, and the defaults of the known keys."""

from __future__ import annotations

import datetime
import functools
import json
import os
import pathlib
import re
import time
import xml.parsers.expat
from typing import Any
from xml.sax.saxutils import escape

from .errors import JavaDied
from .java import hash_order

HERE = pathlib.Path(__file__).resolve().parent
FILE = "conf/localconfig.xml"
REFERENCE = re.compile(r"\$\{([^}]*)\}")
UNREADABLE = "Warning: local config file `{0}' is not readable\n"
BROKEN = 'Exception in thread "main" java.lang.ExceptionInInitializerError\n'
FRAME = "\tat com.zimbra.common.localconfig.LocalConfigCLI.main(LocalConfigCLI.java:292)\n"
PARSE_FAILED = "com.zimbra.common.soap.XmlParseException: Document parse failed"


@functools.lru_cache(maxsize=None)
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads((HERE / "localconfig_keys.json").read_text(encoding="utf-8"))
    return table


def defaults() -> dict[str, str | None]:
    """Every known key, and its default; None: it has no value."""
    known: dict[str, str | None] = _table()["keys"]
    return known


def dangerous(key: str) -> bool:
    """Whether a key is changed with -f only."""
    return key in _table()["force"]


class _Reader:
    """The keys of a document, in its order; the last of several with one name counts."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self._key = self._inside = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._inside = name
        if name == "key":
            self._key = attributes.get("name", "")
        if name == "value":
            self.values[self._key] = ""

    def end(self, _name: str) -> None:
        self._inside = ""

    def text(self, data: str) -> None:
        if self._inside == "value":
            self.values[self._key] += data


def parse(document: bytes, path: str) -> dict[str, str]:
    """The keys and values of a document; JavaDied with what Zimbra's programs print if it is none."""
    reader, parser = _Reader(), xml.parsers.expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(document, True)
    except xml.parsers.expat.ExpatError as error:
        moment = datetime.datetime.now()
        identity = f"ExceptionId:main:{int(time.time() * 1000)}:{time.monotonic_ns() & 0xFFFFFFFFFFFFFFFF:016x}"
        parsed = f"{PARSE_FAILED}\n{identity}\nCode:service.PARSE_ERROR\n"
        raise JavaDied(
            f"{moment:%Y-%m-%d %H:%M:%S},{moment.microsecond // 1000:03} [main] WARN : Problem parsing XML - Fatal "
            f"Error: Problem on line {error.lineno} of document : {_xerces(document)}\n"
            f"Warning: Problem parsing local config file '{path}'\n{parsed}{parsed}{FRAME}"
        ) from None
    return reader.values


def _xerces(document: bytes) -> str:
    """The Java parser's words for a document that is cut short."""
    if not document.strip():
        return "Premature end of file."
    return "XML document structures must start and end within the same entity."


def readable(path: str | pathlib.Path) -> bool:
    """Whether the caller may read a file that is there."""
    return os.access(path, os.R_OK)


def read(path: str | pathlib.Path) -> dict[str, str]:
    """The keys of a file with their own values as they stand; none where the file cannot be read."""
    return parse(pathlib.Path(path).read_bytes(), str(path)) if readable(path) else {}


def raw(own: dict[str, str], key: str) -> str | None:
    """A key's own value, or its default."""
    return own[key] if key in own else defaults().get(key)


def expand(own: dict[str, str], value: str, seen: tuple[str, ...] = ()) -> str:
    """A value with ${...} put in; JavaDied where one of them has no value or leads to itself."""

    def put_in(match: re.Match[str]) -> str:
        key = match[1]
        inner = raw(own, key)
        if inner is None or key in seen:
            raise JavaDied(BROKEN + FRAME)
        return expand(own, inner, (*seen, key))

    return REFERENCE.sub(put_in, value)


def check(own: dict[str, str]) -> None:
    """What every program of Zimbra does first: expand all, and die of one that cannot be."""
    for key, text in own.items():
        expand(own, text, (key,))


def value(path: str | pathlib.Path, key: str) -> str:
    """A key's value as the programs see it: its own or the default, expanded; empty if it has none."""
    own = {"zimbra_home": str(pathlib.Path(path).parent.parent), **read(path)}
    return expand(own, raw(own, key) or "", (key,))


def render(own: dict[str, str]) -> str:
    """The document as it is written: in the order of a HashMap, with blanks around and within values made one."""
    rows = [
        f'  <key name="{escape(key, QUOTE)}">\n    <value>{escape(" ".join(own[key].split()))}</value>\n  </key>\n'
        for key in hash_order(own)
    ]
    return '<?xml version="1.0" encoding="UTF-8"?>\n\n<localconfig>\n' + "".join(rows) + "</localconfig>\n"


QUOTE = {'"': "&quot;"}


def write(path: str | pathlib.Path, own: dict[str, str]) -> None:
    """Write a file anew: its mode is what the umask leaves of 0666."""
    target = pathlib.Path(path)
    beside = target.with_name(f"{target.name}.new")
    beside.write_text(render(own), encoding="utf-8")
    beside.replace(target)
