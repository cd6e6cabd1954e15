# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CAS's properties for SPNEGO, NTLM and static users: which line of CAS knows them, and what they take.

Names, types and lines from the configuration metadata that CAS publishes (cas-server-core-api-configuration-model of
5.3.16, 6.0.8, 6.1.7.2, 6.3.7.4, 6.4.6.3, 6.5.5, 6.6.15.2, 7.0.8, 7.1.3, 7.2.0 and 7.3.4), and from its classes where
the metadata of 6.x leaves `system` out. Spring's binder and the classes of 6.6.12 and 7.0.0 agree with every row. CAS
ignores a name that it does not know, and does not start with a value of the wrong type.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Dict, List, Optional, Tuple

from .cas_property_names import Name, name_of
from .cas_release import INDEXED, CasRefusal, Line

ROOT: Name = ("cas", "authn")
SPNEGO: Name = (*ROOT, "spnego")
PROPERTIES: Name = (*SPNEGO, "properties")

# name below cas.authn, type, first and last line that know it (all that are listed where nothing is said)
_TABLE = """
accept.enabled boolean 6.3..
accept.users text
ntlm.domain-controller text ..6.6
ntlm.enabled boolean 6.1..6.6
ntlm.include-pattern text ..6.6
ntlm.load-balance boolean ..6.6
ntlm.name text ..6.6
ntlm.order integer 6.0..6.6
spnego.alternative-remote-host-attribute text
spnego.cache-policy long ..5.3
spnego.dns-timeout duration
spnego.host-name-client-action-strategy text
spnego.host-name-pattern-string text
spnego.ips-to-check-pattern text
spnego.jcifs-domain text ..5.3
spnego.jcifs-domain-controller text ..5.3
spnego.jcifs-netbios-wins text ..5.3
spnego.jcifs-password text ..5.3
spnego.jcifs-service-password text ..5.3
spnego.jcifs-service-principal text ..5.3
spnego.jcifs-username text ..5.3
spnego.kerberos-conf text ..5.3
spnego.kerberos-debug text ..5.3
spnego.kerberos-kdc text ..5.3
spnego.kerberos-realm text ..5.3
spnego.ldap.base-dn text
spnego.ldap.bind-credential text
spnego.ldap.bind-dn text
spnego.ldap.connect-timeout duration
spnego.ldap.ldap-url text
spnego.ldap.search-filter text
spnego.ldap.subtree-search boolean
spnego.ldap.trust-certificates text
spnego.ldap.use-start-tls boolean
spnego.ldap.validator.base-dn text
spnego.ldap.validator.search-filter text
spnego.login-conf text ..5.3
spnego.mixed-mode-authentication boolean
spnego.name text
spnego.ntlm boolean ..6.6
spnego.ntlm-allowed boolean
spnego.order integer 6.0..
spnego.pool-size integer 6.6..
spnego.pool-timeout duration 6.6..
spnego.principal-transformation.blocking-pattern text 6.4..
spnego.principal-transformation.case-conversion case
spnego.principal-transformation.groovy.location text
spnego.principal-transformation.pattern text
spnego.principal-transformation.prefix text
spnego.principal-transformation.suffix text
spnego.principal-with-domain-name boolean
spnego.principal.active-attribute-repository-ids text 6.1..
spnego.principal.attribute-definition-store.json.location text 6.3..6.3
spnego.principal.attribute-repository-selection map 7.0..
spnego.principal.attribute-resolution-enabled tristate 6.1..
spnego.principal.principal-attribute text
spnego.principal.principal-resolution-conflict-strategy text 6.3..
spnego.principal.principal-resolution-failure-fatal tristate
spnego.principal.principal-transformation.blocking-pattern text 6.5..
spnego.principal.principal-transformation.case-conversion case 6.5..
spnego.principal.principal-transformation.groovy.location text 6.5..
spnego.principal.principal-transformation.pattern text 6.5..
spnego.principal.principal-transformation.prefix text 6.5..
spnego.principal.principal-transformation.suffix text 6.5..
spnego.principal.return-null tristate
spnego.principal.use-existing-principal-id tristate
spnego.properties list 6.0..
spnego.properties[].cache-policy long 6.0..
spnego.properties[].jcifs-domain text 6.0..
spnego.properties[].jcifs-domain-controller text 6.0..
spnego.properties[].jcifs-netbios-wins text 6.0..
spnego.properties[].jcifs-password text 6.0..
spnego.properties[].jcifs-service-password text 6.0..
spnego.properties[].jcifs-service-principal text 6.0..
spnego.properties[].jcifs-username text 6.0..
spnego.properties[].timeout duration 6.0..
spnego.send401-on-authentication-failure boolean
spnego.spnego-attribute-name text
spnego.supported-browsers text
spnego.system.kerberos-conf text 6.0..
spnego.system.kerberos-debug text 6.0..
spnego.system.kerberos-kdc text 6.0..
spnego.system.kerberos-realm text 6.0..
spnego.system.login-conf text 6.0..
spnego.system.use-subject-creds-only boolean 6.0..
spnego.timeout duration ..5.3
spnego.use-subject-creds-only boolean ..5.3
spnego.webflow.enabled boolean 6.4..
spnego.webflow.order integer 6.3..
"""
_LISTED = ("5.3", "6.0", "6.1", "6.3", "6.4", "6.5", "6.6", "7.0", "7.1", "7.2", "7.3")
# The pool and the connection have some fifty more, which differ from line to line and are left to CAS.
_OPEN: Name = (*SPNEGO, "ldap")
_CLOSED: Tuple[Name, ...] = (SPNEGO, (*ROOT, "ntlm"))
_TYPO = 0.87  # likeness from which a name of LDAP that is not listed is taken for a misspelt one

