# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Zimbra's own code takes and refuses before the directory is asked: types, immutable attributes, callbacks."""

from __future__ import annotations

import re
from typing import Callable

from . import catalogue
from .errors import FRAME, ServiceError, invalid_request, invalid_value
from .java import hash_order

# Attribute, with + or - before it, to values; one empty value alone removes.
Attributes = dict[str, list[str]]
Log = Callable[[str], None]

MECHANISMS = ("zimbra", "ldap", "ad", "kerberos5", "custom")
INTEGER = re.compile(r"[+-]?[0-9]+")
NUMBER = re.compile(r"-?[0-9]+")


def bare(name: str) -> str:
    """The name of an attribute without its + or -."""
    return name[1:] if name[:1] in ("+", "-") else name


def _integer(value: str) -> int | None:
    number = int(value) if INTEGER.fullmatch(value) else None
    return None if number is None or not -(2**31) <= number < 2**31 else number


def _value(row: catalogue.Attribute, value: str) -> None:
    """AttributeInfo.checkValue: an empty value is always taken, it removes."""
    name = row.name
    if value == "":
        return
    if row.type == "boolean" and value not in ("TRUE", "FALSE"):
        raise invalid_value(f"{name} must be TRUE or FALSE")
    if row.type == "enum" and value not in row.values.split(","):
        raise invalid_value(f"{name} must be one of: {row.values}")
    if row.type == "port" and not 0 <= (-1 if _integer(value) is None else int(value)) <= 65535:
        raise invalid_value(f"{name} must be a valid port: {value}")
    if row.type == "integer":
        number = _integer(value)
        if number is None:
            raise invalid_value(
                f"{name} must be a valid integer: {value}", f"java.lang.NumberFormatException {_not_a_number(value)}"
            )
        if row.min is not None and number < row.min:
            raise invalid_value(f"{name} value({number}) smaller than minimum allowed: {row.min}")
        if row.max is not None and number > row.max:
            raise invalid_value(f"{name} value({number}) larger than max allowed: {row.max}")
    elif row.max is not None and row.type in ("string", "astring"):
        length = len(value.encode("utf-16-le", "surrogatepass")) // 2
        if length > row.max:
            raise invalid_value(f"{name} value length({length}) larger than max allowed: {row.max}")


def _not_a_number(value: str) -> str:
    return f'For input string: "{value}"'


class Checks:
    """The checks of one modification. `server_name`: a server's own name, or None; `log`: lines at WARN and ERROR."""

    def __init__(self, server_name: Callable[[str], str | None], log: Log) -> None:
        self.server_name = server_name
        self.log = log

    def check(self, attributes: Attributes, kind: str) -> Attributes:
        """The attributes with what callbacks add to them."""
        added: Attributes = {}
        for key in hash_order(attributes):
            values, row = attributes[key], catalogue.find(bare(key))
            if row is None:
                self.log(f"WARN : checkValue: no attribute info for: {bare(key)}")
                continue
            if row.deprecated:
                self.log(f"WARN : Attempt to modify a deprecated attribute: {bare(key)}")
            if row.immutable:
                raise invalid_request(f"{row.name} is immutable")
            for value in values:
                _value(row, value)
            callback = CALLBACKS.get(row.callback)
            if callback:
                added.update(callback(self, key, row.name, values, kind))
        return {**attributes, **added}

    def auth_mech(self, key: str, name: str, values: list[str], _kind: str) -> Attributes:
        """zimbraAuthMech: one of the known mechanisms, or custom with a name behind a colon."""
        if len(values) > 1:
            raise invalid_request(f"{name} is a single-valued attribute")
        value = values[0]
        if not key.startswith("-") and value and value not in MECHANISMS and not value.startswith("custom:"):
            self.log(UNKNOWN_MECHANISM.format(value))
            raise invalid_request(f"invalid value: {value}")
        return {}

    def mail_host(self, key: str, name: str, values: list[str], _kind: str) -> Attributes:
        """zimbraMailHost names a server, and brings the transport to it."""
        if key.startswith(("+", "-")) or values == [""]:
            return {}
        if len(values) > 1:
            raise ServiceError("(java) java.lang.ClassCastException", NOT_ONE_STRING)
        server = self.server_name(values[0])
        if server is None:
            what = f"specified {name} does not correspond to a valid server service hostname"
            raise invalid_request(f"{what}: {values[0]}")
        return {"zimbraMailTransport": [f"lmtp:{server}:7025"]}

    def display_name(self, key: str, _name: str, values: list[str], _kind: str) -> Attributes:
        """An account's cn follows its displayName."""
        return {} if key.startswith(("+", "-")) or values == [""] else {"cn": list(values)}

    def feature_calendar(self, key: str, _name: str, values: list[str], _kind: str) -> Attributes:
        """Without a calendar there is no group calendar."""
        off = values == ["FALSE"] and not key.startswith(("+", "-"))
        return {"zimbraFeatureGroupCalendarEnabled": ["FALSE"]} if off else {}


NOT_ONE_STRING = (
    "class [Ljava.lang.String; cannot be cast to class java.lang.String ([Ljava.lang.String; and java.lang.String "
    "are in module java.base of loader 'bootstrap')"
)
UNKNOWN_MECHANISM = (
    "ERROR: invalid auth mech\n"
    "com.zimbra.common.service.ServiceException: invalid request: unknown auth mech: {0}\n"
    f"{FRAME}"
    "Caused by: java.lang.IllegalArgumentException: No enum constant "
    "com.zimbra.cs.account.auth.AuthMechanism.AuthMech.{0}\n"
    f"{FRAME}"
).rstrip("\n")
CALLBACKS = {
    "AuthMech": Checks.auth_mech,
    "MailHost": Checks.mail_host,
    "DisplayName": Checks.display_name,
    "FeatureCalendar": Checks.feature_calendar,
}
