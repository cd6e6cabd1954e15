# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the files of a host's CAS differ from what its variables ask for: properties, login.conf, sizes of headers."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from . import jaas_config, tomcat_server
from .cas_catalogue import same_value
from .cas_property_names import Name, name_of, secret
from .java_properties import items_of

HIDDEN = "(not shown)"
# The role decides these by `cas_clients` too, which may hold a password, so that the doctor is not told of it; the last
# is about CAS's log alone.
BESIDE = frozenset(
    (
        *(
            "hostnameclientactionstrategy",
            "hostnamepatternstring",
            "ipstocheckpattern",
            "alternativeremotehostattribute",
        ),
        *("dnstimeout", "mixedmodeauthentication", "config"),
    )
)
SIZES = frozenset(("maxhttpheadersize", "maxhttprequestheadersize"))
# What of an entry of login.conf decides which key is taken; a foreign module's options may hold a password.
OPTIONS = ("useKeyTab", "keyTab", "storeKey", "isInitiator", "doNotPrompt", "principal")
# Tomcat's, where a Connector has no attribute for it; Apache's LimitRequestFieldSize; one buffer of nginx's.
DEFAULT_LIMIT = 8192
_DATA_SIZE = re.compile(r"\s*(?P<number>\d{1,12})\s*(?P<unit>[KMG]?B?)\s*", re.IGNORECASE)
_UNITS = {"": 1, "B": 1, "KB": 1024, "K": 1024, "MB": 1024**2, "M": 1024**2, "GB": 1024**3, "G": 1024**3}
_NGINX = re.compile(r"^\s*large_client_header_buffers\s+\d+\s+(\S+?)\s*;", re.MULTILINE)
_APACHE = re.compile(r"^\s*LimitRequestFieldSize\s+(\d+)", re.MULTILINE | re.IGNORECASE)
LIMIT_OF = {"nginx": _NGINX, "apache": _APACHE}


def bytes_of(text: str) -> Optional[int]:
    """A size as Spring Boot and nginx write it (`65536`, `20KB`, `64k`), in bytes; None for what is none."""
    found = _DATA_SIZE.fullmatch(text)
    return int(found["number"]) * _UNITS[found["unit"].upper()] if found else None


def settings_of(
    content: bytes, path: str, wanted: Mapping[str, Any], absent: Sequence[str]
) -> List[Dict[str, Optional[str]]]:
    """The properties that are not as wanted: ``key``, what it ``is`` and ``should`` be, None for not set at all.

    Those that say which clients are asked for a ticket are left out. PropertiesRefusal where Java would not read it.
    """
    held = {name_of(item.key): item.value for item in items_of(content, path) if item.key is not None}
    asked: List[Tuple[str, Optional[str]]] = [(key, _text(value)) for key, value in wanted.items()]
    asked += [(key, None) for key in absent if not key.endswith("*")]
    return [
        {"key": key, "is": _shown(name_of(key), held.get(name_of(key))), "should": should}
        for key, should in asked
        if name_of(key)[-1] not in BESIDE and not _fits(name_of(key), held.get(name_of(key)), should)
    ]


def _fits(name: Name, value: Optional[str], should: Optional[str]) -> bool:
    if value is None or should is None:
        return value is should
    if name[-1] in SIZES:
        return (bytes_of(value) or 0) >= (bytes_of(should) or 0)
    return same_value(name, value, should)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _shown(name: Name, value: Optional[str]) -> Optional[str]:
    return HIDDEN if value and secret(name, value) else value


def entries_of(text: str, path: str, wanted: Sequence[Mapping[str, Any]]) -> List[Dict[str, Optional[str]]]:
    """Where entries of login.conf differ: ``entry``, ``option``, what it ``is`` and ``should`` be.

    ``option`` is empty for an entry that is not there. JaasRefusal where the JDK would not read the file.
    """
    held = {one.meaning.name: one.meaning for one in jaas_config.entries(text, path)}
    found: List[Dict[str, Optional[str]]] = []
    for entry in wanted:
        name, module = entry["name"], entry["modules"][0]
        if name not in held or not held[name].modules:
            found.append({"entry": name, "option": "", "is": None, "should": module["class"]})
            continue
        there = held[name].modules[0]
        if there.name != module["class"]:
            found.append({"entry": name, "option": "class", "is": there.name, "should": module["class"]})
            continue
        found += [
            {
                "entry": name,
                "option": option,
                "is": there.options.get(option),
                "should": _text(module["options"][option]),
            }
            for option in OPTIONS
            if (there.options.get(option) or "").lower() != _text(module["options"][option]).lower()
        ]
    return found


def connector_limit(content: Optional[bytes], path: str) -> int:
    """The least that an HTTP connector of a server.xml takes, in bytes; XmlRefusal where there is none."""
    found = tomcat_server.plan(path, content, tomcat_server.wish_from((), {}, {}, ())).connectors
    return min(_connector(one.attributes) for one in found)


def _connector(attributes: Mapping[str, str]) -> int:
    text = attributes.get("maxHttpRequestHeaderSize") or attributes.get("maxHttpHeaderSize") or ""
    return int(text) if text.isdigit() else DEFAULT_LIMIT


def proxy_limit(kind: str, text: str) -> int:
    """The largest header that a proxy of that kind (a key of LIMIT_OF) takes by the text of its file, in bytes."""
    found = LIMIT_OF[kind].findall(text)
    return bytes_of(found[-1]) or DEFAULT_LIMIT if found else DEFAULT_LIMIT
