# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a keytab opens the ticket that the KDC issues for a service today, and what is wrong where it does not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from .ccache import Ticket
from .credentials import ANY_REALM
from .enctypes import enctype_name
from .keytab import KeytabEntry
from .principal import PrincipalName, parse_principal
from .symptoms import ANYWHERE, TICKET, Symptom, diagnose, named
from .ticket_symptoms import CLOCK_AND_KDC, CREDENTIALS, TICKETS

NARROW = 0xFF  # a kvno in a keytab written before MIT 1.14, or by others
TICKET_GRANTING = b"krbtgt"
_NEVER = frozenset(("",))

PROOFS = (
    Symptom(
        "principal_not_in_keytab",
        _NEVER,
        "",
        "{keytab} holds no key of {service_principal}",
        "export its key into the keytab, or correct principals",
    ),
    Symptom(
        "kvno_behind",
        _NEVER,
        "",
        "the KDC seals tickets for {service_principal} with kvno {kvno}, and {keytab} holds older keys only ({held})",
        "export the key as it is now into the keytab; whoever set the password or ran ktpass again made a new one",
    ),
    Symptom(
        "kvno_ahead",
        _NEVER,
        "",
        "the KDC seals tickets for {service_principal} with kvno {kvno}, and {keytab} holds later keys only ({held})",
        "ask again when the domain's controllers have replicated; where it stays so, export the key as it is now",
    ),
    Symptom(
        "kvno_wrong",
        _NEVER,
        "",
        "{keytab} holds the right key of {service_principal}, but under kvno {opened} where the KDC says {kvno}",
        "write the entry with kvno {kvno} (ktpass writes 1 unless told by /kvno)",
    ),
    Symptom(
        "enctype_missing",
        _NEVER,
        "",
        "the KDC seals tickets for {service_principal} with {enctype}, of which {keytab} holds no key ({held})",
        "export that key too, or let the KDC use an enctype that the keytab has (msDS-SupportedEncryptionTypes)",
    ),
    Symptom(
        "key_wrong",
        _NEVER,
        "",
        "the key of {service_principal} with kvno {kvno} and {enctype} in {keytab} does not open the KDC's ticket",
        "export it again; the password or the salt with which it was made is not the account's",
    ),
    Symptom(
        "key_not_judged",
        _NEVER,
        "",
        "this host's libk5crypto cannot open a ticket of {enctype}, so the key of {service_principal} was not judged",
        "install MIT's libkrb5 there, or let the KDC use aes256-cts-hmac-sha1-96",
    ),
    Symptom(
        "ticket_missing",
        _NEVER,
        "",
        "the KDC issued no ticket for {service_principal}",
        "read the KDC's log",
    ),
    Symptom(
        "service_principal_unknown",
        frozenset((TICKET,)),
        r"server (?:\S+ )?not found in Kerberos database",
        "the KDC knows no principal {service_principal}",
        "create it, or in Active Directory add it to the account's servicePrincipalName; case counts in {keytab}",
    ),
    Symptom(
        "service_principal_revoked",
        frozenset((TICKET,)),
        r"credentials have been revoked",
        "the KDC issues no tickets for {service_principal}, as its account or that of {user} is disabled or locked",
        "enable the account",
    ),
)
# The last row fits anything.
UNKNOWN = (
    Symptom(
        "unknown",
        ANYWHERE,
        r"",
        "the KDC issued no ticket for {service_principal}: {words}",
        "read the KDC's log, and search it for {service_principal}",
    ),
)
KEY_SYMPTOMS = (*PROOFS, *CLOCK_AND_KDC, *CREDENTIALS, *TICKETS, *UNKNOWN)

Opens = Callable[[int, bytes, bytes], Optional[bool]]  # enctype, key, ciphertext; None where nobody can tell


@dataclass(frozen=True)
class KeyProof:
    """What became of one principal. ``ok`` is None where it could not be judged.

    ``kvno`` and ``enctype`` (a number) are the ticket's, None without one; ``held``: kvno and enctype of the keytab's
    keys of the principal; ``opened_kvno``: under which kvno the keytab holds the key that opens the ticket.
    """

    principal: PrincipalName
    ok: Optional[bool]
    kvno: Optional[int] = None
    enctype: Optional[int] = None
    held: Tuple[Tuple[int, int], ...] = ()
    opened_kvno: Optional[int] = None
    symptom: str = ""
    cause: str = ""
    remedy: str = ""

    def as_result(self) -> Dict[str, Any]:
        return {
            "principal": str(self.principal).rstrip("@"),
            "ok": self.ok,
            "kvno": self.kvno,
            "enctype": None if self.enctype is None else enctype_name(self.enctype),
            "held": [{"kvno": kvno, "enctype": enctype_name(number)} for kvno, number in self.held],
            "symptom": self.symptom,
            "cause": self.cause,
            "remedy": self.remedy,
        }


