# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loggers in a log4j2.xml: set and removed, every foreign line as it is.

After Log4j's manual on configuration files: names of elements and attributes are taken in any case, an attribute may
also be an element that holds its value, loggers stand in `Loggers`, and of several with one name the last counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, List, Mapping, Optional, Sequence, Tuple

from . import xml_edit as edit
from .xml_text import Document, Element, XmlRefusal, document, scan

KINDS = ("logger", "asynclogger")
REFERENCES = ("appenderref", "appender-ref")
LEVELS = ("off", "fatal", "error", "warn", "info", "debug", "trace", "all")
# As CAS names its appenders, and what older ones have in their place
OLDER_NAMES = {"casConsole": "console", "casFile": "file"}
_PLACEHOLDER = re.compile(r"\$\{.+\}")
_WRITTEN_OTHERWISE = ("level", "additivity", "levelandrefs")


class LoggersRefusal(XmlRefusal):
    """A logger that cannot be set as asked, or a file in which it cannot be."""


@dataclass(frozen=True)
class LoggerWish:
    """A logger asked for; ``asynchronous``: an AsyncLogger."""

    name: str
    level: str = ""
    additivity: bool = False
    appenders: Tuple[str, ...] = ()
    asynchronous: bool = False

    @property
    def tag(self) -> str:
        return "AsyncLogger" if self.asynchronous else "Logger"

    @property
    def additive(self) -> str:
        return "true" if self.additivity else "false"


@dataclass(frozen=True)
class LoggersPlan:
    """The file wanted (None: no file), the loggers asked for before and after as text, and the appenders used."""

    content: Optional[bytes]
    before: str = ""
    after: str = ""
    appenders: Tuple[str, ...] = ()


def wishes_from(asked: Sequence[Mapping[str, Any]], present: bool) -> Tuple[LoggerWish, ...]:
    """The option ``loggers`` of the module, checked. LoggersRefusal names the wrong one."""
    wishes: List[LoggerWish] = []
    for number, one in enumerate(asked):
        place, name, level = f"loggers[{number}]", one["name"], one.get("level") or ""
        if not name or name == "root" or any(character.isspace() for character in name) or not edit.is_text(name):
            raise LoggersRefusal(
                f"{place}: name '{name}' is no logger's; write a package or class, for the root logger is not set here"
            )
        if any(name == wish.name for wish in wishes):
            raise LoggersRefusal(f"{place}: {name} is asked for twice; keep one")
        appenders = tuple(dict.fromkeys(one["appenders"]))
        if present and not level:
            raise LoggersRefusal(f"{place}: {name} has no level; give one of {', '.join(LEVELS)}")
        if present and not appenders and not one["additivity"]:
            raise LoggersRefusal(
                f"{place}: {name} has no appenders and additivity is false, so that nothing would be written; "
                "name appenders, or set additivity: true"
            )
        for appender in appenders:
            if not appender or not edit.is_text(appender):
                raise LoggersRefusal(f"{place}: appenders: '{appender}' is no name; write it as the file has it")
        wishes.append(LoggerWish(name, level, one["additivity"], appenders, one["async"]))
    return tuple(wishes)


def plan(
    path: str,
    content: Optional[bytes],
    wishes: Sequence[LoggerWish],
    shipped: Optional[bytes] = None,
    source: str = "",
) -> LoggersPlan:
    """What the file becomes with the loggers asked for in it.

    ``shipped``: the file that takes its place where there is none, which comes from ``source``. XmlRefusal where it
    is no XML, LoggersRefusal where it has no place for the loggers or no such appenders.
    """
    begun = content if content is not None else shipped
    if begun is None:
        raise LoggersRefusal(
            f"{path}: is not there, and loggers need the appenders of a whole configuration; name the web archive of "
            "CAS in war, whose own one then comes here, or bring the file first"
        )
    place = path if content is not None else f"{source}: log4j2.xml"
    before = _configuration(document(begun, place), place)
    settled = [_settled(number, wish, before, place) for number, wish in enumerate(wishes)]
    after = before
    for wish in settled:
        after = _with(after, wish, place)
    begins = f"begins as the log4j2.xml of {source}\n" if content is None else ""
    pairs = [(_shown(before, wish.name), _shown(after, wish.name)) for wish in settled]
    return LoggersPlan(
        after.text.encode(after.codec),
        "" if content is None else "".join(was for was, will_be in pairs if was != will_be),
        begins + "".join(will_be for was, will_be in pairs if content is None or was != will_be),
        tuple(dict.fromkeys(name for wish in settled for name in wish.appenders)),
    )


def plan_absent(path: str, content: Optional[bytes], names: Sequence[str]) -> LoggersPlan:
    """What the file becomes without the loggers of these names, each wherever it stands."""
    if content is None:
        return LoggersPlan(None)
    before = after = _configuration(document(content, path), path)
    for name in names:
        found = _standing(after, name)
        while found is not None:
            after = scan(edit.without_element(after, found), path, after.codec)
            found = _standing(after, name)
    shown = "".join(_shown(before, name) for name in names)
    return LoggersPlan(after.text.encode(after.codec), shown, "")


def stand_in(wishes: Sequence[LoggerWish]) -> bytes:
    """A configuration that holds the appenders asked for: what check mode goes on with where the archive is to come."""
    names = dict.fromkeys(name for wish in wishes for name in wish.appenders)
    appenders = "".join(f'<Null name="{edit.escaped(name)}"/>' for name in names)
    return f"<Configuration><Appenders>{appenders}</Appenders><Loggers/></Configuration>".encode()


def _is(element: Element, *names: str) -> bool:
    return element.name.lower() in names


