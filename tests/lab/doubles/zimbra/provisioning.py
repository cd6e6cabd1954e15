# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zimbra's provisioning straight on the directory: what `zmprov -l` does, and mailboxd below its caches."""

from __future__ import annotations

import datetime
import uuid
from typing import Any, Sequence

from . import defaults, passwords, schema, store
from .directory import Directory, Found
from .errors import ServiceError, failure, invalid_request, no_such
from .java import hash_order
from .validation import Attributes, Checks, Log, bare

LDAP = "com.zimbra.cs.ldap.LdapException"
# What the directory refuses, and what Zimbra says when a modification meets it: code, words before, class of the cause.
WRAPPED = {
    "ldap.INVALID_ATTR_VALUE": ("account.INVALID_ATTR_VALUE", "invalid attr value: ", "$LdapInvalidAttrValueException"),
    "ldap.INVALID_ATTR_NAME": ("account.INVALID_ATTR_NAME", "invalid attr name: ", "$LdapInvalidAttrNameException"),
    "ldap.OBJECT_CLASS_VIOLATION": (
        "service.FAILURE",
        "system failure: unable to modify attrs: ",
        "$LdapObjectClassViolationException",
    ),
    "ldap.LDAP_ERROR": ("service.FAILURE", "system failure: unable to modify attrs: ", ""),
}
SHOWN_BLOCKED = ("userPassword",)
CACHE_TYPES = (
    *("acl", "locale", "skin", "uistrings", "license", "all", "account", "config", "globalgrant", "cos", "domain"),
    *("galgroup", "group", "mime", "server", "alwaysOnCluster", "zimlet"),
)


def now() -> str:
    """The time as Zimbra writes it into entries."""
    moment = datetime.datetime.now(datetime.timezone.utc)
    return f"{moment:%Y%m%d%H%M%S}.{moment.microsecond // 1000:03}Z"


def wrapped(refusal: ServiceError) -> ServiceError:
    """The directory's refusal of a modification, as Zimbra passes it on."""
    if refusal.code not in WRAPPED:
        return refusal
    code, before, suffix = WRAPPED[refusal.code]
    return ServiceError(code, before + refusal.message, f"{LDAP}{suffix} {refusal.message}")


def _nowhere(_line: str) -> None:
    """A log that nobody reads."""


