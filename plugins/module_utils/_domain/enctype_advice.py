# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of encryption types that old documents left behind: what they do today, and what to do about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable, List, Mapping, Optional, Tuple

from .enctype_list import read_enctype_list
from .enctype_policy import LISTS, SWITCHES, is_weak
from .enctypes import enctype_name
from .profile_reading import Reading, is_true


@dataclass(frozen=True)
class Finding:
    """One line of a file, what is wrong with it, and the document that asked for it once (empty: none known)."""

    file: str
    line: int
    setting: Tuple[str, ...]
    value: str
    problem: str
    document: str = ""

    @property
    def sentence(self) -> str:
        """For people, with the place first."""
        place = f"{self.file} line {self.line}" if self.line else self.file
        return f"{place}: {self.problem}"


# What became of a weak type, by its number (dates: Microsoft's KB5073381, the release notes of MIT, the JDK and RHEL)
DES = "single DES, which MIT dropped with 1.18 (2020) and Active Directory switched off with 2008 R2"
FATES: Mapping[int, str] = {
    1: DES,
    2: DES,
    3: DES,
    16: "triple DES, which Red Hat 8 and later do not have, Java 17 refuses and MIT 1.21 makes no session key of",
    23: "RC4, which Java 17 refuses, MIT 1.21 makes no session key of and domain controllers issue no more since 2026",
    24: "export-grade RC4, which nobody issues any more",
}
KDC_LISTS = ("supported_enctypes", "master_key_type")
ZIMBRA, CAS, AXIGEN = "zimbra", "cas", "axigen"


def findings(read: Iterable[Reading]) -> Tuple[Finding, ...]:
    """What of ``read``, the relations of krb5.conf or kdc.conf, contradicts what today's sides serve."""
    found: List[Finding] = []
    for reading in read:
        one = _finding(reading)
        if one is not None:
            problem, document = one
            found.append(Finding(reading.source, reading.line, reading.path, reading.value, problem, document))
    return tuple(found)


def _finding(reading: Reading) -> Optional[Tuple[str, str]]:
    name = reading.path[-1]
    if reading.path[0] == "libdefaults" and len(reading.path) == 2:
        if name in LISTS:
            return _list(name, reading.value) or (_pinned(name) if name != "permitted_enctypes" else None)
        if name in SWITCHES and is_true(reading.value):
            return _switched_on(name)
    if reading.path[0] == "realms" and len(reading.path) == 3 and name in KDC_LISTS:
        return _list(name, reading.value)
    return None


def _list(name: str, value: str) -> Optional[Tuple[str, str]]:
    numbers, unknown = read_enctype_list(value)
    weak = [number for number in numbers if is_weak(number)]
    parts = [f"{enctype_name(number)} ({FATES[number]})" for number in weak]
    problems: List[str] = []
    if parts:
        alone = " and nothing else" if len(weak) == len(numbers) else ""
        problems.append(f"{name} names {', '.join(parts)}{alone}")
    if unknown:
        problems.append(f"{name} names {', '.join(unknown)}, which is no encryption type and is passed over in silence")
    if name == "master_key_type" and problems:
        problems.append("the master key is replaced by 'kdb5_util add_mkey' alone, never by editing this line")
    return ("; ".join(problems), _document(name, weak)) if problems else None


def _switched_on(name: str) -> Tuple[str, str]:
    if name == "allow_weak_crypto":
        return f"{name} opens DES up to MIT 1.17, RC4 and triple DES in Java 17; AES never needs it", ZIMBRA
    return f"{name} lets MIT 1.21 and later make session keys of a type that its own default refuses", ""


def _pinned(name: str) -> Tuple[str, str]:
    return f"{name} pins what clients ask for, which permitted_enctypes alone says since MIT 1.18", ""


def _document(name: str, weak: List[int]) -> str:
    """Where such a line stands: Zimbra's document has triple DES, that of CAS RC4 for clients, Axigen's for servers."""
    if 16 in weak or (name in KDC_LISTS and weak):
        return ZIMBRA
    if 23 in weak:
        return AXIGEN if name == "permitted_enctypes" else CAS
    return ""
