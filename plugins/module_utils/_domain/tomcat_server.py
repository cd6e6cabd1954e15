# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connectors in Tomcat's server.xml: their attributes set and removed, every foreign line as it is.

After Tomcat's configuration reference (Connector): names are taken in their own case, `protocol` is HTTP/1.1 where it
is left out, and `${...}` is replaced when Tomcat starts. A Kerberos ticket of a user in many groups is longer than the
8192 bytes that a connector takes for all headers by default.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from . import xml_edit as edit
from .xml_text import Document, Element, XmlRefusal, document, scan

# Where one of these stands as well, it counts for requests in place of the general one.
SPECIFIC = {"maxHttpHeaderSize": ("maxHttpRequestHeaderSize",)}
_SIZES = frozenset(("maxHttpHeaderSize", "maxHttpRequestHeaderSize", "maxHttpResponseHeaderSize"))
_SECRET = re.compile(r"(pass|password|secret)\Z", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?[0-9]{1,10}")  # Tomcat takes no blanks beside it, and its default then
HIDDEN = "(not shown)"


class ConnectorRefusal(XmlRefusal):
    """A connector that is not there, or that cannot be as asked."""


@dataclass(frozen=True)
class ConnectorWish:
    """What connectors are to have; ``ports``: which ones, none for all that speak HTTP."""

    ports: Tuple[int, ...]
    minimums: Mapping[str, int]
    settings: Mapping[str, str]
    absent: Tuple[str, ...]


@dataclass(frozen=True)
class Connector:
    """A connector as it is in the end; values of ``attributes`` that are secret are left out."""

    port: str
    protocol: str
    attributes: Mapping[str, str]


@dataclass(frozen=True)
class ConnectorsPlan:
    """The file wanted, what changes in it as text, and the connectors meant."""

    content: bytes
    before: str
    after: str
    connectors: Tuple[Connector, ...]
    warnings: Tuple[str, ...]


def wish_from(
    ports: Sequence[int], minimums: Mapping[str, Any], settings: Mapping[str, Any], absent: Sequence[str]
) -> ConnectorWish:
    """The module's options, checked. ConnectorRefusal names the wrong one."""
    for port in ports:
        if not 1 <= port <= 65535:
            raise ConnectorRefusal(f"ports: {port} does not exist; write a number from 1 to 65535")
    asked = [("minimums", name) for name in minimums] + [("settings", name) for name in settings]
    seen: Dict[str, str] = {}
    for option, name in [*asked, *(("absent", name) for name in absent)]:
        if not edit.is_name(name):
            raise ConnectorRefusal(f"{option}: '{name}' is no name of an attribute; write it as Tomcat's manual does")
        if name == "port":
            raise ConnectorRefusal(f"{option}: port tells which connector is meant; change it in the file itself")
        if name == "protocol" and not ports:
            raise ConnectorRefusal(f"{option}: protocol tells which connectors speak HTTP; name those meant in ports")
        if name in seen:
            raise ConnectorRefusal(f"{option}: {name} stands in {seen[name]} too; keep one")
        seen[name] = option
    return ConnectorWish(
        tuple(dict.fromkeys(ports)),
        {name: _least(name, value) for name, value in minimums.items()},
        {name: _written(name, value) for name, value in settings.items()},
        tuple(absent),
    )


def _least(name: str, value: Any) -> int:
    number = None if isinstance(value, (bool, float)) else _number(str(value).strip())
    if number is None or number < 1:
        raise ConnectorRefusal(f"minimums: {name}: {value!r} is no number from 1; give it in digits, as 65536")
    return number


def _written(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)) and edit.is_text(str(value)):
        return str(value)
    shown = "nothing" if value is None else f"a {type(value).__name__}"
    kind = "text with characters that XML cannot hold" if isinstance(value, str) else shown
    raise ConnectorRefusal(
        f"settings: {name}: {kind} is no value; give text, a number or a boolean, or name it in absent"
    )


