# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""localconfig.xml, and what zmlocalconfig says: keys with their values, or why there are none.

The file and `zmlocalconfig -m xml` have one form: <localconfig><key name="K"><value>V</value></key>...</localconfig>.
Of a key that stands twice the last counts. Values keep their ${...}; white space counts as XML's normalised text,
for that is how the program writes what it read.
"""

from __future__ import annotations

import re
from typing import Dict, List, Mapping, Optional, Tuple
from xml.parsers import expat

from .refusal import Refusal
from .zimbra_localconfig_names import KNOWN

MASKED = "*"  # in the program's output, instead of a password
_ERROR = re.compile(r"^Error: (?P<words>.*)$", re.MULTILINE)
_UNREADABLE = re.compile(r"local config file .*is not readable")
_PARSE = re.compile(r"Problem parsing local config file|XmlParseException")
_BACKUP = "restore it from a backup"


class LocalconfigRefusal(Refusal):
    """localconfig cannot be read, or should hold what it cannot hold."""


def normalised(value: str) -> str:
    """The value as the program keeps it: white space at the ends gone, inside one blank for any run of it."""
    return " ".join(value.split())


class _Reader:
    """Collects keys and values while expat goes through the text."""

    def __init__(self, where: str) -> None:
        self.values: Dict[str, str] = {}
        self._where = where
        self._path: List[str] = []
        self._key: Optional[str] = None
        self._text: List[str] = []

    def doctype(self, *_declared: object) -> None:
        """An entity of one may stand for more text than fits into memory."""
        raise LocalconfigRefusal(f"{self._where}: declares a document type, which Zimbra never writes; {_BACKUP}")

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        self._path.append(name)
        if self._path == ["localconfig", "key"]:
            self._key = attributes.get("name")
            self._text = []

    def text(self, data: str) -> None:
        if self._path == ["localconfig", "key", "value"]:
            self._text.append(data)

    def end(self, _name: str) -> None:
        if self._path == ["localconfig", "key"] and self._key is not None:
            self.values[self._key] = normalised("".join(self._text))
        self._path.pop()


def parsed(content: bytes, where: str) -> Dict[str, str]:
    """The keys and values of the file at ``where``; LocalconfigRefusal where it is no such file."""
    reader = _Reader(where)
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.StartElementHandler = reader.begin
    parser.CharacterDataHandler = reader.text
    parser.EndElementHandler = reader.end
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise LocalconfigRefusal(
            f"{where}: is no XML from line {error.lineno} on ({expat.ErrorString(error.code)}), so that none of "
            f"Zimbra's programs runs; {_BACKUP}"
        ) from None
    return reader.values


def listed(stdout: str, where: str) -> Dict[str, str]:
    """The keys and values that `zmlocalconfig -m xml` printed, when `judge` has nothing to say."""
    begin = max(stdout.find("<?xml"), 0)
    return parsed(stdout[begin:].encode("utf-8", "surrogateescape"), f"zmlocalconfig -m xml of {where}")


def judge(status: int, stdout: str, stderr: str, where: str, own: Mapping[str, str]) -> None:
    """Nothing where zmlocalconfig did its work; LocalconfigRefusal in one sentence where it did not.

    It ends with 0 too where it cannot read the file, and then goes on with defaults alone. ``own``: the file's keys
    and values, among which the one is looked for that makes it die.
    """
    if _UNREADABLE.search(stderr):
        raise LocalconfigRefusal(
            f"{where}: may not be read by zimbra, whose programs go on without it; give it owner and group zimbra "
            "and mode 0640"
        )
    if status == 0:
        return
    if _PARSE.search(stderr):
        raise LocalconfigRefusal(f"{where}: zmlocalconfig cannot parse it; {_BACKUP}")
    error = _ERROR.search(stderr)
    if error:
        raise LocalconfigRefusal(f"{where}: zmlocalconfig says '{error['words']}'; correct what is asked of it")
    culprit = broken({**dict.fromkeys(KNOWN, ""), **own})
    if culprit:
        raise LocalconfigRefusal(
            f"{where}: the value of {culprit.key} {culprit.reason}, of which every program of Zimbra dies, "
            "zmlocalconfig too; correct it in the file by hand"
        )
    said = _first(stderr) or _first(stdout) or "it said nothing"
    raise LocalconfigRefusal(f"{where}: zmlocalconfig ended with status {status} ({said}); run it by hand as zimbra")


def _first(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0][:200] if lines else ""


_REFERENCE = re.compile(r"\$\{([^}]*)(\}?)")


class Unresolved(Exception):
    """A value that cannot be expanded. ``key``: where it fails; ``reason``: a clause."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(reason)
        self.key = key
        self.reason = reason


def expanded(key: str, values: Mapping[str, str], within: Tuple[str, ...] = ()) -> str:
    """The value of ``key`` with every ${...} replaced, as `zmlocalconfig -x` does; Unresolved where that fails."""
    if key in within:
        way = " to ".join((*within[within.index(key) :], key))
        raise Unresolved(within[-1], f"refers to itself ({way})")

    def value_of(match: re.Match[str]) -> str:
        name, closed = match[1], match[2]
        if not closed:
            raise Unresolved(key, "holds a ${ without its }")
        if name not in values:
            raise Unresolved(key, f"refers to ${{{name}}}, which is not set")
        return expanded(name, values, (*within, key))

    return _REFERENCE.sub(value_of, values[key])


def unresolved(key: str, values: Mapping[str, str]) -> Optional[Unresolved]:
    """Why the value of ``key`` cannot be expanded; None where it can."""
    try:
        expanded(key, values)
    except Unresolved as reason:
        return reason
    return None


def broken(values: Mapping[str, str]) -> Optional[Unresolved]:
    """The first of the keys, by name, whose value cannot be expanded."""
    found = (unresolved(key, values) for key in sorted(values))
    return next((one for one in found if one), None)
