# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the doctor makes of known lines in the logs of all products, in the evidence of the section `logs`.

A line tells of the past: it is never more than a sign that something is worse than it should be, and comes behind
whatever was found by looking. Where the prober has just logged in to everything on a host, what its services wrote
about their own keys is over.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Dict, FrozenSet, Iterator, Mapping, Tuple

from .axigen_symptoms import AXIGEN_SYMPTOMS
from .cas_symptoms import CAS_SYMPTOMS
from .doctor import DEGRADED, LOG, UNTESTED, Check, Fleet, Trouble, section
from .kdc_log import KDC_SYMPTOMS
from .postfix_log import POSTFIX_SYMPTOMS
from .zimbra_symptoms import ZIMBRA_SYMPTOMS

TABLES = (KDC_SYMPTOMS, POSTFIX_SYMPTOMS, AXIGEN_SYMPTOMS, ZIMBRA_SYMPTOMS, CAS_SYMPTOMS)
# What one client among many brings about, again and again and on every site: told where it happens more often.
OF_A_CLIENT = frozenset(
    (
        *("account_unknown", "account_not_mapped", "authzid_refused", "password_wrong", "credential_wrong"),
        *("credential_expired", "credential_missing", "ticket_expired", "password_expired", "principal_expired"),
        *("principal_locked", "principal_unknown", "ntlm_offered", "token_defective", "token_replayed", "replayed"),
    )
)
OFTEN = 5  # times
_KDC = ("kdc", "kdc_replica")


def _known(symptom: str, host: str, fleet: Fleet) -> Iterator[Trouble]:
    for log in section(fleet[host], "logs").get("logs") or ():
        for one in log.get("symptoms") or ():
            if one["symptom"] != symptom or _is_over(one, log["product"], host, fleet) or _is_of_others(one, fleet):
                continue
            times = "once" if one["count"] == 1 else f"{one['count']} times"
            yield Trouble(
                one.get("principal") or log["product"],
                one["cause"],
                f"{', '.join(one['places'])} has it {times} since {log['since']}, the last time at {one['last']}",
                one["remedy"],
                DEGRADED,
            )


def _is_over(one: Mapping[str, Any], product: str, host: str, fleet: Fleet) -> bool:
    if one["symptom"] in OF_A_CLIENT:
        return bool(one["count"] < OFTEN)
    return product not in _KDC and _works(host, fleet)


def _is_of_others(one: Mapping[str, Any], fleet: Fleet) -> bool:
    """Whether a KDC was asked for a service of other sites, as programs do that try each name they meet."""
    server = one.get("principal") or ""
    host = server.partition("/")[2].partition("@")[0].lower()
    return one["symptom"] == "service_principal_unknown" and bool(server) and host not in _names(fleet)


def _names(fleet: Fleet) -> FrozenSet[str]:
    """The names of all hosts and services of the fleet, in small letters."""
    found = [section(evidence, "asked") for evidence in fleet.values()]
    return frozenset(str(name).lower() for one in found for name in (one.get("host"), *(one.get("aliases") or ())))


def _works(host: str, fleet: Fleet) -> bool:
    """Whether the prober logged in to this host, and wherever it tried to."""
    asked = section(fleet[host], "asked")
    names = {host, asked.get("host"), *(asked.get("aliases") or ())}
    tried = [
        login["ok"]
        for evidence in fleet.values()
        for login in section(evidence, "logins").get("services") or ()
        if login["host"] in names
    ]
    return bool(tried) and all(tried)


def _untested(host: str, fleet: Fleet) -> Iterator[Trouble]:
    for log in section(fleet[host], "logs").get("logs") or ():
        if "untested" in log:
            words = log["untested"]
            yield Trouble(
                log["product"], "its log could not be read", words, words.partition("; ")[2] or words, UNTESTED
            )


# Symptom -> what people see of it; the same name means the same in all tables.
_SYMPTOMS: Dict[str, None] = {symptom.name: None for table in TABLES for symptom in table}
CHECKS: Tuple[Check, ...] = (
    *(Check(f"log.{name}", LOG, "logins have failed lately", partial(_known, name)) for name in _SYMPTOMS),
    Check("log.untested", LOG, "nobody knows what a service wrote of logins", _untested),
)