def plan(path: str, content: Optional[bytes], wish: ConnectorWish) -> ConnectorsPlan:
    """What the file becomes. XmlRefusal where it is no XML, ConnectorRefusal where a connector is not there."""
    if content is None:
        raise ConnectorRefusal(f"{path}: is not there; name Tomcat's server.xml in path, or install Tomcat first")
    before = after = document(content, path)
    chosen = _chosen(before, wish.ports, path)
    changes: List[Tuple[str, str]] = []
    warnings: List[str] = []
    for number in chosen:
        shown = f"Connector {_connectors(before)[number].value('port')}"
        for name, value in _wanted(_connectors(after)[number], wish):
            there = _connectors(after)[number].attribute(name)
            if there is not None and value is not None and "${" in there.value:
                warnings.append(
                    f"{path}: {shown}: {name} is '{_hidden(name, there.value)}', in which Tomcat replaces the "
                    f"placeholder when it starts, so it was left alone; see that it becomes {_hidden(name, value)}"
                )
                continue
            changes.append((_line(shown, name, there.value if there else None), _line(shown, name, value, there)))
            after = _edited(after, number, name, value, path)
    return ConnectorsPlan(
        after.text.encode(after.codec),
        "".join(was for was, dummy in changes),
        "".join(will_be for dummy, will_be in changes),
        tuple(_told(_connectors(after)[number]) for number in chosen),
        tuple(warnings),
    )


def secret(name: str) -> bool:
    """Whether the attribute's value is a password."""
    return _SECRET.search(name) is not None


def _connectors(found: Document) -> Sequence[Element]:
    services = [one for one in found.root.children if one.name == "Service"]
    return [one for service in services for one in service.children if one.name == "Connector"]


def _speaks_http(connector: Element) -> bool:
    return "ajp" not in connector.value("protocol").lower()


def _chosen(found: Document, ports: Sequence[int], path: str) -> Sequence[int]:
    """The numbers of the connectors meant, in the order of the file."""
    if found.root.name != "Server":
        raise ConnectorRefusal(
            f"{path}: holds <{found.root.name}> and no <Server>, so it is not Tomcat's; correct path"
        )
    connectors = _connectors(found)
    there = [_number(one.value("port")) for one in connectors]
    known = ", ".join(one.value("port") or "no port" for one in connectors) or "none"
    for port in ports:
        if port not in there:
            raise ConnectorRefusal(f"ports: {path} has no connector on port {port} (it has {known}); name another")
    if ports:
        return [number for number, port in enumerate(there) if port in ports]
    chosen = [number for number, one in enumerate(connectors) if _speaks_http(one)]
    if not chosen:
        raise ConnectorRefusal(
            f"{path}: has no connector that speaks HTTP (its ports: {known}); add one, or name ports"
        )
    return chosen


def _wanted(connector: Element, wish: ConnectorWish) -> Sequence[Tuple[str, Optional[str]]]:
    """The attributes that must change, and to what; None to remove one."""
    wanted: List[Tuple[str, Optional[str]]] = []
    for name, least in wish.minimums.items():
        closer = [one for one in SPECIFIC.get(name, ()) if connector.attribute(one) is not None]
        wanted += [(one, str(least)) for one in (name, *closer) if not _is_enough(connector, one, least)]
    for name, value in wish.settings.items():
        there = connector.attribute(name)
        if there is None or there.value != value:
            wanted.append((name, value))
    return [*wanted, *((name, None) for name in wish.absent if connector.attribute(name) is not None)]


def _is_enough(connector: Element, name: str, least: int) -> bool:
    there = _number(connector.value(name))
    # A negative number of anything but a header's size is no limit at all.
    return there is not None and (there >= least or (there < 0 and name not in _SIZES))


def _number(text: str) -> Optional[int]:
    found = _NUMBER.fullmatch(text)
    return None if found is None else int(found.group())


def _edited(found: Document, number: int, name: str, value: Optional[str], path: str) -> Document:
    connector = _connectors(found)[number]
    text = (
        edit.without_attribute(found, connector, name)
        if value is None
        else edit.with_attribute(found, connector, name, value)
    )
    return scan(text, path, found.codec)


def _hidden(name: str, value: str) -> str:
    return HIDDEN if secret(name) else value


def _line(shown: str, name: str, value: Optional[str], before: Any = None) -> str:
    """A value as a line of the diff; a secret one only says whether it is another."""
    if value is None:
        return ""
    kept = "(another one, not shown)" if before is not None else HIDDEN
    return f"{shown}: {name}={kept if secret(name) else value}\n"


def _told(connector: Element) -> Connector:
    return Connector(
        connector.value("port"),
        connector.value("protocol") or "HTTP/1.1",
        {one.name: _hidden(one.name, one.value) for one in connector.attributes},
    )
