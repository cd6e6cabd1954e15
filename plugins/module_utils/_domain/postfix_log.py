# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The symptoms of logins in the log of Postfix, and of the Dovecot that judges them for it.

The words are libkrb5's and Cyrus SASL's (service_symptoms.py). A login that succeeds makes all well that came before.
"""

from __future__ import annotations

import re
from typing import Iterable, List, Mapping, Optional, Tuple

from .heard import Heard, counted
from .log_entries import Entry
from .service_symptoms import JUDGEMENTS, KEYTAB_OF_SERVICE, UNKNOWN
from .symptoms import ANSWER, Finding, diagnose
from .ticket_symptoms import CLOCK_AND_KDC

_OF_A_LOGIN = re.compile(r"\bSASL\b|gssapi|GSS-?API|auth(?:-worker)?(?:\(\d+\))?: (?:Error|Warning)", re.IGNORECASE)
_ACCEPTED = re.compile(r"\bsasl_method=GSS", re.IGNORECASE)
# Of all that a client may be told, what a log tells as a cause.
POSTFIX_SYMPTOMS = (
    *(one for one in CLOCK_AND_KDC if one.name == "clock_skew"),
    *KEYTAB_OF_SERVICE,
    *(one for one in JUDGEMENTS if one.name in ("authzid_refused", "answer_too_long")),
    *UNKNOWN,
)


def heard_in(entries: Iterable[Entry], facts: Mapping[str, str]) -> List[Heard]:
    """The symptoms since the last login by GSSAPI that succeeded; ``facts``: those of service_symptoms.py."""
    rows: List[Tuple[Finding, str, str]] = []
    for entry in sorted(entries, key=lambda one: one.time):
        text = entry.lines[0]
        if _ACCEPTED.search(text):
            rows = []
            continue
        found = _finding(text, facts)
        if found is not None:
            rows.append((found, entry.log, entry.time.isoformat()))
    return counted(rows)


def _finding(text: str, facts: Mapping[str, str]) -> Optional[Finding]:
    if not _OF_A_LOGIN.search(text):
        return None
    found = diagnose(ANSWER, text, facts, POSTFIX_SYMPTOMS)
    return None if found.symptom == "unknown" else found
