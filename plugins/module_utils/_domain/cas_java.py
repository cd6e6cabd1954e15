# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's Java: its version, and how long the keys of AES may be that it works with.

The rules are those of javax.crypto.JceSecurity, told in the JDK's own java.security: the property crypto.policy names a
folder of policies, and what all of its `default_*` files allow is allowed. Java 8 keeps them in two archives, looks for
these beside java.security too where the property is not set, and is unlimited by default from 8u161 on; later ones
always are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Optional, Sequence, Tuple

UNIT, ASKED, PATH, NOWHERE = "unit", "asked", "path", "absent"
UNLIMITED = 256  # bits: the longest key that AES has
LIMITED = 128
DEFAULT_FOLDERS = ((151, ""), (161, "limited"))  # of Java 8 before that update; "": it knows no folders yet
_RELEASE = re.compile(r'^JAVA_VERSION="?([^"\s]+)"?', re.MULTILINE)
_PRINTED = re.compile(r'^\S+ version "([^"]+)"', re.MULTILINE)
_NUMBERS = re.compile(r"(?:1\.(?=\d+\.))?(\d{1,4})")
_UPDATE = re.compile(r"1\.8\.0_(\d{1,5})")
_POLICY = re.compile(r"^[ \t]*crypto\.policy(?:[ \t]*[=:][ \t]*|[ \t]+)([^\s]*)", re.MULTILINE)
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_ALL = re.compile(r"permission\s+javax\.crypto\.CryptoAllPermission\b")
_OF_ONE = re.compile(r'permission\s+javax\.crypto\.CryptoPermission\s+(?P<name>"AES"|\*)\s*,\s*(?P<bits>\d{1,5}|\*)')


@dataclass(frozen=True)
class Java:
    """``aes``: the longest key of AES in bits. ``source``: what named it, UNIT, ASKED or PATH; NOWHERE without one."""

    home: str = ""
    version: str = ""
    major: int = 0
    aes: int = 0
    source: str = NOWHERE


def version_of(release: str = "", printed: str = "") -> str:
    """The version from the text of the file `release`, else from what `java -version` prints; empty where none is."""
    found = _RELEASE.search(release) or _PRINTED.search(printed)
    return found[1] if found else ""


def major_of(version: str) -> int:
    """8 for 1.8.0_292, 17 for 17.0.15, 25 for 25-ea; 0 for what is no version."""
    found = _NUMBERS.match(version)
    return int(found[1]) if found else 0


def policy_of(security: str) -> Optional[str]:
    """The value of crypto.policy in the text of java.security, the last one as Java has it; None where it is not."""
    values = _POLICY.findall(security)
    return values[-1] if values else None


def default_folder(version: str) -> str:
    """The folder of policies that a Java of that version takes without crypto.policy; empty before it knew folders."""
    found = _UPDATE.match(version)
    update = int(found[1]) if found else 0
    for before, folder in DEFAULT_FOLDERS if major_of(version) == 8 else ():
        if update < before:
            return folder
    return "unlimited"


def aes_bits(policies: Sequence[str], folder: str) -> int:
    """What the texts of all policies allow together; by the name of their folder where there are none to read."""
    if not policies:
        return LIMITED if folder == "limited" else UNLIMITED
    return min(map(_bits, policies))


def _bits(policy: str) -> int:
    text = _COMMENT.sub(" ", policy)
    if _ALL.search(text):
        return UNLIMITED
    grants: Tuple[Tuple[str, str], ...] = tuple((one["name"], one["bits"]) for one in _OF_ONE.finditer(text))
    of_aes = [bits for name, bits in grants if name != "*"] or [bits for dummy, bits in grants]
    return max((UNLIMITED if bits == "*" else min(int(bits), UNLIMITED) for bits in of_aes), default=0)
