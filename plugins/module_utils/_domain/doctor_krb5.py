# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of krb5.conf as libkrb5 reads it, after all includes."""

from __future__ import annotations

import re
from typing import Any, Iterator, List, Mapping, Optional, Set, Tuple

from .doctor import BROKEN, CLIENT_CONF, DEGRADED, Check, Fleet, Trouble, section
from .doctor_keytabs import BY_TICKET
from .enctypes import BY_NUMBER, EnctypeRefusal, enctype_name, expand_enctypes
from .kdc_answer import place_of

AFFECTED = (*BY_TICKET, "login.*", "log.*")
REST = ("krb5.default_realm", "krb5.kdc_missing", "krb5.kdc_differs", "krb5.domain_realm", "krb5.enctypes")
ROLE = "role client"
# What libkrb5 takes for a list that begins from its defaults (krb5.conf(5)).
FROM_DEFAULTS = ("DEFAULT", "+", "-")


def _conf(host: str, fleet: Fleet) -> Mapping[str, Any]:
    """The section where the profile could be read."""
    found = section(fleet[host], "krb5")
    return {} if found.get("damaged") else found


def _unreadable(host: str, fleet: Fleet) -> Iterator[Trouble]:
    found = section(fleet[host], "krb5")
    if found.get("damaged"):
        yield Trouble(found["path"], "libkrb5 cannot read it", found["damaged"], f"correct it, or run the {ROLE} again")
    elif found and not found["there"]:
        yield Trouble(
            found["path"],
            "it is not there",
            "; ".join(found["problems"]) or "no such file",
            f"run the {ROLE}, which writes it",
        )
    elif found.get("libkrb5") and not found["problems"]:
        yield Trouble(
            found["path"],
            "libkrb5 does not read it",
            f"profile error {found['libkrb5']}",
            f"correct it, or run the {ROLE} again",
        )
    for one in found.get("unreadable", []):
        yield Trouble(
            one["path"],
            f"{one['user']}, as whom a service of this host runs, may not read it",
            f"opening it as {one['user']} is refused; its mode is {one['mode']}",
            f"chmod 0644 {one['path']} (the {ROLE} does it), and let its folders be entered",
        )


def _include(host: str, fleet: Fleet) -> Iterator[Trouble]:
    found = _conf(host, fleet)
    for problem in found.get("problems", []) if found.get("there") else []:
        # Releases of libkrb5 differ in what they do of it: what this host's own did is the measure.
        broken = bool(found.get("libkrb5"))
        yield Trouble(
            found["path"],
            "an include of it cannot be read" + (", and libkrb5 reads nothing at all" if broken else ""),
            problem,
            "create what it names, or remove the line",
            BROKEN if broken else DEGRADED,
        )


def _default_realm(host: str, fleet: Fleet) -> Iterator[Trouble]:
    found = _conf(host, fleet)
    realm = section(fleet[host], "asked").get("realm")
    if not found or not found["sources"] or not realm or found["default_realm"] == realm:
        return
    is_set = found["default_realm"]
    yield Trouble(
        found["path"],
        f"its default_realm is {is_set}, not {realm}" if is_set else "it names no default_realm",
        f"default_realm = {is_set or 'nothing'} in [libdefaults], over all files that it includes",
        f"set default_realm = {realm} there (kerberos_realm, {ROLE})",
    )


def _kdc_missing(host: str, fleet: Fleet) -> Iterator[Trouble]:
    found = _conf(host, fleet)
    realm = section(fleet[host], "asked").get("realm")
    if found and found["sources"] and not found["kdcs"] and not found["looks_up_kdcs"]:
        yield Trouble(
            found["path"],
            f"it names no kdc of {realm}, and libkrb5 is not to look in DNS",
            f"no kdc in [realms] {realm}, dns_lookup_kdc = false",
            f"name the KDCs (kerberos_kdcs, {ROLE})",
        )


def _kdc_differs(host: str, fleet: Fleet) -> Iterator[Trouble]:
    found = _conf(host, fleet)
    asked = section(fleet[host], "asked").get("kdcs", [])
    wanted = {place_of(one) for one in asked}
    named = [place_of(one) for one in found.get("kdcs", [])]
    foreign = [f"{name}:{port}" for name, port in named if (name, port) not in wanted]
    if wanted and foreign:
        none = not any(one in wanted for one in named)
        yield Trouble(
            found["path"],
            f"it sends this host to {', '.join(foreign)}, which is no KDC of the site"
            + ("" if none else ", beside those that are"),
            f"kdc = {', '.join(found['kdcs'])}; kerberos_kdcs has {', '.join(asked)}",
            f"correct kdc in [realms] (kerberos_kdcs, {ROLE})",
            BROKEN if none else DEGRADED,
        )


