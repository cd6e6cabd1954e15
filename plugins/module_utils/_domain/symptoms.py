# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the words of a library, a server or its log to a symptom: its name, its cause and what would mend it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Dict, FrozenSet, Mapping, Tuple

# Where in a login the words were heard.
CREDENTIAL = "credential"  # obtaining the user's initial credentials
CONNECT = "connect"  # reaching the service
TLS = "tls"
TICKET = "ticket"  # obtaining a ticket for the service
ANSWER = "answer"  # what the service said to the ticket; also the words in its log
CLIENT_SIDE = frozenset((CREDENTIAL, TICKET))
ANYWHERE = frozenset((CREDENTIAL, CONNECT, TLS, TICKET, ANSWER))


@dataclass(frozen=True)
class Symptom:
    """``pattern`` finds it (case is ignored) in words heard at one of ``stages``; an empty one is found by name only.

    ``cause`` and ``remedy`` may name facts in braces; the groups of the pattern are facts too.
    """

    name: str
    stages: FrozenSet[str]
    pattern: str
    cause: str
    remedy: str


@dataclass(frozen=True)
class Finding:
    """A symptom with the facts of one login filled in."""

    symptom: str
    cause: str
    remedy: str


class _Facts(Dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "?"


def diagnose(stage: str, words: str, facts: Mapping[str, str], table: Tuple[Symptom, ...]) -> Finding:
    """The first symptom of ``table`` whose pattern is in ``words``; its last row must fit anything."""
    for symptom in table:
        match = re.search(symptom.pattern, words, re.IGNORECASE) if stage in symptom.stages else None
        if match and symptom.pattern:
            heard = {name: value for name, value in match.groupdict().items() if value}
            return _filled(symptom, {**facts, **heard, "words": words})
    return _filled(table[-1], {**facts, "words": words})


def named(name: str, facts: Mapping[str, str], table: Tuple[Symptom, ...]) -> Finding:
    """The symptom of that name in ``table``; KeyError where there is none."""
    for symptom in table:
        if symptom.name == name:
            return _filled(symptom, facts)
    raise KeyError(name)


def _filled(symptom: Symptom, facts: Mapping[str, str]) -> Finding:
    return Finding(symptom.name, symptom.cause.format_map(_Facts(facts)), symptom.remedy.format_map(_Facts(facts)))
