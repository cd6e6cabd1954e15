# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the doctor checks of the Java that runs CAS, in the evidence of the section `java` (_system/doctor_java.py)."""

from __future__ import annotations

from functools import partial
from typing import Any, Dict, Iterator, List, Mapping, Tuple

from . import java_krb5
from .doctor import BROKEN, DEGRADED, JAVA, Check, Fleet, Trouble, section
from .doctor_cas_page import LOGINS
from .enctype_consumers import ConsumerRefusal, consumer

# The problems of `cas_info` about Java -> id and symptom.
_OF_JAVA = {
    "java_absent": ("java.missing", "CAS does not start"),
    "java_too_old": ("java.too_old", "CAS does not start"),
    "java_too_new": ("java.too_new", "CAS does not start, or fails at random"),
    "java_aes_limited": ("java.aes_limited", "CAS opens no ticket of AES-256"),
}
_BY = {
    java_krb5.BY_OPTION: "an option of its program (java.security.krb5.conf)",
    java_krb5.BY_CAS: "CAS's property kerberos-conf",
    java_krb5.BY_HOME: "its own folder, which comes before /etc/krb5.conf",
    java_krb5.BY_SYSTEM: "nothing else, so that it is the system's",
}


def _java(host: str, fleet: Fleet) -> Mapping[str, Any]:
    return section(fleet[host], "java")


def _problem(check: str, host: str, fleet: Fleet) -> Iterator[Trouble]:
    java = _java(host, fleet)
    for one in java.get("problems") or ():
        if one["check"] == check:
            evidence = f"Java {java['version'] or '(none)'} in {java['home'] or 'no folder'}"
            bits = f", whose policy allows keys of AES up to {java['aes']} bits" if java["aes"] else ""
            yield Trouble(one["where"], f"{one['where']} {one['what']}", evidence + bits, one["remedy"])


def _other_krb5_conf(host: str, fleet: Fleet) -> Iterator[Trouble]:
    reads = _java(host, fleet).get("reads") or {}
    if reads and reads["path"] != reads["wanted"]:
        yield Trouble(
            reads["path"],
            f"CAS's Java reads {reads['path']} and not {reads['wanted']}",
            f"{reads['path']} is named by {_BY[reads['by']]}",
            "take it away, or let cas_krb5 be own, which names CAS a krb5.conf of its own; then restart CAS",
        )


def _krb5_config_ignored(host: str, fleet: Fleet) -> Iterator[Trouble]:
    java = _java(host, fleet)
    if java.get("ignored"):
        yield Trouble(
            java["ignored"],
            f"the unit of CAS sets KRB5_CONFIG to {java['ignored']}, which means nothing to Java",
            f"Java reads {java['reads']['path']}",
            "take KRB5_CONFIG out of the unit, and let cas_krb5 be own where CAS is to have a file of its own",
            DEGRADED,
        )


def _kdc_fixed(host: str, fleet: Fleet) -> Iterator[Trouble]:
    options = _java(host, fleet).get("options") or {}
    given = {name: value for name, value in options.items() if value}
    if given:
        words = " ".join(f"-Djava.security.krb5.{name}={value}" for name, value in given.items())
        what = "only one of KDC and realm, and takes both or neither" if len(given) == 1 else "a KDC beside krb5.conf"
        yield Trouble(
            "java.security.krb5",
            f"the unit of CAS gives Java {what}",
            f"its program has {words}",
            "take the options out of the unit, and name KDCs in krb5.conf (kerberos_kdcs)",
            BROKEN if len(given) == 1 else DEGRADED,
        )


def _include_refused(host: str, fleet: Fleet) -> Iterator[Trouble]:
    java = _java(host, fleet)
    for clause in java.get("refused") or ():
        yield Trouble(
            java["reads"]["path"],
            f"Java refuses the whole of {java['reads']['path']} for what it includes",
            clause,
            "name each file once, by its absolute path, or let cas_krb5 be own",
        )


def _enctypes_unknown(host: str, fleet: Fleet) -> Iterator[Trouble]:
    java = _java(host, fleet)
    for name, value in (java.get("libdefaults") or {}).items():
        if name in java_krb5.LISTS and not java_krb5.taken(value, java["major"]):
            yield Trouble(
                name,
                f"{name} in {java['reads']['path']} holds no encryption type that Java {java['major']} knows",
                f"{name} = {value}",
                "write the names in full (kerberos_enctype_policy, kerberos_enctypes): Java knows no families",
            )


def _enctype_unreadable(host: str, fleet: Fleet) -> Iterator[Trouble]:
    java = _java(host, fleet)
    if not java.get("home"):
        return
    opened = java_krb5.opens(java["major"], java["aes"], java["libdefaults"])
    for principal, keys in _keys(java).items():
        first = keys[0]  # the KDC makes tickets with a service's first key
        if first["enctype_number"] in opened:
            continue
        permitted = java["libdefaults"].get("permitted_enctypes")
        yield Trouble(
            principal,
            f"Java {java['major']} opens no ticket of {first['enctype']}, the first key of {principal}",
            f"permitted_enctypes in {java['reads']['path']} is {permitted or 'not set'}, keys of AES may have "
            f"{java['aes']} bits, the keytab has {', '.join(one['enctype'] for one in keys)}",
            "let kerberos_enctype_policy suit CAS's Java and run the playbook site; a key of no use needs a new one "
            "(module principal with rekey)",
        )


def _weak_key(host: str, fleet: Fleet) -> Iterator[Trouble]:
    java = _java(host, fleet)
    for principal, keys in _keys(java).items():
        ends = _ends(java["major"]).get(keys[0]["enctype_number"])
        if ends and keys[0]["enctype_number"] in java_krb5.opens(java["major"], java["aes"], java["libdefaults"]):
            yield Trouble(
                principal,
                f"the key of {principal} is of {keys[0]['enctype']}, which is on its way out",
                ends,
                "give the principal keys of AES (kerberos_enctype_policy; module principal with rekey)",
                DEGRADED,
            )


def _ends(major: int) -> Mapping[int, str]:
    try:
        return consumer(f"java{major}").ends
    except ConsumerRefusal:
        return {}


def _keys(java: Mapping[str, Any]) -> Dict[str, List[Mapping[str, Any]]]:
    found: Dict[str, List[Mapping[str, Any]]] = {}
    for one in java.get("keys") or ():
        found.setdefault(one["principal"], []).append(one)
    return found


_STARTS = ("cas.not_answering", "running.stopped", *LOGINS)
CHECKS: Tuple[Check, ...] = (
    *(Check(name, JAVA, symptom, partial(_problem, problem), _STARTS) for problem, (name, symptom) in _OF_JAVA.items()),
    Check(
        "java.other_krb5_conf", JAVA, "CAS knows other realms, KDCs and keytabs than the host", _other_krb5_conf, LOGINS
    ),
    Check("java.krb5_config_ignored", JAVA, "a krb5.conf for CAS has no effect", _krb5_config_ignored, LOGINS),
    Check("java.kdc_fixed", JAVA, "CAS asks another KDC than the host", _kdc_fixed, LOGINS),
    Check("java.include_refused", JAVA, "CAS finds no realm", _include_refused, LOGINS),
    Check(
        "java.enctypes_unknown",
        JAVA,
        "CAS says that there is no supported encryption type",
        _enctypes_unknown,
        ("java.enctype_unreadable", *LOGINS),
    ),
    Check("java.enctype_unreadable", JAVA, "CAS opens no ticket", _enctype_unreadable, LOGINS),
    Check("java.weak_key", JAVA, "logins to CAS will end with an update", _weak_key),
)
