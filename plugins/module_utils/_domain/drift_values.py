# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The named values of a text, whichever of the forms it has in which files and modules write settings.

One reader serves all: a line is a setting, and headings, braces and indentation around it become the beginning of its
name. It is for showing what differs. Editing has exact readers of its own for each kind of file.
"""

from __future__ import annotations

import json
import re
from typing import Any, Iterable, Iterator, List, Optional, Pattern, Sequence, Tuple

PRESENT = "present"

_EQUALS = re.compile(r"(?P<name>(?:(?!:\s)[^=])*[^=\s])\s*=\s*(?P<value>.*)")
_COLON = re.compile(r"(?P<name>.*?[^:\s])\s*:(?P<value>\s.*|)")
_WORDS = re.compile(r"(?P<name>\S+)\s+(?P<value>.*)")
_STATE = re.compile(r"(?P<value>present|absent)")
_BARE = re.compile(r"(?P<name>.*)")
_SCOPED = re.compile(r"(?P<scope>[^=]*?): (?P<name>[\w.\-/\[\]]+) ?= ?(?P<value>.*)")
_KEY = re.compile(r"(?P<name>[^:]*@\S+ kvno .+?)(?: \((?P<value>key replaced)\))?")
_OPTION = re.compile(r"(?P<name>[^=\s]+)\s*=\s*(?P<value>.*?);?")

_SERVICE = re.compile(r"(?P<service>\S+): (?:-o )?(?P<name>\S+) =\s?(?P<value>.*)")  # named as postconf -F and -P do

Forms = Tuple[Pattern[str], ...]

# How a line is read: the first form that fits. Those of the modules whose lines could be taken for others
_FILE: Forms = (_STATE, _EQUALS, _COLON, _WORDS, _BARE)
_SAID: Forms = (_STATE, _COLON, _BARE)
_FORMS = {
    "mailrealm.kerberos.ad_keytab": (_KEY, *_SAID),
    "mailrealm.kerberos.axigen_config": (_SCOPED, *_FILE),
    "mailrealm.kerberos.jaas_config": (_OPTION, *_FILE),
    "mailrealm.kerberos.keytab": (_KEY, *_SAID),
    "mailrealm.kerberos.log4j2_loggers": _SAID,
    "mailrealm.kerberos.password_policy": _SAID,
    "mailrealm.kerberos.postconf": (_SERVICE, _EQUALS, _BARE),
    "mailrealm.kerberos.principal": _SAID,
    "mailrealm.kerberos.realm": _SAID,
    "mailrealm.kerberos.tomcat_connector": (_SCOPED, *_FILE),
    "mailrealm.kerberos.unit": _SAID,
    "mailrealm.kerberos.zimbra_attributes": _SAID,
    "mailrealm.kerberos.zimbra_services": _SAID,
}
_ABSENT = "not set"  # by which modules of the collection show that a setting is not there

_COMMENT = re.compile(r"[#;!]|//|/\*")
_CONTINUED = re.compile(r"(?<!\\)\\\n[ \t]*")
_SECTION = re.compile(r"\[(?P<name>[^\[\]]+)\]\*?")
_OPENING = re.compile(r"(?P<name>.*?)\s*=?\s*\{\*?")
_CLOSING = re.compile(r"\}\*?;?")
_HEADING = re.compile(r"(?P<name>\S.*):")

_TAG = re.compile(r"<!--.*?-->|<[?!][^>]*>|<(?P<end>/)?(?P<tag>[^\s/>]+)(?P<rest>[^>]*?)(?P<empty>/)?>", re.DOTALL)
_ATTRIBUTE = re.compile(r"""(?P<name>[^\s=]+)\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)')""")
_TELLING = ("id", "name", "className", "port", "type", "key")  # attributes by which elements of one tag are told apart

Pair = Tuple[str, str]


def named_values(module: str, text: str) -> List[Pair]:
    """The settings of ``text``, which ``module`` shows or a file holds: dotted name and value, in the text's order.

    A name that is there several times is several pairs; a line without a value has the value ``present``.
    """
    begin = text.lstrip()[:1]
    found = _of_json(text) if begin in ("{", "[") else None
    if found is None:
        found = _of_xml(text) if begin == "<" else _of_lines(text, _FORMS.get(module, _FILE))
    return [(name, value) for name, value in found if value != _ABSENT]


def _of_json(text: str) -> Optional[Iterable[Pair]]:
    try:
        return list(_flat("", json.loads(text)))
    except (ValueError, RecursionError):
        return None


def _flat(path: str, value: Any) -> Iterator[Pair]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _flat(f"{path}.{key}" if path else key, inner)
    elif isinstance(value, list) and value:
        deep = any(isinstance(one, (dict, list)) for one in value)
        for position, inner in enumerate(value):
            yield from _flat(f"{path}[{position}]" if deep else path, inner)
    else:
        yield path, value if isinstance(value, str) else json.dumps(value)


def _of_xml(text: str) -> Iterator[Pair]:
    """Attributes and texts of elements; of a fragment too, whose elements need not end."""
    path: List[str] = []
    end = 0
    for match in _TAG.finditer(text):
        words = " ".join(text[end : match.start()].split())
        end = match.end()
        if words:
            yield "/".join(path), words
        if match["end"]:
            del path[-1:]
        elif match["tag"]:
            found = [(one["name"], one["double"] or one["single"] or "") for one in _ATTRIBUTE.finditer(match["rest"])]
            told = next((value for key in _TELLING for name, value in found if name == key), "")
            here = [*path, f"{match['tag']}[{told}]" if told else match["tag"]]
            yield from (("/".join(here) + f"@{name}", value) for name, value in found or [])
            if not found and match["empty"]:
                yield "/".join(here), PRESENT
            path = path if match["empty"] else here


def _of_lines(text: str, forms: Forms) -> Iterator[Pair]:
    section: List[str] = []
    braces: List[str] = []
    block: List[str] = []
    lines = [line for line in _CONTINUED.sub("", text).splitlines() if line.strip()]
    for position, line in enumerate(lines):
        words = line.strip()
        indented = line[0] in " \t"
        below = position + 1 < len(lines) and lines[position + 1][0] in " \t"
        heading, opening, over = _SECTION.fullmatch(words), _OPENING.fullmatch(words), _HEADING.fullmatch(line)
        if _COMMENT.match(words):
            continue
        if heading:
            section, braces, block = [heading["name"]], [], []
        elif opening:
            braces.append(opening["name"])
        elif _CLOSING.fullmatch(words):
            del braces[-1:]
        elif over and below and not braces:
            block = [over["name"]]
        else:
            yield _pair(words, [*section, *braces, *(block if indented else [])], forms)


def _pair(words: str, context: Sequence[str], forms: Forms) -> Pair:
    match = next(match for match in (form.fullmatch(words) for form in forms) if match)
    parts = match.groupdict()
    name = "/".join(filter(None, (parts.get("service"), parts.get("name", "state"))))
    path = [*context, *filter(None, (parts.get("scope"), name))]
    value = parts.get("value")
    return ".".join(path).replace(" / ", "."), PRESENT if value is None else value.strip()
