# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of keytabs: as the service's own user opens them, and against the tickets that the KDC seals today."""

from __future__ import annotations

from typing import Any, Callable, FrozenSet, Iterable, Iterator, List, Mapping, Optional, Tuple

from .doctor import BROKEN, DEGRADED, KEYTAB, UNTESTED, Check, Fleet, Trouble, section
from .doctor_keys import held_text
from .principal import PrincipalRefusal, read_text

Keytab = Mapping[str, Any]
Proof = Mapping[str, Any]
Look = Callable[[str, Fleet], Iterable[Trouble]]
AFFECTED = ("login.*", "log.*")
# What is told by a ticket, or for want of one: what is wrong with a file, nothing outside of this host accounts for.
BY_TICKET = ("keytab.ticket", "keytab.untested", "keytab.principal_unknown")
EXPORT = "export it again: playbook site, tag keytab"


def _keytabs(host: str, fleet: Fleet) -> List[Keytab]:
    return list(section(fleet[host], "keytabs").get("keytabs", []))


def _missing(host: str, fleet: Fleet) -> Iterator[Trouble]:
    for one in _keytabs(host, fleet):
        if not one["exists"]:
            yield Trouble(
                one["path"],
                f"the keytab of {one['product']} is not there",
                f"{one['path']}: no such file",
                f"bring it: playbook site, tag keytab, or correct the option that names it (role {one['product']})",
            )


def _unopened(host: str, fleet: Fleet, of_folder: bool) -> Iterator[Tuple[Keytab, Mapping[str, Any]]]:
    for one in _keytabs(host, fleet):
        opened = one.get("opened")
        labelled = one.get("context", {}).get("is") and not _label_fits(one)
        if opened and opened["ok"] is False and not labelled and (opened["at"] != _inside(one)) == of_folder:
            yield one, opened


def _inside(one: Keytab) -> str:
    """The path as the service names it."""
    return str(one["path"][len(one["chroot"].rstrip("/")) :])


def _unreadable(host: str, fleet: Fleet) -> Iterator[Trouble]:
    for one, opened in _unopened(host, fleet, False):
        yield Trouble(
            one["path"],
            f"{one['user']}, as whom {one['product']} runs, may not read its keytab",
            f"opening it as {one['user']}{_where(one)}: {opened['words']}; it belongs to {_owner(one)}",
            f"chgrp {one['user']} {one['path']}; chmod 0640 {one['path']} (role {one['product']} does it)",
        )


def _not_enterable(host: str, fleet: Fleet) -> Iterator[Trouble]:
    for one, opened in _unopened(host, fleet, True):
        yield Trouble(
            one["path"],
            f"{one['user']}, as whom {one['product']} runs, does not get as far as its keytab",
            f"opening it as {one['user']}{_where(one)} ends at {opened['at']}: {opened['words']}",
            f"let {one['user']} enter {opened['at']} (chmod o+x), or put the keytab elsewhere (role {one['product']})",
        )


def _where(one: Keytab) -> str:
    return f" within {one['chroot']}" if one["chroot"] else ""


def _owner(one: Keytab) -> str:
    return f"{one.get('owner', '?')}:{one.get('group', '?')} with mode {one.get('mode', '?')}"


def _no_user(host: str, fleet: Fleet) -> Iterator[Trouble]:
    for one in _keytabs(host, fleet):
        opened = one.get("opened")
        if opened and opened["ok"] is None:
            yield Trouble(
                one["path"],
                f"whether {one['user']} may read the keytab of {one['product']} was not tried",
                opened["words"],
                f"install {one['product']}, and run the doctor as root",
                UNTESTED,
            )


def _label_fits(one: Keytab) -> bool:
    context = one.get("context", {})
    is_now, should = (str(context.get(key, "")).split(":") for key in ("is", "should"))
    return len(is_now) < 3 or len(should) < 3 or is_now[2] == should[2]


