# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What went wrong in zmprov, from its standard error: what, and how to mend it.

Over SOAP there is one line `ERROR: code (message)`. With -l log lines and stack traces come before it, and
` (cause: class message)` after it. Everything else ends the whole call: a Java exception, an LDAP server that is down.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Tuple

from .zimbra_catalogue import nearest

_ERROR = re.compile(r"ERROR: ([\w.]+) \((.*?)\)(?: \(cause: .*\))?\s*", re.DOTALL)
_START = re.compile(r"^ERROR: [\w.]+ ", re.MULTILINE)
_EXCEPTION = re.compile(r'^Exception in thread "[^"]*" (.*)$', re.MULTILINE)
_LDAP_DOWN = re.compile(r"failed to initialize LDAP client|attempting to connect to server (\S+?):\s")
_LDAP_HOST = re.compile(r"attempting to connect to server ([^\s:]+:\d+)")
# Recorded of a value that names an undefined ${key}: no class of Zimbra's that reads localconfig can be used.
_LOCALCONFIG = "java.lang.ExceptionInInitializerError"


@dataclass(frozen=True)
class Trouble:
    """One error of one command, as zmprov names it."""

    code: str
    message: str


@dataclass(frozen=True)
class Explained:
    """An error as a user reads it."""

    what: str
    remedy: str


@dataclass(frozen=True)
class _Rule:
    code: str  # the end of the code, "" for any
    message: str  # a regular expression; its groups are {0}, {1} below
    what: str
    remedy: str


_RULES = (
    _Rule("NO_SUCH_SERVER", r"no such server: (.*)", "Zimbra has no server {0}", "name it as `zmprov gas` lists it"),
    _Rule("NO_SUCH_DOMAIN", r"no such domain: (.*)", "Zimbra has no domain {0}", "name it as `zmprov gad` lists it"),
    _Rule(
        "NO_SUCH_ACCOUNT", r"no such account: (.*)", "Zimbra has no account {0}", "create it first, or correct its name"
    ),
    _Rule(
        "NO_SUCH_COS", r"no such cos: (.*)", "Zimbra has no class of service {0}", "name one that `zmprov gac` lists"
    ),
    _Rule(
        "INVALID_REQUEST", r"must be valid email address: (.*)", "{0} is no account's name", "write it as name@domain"
    ),
    _Rule(
        "INVALID_REQUEST",
        r"server (\S+) does not have zimbraMailMode set",
        "{0} runs no mailboxd, to which zmprov hands this on",
        "set via_ldap: true",
    ),
    _Rule(
        "INVALID_ATTR_NAME", r"(\S+): attribute type undefined", "this Zimbra has no attribute {0}", "correct its name"
    ),
    _Rule(
        "",
        r"attribute '([^']*)' not allowed",
        "{0} is not allowed in an entry of this type",
        "name it in an entry that has it (zmprov desc -a {0})",
    ),
    _Rule("", r"(\S+) is immutable", "{0} cannot be changed", "leave it out"),
    _Rule("INVALID_REQUEST", r"invalid value: (.*)", "Zimbra refuses the value '{0}'", "correct it"),
    _Rule("INVALID_ATTR_VALUE", r"(?:.*ldap host=\S+ )?(.*)", "Zimbra refuses a value ({0})", "correct it"),
    _Rule(
        "AUTH_FAILED",
        r"(.*)",
        "Zimbra refuses zmprov's own login ({0})",
        "see zimbra_ldap_userdn and its password in localconfig",
    ),
    _Rule(
        "PERM_DENIED", r"(.*)", "Zimbra lets zmprov not do this ({0})", "see the rights of the account it logs in as"
    ),
    _Rule(
        "IO_ERROR",
        r"invoke (.*?), server: (.*)",
        "mailboxd does not answer at {1} ({0})",
        "start it (zmmailboxdctl start), or set via_ldap: true",
    ),
    _Rule(
        "",
        r"connect to server ([^\s:]+:\d+)",
        "the LDAP server {0} does not answer",
        "start it there (ldap start), and run again",
    ),
    _Rule("", r"ldap host=\S+ (.*)", "the directory refuses the change ({0})", "correct it"),
)


def troubles(stderr: str) -> Tuple[Trouble, ...]:
    """The errors of commands in the order in which they came; a message may quote a value of several lines."""
    starts = [matched.start() for matched in _START.finditer(stderr)]
    return tuple(_trouble(stderr[start:end]) for start, end in zip(starts, [*starts[1:], len(stderr)]))


def _trouble(text: str) -> Trouble:
    lines = text.split("\n")
    for count in range(1, len(lines) + 1):
        matched = _ERROR.fullmatch("\n".join(lines[:count]))
        if matched:
            return Trouble(matched.group(1), matched.group(2))
    code, dummy, message = lines[0][len("ERROR: ") :].partition(" ")
    return Trouble(code, message.strip("()"))


def explained(trouble: Trouble) -> Explained:
    """An error in words; one that no rule knows as zmprov words it."""
    for rule in _RULES:
        matched = re.search(rule.message, trouble.message, re.DOTALL)
        if matched and trouble.code.endswith(rule.code):
            groups = [group or "" for group in matched.groups()]
            remedy = rule.remedy.format(*groups)
            near = nearest(groups[0]) if rule.code == "INVALID_ATTR_NAME" else ""
            return Explained(rule.what.format(*groups), f"{remedy} ({near}?)" if near else remedy)
    return Explained(
        f"zmprov ends with {trouble.code} ({trouble.message})", "see log/mailbox.log below Zimbra's home for the cause"
    )


def fatal(status: int, stderr: str) -> Explained:
    """Why a whole call came to nothing: its exit status and standard error, where no command had an error."""
    exception = _EXCEPTION.search(stderr)
    if _LDAP_DOWN.search(stderr):
        host = _LDAP_HOST.search(stderr)
        return Explained(
            f"the LDAP server {host.group(1) if host else ''}".rstrip() + " does not answer",
            "start it there (ldap start), and run again",
        )
    if "cannot replace multi-valued attr value unless -r" in stderr:
        return Explained(
            "zmprov replaces the services of a server by one value with -r alone", "name them under add and remove"
        )
    if exception and exception.group(1).startswith(_LOCALCONFIG):
        return Explained(
            f"ended in a Java exception ({exception.group(1)}), as all of Zimbra's programs do where localconfig names "
            "an undefined ${key}",
            "look for one in conf/localconfig.xml",
        )
    if exception:
        return Explained(f"ended in a Java exception ({exception.group(1)})", "see what it says when run by hand")
    return Explained(
        f"ended with status {status} and said '{_first_line(stderr)}'", "see what it says when run by hand"
    )


def _first_line(text: str) -> str:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return lines[0][:200] if lines else ""