def _configuration(found: Document, path: str) -> Document:
    if not _is(found.root, "configuration"):
        raise LoggersRefusal(
            f"{path}: holds <{found.root.name}> and no <Configuration>, so it is no configuration of Log4j 2; "
            "correct path"
        )
    return found


def _part(found: Document, name: str) -> Optional[Element]:
    """The part of the configuration that counts: the last of its name."""
    return next((one for one in reversed(found.root.children) if _is(one, name)), None)


def _value(element: Element, name: str) -> str:
    """An attribute of an element, which may be written as an element that holds its value."""
    inside = [one.text.strip() for one in element.children if _is(one, name) and not one.children]
    return inside[-1] if inside else element.value(name, any_case=True)


def _standing(found: Document, name: str) -> Optional[Element]:
    """The logger of that name which counts."""
    loggers = _part(found, "loggers")
    there = [] if loggers is None else [one for one in loggers.children if _is(one, *KINDS)]
    return next((one for one in reversed(there) if _value(one, "name") == name), None)


def _references(logger: Element) -> List[Element]:
    return [one for one in logger.children if _is(one, *REFERENCES)]


def _additivity(logger: Element) -> str:
    """As Log4j reads it; of another word than these two its versions make different things."""
    return _value(logger, "additivity").strip().lower() or "true"


def _settled(number: int, wish: LoggerWish, found: Document, path: str) -> LoggerWish:
    """The wish with the appenders that the file has."""
    place = f"loggers[{number}]"
    levels = {*LEVELS, *(_value(one, "name").lower() for one in _children(found, "customlevels"))}
    written = edit.is_text(wish.level) and _PLACEHOLDER.fullmatch(wish.level)
    if wish.level.lower() not in levels and not written:
        raise LoggersRefusal(f"{place}: '{wish.level}' is no level; write one of {', '.join(LEVELS)}")
    there = [_value(one, "name") for one in _children(found, "appenders")]
    used = []
    for name in wish.appenders:
        taken = next((one for one in (name, OLDER_NAMES.get(name)) if one in there), None)
        if taken is None:
            known = ", ".join(one for one in there if one) or "none"
            raise LoggersRefusal(
                f"{place}: appenders: {path} has no appender '{name}' (it has {known}); name another, or add it there"
            )
        used.append(taken)
    return LoggerWish(wish.name, wish.level, wish.additivity, tuple(dict.fromkeys(used)), wish.asynchronous)


def _children(found: Document, name: str) -> Sequence[Element]:
    part = _part(found, name)
    return () if part is None else part.children


def _with(found: Document, wish: LoggerWish, path: str) -> Document:
    """The document with the logger as wished, one edit after another."""
    text = _next(found, wish, path)
    while text is not None:
        found = scan(text, path, found.codec)
        text = _next(found, wish, path)
    return found


def _next(found: Document, wish: LoggerWish, path: str) -> Optional[str]:
    """The text with the first edit that the logger still lacks."""
    logger = _standing(found, wish.name)
    if logger is None:
        return _added(found, wish, path)
    if not _is(logger, wish.tag.lower()):
        return edit.renamed(found, logger, wish.tag)
    if logger.attribute("levelAndRefs", any_case=True):  # would win over both
        return edit.without_attribute(found, logger, "levelAndRefs", any_case=True)
    nested = next((one for one in logger.children if _is(one, *_WRITTEN_OTHERWISE) and not one.children), None)
    if nested is not None:
        return edit.without_element(found, nested)
    if _value(logger, "level").strip().lower() != wish.level.lower():
        return edit.with_attribute(found, logger, "level", wish.level, any_case=True)
    if _additivity(logger) != wish.additive:
        return edit.with_attribute(found, logger, "additivity", wish.additive, any_case=True)
    references = _references(logger)
    foreign = next((one for one in references if _value(one, "ref") not in wish.appenders), None)
    if foreign is not None:
        return edit.without_element(found, foreign)
    there = [_value(one, "ref") for one in references]
    lacking = next((name for name in wish.appenders if name not in there), None)
    return None if lacking is None else edit.with_child(found, logger, [_reference(lacking, found)])


def _reference(name: str, found: Document) -> str:
    return f'<AppenderRef ref="{edit.escaped(name, codec=found.codec)}"/>'


def _added(found: Document, wish: LoggerWish, path: str) -> str:
    loggers = _part(found, "loggers")
    if loggers is None:
        if any(one.name.lower().rpartition(":")[2] == "include" for one in found.root.children):
            raise LoggersRefusal(
                f"{path}: has no <Loggers> of its own and includes other files; name the file that holds them in path"
            )
        return edit.with_child(found, found.root, ["<Loggers>", "</Loggers>"])
    escaped = {name: edit.escaped(value, codec=found.codec) for name, value in (("n", wish.name), ("l", wish.level))}
    opened = f'<{wish.tag} name="{escaped["n"]}" level="{escaped["l"]}" additivity="{wish.additive}"'
    if not wish.appenders:
        return edit.with_child(found, loggers, [f"{opened}/>"])
    inside = edit.indented([_reference(name, found) for name in wish.appenders], found, loggers)
    return edit.with_child(found, loggers, [f"{opened}>", *inside, f"</{wish.tag}>"])


def _shown(found: Document, name: str) -> str:
    """The logger that counts as a line for people, empty where there is none."""
    logger = _standing(found, name)
    if logger is None:
        return ""
    names = ", ".join(_value(one, "ref") for one in _references(logger)) or "none"
    kind = "AsyncLogger" if _is(logger, "asynclogger") else "Logger"
    level = _value(logger, "level") or "not set"
    return f"{kind} {name}: level {level}, additivity {_additivity(logger)}, appenders {names}\n"