_WHOLE = re.compile(r"\s*[+-]?(?:[0-9]+|(?:0[xX]|#)[0-9A-Fa-f]+)\s*\Z")
_DURATION = re.compile(
    r"(?:[+-]?P(?=.)(?:[+-]?\d+D)?(?:T(?=.)(?:[+-]?\d+H)?(?:[+-]?\d+M)?(?:[+-]?\d+(?:[.,]\d{0,9})?S)?)?"
    r"|\d{1,18}|-1|never|infinite)\Z",
    re.ASCII | re.IGNORECASE,
)
_TRUE, _FALSE = ("true", "on", "yes", "1"), ("false", "off", "no", "0")
_WORDS = {"tristate": ("true", "false", "undefined"), "case": ("none", "uppercase", "lowercase")}
_MEANT = {
    "boolean": "true or false",
    "tristate": "true, false or undefined",
    "integer": "a whole number below 2147483648",
    "long": "a whole number",
    "duration": "an ISO 8601 duration such as PT5M, or whole seconds",
    "case": "NONE, UPPERCASE or LOWERCASE",
}


@dataclass(frozen=True)
class Property:
    """``key``: its name in kebab case, `[]` for an index. ``kind``: text, boolean, tristate (true, false, undefined),
    integer, long, duration, case (a conversion), list or map. ``lines``: those that know it, of the ones listed."""

    key: str
    kind: str
    lines: Tuple[str, ...]

    @property
    def flat(self) -> bool:
        """Whether only CAS 5 has it."""
        return self.lines == ("5.3",)


def _property(row: str) -> Property:
    key, kind, *span = row.split()
    first, dummy, last = (span[0] if span else "..").partition("..")
    begin = _LISTED.index(first) if first else 0
    end = _LISTED.index(last) if last else len(_LISTED)
    return Property(f"cas.authn.{key}", kind, _LISTED[begin : end + 1])


def _plain(name: Name) -> Name:
    """The name with `[]` for each index below PROPERTIES, as the table has it."""
    length = len(PROPERTIES)
    indexed = name[:length] == PROPERTIES and len(name) > length and name[length].isdigit()
    return (*PROPERTIES, "[]", *name[length + 1 :]) if indexed else name


CATALOGUE: Dict[Name, Property] = {name_of(one.key): one for one in map(_property, _TABLE.strip().splitlines())}


def listed(line: Line) -> str:
    """The line of the table that tells of ``line``: itself, or the nearest below."""
    return max((name for name in _LISTED if _rank(name) <= _rank(line.name)), key=_rank)


def find(name: Name) -> Optional[Property]:
    """What the table says of a name, whatever the line."""
    return CATALOGUE.get(_plain(name))


def spelling(name: Name, key: str) -> str:
    """The key as a new one is written: in kebab case where it is listed, for that spelling wins over all others."""
    known = find(name)
    if known is None:
        return key
    return known.key.replace("[]", f"[{name[len(PROPERTIES)]}]") if "[]" in known.key else known.key


