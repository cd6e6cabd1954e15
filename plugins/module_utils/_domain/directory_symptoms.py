# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Active Directory's refusals mean, all symptoms as one table, and the one sentence made of them.

Words to find a symptom in are ``LDAP 49 (Invalid credentials): 80090308: ... data 52e``.
Facts: host, port, realm, user, dn, what (attributes or objects to be written), right, base, words.
"""

from __future__ import annotations

from typing import FrozenSet, Iterable, Mapping

from .connection_symptoms import REACHING
from .directory import DirectoryRefusal
from .directory_entry_symptoms import ACCOUNTS
from .directory_login_symptoms import BINDS, OWN
from .directory_stages import ANY_OPERATION, READ
from .symptoms import ANSWER, CONNECT, CREDENTIAL, TICKET, TLS, Finding, Symptom, diagnose, named
from .ticket_symptoms import CLOCK_AND_KDC, CREDENTIALS, TICKETS

_READ = frozenset((READ,))
_NEVER: FrozenSet[str] = frozenset()

# The right to delegate on the organizational unit, by what could not be written.
RIGHTS = {
    "unicodePwd": "Reset password",
    "user": "Create user objects",
    "computer": "Create computer objects",
}

SERVERS = (
    Symptom(
        "referred_elsewhere",
        ANY_OPERATION,
        r"LDAP (?:9|10)\b",
        "{host} does not hold {dn}, but refers to another domain or a writable controller ({words})",
        "set server to a writable controller of the domain that holds it",
    ),
    Symptom(
        "server_busy",
        ANY_OPERATION,
        r"LDAP (?:51|52)\b",
        "{host} is busy or not ready ({words})",
        "run again later, or set server to another controller",
    ),
    Symptom(
        "server_limit",
        _READ,
        r"LDAP (?:3|4|11)\b",
        "{host} ended a search before it had given all entries ({words})",
        "run again later, or raise the domain's MaxPageSize and MaxQueryDuration",
    ),
    Symptom(
        "server_silent",
        frozenset((*ANY_OPERATION, ANSWER)),
        r"LDAP -?(?:5|85)\b|timed out",
        "{host} did not answer on port {port} in time",
        "see to firewalls and to the controller's load, or raise timeout",
    ),
    Symptom(
        "connection_lost",
        ANY_OPERATION,
        r"LDAP -1\b|can't contact LDAP server|LDAP 81\b",
        "the connection to port {port} of {host} was lost ({words})",
        "run again; the controller's event log says why it ended it",
    ),
    Symptom(
        "not_active_directory",
        _NEVER,
        "",
        "{host} does not say which domain it serves, as a controller of Active Directory does",
        "set server to a domain controller",
    ),
    Symptom(
        "realm_of_other_domain",
        _NEVER,
        "",
        "{host} serves {base}, not the domain of {words}",
        "set server to a controller of that domain, or correct realm",
    ),
    Symptom(
        "controller_unknown",
        _NEVER,
        "",
        "DNS names no domain controller ({words})",
        "set server to one, let this host ask the domain's DNS, or correct realm",
    ),
    Symptom(
        "dns_bindings_missing",
        _NEVER,
        "",
        "server is not given and this host cannot ask DNS for SRV records, as its Python has no dnspython",
        "set server to a domain controller's name, or install python3-dnspython",
    ),
    Symptom(
        "ldap_bindings_missing",
        _NEVER,
        "",
        "no Python of this host has both python-ldap and gssapi",
        "install python3-ldap and python3-gssapi there",
    ),
)
UNKNOWN = (
    Symptom(
        "directory_error",
        frozenset((*ANY_OPERATION, CREDENTIAL, CONNECT, TLS, TICKET, ANSWER)),
        r"",
        "{host} answered {words}",
        "read the number at its beginning in Microsoft's list of Win32 error codes, and the controller's event log",
    ),
)

DIRECTORY_SYMPTOMS = (
    *OWN, *CLOCK_AND_KDC, *CREDENTIALS, *TICKETS, *REACHING, *BINDS, *ACCOUNTS, *SERVERS, *UNKNOWN
)  # fmt: skip


def explain(stage: str, words: str, facts: Mapping[str, str]) -> Finding:
    """What ``words`` mean that were heard at a ``stage`` of symptoms.py or of this file."""
    return diagnose(stage, words, facts, DIRECTORY_SYMPTOMS)


def refusal(stage: str, words: str, facts: Mapping[str, str], name: str = "") -> DirectoryRefusal:
    """The refusal whose one sentence says cause and remedy; ``name``: of the symptom where it is known already."""
    given = {"dn": facts.get("host", ""), "what": "it", "right": "Write", "length": "more", **facts, "words": words}
    finding = named(name, given, DIRECTORY_SYMPTOMS) if name else explain(stage, words, given)
    return DirectoryRefusal(f"{finding.cause}; {finding.remedy}", finding.symptom)


def result_words(code: int, description: str, information: str) -> str:
    """An LDAP result as one line: ``LDAP 19 (Constraint violation): 0000052D: ...``."""
    said = " ".join(information.split())
    return f"LDAP {code} ({description})" + (f": {said}" if said else "")


def rights_for(written: Iterable[str]) -> str:
    """The rights that an administrator would have to delegate for what could not be written."""
    return ", ".join(dict.fromkeys(RIGHTS.get(name, f"Write {name}") for name in written)) or "Write all properties"