class Provisioning:
    """`log`: what Zimbra's log gets of an operation, a line (or several) without its time."""

    METHODS: tuple[str, ...] = (
        *("show", "names", "servers", "accounts"),
        *("modify", "create", "delete", "set_password", "flush"),
    )

    def __init__(self, directory: Directory, log: Log = _nowhere) -> None:
        self.directory = directory
        self.checks = Checks(self._server_name, log)

    def call(self, method: str, *args: Any) -> Any:
        """One of METHODS by its name, as it comes over a connection."""
        if method not in self.METHODS:
            raise ServiceError("service.UNKNOWN_DOCUMENT", f"unknown document: {method}")
        return getattr(self, method)(*args)

    def lookup(self, kind: str, key: str) -> Found | None:
        """An entry as this program sees it."""
        return self.directory.find(kind, key)

    def existing(self, kind: str, key: str) -> Found:
        """An entry's name and own values, or the refusal that names it."""
        if kind == "server" and not key:
            raise invalid_request("must specify a value for a server")
        if kind == "account" and "@" not in key and len(key) != 36:
            raise invalid_request(f"must be valid email address: {key}")
        found = self.lookup(kind, key)
        if not found:
            raise no_such(kind, key)
        return found

    def show(self, kind: str, key: str, inherited: bool = True, wanted: Sequence[str] = ()) -> Found:
        """An entry's name and values; of attributes only those that are wanted (in small letters), if any are named."""
        name, values = self._shown(kind, self.existing(kind, key), inherited)
        return name, {attribute: values[attribute] for attribute in values if not wanted or attribute.lower() in wanted}

    def names(self, kind: str) -> list[str]:
        """All names of a kind, in the directory's order."""
        return self.directory.names(kind)

    def servers(self, service: str) -> list[str]:
        """The servers on which a service is enabled; all for no service."""
        found = [self.existing("server", name) for name in self.directory.names("server")]
        return [name for name, own in found if not service or service in own.get("zimbraServiceEnabled", [])]

    def accounts(self, domain: str, administrators: bool = False) -> list[str]:
        """All accounts, those of a domain in the order of their names."""
        names = self.directory.names("account")
        if administrators:
            found = [self.existing("account", name) for name in names]
            names = [name for name, own in found if own.get("zimbraIsAdminAccount") == ["TRUE"]]
        if not domain:
            return names
        domain = self.existing("domain", domain)[0]
        return sorted(name for name in names if name.endswith(f"@{domain}"))

    def modify(self, kind: str, key: str, attributes: Attributes) -> None:
        """Change an entry's own values: all of it or nothing."""
        name, own = self.existing(kind, key)
        whole = self.checks.check(attributes, kind)
        steps = modifications(own, whole)
        if steps:
            try:
                self.modified(kind, name, self.directory.modify(kind, name, steps))
            except ServiceError as refusal:
                raise wrapped(refusal) from None

    def modified(self, kind: str, name: str, own: dict[str, list[str]]) -> None:
        """Told after each change."""

    def create(self, kind: str, name: str, attributes: Attributes, password: str = "") -> str:
        """Make an entry; its zimbraId."""
        if self.directory.find(kind, name):
            raise self._exists(kind, name)
        number = str(uuid.uuid4())
        own = self._new(kind, name, number, password)
        own["zimbraCreateTimestamp"] = [now()]
        if kind == "domain":
            try:
                attributes = self.checks.check(attributes, kind)
            except ServiceError as refusal:
                cause = f"com.zimbra.common.service.ServiceException {refusal.message}"
                raise failure(f"unable to create domain: {name}", cause) from None
        else:
            attributes = self.checks.check(attributes, kind)
        self.directory.create(kind, name, {**own, **attributes})
        if kind == "domain":
            suffix = ",".join(f"dc={part}" for part in name.split("."))
            for where, entry in BELOW_DOMAIN.items():
                self.directory.create("other", f"{where},{suffix}", entry)
        return number

    def delete(self, kind: str, key: str) -> None:
        """Remove an entry."""
        name = self.existing(kind, key)[0]
        self.directory.delete(kind, name)
        if kind == "domain":
            suffix = ",".join(f"dc={part}" for part in name.split("."))
            for where in BELOW_DOMAIN:
                if self.directory.find("other", f"{where},{suffix}"):
                    self.directory.delete("other", f"{where},{suffix}")

    def set_password(self, key: str, password: str) -> None:
        """Give an account a password, whatever it is."""
        name = self.existing("account", key)[0]
        steps = [("replace", "userPassword", [passwords.hashed(password)])]
        self.modified("account", name, self.directory.modify("account", name, steps))

    def flush(self, _kind: str, _keys: list[str]) -> None:
        """Only mailboxd has caches that can be told."""
        raise invalid_request("can only be used with SOAP")

    def _shown(self, kind: str, found: Found, inherited: bool) -> Found:
        name, own = found
        values = store.effective(self.lookup, kind, name, own) if inherited else own
        return name, {key: ["VALUE-BLOCKED"] if key in SHOWN_BLOCKED else value for key, value in values.items()}

    def _server_name(self, key: str) -> str | None:
        found = self.lookup("server", key)
        return found[0] if found else None

    def _exists(self, kind: str, name: str) -> ServiceError:
        if kind == "account":
            local, dummy, domain = name.partition("@")
            place = f"uid={local},ou=people," + ",".join(f"dc={part}" for part in domain.split("."))
            message = f"email address already exists: {name}, at DN: {place}"
        else:
            message = f"{kind} already exists: {name}"
        return ServiceError(f"account.{kind.upper()}_EXISTS", message)

    def _new(self, kind: str, name: str, number: str, password: str) -> dict[str, list[str]]:
        if kind == "domain":
            own = store.domain_entry(name, number)
            del own["zimbraAuthMech"]
            return own
        if kind == "account":
            if "@" not in name:
                raise invalid_request(f"must be valid email address: {name}")
            self.existing("domain", name.partition("@")[2])
            homes = self.servers("mailbox")
            own = store.account_entry(name, number, homes[0] if homes else "")
            own["zimbraPasswordModifiedTime"] = [now()]
            return {**own, "userPassword": [passwords.hashed(password)]} if password else own
        if kind == "cos":
            return {**defaults.cos(name), "zimbraId": [number]}
        return {
            "objectClass": ["zimbraServer"],
            "zimbraId": [number],
            "cn": [name],
            "zimbraServiceHostname": [name],
        }


BELOW_DOMAIN = {
    "cn=groups": {"objectClass": ["organizationalRole"], "cn": ["groups"], "description": ["dynamic groups base"]},
    "ou=people": {"objectClass": ["organizationalRole"], "ou": ["people"], "cn": ["people"]},
}


def modifications(own: dict[str, list[str]], attributes: Attributes) -> list[schema.Modification]:
    """What the directory is asked for, against the values that this program knows.

    Additions of what is there and removals of what is not are left out, without regard to case.
    """
    steps: list[schema.Modification] = []
    present = {name.lower(): values for name, values in own.items()}
    for key in hash_order(attributes):
        values, name = attributes[key], bare(key)
        known = present.get(name.lower(), [])
        lowered = [value.lower() for value in known]
        if name != key and name in attributes:
            reason = "invalid request: can't mix +attrName/-attrName with attrName"
            raise failure(f"unable to modify attrs: {reason}", f"com.zimbra.common.service.ServiceException {reason}")
        if key.startswith("+"):
            added = [value for value in values if value.lower() not in lowered]
            steps += [("add", name, added)] if added else []
        elif key.startswith("-"):
            removed = [value for value in values if value.lower() in lowered]
            steps += [("delete", name, removed)] if removed else []
        elif values == [""]:
            steps += [("delete", name, [])] if known else []
        else:
            steps.append(("replace", name, values))
    return steps
