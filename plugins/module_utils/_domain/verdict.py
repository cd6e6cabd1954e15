# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From how a login ended to what is said about it."""

from __future__ import annotations

from dataclasses import replace
from typing import Dict, List, Optional, Sequence, Tuple

from .dialogue import Ending
from .login_symptoms import LOGIN_SYMPTOMS
from .product_remedies import product_remedy, product_symptom
from .proof import Proof, Service
from .symptoms import CREDENTIAL, Finding, diagnose, named


def verdict(
    service: Service,
    user: str,
    stage: str,
    ending: Ending,
    offered: Tuple[str, ...] = (),
    service_principal: str = "",
    kvno: Optional[int] = None,
    enctype: Optional[str] = None,
) -> Proof:
    """The proof of one login, with symptom, cause and remedy where it failed at ``stage``."""
    principal = service_principal or service.wanted_principal
    facts = {
        "protocol": service.protocol,
        "host": service.host,
        "port": str(service.port),
        "user": user or "the user",
        "service_principal": principal,
        "offered": f"offered: {', '.join(offered)}" if offered else "nothing is offered",
        "kvno": "unknown" if kvno is None else str(kvno),
        "enctype": enctype or "unknown",
        "authzid": f" '{service.authzid}' asked for by authzid" if service.authzid else "",
        "header": f"a padding of {service.padding} bytes" if service.padding else "the ticket",
        "words": ending.answer or "no answer",
    }
    finding = Finding("", "", "")
    if not ending.ok:
        symptom = product_symptom(service.product, service.protocol, ending.symptom)
        finding = (
            named(symptom, facts, LOGIN_SYMPTOMS) if symptom else diagnose(stage, ending.answer, facts, LOGIN_SYMPTOMS)
        )
    return Proof(
        protocol=service.protocol,
        host=service.host,
        port=service.port,
        tls=service.tls,
        ok=ending.ok,
        user=user,
        authenticated_as=(service.authzid or user) if ending.ok else "",
        service_principal=principal,
        kvno=kvno,
        enctype=enctype,
        offered=offered,
        answer=ending.answer,
        symptom=finding.symptom,
        cause=finding.cause,
        remedy=product_remedy(service.product, service.protocol, finding),
    )


def untried(service: Service, user: str) -> Proof:
    """The proof of a login that could not be tried for want of the bindings: neither good nor bad."""
    proof = verdict(service, user, CREDENTIAL, Ending(False, "", "bindings_missing"))
    return replace(proof, ok=None)


def failure(proofs: Sequence[Proof]) -> str:
    """One sentence for all logins that failed, empty where none did; the same cause is said once."""
    failed = [proof for proof in proofs if not proof.ok]
    if not failed:
        return ""
    said: Dict[Tuple[str, str], List[str]] = {}
    for proof in failed:
        said.setdefault((proof.cause, proof.remedy), []).append(f"{proof.protocol} {proof.host}:{proof.port}")
    reasons = "; ".join(f"{', '.join(places)}: {cause}; {remedy}" for (cause, remedy), places in said.items())
    return f"{len(failed)} of {len(proofs)} logins failed: {reasons}"
