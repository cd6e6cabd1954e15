# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each context of the CLI holds, in HELP's order, and what a new installation is configured with.

Names and order: HELP of 10.6.30. Values: a file that a 10.3 server saved, which may hold its owner's changes. Kept are
the contexts and attributes that sign-on needs; the real server has more of both.
"""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from .cfg import Quoted

METHODS = ("plain", "login", "cram-md5", "digest-md5", "gssapi")
SERVICES = (
    *("log", "processing", "smtpIncoming", "smtpOutgoing", "pop3", "imap", "webmail", "cli", "webadmin"),
    "ftpBackup",
)


@dataclasses.dataclass(frozen=True)
class Attribute:
    """One attribute: its kind (yes|no, number, choice, set, text, address, fixed), its words or its range."""

    name: str
    kind: str
    words: tuple[str, ...] = ()
    least: int = 0
    most: int = 0

    @property
    def words_by_fold(self) -> dict[str, str]:
        return {word.casefold(): word for word in self.words}

    def accept(self, given: str, *, is_set: bool) -> Any:
        """The value as the file holds it. ValueError where it is none for this attribute."""
        if self.kind == "set":
            words = given.split() if is_set or given.casefold() == "all" else [given]
            known = (*self.words, "all")
            if not all(word.casefold() in known for word in words):
                raise ValueError(given)
            return tuple(word.casefold() for word in words)
        if is_set or self.kind == "fixed":
            raise ValueError(given)
        if self.kind == "number":
            if not re.fullmatch(r"[0-9]{1,9}", given) or not self.least <= int(given) <= self.most:
                raise ValueError(given)
            return str(int(given))
        if self.kind == "choice":
            if given.casefold() not in self.words_by_fold:
                raise ValueError(given)
            return self.words_by_fold[given.casefold()]
        return Quoted(given) if self.kind == "text" else given


def number(name: str, least: int, most: int) -> Attribute:
    return Attribute(name, "number", least=least, most=most)


def choice(name: str, *words: str) -> Attribute:
    return Attribute(name, "choice", words)


def switch(name: str) -> Attribute:
    return choice(name, "yes", "no")


def text(name: str) -> Attribute:
    return Attribute(name, "text")


LOGGING = (
    number("logLevel", 0, 31),
    choice("logType", "internal", "system", "remote"),
    Attribute("logHost", "address"),
)
LIMITS = (number("maxErrors", 0, 1000), number("maxAuthErrors", 0, 1000))
THREADS = (number("maxConnThreads", 1, 1000), number("minConnThreads", 1, 1000))
CONNECTOR = (choice("userdbConnectorType", "local", "ldap", "ldapBind"), text("userdbConnectorName"))
METHOD_SETS = (
    switch("allowStartTLS"),
    Attribute("secureConnAuthTypes", "set", METHODS),
    Attribute("plainConnAuthTypes", "set", METHODS),
    switch("secureConnAllowLogin"),
    switch("plainConnAllowLogin"),
)
MAILBOX = (*LIMITS, *THREADS, *LOGGING, *METHOD_SETS, *CONNECTOR, text("greetingsText"))
LISTENER = (
    Attribute("address", "address"),
    switch("enable"),
    number("maxConnections", 0, 100000),
    number("timeInterval", 0, 100000),
    number("maxIntervalConnections", 0, 100000),
    number("idleTimeout", 0, 100000),
    switch("sslEnable"),
)
SSL_CONTROL = (
    Attribute("allowedVersions", "set", ("tls1_1", "tls1_2", "tls1_3")),
    text("certFile"),
    text("caFile"),
    number("maxChainDepth", 0, 10),
    text("cipherSuite"),
)

# By the context's name in the prompt, which is the object's name in the file.
CONTEXTS: dict[str, tuple[Attribute, ...]] = {
    "server": (
        text("primaryDomain"),
        switch("allowAliasLogins"),
        text("smtpFiltersFile"),
        Attribute("services", "fixed"),
    ),
    "imap": (*MAILBOX, switch("imapIdEnabled"), switch("imapShowAllFolders")),
    "pop3": MAILBOX,
    "smtpIncoming": (
        *(*LIMITS, *THREADS, *LOGGING, number("maxReceivedHeaders", 1, 1000)),
        *(*CONNECTOR, switch("enableSmtpRouting")),
    ),
    "webmail": (*LIMITS, *THREADS, *LOGGING, switch("allowSPNEGOAuth"), number("sessionIdleTimeout", 1, 100000)),
    "log": (switch("enableSecurityLog"), *LOGGING),
    "cli": (*LIMITS, number("maxAuthCommands", 0, 1000), *THREADS, *LOGGING),
    "listener": LISTENER,
    "sslControl": SSL_CONTROL,
}
# CONFIG's word for a service -> its context.
CONFIG = {
    "imap": "imap",
    "pop3": "pop3",
    "smtp-incoming": "smtpIncoming",
    "webmail": "webmail",
    "log": "log",
    "cli": "cli",
}
# What a delegated administrator needs for a context.
PERMISSION = {
    "imap": "manageIMAP",
    "pop3": "managePOP3",
    "smtpIncoming": "manageSMTPIn",
    "webmail": "manageWebMail",
    "log": "manageLog",
}


def attribute(context: str, name: str) -> Attribute | None:
    """The attribute of that name, whatever its case."""
    return next((one for one in CONTEXTS[context] if one.name.casefold() == name.casefold()), None)


def listener(address: str, idle: int, tls: bool = False) -> dict[str, Any]:
    """A listener at ip:port; `idle` in seconds."""
    return {
        "address": address,
        "enable": "yes",
        "maxConnections": "200",
        "timeInterval": "60",
        "maxIntervalConnections": "600",
        "peerMaxConnections": "20",
        "peerTimeInterval": "60",
        "peerMaxIntervalConnections": "60",
        "idleTimeout": str(idle),
        "sslEnable": "yes" if tls else "no",
        "sslControl": {
            "allowedVersions": ("tls1_2", "tls1_3"),
            "certFile": Quoted("axigen_cert.pem"),
            "caFile": Quoted("none"),
            "maxChainDepth": "4",
            "cipherSuite": Quoted("DEFAULT"),
            "requestClientAuth": "no",
        },
    }


def _service(listeners: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "logType": "internal",
        "logLevel": "15",
        "logHost": "127.0.0.1:2000",
        "maxConnThreads": "20",
        "minConnThreads": "2",
        "listeners": listeners,
        "maxErrors": "20",
        "maxAuthErrors": "5",
        "serviceAccessControl": {"rules": ()},
        **more,
    }


def _mailbox(listeners: list[dict[str, Any]], greeting: str, **more: Any) -> dict[str, Any]:
    return _service(
        listeners,
        allowStartTLS="yes",
        secureConnAllowLogin="yes",
        secureConnAuthTypes=METHODS,
        plainConnAllowLogin="no",
        plainConnAuthTypes=METHODS[2:],
        userdbConnectorType="local",
        userdbConnectorName=Quoted(""),
        greetingsText=Quoted(greeting),
        **more,
    )


def shipped(primary_domain: str) -> dict[str, Any]:
    """The configuration of a new installation, in the order in which the server saves it."""
    rule = {"priority": "0", "hostname": Quoted("*"), "module": Quoted("*"), "logLevel": "31", "type": "local"}
    return {
        "primaryDomain": Quoted(primary_domain),
        "allowAliasLogins": "yes",
        "services": SERVICES,
        "smtpFiltersFile": Quoted("filters/smtpFilters.script"),
        "log": {
            "enableSecurityLog": "no",
            "logType": "internal",
            "logLevel": "15",
            "logHost": "127.0.0.1:2000",
            "rules": [{**rule, "fileName": Quoted("everything.txt")}, {**rule, "fileName": Quoted("default.txt")}],
        },
        "smtpIncoming": _service(
            [listener("0.0.0.0:25", 300), listener("0.0.0.0:587", 300), listener("0.0.0.0:465", 300, tls=True)],
            maxReceivedHeaders="30",
            userdbConnectorType="local",
            userdbConnectorName=Quoted(""),
            enableSmtpRouting="no",
        ),
        "pop3": _mailbox(
            [listener("0.0.0.0:110", 300), listener("0.0.0.0:995", 300, tls=True)],
            "AXIGEN POP3 server on %D ready %U",
        ),
        "imap": _mailbox(
            [listener("0.0.0.0:143", 1800), listener("0.0.0.0:993", 1800, tls=True)],
            "AXIGEN IMAP4rev1 service is ready",
            imapIdEnabled="yes",
            imapShowAllFolders="no",
        ),
        "webmail": _service(
            [listener("0.0.0.0:80", 300), listener("0.0.0.0:443", 300, tls=True)],
            allowSPNEGOAuth="yes",
            sessionIdleTimeout="900",
        ),
        "cli": _service([listener("127.0.0.1:7000", 300)], maxAuthCommands="20"),
    }
