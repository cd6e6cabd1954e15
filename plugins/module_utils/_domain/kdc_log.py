# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The requests in a KDC's log that it refused, and what each is a symptom of.

The form of a line is that of MIT's kdc_log.c, with the words of do_as_req.c and do_tgs_req.c:
`AS_REQ (etypes) address: STATUS: client for server, words`. What asks for pre-authentication is no fault: that is how
each login begins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Dict, Iterable, List, Optional, Tuple

from .heard import Heard, counted
from .log_entries import Entry
from .symptoms import ANSWER, Finding, Symptom, diagnose

_ANSWER = frozenset((ANSWER,))
ISSUED = "ISSUE"
# MIT's name for the master key, which nobody logs in with: whoever asks for a ticket of it asks only for an answer.
MASTER_KEY = "K/M@"
MOST = 50  # principals that are told of, those that are refused most often
_REQUEST = re.compile(
    r"(?:AS|TGS)_REQ .*?\) (?P<address>[0-9A-Fa-f.:]+): (?P<status>[A-Z][A-Z_ ]+): (?:authtime \d+, +)?"
    r"(?:etypes \{[^}]*\},? *)?(?P<client>\S+) for (?P<server>[^\s,]+)(?:, (?P<words>.*))?"
)
_DATABASE = "(principal_info shows it, module principal changes it)"

KDC_SYMPTOMS = (
    Symptom(
        "clock_skew",
        _ANSWER,
        r"clock skew",
        "the clock of {address} differs too much from the KDC's ({words})",
        "synchronise both with one time source",
    ),
    Symptom(
        "service_principal_unknown",
        _ANSWER,
        r"(?:UNKNOWN|LOOKING_UP)_SERVER|server not found",
        "{client} asked for {server}, which is no principal of the realm",
        "let clients use the name of the host, or name the other one in kerberos_aliases and run the playbook site",
    ),
    Symptom(
        "principal_unknown",
        _ANSWER,
        r"CLIENT_NOT_FOUND|client not found",
        "{address} asked for a ticket of {client}, which is no principal of the realm",
        "create it (kdc_users, module principal), or correct the name on that host",
    ),
    Symptom(
        "principal_locked",
        _ANSWER,
        r"CLIENT LOCKED OUT|LOCKED_OUT",
        "{client} is locked, by an administrator or after wrong passwords",
        f"take -allow_tix away, or unlock it with kadmin's modprinc -unlock {_DATABASE}",
    ),
    Symptom(
        "password_expired",
        _ANSWER,
        r"CLIENT KEY EXPIRED|password has expired",
        "the password of {client} has expired",
        f"set a new one, or password_expires of the principal {_DATABASE}",
    ),
    Symptom(
        "principal_expired",
        _ANSWER,
        r"CLIENT EXPIRED",
        "{client} has expired",
        f"set its expires {_DATABASE}",
    ),
    Symptom(
        "service_principal_expired",
        _ANSWER,
        r"SERVICE EXPIRED|SERVER (?:EXPIRED|LOCKED OUT)|SERVER NOT ALLOWED",
        "the service principal {server} gets no tickets any more ({words})",
        f"set its expires and attributes {_DATABASE}",
    ),
    Symptom(
        "enctype_unusable",
        _ANSWER,
        r"BAD_ENCRYPTION_TYPE|CANT_FIND_CLIENT_KEY|FINDING_SERVER_KEY|no support for encryption type",
        "the KDC has no key of {client} or {server} of an encryption type that both sides take ({words})",
        "compare kerberos_enctype_policy, the KDC's supported_enctypes and the keys of both (principal_info), and give "
        "new keys where there are none (module principal with rekey: when_enctypes_differ)",
    ),
    Symptom(
        "credential_wrong",
        _ANSWER,
        r"PREAUTH_FAILED|PREAUTH FAILED",
        "{client} was asked for with a wrong password, or with the old key of a keytab",
        "correct the password, or export the keytab again (role keytab), which never rotates a key",
    ),
    Symptom("unknown", _ANSWER, r"", "{words}", ""),
)
# About the principal that asks, all others about the service that is asked for.
_OF_CLIENT = frozenset(
    ("principal_unknown", "principal_locked", "password_expired", "principal_expired", "credential_wrong", "clock_skew")
)


@dataclass(frozen=True)
class Request:
    """A line of the KDC's about a request. ``words``: what it says of a refusal."""

    address: str
    status: str
    client: str
    server: str
    words: str = ""


def request_of(line: str) -> Optional[Request]:
    """The request that a line tells of; None where it is about something else."""
    match = _REQUEST.search(line)
    if match is None:
        return None
    return Request(match["address"], match["status"], match["client"], match["server"], match["words"] or "")


def heard_in(entries: Iterable[Entry]) -> List[Tuple[str, Heard]]:
    """What is refused still, by principal: one that got, or was given out in, a later ticket is well again."""
    refused: Dict[Tuple[str, str], List[Tuple[Finding, str, str]]] = {}
    for entry in sorted(entries, key=lambda one: one.time):
        request = request_of(entry.lines[0])
        if request is None or request.client.startswith(MASTER_KEY):
            continue
        if request.status == ISSUED:
            refused = {key: rows for key, rows in refused.items() if key[0] not in (request.client, request.server)}
            continue
        found = _finding(request)
        if found is not None:
            principal = request.client if found.symptom in _OF_CLIENT else request.server
            refused.setdefault((principal, found.symptom), []).append((found, entry.log, entry.time.isoformat()))
    heard = [(principal, one) for (principal, dummy), rows in refused.items() for one in counted(rows)]
    return sorted(heard, key=lambda row: -row[1].count)[:MOST]


def _finding(request: Request) -> Optional[Finding]:
    facts = {"client": request.client, "server": request.server, "address": request.address}
    said = f"{request.status}: {request.words}" if request.words else request.status
    found = diagnose(ANSWER, said, facts, KDC_SYMPTOMS)
    return None if found.symptom == "unknown" else found
