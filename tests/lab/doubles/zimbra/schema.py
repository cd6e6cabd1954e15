# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the directory itself (OpenLDAP with Zimbra's schema) takes and refuses, and what it makes of an entry."""

from __future__ import annotations

import re
from typing import Iterable, Sequence

from . import catalogue
from .errors import ServiceError

# (operation, attribute, values): replace, add, delete; a delete or replace without values removes the attribute.
Modification = tuple[str, str, Sequence[str]]
Own = dict[str, list[str]]

NAMING = {"config": "cn", "server": "cn", "cos": "cn", "domain": "dc", "account": "uid"}
# RFC 4517: 3.3.3 Boolean, 3.3.16 Integer, 3.3.15 IA5 String (may be empty), 3.3.6 Directory String (may not).
INTEGER = re.compile(r"0|-?[1-9][0-9]*")
OBJECT_CLASS = re.compile(r"(zimbra|amavis|inetOrg|organization|dcObject|top)[A-Za-z]*")


def _syntax(attribute: catalogue.Attribute, value: str) -> bool:
    if attribute.type == "boolean":
        return value in ("TRUE", "FALSE")
    if attribute.type in ("integer", "port"):
        return INTEGER.fullmatch(value) is not None
    if attribute.type == "astring":
        return value.isascii()
    if attribute.name == "objectClass":
        return OBJECT_CLASS.fullmatch(value) is not None
    return value != ""


def refused(code: str, text: str) -> ServiceError:
    """The directory's refusal; `text` is what the server says of it."""
    return ServiceError(f"ldap.{code}", text)


def normal(value: str) -> str:
    """The form in which values are compared: without regard to case and to the number of blanks (RFC 4518)."""
    return " ".join(value.split()).casefold()


def described(name: str) -> catalogue.Attribute:
    """The attribute type of that name, or a refusal."""
    if not name:
        raise refused("INVALID_ATTR_NAME", f"{name}: empty AttributeDescription")
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", name):
        raise refused("INVALID_ATTR_NAME", f"{name}: AttributeDescription contains inappropriate characters")
    known = catalogue.find(name)
    if known is None:
        raise refused("INVALID_ATTR_NAME", f"{name}: attribute type undefined")
    return known


def _checked(name: str, values: Sequence[str]) -> catalogue.Attribute:
    """The attribute whose values these can be, as OpenLDAP's modlist check has it: before it looks at the entry."""
    known = described(name)
    for number, value in enumerate(values):
        if not _syntax(known, value):
            raise refused("INVALID_ATTR_VALUE", f"{known.name}: value #{number} invalid per syntax")
    if len(values) > 1 and not known.multi:
        raise refused("INVALID_ATTR_VALUE", f"{known.name}: multiple values provided")
    forms = [normal(value) for value in values]
    for number, form in enumerate(forms):
        if form in forms[number + 1 :]:
            raise refused("LDAP_ERROR", f"{known.name}: value #{number} provided more than once")
    return known


def _changed(own: Own, operation: str, known: catalogue.Attribute, values: Sequence[str]) -> None:
    present = own.get(known.name, [])
    forms = [normal(value) for value in present]
    if operation == "replace" or (operation == "delete" and not values):
        left = list(values)
    elif operation == "add":
        for number, value in enumerate(values):
            if normal(value) in forms:
                raise refused("LDAP_ERROR", f"modify/add: {known.name}: value #{number} already exists")
        left = [*present, *values]
    else:
        for value in values:
            if normal(value) not in forms:
                raise refused("LDAP_ERROR", f"modify/delete: {known.name}: no such value")
        gone = {normal(value) for value in values}
        left = [value for value in present if normal(value) not in gone]
    if left:
        own[known.name] = left
    else:
        own.pop(known.name, None)


def allowed(kind: str, name: str, own: Own) -> None:
    """Refuse an entry that its object classes do not allow."""
    naming = NAMING[kind]
    expected = {"domain": name.partition(".")[0], "account": name.partition("@")[0]}.get(kind, name)
    if naming in own and normal(expected) not in map(normal, own[naming]):
        raise refused("LDAP_ERROR", f"value of naming attribute '{naming}' is not present in entry")
    for attribute, values in own.items():
        known = described(attribute)
        if len(values) > 1 and not known.multi:
            raise refused("INVALID_ATTR_VALUE", f"attribute '{known.name}' cannot have multiple values")
        if kind not in known.kinds:
            raise refused("OBJECT_CLASS_VIOLATION", f"attribute '{known.name}' not allowed")


def apply(kind: str, name: str, own: Own, modifications: Iterable[Modification]) -> Own:
    """What becomes of an entry's own values; ServiceError (code ldap.*) and no change if one step is refused."""
    steps = [(operation, _checked(attribute, values), values) for operation, attribute, values in modifications]
    changed = {attribute: list(values) for attribute, values in own.items()}
    for operation, known, values in steps:
        _changed(changed, operation, known, values)
    allowed(kind, name, changed)
    return changed


def create(kind: str, name: str, given: Own) -> Own:
    """A new entry's own values, under the directory's names; ServiceError if it refuses them."""
    own = {_checked(attribute, values).name: list(values) for attribute, values in given.items() if values}
    allowed(kind, name, own)
    return own
