# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Zimbra refuses of a value, known before anything runs.

The rules are those of AttributeInfo.checkValue and of the callbacks (zm-mailbox), and of the directory's own schema,
which refuses more than Zimbra does: other characters than ASCII in an `astring`, and numbers that are not written in
the shortest way. What only the directory knows is not judged: whether a server named by zimbraMailHost is there, and
whether an entry already holds another value of an attribute that may have one.
"""

from __future__ import annotations

import re
from typing import Callable, Dict, Sequence

from .zimbra_catalogue import ENTRY_TYPES, Attribute

SET, ADD, REMOVE = "set", "add", "remove"
_NUMBER = re.compile(r"0|-?[1-9][0-9]*")
_LEAST, _GREATEST = -(2**31), 2**31 - 1  # Java's int
_PORTS = 65535
_MECHANISM_OF = ("zimbraAuthMech", "zimbraAuthMechAdmin")
_MECHANISMS = ("zimbra", "ldap", "ad", "kerberos5")  # callback AuthMech; they count in this case alone
_BLANKS = re.compile(" +")
_SHOWN = 60  # characters of a value that a sentence quotes


def same(value: str) -> str:
    """A key that is equal for values which the directory takes for one: case and runs of blanks do not count."""
    return _BLANKS.sub(" ", value.strip(" ")).lower()


def fault(attribute: Attribute, entry_type: str, values: Sequence[str], operation: str = SET) -> str:
    """Why Zimbra refuses to set, add or remove the values: what, a semicolon, how to mend; empty where it does not.

    To set no value, or the one value "", deletes all of them, which is allowed where the entry cannot hold any.
    """
    if attribute.immutable:
        return f"{attribute.name} cannot be changed; leave it out"
    if operation == REMOVE or (operation == SET and list(values) in ([], [""])):
        return ""
    if entry_type not in attribute.scopes:
        return _misplaced(attribute, entry_type)
    if len(values) > 1 and not attribute.multiple:
        return f"{attribute.name} holds one value, and {len(values)} are given; leave one"
    for value in values:
        found = empty(attribute.name, value) or _FAULTS.get(attribute.type, _text)(attribute, value)
        if found:
            return found
    return repeated(attribute.name, values)


def empty(name: str, value: str) -> str:
    """The fault of an empty value beside others, or of one to add."""
    return "" if value else f'{name} holds no empty value; leave it out, or delete all values by attributes: {name}: ""'


def repeated(name: str, values: Sequence[str]) -> str:
    """The fault of values which the directory takes for one; empty where all differ."""
    seen: Dict[str, str] = {}
    for value in values:
        key = same(value)
        if key in seen:
            return f"{name}: {shown(seen[key])} and {shown(value)} are one value to Zimbra's directory; leave one"
        seen[key] = value
    return ""


def shown(value: str) -> str:
    """A value as a sentence quotes it."""
    return f"'{value}'" if len(value) <= _SHOWN else f"'{value[:_SHOWN]}...'"


def _misplaced(attribute: Attribute, entry_type: str) -> str:
    homes = [one for one in ENTRY_TYPES if one in attribute.scopes]
    if not homes:
        return f"{attribute.name} belongs to none of {', '.join(ENTRY_TYPES)}; leave it out"
    return f"{attribute.name} is no attribute of type {entry_type}; name it in an entry of type {' or '.join(homes)}"


def _too_long(attribute: Attribute, value: str) -> str:
    length = len(value.encode("utf-16-le", "surrogatepass")) // 2  # as Java counts
    if attribute.most is None or length <= attribute.most:
        return ""
    return f"{attribute.name} takes {attribute.most} characters, and {shown(value)} has {length}; shorten it"


def _text(attribute: Attribute, value: str) -> str:
    if attribute.name in _MECHANISM_OF and value not in _MECHANISMS and not value.startswith("custom"):
        return f"{attribute.name} must be one of {', '.join(_MECHANISMS)}, custom:..., not {shown(value)}; correct it"
    return _too_long(attribute, value)


def _ascii(attribute: Attribute, value: str) -> str:
    if not value.isascii():
        return f"{attribute.name} holds ASCII alone, unlike {shown(value)}; write a domain's name in its form xn--"
    return _too_long(attribute, value)


def _boolean(attribute: Attribute, value: str) -> str:
    if value in ("TRUE", "FALSE"):
        return ""
    return f"{attribute.name} must be TRUE or FALSE, not {shown(value)}; write it so, or as YAML's true or false"


def _choice(attribute: Attribute, value: str) -> str:
    if value in attribute.choices:
        return ""
    advice = "give a list" if set(re.split("[ ,]+", value)) <= set(attribute.choices) else "correct it"
    return f"{attribute.name} must be one of {', '.join(attribute.choices)}, not {shown(value)}; {advice}"


def _number(attribute: Attribute, value: str) -> str:
    least = _LEAST if attribute.least is None else attribute.least
    most = _GREATEST if attribute.most is None else attribute.most
    if attribute.type == "port":
        least, most = 0, _PORTS
    if _NUMBER.fullmatch(value) and least <= int(value) <= most:
        return ""
    return f"{attribute.name} must be a number from {least} to {most}, not {shown(value)}; correct it"


# Of other types the length alone is judged.
_FAULTS: Dict[str, Callable[[Attribute, str], str]] = {
    "astring": _ascii,
    "boolean": _boolean,
    "enum": _choice,
    "integer": _number,
    "port": _number,
}
