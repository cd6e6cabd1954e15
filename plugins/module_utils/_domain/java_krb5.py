# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a JDK makes of krb5.conf: which file it reads, which encryption types of a list it takes, which keys it opens.

The rules are those of sun.security.krb5.Config: a file named by java.security.krb5.conf, else the one beside
java.security in Java's own folder, else /etc/krb5.conf; KRB5_CONFIG means nothing to it. Encryption types as measured
in enctype_consumers.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Dict, FrozenSet, List, Mapping, Optional, Sequence, Tuple

from .enctype_consumers import AES_SHA1, AES_SHA2, ConsumerRefusal, consumer
from .enctypes import BY_NAME, FAMILIES, enctype_number
from .profile import Directive
from .profile_reading import is_true

BY_OPTION, BY_CAS, BY_HOME, BY_SYSTEM = "option", "cas", "home", "system"
SYSTEM = "/etc/krb5.conf"
# Below Java's home: since 9, in a JDK of version 8, in a JRE of version 8.
OWN = ("conf/security/krb5.conf", "jre/lib/security/krb5.conf", "lib/security/krb5.conf")
LISTS = ("default_tkt_enctypes", "default_tgs_enctypes", "permitted_enctypes")
LONG_AES = frozenset((AES_SHA1[0], AES_SHA2[0]))  # their keys have 256 bits
_OPTION = re.compile(r"-Djava\.security\.krb5\.(?P<name>conf|kdc|realm)=(?P<value>.*)", re.DOTALL)


@dataclass(frozen=True)
class Read:
    """The file that the JDK reads, and what names it: BY_OPTION, BY_CAS, BY_HOME or BY_SYSTEM."""

    path: str
    by: str


def options_of(words: Sequence[str]) -> Dict[str, str]:
    """`conf`, `kdc` and `realm` as options of the program name them (`-Djava.security.krb5.conf=`); the last counts."""
    found = [_OPTION.fullmatch(word) for word in words]
    return {one["name"]: one["value"] for one in found if one}


def krb5_conf_of(options: Mapping[str, str], by_cas: str, own: Optional[str]) -> Read:
    """Which file is read. ``by_cas``: what CAS itself sets at its start, a path or a URL; ``own``: the one in Java's
    folder, where there is one."""
    if by_cas:
        return Read(_path(by_cas), BY_CAS)
    if options.get("conf"):
        return Read(options["conf"], BY_OPTION)
    return Read(own, BY_HOME) if own else Read(SYSTEM, BY_SYSTEM)


def _path(place: str) -> str:
    return re.sub(r"^file:(?://)?(?=/)", "", place)


def refused_includes(directives: Sequence[Directive]) -> List[str]:
    """Why the JDK refuses the whole file, one clause each: an include by no absolute path, or one that comes twice."""
    seen: Dict[Tuple[str, str], None] = {}
    found = []
    for one in directives:
        where = f"line {one.line} of {one.source} has {one.kind} {one.target}"
        if one.kind != "module" and not one.target.startswith("/"):
            found.append(f"{where}, which is no absolute path")
        if (one.kind, one.target) in seen:
            found.append(f"{where} a second time")
        seen[(one.kind, one.target)] = None
    return found


def taken(text: str, major: int) -> Tuple[int, ...]:
    """The enctypes of a list that a Java of that version knows by their names; families and DEFAULT are none to it."""
    usable = _usable(major)
    words = [word.lower() for word in text.replace(",", " ").split()]
    names = [word for word in words if word in BY_NAME and word not in FAMILIES]
    return tuple(number for number in map(enctype_number, names) if number in usable)


def opens(major: int, aes: int, libdefaults: Mapping[str, Optional[str]]) -> FrozenSet[int]:
    """The enctypes of tickets that it opens; ``aes``: the longest key of AES in bits."""
    usable = _usable(major)
    if not is_true(libdefaults.get("allow_weak_crypto") or ""):
        usable -= frozenset(_needs(major))
    if aes and aes < 256:
        usable -= LONG_AES
    permitted = libdefaults.get("permitted_enctypes")
    return usable if permitted is None else usable & frozenset(taken(permitted, major))


def _usable(major: int) -> FrozenSet[int]:
    try:
        return consumer(f"java{major}").usable
    except ConsumerRefusal:
        return frozenset(AES_SHA1)


def _needs(major: int) -> Mapping[int, Tuple[str, ...]]:
    try:
        return consumer(f"java{major}").needs
    except ConsumerRefusal:
        return {}