def _selinux(host: str, fleet: Fleet) -> Iterator[Trouble]:
    for one in _keytabs(host, fleet):
        context = one.get("context", {})
        if context.get("untested"):
            yield Trouble(
                one["path"],
                "whether SELinux lets the service read it was not told",
                context["untested"],
                "install libselinux-utils",
                UNTESTED,
            )
        elif not _label_fits(one):
            yield Trouble(
                one["path"],
                f"its SELinux type is not the one by which {one['product']} may read it",
                f"it is {context['is']}, the policy says {context['should']}, and SELinux is enforcing",
                f"restorecon -v {one['path']}",
            )


def _damaged(host: str, fleet: Fleet) -> Iterator[Trouble]:
    for one in _keytabs(host, fleet):
        if one["damaged"]:
            yield Trouble(one["path"], f"the keytab of {one['product']} cannot be read", one["damaged"], EXPORT)


def _exposed(host: str, fleet: Fleet) -> Iterator[Trouble]:
    for one in _keytabs(host, fleet):
        if one.get("exposed"):
            yield Trouble(
                one["path"],
                f"its keys are open to {one['exposed']}, who can be {one['product']} with them",
                f"it belongs to {_owner(one)}",
                f"chmod 0640 {one['path']}; chgrp {one['user']} {one['path']}; then new keys: role keytab, rekey",
                DEGRADED,
            )


def _identity(text: str, realm: str) -> Optional[Any]:
    try:
        return read_text(text, realm).identity
    except PrincipalRefusal:
        return None


def _principal_missing(host: str, fleet: Fleet) -> Iterator[Trouble]:
    realm = str(section(fleet[host], "asked").get("realm", ""))
    for one in _keytabs(host, fleet):
        if not one["exists"] or one["damaged"]:
            continue
        held = {_identity(entry["principal"], realm): entry["principal"] for entry in one["entries"]}
        for principal in one["asked"]:
            if _identity(principal, realm) not in held:
                listed = ", ".join(dict.fromkeys(held.values())) or "nothing"
                yield Trouble(
                    one["path"],
                    f"it holds no key of {principal}, for which clients of {one['product']} get tickets",
                    f"it holds {listed}",
                    EXPORT,
                )


def _of_proof(symptoms: FrozenSet[str], grade: str = BROKEN) -> Look:
    """The troubles of one kind among what became of the tickets."""

    def look(host: str, fleet: Fleet) -> Iterator[Trouble]:
        for one in _keytabs(host, fleet):
            for proof in one["proofs"]:
                if _kind(proof, fleet) in symptoms:
                    yield _trouble(one, proof, grade, fleet)

    return look


def _kind(proof: Proof, fleet: Fleet) -> str:
    """The symptom of a proof; a key that the KDC refused is an old one where the KDC's database has a later kvno."""
    symptom = str(proof["symptom"])
    if symptom in ("credential_wrong", "key_wrong"):
        known = _kdc_kvno(str(proof["principal"]), fleet)
        newest = max((held["kvno"] for held in proof["held"]), default=0)
        if known is not None and newest < known:
            return "kvno_behind"
    return symptom


def _kdc_kvno(principal: str, fleet: Fleet) -> Optional[int]:
    """The newest kvno of a principal in the database of the fleet's KDC, where one was read."""
    for host in sorted(fleet):
        known = section(fleet[host], "database").get("principals", {})
        found = known.get(principal) if isinstance(known, dict) else None
        if isinstance(found, dict) and isinstance(found.get("kvno"), int):
            return int(found["kvno"])
    return None


def _trouble(one: Keytab, proof: Proof, grade: str, fleet: Fleet) -> Trouble:
    parts = [f"{one['path']} holds {held_text(proof)} of {proof['principal']}"]
    if proof["kvno"] is not None:
        parts.append(f"the KDC's fresh ticket is sealed with kvno {proof['kvno']} {proof['enctype']}")
    known = _kdc_kvno(str(proof["principal"]), fleet)
    if proof["kvno"] is None and known is not None:
        parts.append(f"the KDC's database has kvno {known}")
    if proof["own"]:
        parts.append(f"logging in with that key: {proof['own']}")
    return Trouble(one["path"], proof["cause"], "; ".join(parts), proof["remedy"], grade)