def other_dialect(name: Name, line: Line) -> Optional[str]:
    """Where ``line`` looks for what the name says in the other dialect; None where the name is none of it."""
    if name[: len(SPNEGO)] != SPNEGO:
        return None
    rest = name[len(SPNEGO) :]
    known = find(name)
    if line.dialect == INDEXED:
        if known is None or not known.flat:
            return None
        new = find((*SPNEGO, "system", *rest)) or find((*PROPERTIES, "0", *rest))
        return None if new is None else new.key.replace("[]", "[0]")
    if rest[:1] not in (("properties",), ("system",)):
        return None
    old = find((*SPNEGO, *rest[2 if rest[0] == "properties" else 1 :]))
    return "a key without 'properties' and 'system'" if old is None else old.key


def check_known(name: Name, key: str, line: Line, option: str = "settings") -> None:
    """CasRefusal where this line of CAS would not read the key, which is of any spelling."""
    other = other_dialect(name, line)
    if other is not None:
        raise CasRefusal(
            f"{option}: {key} is how CAS {'5' if line.dialect == INDEXED else '6 and later'} names it, and CAS "
            f"{line.name} does not read it; write {other}"
        )
    known = find(name)
    if known is not None and listed(line) in known.lines:
        if known.kind in ("list", "map"):
            raise CasRefusal(f"{option}: {key} holds a {known.kind} and no value of its own; set the keys below it")
        return
    if known is not None:
        raise CasRefusal(
            f"{option}: CAS {line.name} does not know {key}, which is of CAS {_span(known)}; take it out, or correct "
            "the version"
        )
    if any(name[: len(area)] == area for area in _CLOSED) and not _below_map(name, line):
        near = _nearest(name, line)
        if near is not None or name[: len(_OPEN)] != _OPEN:
            remedy = f"did you mean {near}?" if near else "take it out, for CAS would ignore it"
            raise CasRefusal(f"{option}: CAS {line.name} knows no {key}; {remedy}")


def _nearest(name: Name, line: Line) -> Optional[str]:
    """The listed key that is most like the name; below _OPEN only one that it can hardly differ from on purpose."""
    area, cutoff = (_OPEN, _TYPO) if name[: len(_OPEN)] == _OPEN else (name[: len(SPNEGO)], 0.6)
    there = {
        ".".join(other[len(area) :]): one.key
        for other, one in CATALOGUE.items()
        if other[: len(area)] == area and listed(line) in one.lines
    }
    near = difflib.get_close_matches(".".join(_plain(name)[len(area) :]), list(there), n=1, cutoff=cutoff)
    return there[near[0]].replace("[]", "[0]") if near else None


def check_value(name: Name, key: str, value: str, option: str = "settings") -> None:
    """CasRefusal where the value is of another type than the property, with which CAS would not start."""
    known = find(name)
    if known is None or known.kind not in _MEANT or "${" in value or value.startswith("{cas-cipher}"):
        return
    if not _fits(known.kind, value):
        raise CasRefusal(
            f"{option}: {key}: '{value}' is not what it takes, and CAS would not start or not as meant; write "
            f"{_MEANT[known.kind]}"
        )


def same_value(name: Name, one: str, other: str) -> bool:
    """Whether CAS makes the same of two values."""
    known = find(name)
    if known is not None and known.kind == "boolean":
        return _truth(one) == _truth(other)
    return one == other


def _fits(kind: str, value: str) -> bool:
    if kind == "boolean":
        return _truth(value) in ("true", "false")
    if kind in _WORDS:
        return value.strip().lower() in _WORDS[kind]
    if kind == "duration":
        return bool(_DURATION.match(value))
    return bool(_WHOLE.match(value)) and (kind == "long" or -(2**31) <= _number(value) < 2**31)


def _number(value: str) -> int:
    text = value.strip().lower().replace("#", "0x")
    return int(text, 16) if "0x" in text else int(text)


def _truth(value: str) -> str:
    plain = value.strip().lower()
    return "true" if plain in _TRUE else "false" if plain in _FALSE else plain


def _below_map(name: Name, line: Line) -> bool:
    known = (CATALOGUE.get(name[:length]) for length in range(len(SPNEGO), len(name)))
    return any(one is not None and one.kind == "map" and listed(line) in one.lines for one in known)


def _span(known: Property) -> str:
    first, last = known.lines[0], known.lines[-1]
    if last == _LISTED[-1]:
        return f"{first} and later"
    return first if first == last else f"{last} and earlier" if first == _LISTED[0] else f"{first} to {last}"


def _rank(name: str) -> List[int]:
    return [int(part) for part in name.split(".")]