def _domain_realm(host: str, fleet: Fleet) -> Iterator[Trouble]:
    found = _conf(host, fleet)
    realm = section(fleet[host], "asked").get("realm")
    for name, mapped in found.get("realm_of", {}).items():
        line = found["mapped_by"].get(name)
        # Without a line the default realm counts, of which another check speaks.
        if mapped != realm and line:
            yield Trouble(
                name,
                f"krb5.conf puts {name} into the realm {mapped}, not {realm}",
                f"[domain_realm] {line} counts, after all includes of {found['path']}",
                f"remove that line, or map {name} to {realm} before it (client_domain_realm, {ROLE})",
            )


def _enctypes(host: str, fleet: Fleet) -> Iterator[Trouble]:
    found = _conf(host, fleet)
    wanted = _numbers(section(fleet[host], "asked").get("enctypes", []))
    for name, told in found.get("enctypes", {}).items():
        words = re.split(r"[\s,]+", told["value"].strip())
        unknown = [word for word in words if _unknown(word)]
        evidence = f"{name} = {told['value']} ({told['where']})"
        if unknown:
            yield Trouble(
                name,
                f"{', '.join(unknown)} is no enctype, and libkrb5 leaves it out without a word",
                evidence,
                f"correct it (kerberos_enctypes, {ROLE})",
                DEGRADED,
            )
        if any(word.upper().startswith(FROM_DEFAULTS) for word in words):
            continue
        allowed = _numbers(word for word in words if not _unknown(word))
        keys = _keys(host, fleet)
        missing = wanted - allowed
        if not missing:
            continue
        unusable = bool(keys) and not keys & allowed
        yield Trouble(
            name,
            f"it leaves out {_listed(missing)}, which the site's policy has"
            + (", and with them every key of this host" if unusable else ""),
            evidence + (f"; this host's keytabs hold {_listed(keys)}" if keys else ""),
            f"set it to the site's enctypes (kerberos_enctype_policy, {ROLE})",
            BROKEN if unusable or not allowed & wanted else DEGRADED,
        )


def _unknown(word: str) -> bool:
    if not word or word.upper().startswith(FROM_DEFAULTS):
        return False
    try:
        expand_enctypes([word])
    except EnctypeRefusal:
        return True
    return False


def _numbers(names: Any) -> Set[int]:
    return set(expand_enctypes(names))


def _keys(host: str, fleet: Fleet) -> Set[int]:
    """The enctypes of all keys in the host's keytabs that this table knows."""
    keytabs: List[Mapping[str, Any]] = section(fleet[host], "keytabs").get("keytabs", [])
    names = {entry["enctype"] for keytab in keytabs for entry in keytab.get("entries", [])}
    return {number for number in BY_NUMBER if enctype_name(number) in names}


def _listed(numbers: Set[int]) -> str:
    return ", ".join(enctype_name(number) for number in sorted(numbers))


def _weak(host: str, fleet: Fleet) -> Iterator[Trouble]:
    found = _conf(host, fleet)
    wanted = _numbers(section(fleet[host], "asked").get("enctypes", []))
    if found.get("allow_weak_crypto") and not any(BY_NUMBER[number].weak for number in wanted):
        yield Trouble(
            found["path"],
            "it allows enctypes that can be broken, of which the site asks none",
            "allow_weak_crypto = true in [libdefaults]",
            f"remove it (client_libdefaults, {ROLE})",
            DEGRADED,
        )


def _shadowed(host: str, fleet: Fleet) -> Iterator[Trouble]:
    found = _conf(host, fleet)
    told: Optional[List[str]] = found.get("repeated")
    for one in told or []:
        yield Trouble(
            found["path"],
            "a setting stands in two places, and libkrb5 uses the first alone",
            one,
            "remove the one that is not meant",
            DEGRADED,
        )


CHECKS: Tuple[Check, ...] = (
    Check(
        "krb5.unreadable",
        CLIENT_CONF,
        "'Cannot open' or 'Improper format of Kerberos configuration'",
        _unreadable,
        (*AFFECTED, *REST),
    ),
    Check(
        "krb5.include_broken", CLIENT_CONF, "'Included profile file could not be read'", _include, (*AFFECTED, *REST)
    ),
    Check(
        "krb5.default_realm",
        CLIENT_CONF,
        "'Configuration file does not specify default realm'",
        _default_realm,
        AFFECTED,
    ),
    Check("krb5.kdc_missing", CLIENT_CONF, "'Cannot find KDC for realm'", _kdc_missing, AFFECTED),
    Check("krb5.kdc_differs", CLIENT_CONF, "'Cannot contact any KDC for realm'", _kdc_differs, AFFECTED),
    Check("krb5.domain_realm", CLIENT_CONF, "tickets are asked for in a foreign realm", _domain_realm, AFFECTED),
    Check("krb5.enctypes", CLIENT_CONF, "'KDC has no support for encryption type'", _enctypes, AFFECTED),
    Check("krb5.weak_crypto", CLIENT_CONF, "keys that can be broken are in use", _weak),
    Check("krb5.shadowed", CLIENT_CONF, "a setting has no effect", _shadowed),
)