BEHIND = frozenset(("kvno_behind",))
AHEAD = frozenset(("kvno_ahead", "kvno_wrong"))
ENCTYPE = frozenset(("enctype_missing",))
WRONG = frozenset(("key_wrong", "credential_wrong"))
UNKNOWN = frozenset(("service_principal_unknown", "principal_unknown"))
LOCKED = frozenset(
    (
        "principal_expired",
        "principal_locked",
        "password_expired",
        "service_principal_revoked",
        "service_principal_locked",
        "service_principal_expired",
        "service_principal_without_key",
    )
)
UNJUDGED = frozenset(("key_not_judged", "bindings_missing", "kdc_unreachable"))
# Told by other checks already: from the entries, or from the section where the cause is.
ELSEWHERE = frozenset(("", "principal_not_in_keytab", "keytab_without_principal"))
KNOWN = BEHIND | AHEAD | ENCTYPE | WRONG | UNKNOWN | LOCKED | UNJUDGED | ELSEWHERE


def _ticket(host: str, fleet: Fleet) -> Iterator[Trouble]:
    for one in _keytabs(host, fleet):
        for proof in one["proofs"]:
            if proof["symptom"] not in KNOWN:
                yield _trouble(one, proof, BROKEN, fleet)


def _untested(host: str, fleet: Fleet) -> Iterator[Trouble]:
    words = section(fleet[host], "keytabs").get("tickets", {}).get("untested")
    if words:
        paths = ", ".join(one["path"] for one in _keytabs(host, fleet))
        yield Trouble(
            paths,
            "whether the keytabs open the KDC's tickets could not be tested",
            words,
            "let this host reach a KDC first",
            UNTESTED,
        )
    yield from _of_proof(UNJUDGED, UNTESTED)(host, fleet)


OF_FILE = (*AFFECTED, "keytab.ticket")
DECRYPT = "the service answers 'Cannot decrypt ticket' or 'Wrong principal in request'"

CHECKS: Tuple[Check, ...] = (
    Check("keytab.missing", KEYTAB, "the service offers no GSSAPI, or refuses every ticket", _missing, OF_FILE),
    Check("keytab.damaged", KEYTAB, "the service refuses every ticket", _damaged, OF_FILE),
    Check("keytab.not_enterable", KEYTAB, "the service refuses every ticket", _not_enterable, OF_FILE),
    Check("keytab.unreadable", KEYTAB, "the service refuses every ticket", _unreadable, OF_FILE),
    Check("keytab.selinux", KEYTAB, "the service refuses every ticket", _selinux, OF_FILE),
    Check("keytab.user_untried", KEYTAB, "nobody knows whether the service may read it", _no_user),
    Check(
        "keytab.principal_missing",
        KEYTAB,
        "the service refuses tickets for one of its names",
        _principal_missing,
        AFFECTED,
    ),
    Check("keytab.kvno_behind", KEYTAB, DECRYPT, _of_proof(BEHIND), AFFECTED),
    Check("keytab.kvno_ahead", KEYTAB, DECRYPT, _of_proof(AHEAD), AFFECTED),
    Check("keytab.enctype_missing", KEYTAB, DECRYPT, _of_proof(ENCTYPE), AFFECTED),
    Check("keytab.key_wrong", KEYTAB, DECRYPT, _of_proof(WRONG), AFFECTED),
    Check("keytab.principal_unknown", KEYTAB, "'Server not found in Kerberos database'", _of_proof(UNKNOWN), AFFECTED),
    Check("keytab.principal_locked", KEYTAB, "'Credentials have been revoked'", _of_proof(LOCKED), AFFECTED),
    Check("keytab.ticket", KEYTAB, "nobody gets a ticket for the service", _ticket, AFFECTED),
    Check("keytab.exposed", KEYTAB, "who reads the keytab can decrypt and forge logins", _exposed),
    Check("keytab.untested", KEYTAB, "nobody knows whether the keys are right", _untested),
)