def judge(
    principal: PrincipalName, ticket: Ticket, entries: Sequence[KeytabEntry], opens: Opens, keytab: str, user: str
) -> KeyProof:
    """Compare the ticket that the KDC issued for ``principal`` with entries of ``keytab``, a path or another name."""
    own = [entry for entry in entries if entry.principal.identity == ticket.service.identity]
    of_type = [entry for entry in own if entry.enctype == ticket.enctype]
    of_kvno = [entry for entry in own if same_kvno(entry.kvno, ticket.kvno)]
    both = [entry for entry in of_type if entry in of_kvno]
    answers = [(entry, opens(entry.enctype, entry.key, ticket.cipher)) for entry in [*both, *of_type]]
    opened = next((entry for entry, answer in answers if answer), None)
    if opened in both:
        symptom = ""
    elif any(answer is None for dummy, answer in answers):
        symptom = "key_not_judged"
    elif not own:
        symptom = "principal_not_in_keytab"
    elif opened is not None:
        symptom = "kvno_wrong"
    elif both:
        symptom = "key_wrong"
    elif of_kvno:
        symptom = "enctype_missing"
    else:
        symptom = "kvno_behind" if max(entry.kvno for entry in own) < ticket.kvno else "kvno_ahead"
    proof = KeyProof(
        principal,
        True if not symptom else None if symptom == "key_not_judged" else False,
        ticket.kvno,
        ticket.enctype,
        held(ticket.service, entries),
        opened.kvno if opened else None,
    )
    return _told(proof, symptom, str(ticket.service), keytab, user)


def without_ticket(
    principal: PrincipalName, entries: Sequence[KeytabEntry], keytab: str, user: str, stage: str, words: str, name: str
) -> KeyProof:
    """The proof where the KDC issued none: ``words`` heard at a ``stage`` of symptoms.py, or the symptom's ``name``."""
    proof = KeyProof(principal, False, held=held(principal, entries))
    facts = {**_facts(proof, str(principal), keytab, user), "words": words}
    finding = named(name, facts, KEY_SYMPTOMS) if name else diagnose(stage, words, facts, KEY_SYMPTOMS)
    return replace(proof, symptom=finding.symptom, cause=finding.cause, remedy=finding.remedy)


def held(principal: PrincipalName, entries: Sequence[KeytabEntry]) -> Tuple[Tuple[int, int], ...]:
    """Kvno and enctype of the keys of a principal, in the keytab's order, each once."""
    return tuple(
        dict.fromkeys(
            (entry.kvno, entry.enctype) for entry in entries if entry.principal.identity == principal.identity
        )
    )


def same_kvno(in_keytab: int, in_ticket: int) -> bool:
    """As libkrb5 compares them (kt_file.c): a ticket may have none, an old keytab only the last eight bits."""
    return in_ticket in (0, in_keytab) or in_keytab == in_ticket & NARROW


def principals_to_prove(
    asked: Sequence[str], entries: Sequence[KeytabEntry], realm: Optional[bytes]
) -> Tuple[PrincipalName, ...]:
    """The principals that were asked for, else the services of ``realm`` (None: of any) in the keytab, in its order.

    PrincipalRefusal where one is not a principal.
    """
    if asked:
        # Where the user's realm is not known no ticket is obtained either: the empty one is for the report alone.
        return tuple(_named(one, b"" if realm is None else realm) for one in asked)
    services = (
        entry.principal
        for entry in entries
        if len(entry.principal.components) > 1
        and realm in (None, entry.principal.realm)
        and entry.principal.components[0] != TICKET_GRANTING
    )
    return tuple({principal.identity: principal for principal in services}.values())


def untried(asked: Sequence[str], entries: Sequence[KeytabEntry]) -> List[KeyProof]:
    """The proofs where no ticket could be obtained for want of the bindings: neither good nor bad."""
    finding = named("bindings_missing", {}, KEY_SYMPTOMS)
    return [
        KeyProof(
            one, None, held=held(one, entries), symptom=finding.symptom, cause=finding.cause, remedy=finding.remedy
        )
        for one in principals_to_prove(asked, entries, None)
    ]


def failure(proofs: Sequence[KeyProof], keytab: str) -> str:
    """One sentence for all principals that failed, or for having none to prove; empty where all are good."""
    if not proofs:
        return f"{keytab}: holds no service principal of the user's realm to prove; name some in principals"
    failed = [proof for proof in proofs if not proof.ok]
    if not failed:
        return ""
    said = dict.fromkeys(f"{proof.cause}; {proof.remedy}" for proof in failed)
    return f"{len(failed)} of {len(proofs)} keys are not proved: {'; '.join(said)}"


def _named(text: str, realm: bytes) -> PrincipalName:
    principal = parse_principal(text, ANY_REALM)
    return principal if "@" in text else replace(principal, realm=realm)


def _facts(proof: KeyProof, service: str, keytab: str, user: str) -> Dict[str, str]:
    listed: List[str] = [f"kvno {kvno} {enctype_name(number)}" for kvno, number in proof.held]
    return {
        "keytab": keytab,
        "user": user or "the user",
        "host": "the service",
        "service_principal": service,
        "kvno": str(proof.kvno),
        "enctype": "" if proof.enctype is None else enctype_name(proof.enctype),
        "held": ", ".join(listed) or "none",
        "opened": str(proof.opened_kvno),
    }


def _told(proof: KeyProof, symptom: str, service: str, keytab: str, user: str) -> KeyProof:
    if not symptom:
        return proof
    finding = named(symptom, _facts(proof, service, keytab, user), KEY_SYMPTOMS)
    return replace(proof, symptom=finding.symptom, cause=finding.cause, remedy=finding.remedy)
