# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that the modules for policies of encryption types share, and what they mean."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Tuple

from .._domain import keytab
from .._domain.enctype_consumers import consumer
from .._domain.enctype_list import parse_enctype_list
from .._domain.enctype_policy import POLICIES, Resolved, asked_policy, resolve
from .._domain.enctypes import enctype_name
from .._domain.kadmin_time import parse_duration
from .._domain.keytab import KeytabEntry
from .._domain.realm_enctypes import (
    Contradiction,
    RealmEnctypes,
    contradictions,
    keytab_contradictions,
    locked_out_sentence,
    needed,
)
from .._system import files

# Options that `enctype_policy` and `enctype_policy_info` share; documented in plugins/doc_fragments/enctypes.py
POLICY: Dict[str, Any] = {
    "policy": {"type": "str", "choices": list(POLICIES)},
    "enctypes": {"type": "list", "elements": "str"},
    "consumers": {"type": "list", "elements": "str", "default": ["mit"]},
    "accept_weak": {"type": "bool", "default": False},
    "keytabs": {"type": "list", "elements": "path", "default": [], "no_log": False},
}


def resolved(params: Mapping[str, Any]) -> Resolved:
    """The policy that a module's options ask for; a Refusal says what it cannot be."""
    wanted = asked_policy(params["policy"], params["enctypes"] or ())
    consumers = [consumer(name) for name in params["consumers"]]
    in_use = parse_enctype_list(params.get("in_use") or (), "in_use").numbers
    return resolve(wanted, consumers, params["accept_weak"], in_use)


def ticket_bound(params: Mapping[str, Any]) -> Optional[int]:
    """The option `tickets_end_after` in seconds; a Refusal where it is no duration."""
    given = params["tickets_end_after"]
    return None if given is None else parse_duration(given, "tickets_end_after")


def compare_realm(realm: RealmEnctypes, policy: Resolved, where: str) -> Tuple[Dict[str, List[Any]], str]:
    """The results `in_use` and `contradictions` of a realm, and what to warn of; empty where there is nothing."""
    found = contradictions(realm, policy.enctypes)
    return {
        "in_use": [enctype_name(number) for number in needed(realm, policy.enctypes)],
        "contradictions": [report_contradiction(where, one) for one in found],
    }, locked_out_sentence(found)


def read_keytabs(paths: List[str]) -> Dict[str, Tuple[KeytabEntry, ...]]:
    """The entries of each keytab that is there; KeytabFormatError or FileRefusal where one cannot be read."""
    contents = {path: files.read_state(path).content for path in paths}
    return {path: keytab.parse(content, path) for path, content in contents.items() if content is not None}


def report_policy(policy: Resolved) -> Dict[str, List[str]]:
    """The results `enctypes` and `permitted`."""
    return {
        "enctypes": [enctype_name(number) for number in policy.enctypes],
        "permitted": [enctype_name(number) for number in policy.permitted],
    }


def compare_keytabs(keytabs: Mapping[str, Tuple[KeytabEntry, ...]], policy: Resolved) -> List[Dict[str, Any]]:
    """What of the keytabs contradicts the policy, as the result `contradictions` has it."""
    return [
        report_contradiction(path, one)
        for path, entries in keytabs.items()
        for one in keytab_contradictions(entries, policy.enctypes, path)
    ]


def report_contradiction(where: str, one: Contradiction) -> Dict[str, Any]:
    return {
        "where": where,
        "principal": str(one.principal),
        "kvno": one.kvno,
        "enctypes": [enctype_name(number) for number in one.enctypes],
        "kind": one.kind,
        "sentence": one.sentence,
    }
