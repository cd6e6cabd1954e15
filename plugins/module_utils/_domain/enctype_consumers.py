# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who has to live with a policy of encryption types: what each Kerberos implementation can use, and what it needs."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from typing import Dict, FrozenSet, Mapping, Tuple

from .refusal import Refusal

AES_SHA1 = (18, 17)
AES_SHA2 = (20, 19)
CAMELLIA = (26, 25)
DES3, RC4, RC4_EXP = 16, 23, 24
DES = (1, 2, 3)

PERMITTED = ("permitted_enctypes",)
PAIR = ("permitted_enctypes", "default_tkt_enctypes", "default_tgs_enctypes")
ETYPES = ("default_etypes",)


class ConsumerRefusal(Refusal):
    """A consumer that this table does not know."""


@dataclass(frozen=True)
class Consumer:
    """One implementation, from one version up to the next in the table.

    ``usable``: numbers of the enctypes that it has at all. ``needs``: number to the booleans of [libdefaults] without
    which it does not use the enctype. ``relations``: those of [libdefaults] in which it looks for a list of enctypes.
    ``ends``: number to the date and event at which this side stops using it, as the second half of a sentence.
    ``source``: where that is known from.
    """

    name: str
    title: str
    product: str
    since: Tuple[int, ...]
    usable: FrozenSet[int]
    needs: Mapping[int, Tuple[str, ...]] = field(default_factory=dict)
    relations: Tuple[str, ...] = PERMITTED
    ends: Mapping[int, str] = field(default_factory=dict)
    source: str = ""

    @property
    def pair(self) -> bool:
        """Whether permitted_enctypes alone leaves what it asks for at its defaults."""
        return set(PAIR) <= set(self.relations)


def _weak(*numbers: int) -> Dict[int, Tuple[str, ...]]:
    return dict.fromkeys(numbers, ("allow_weak_crypto",))


_MIT_ENDS = {
    DES3: "MIT Kerberos 1.21 (June 2023) issues no session key of it unless allow_des3 is set",
    RC4: "MIT Kerberos 1.21 (June 2023) issues no session key of it unless allow_rc4 is set",
}
_EL_ENDS = {
    DES3: "Enterprise Linux 8 (May 2019) builds MIT Kerberos without it",
    RC4: "Enterprise Linux 8 (May 2019) permits it in no crypto policy but AD-SUPPORT",
}
_JAVA_ENDS = {
    DES3: "Java 17 (September 2021) has it switched off unless allow_weak_crypto is set",
    RC4: "Java 17 (September 2021) has it switched off unless allow_weak_crypto is set",
}
_AD_ENDS = {
    RC4: "the updates of April 2026 (KB5073381, CVE-2026-20833) end it for accounts that do not ask for it, those of "
    "July 2026 take the way back, and Windows Server 2025 issues no ticket-granting ticket of it"
}
_MIT = frozenset((*AES_SHA1, *AES_SHA2, *CAMELLIA, DES3, RC4, RC4_EXP))
_JAVA = frozenset((*AES_SHA1, DES3, RC4, 1, 3))
_HEIMDAL = frozenset((*AES_SHA1, DES3, RC4, *DES))

# Of each product the oldest version first.
CONSUMERS = (
    Consumer(
        "mit1.15",
        "MIT Kerberos 1.15 to 1.17",
        "mit",
        (1, 15),
        _MIT | frozenset(DES),
        _weak(*DES, RC4_EXP),
        PAIR,
        _MIT_ENDS,
        "MIT's release notes of 1.15 (AES-SHA2) and 1.18 (no DES; one list)",
    ),
    Consumer(
        "mit1.18",
        "MIT Kerberos 1.18 to 1.20",
        "mit",
        (1, 18),
        _MIT,
        _weak(RC4_EXP),
        PERMITTED,
        _MIT_ENDS,
        "MIT's release notes of 1.18",
    ),
    Consumer(
        "mit1.21",
        "MIT Kerberos 1.21 or later",
        "mit",
        (1, 21),
        _MIT,
        {**_weak(RC4_EXP), DES3: ("allow_des3",), RC4: ("allow_rc4",)},
        PERMITTED,
        _MIT_ENDS,
        "MIT's release notes of 1.21",
    ),
    Consumer(
        "el8",
        "MIT Kerberos of Enterprise Linux 8",
        "el",
        (8,),
        _MIT - {DES3},
        _weak(RC4_EXP),
        PERMITTED,
        _EL_ENDS,
        "the package's patches",
    ),
    Consumer(
        "el9",
        "MIT Kerberos of Enterprise Linux 9 or later",
        "el",
        (9,),
        _MIT - {DES3},
        {**_weak(RC4_EXP), RC4: ("allow_rc4",)},
        PERMITTED,
        _EL_ENDS,
        "the package's patches",
    ),
    Consumer(
        "java8",
        "Java 8",
        "java",
        (8,),
        _JAVA,
        _weak(1, 3),
        PAIR,
        _JAVA_ENDS,
        "the JDK's sun.security.krb5.internal.crypto.EType",
    ),
    Consumer(
        "java11",
        "Java 11 to 16",
        "java",
        (11,),
        _JAVA | frozenset(AES_SHA2),
        _weak(1, 3),
        PAIR,
        _JAVA_ENDS,
        "JDK 11's release notes (AES-SHA2)",
    ),
    Consumer(
        "java17",
        "Java 17 or later",
        "java",
        (17,),
        _JAVA | frozenset(AES_SHA2),
        _weak(1, 3, DES3, RC4),
        PERMITTED,
        _JAVA_ENDS,
        "JDK 17's release notes (3DES and RC4; one list)",
    ),
    Consumer(
        "heimdal1.5",
        "Heimdal 1.5",
        "heimdal",
        (1, 5),
        _HEIMDAL,
        _weak(*DES),
        ETYPES,
        {},
        "Heimdal 1.5.3's lib/krb5/crypto.c and context.c",
    ),
    Consumer(
        "heimdal7",
        "Heimdal 7",
        "heimdal",
        (7,),
        _HEIMDAL | frozenset(AES_SHA2),
        _weak(*DES),
        ETYPES,
        {},
        "Heimdal 7.8's krb5.conf(5)",
    ),
    Consumer(
        "active_directory",
        "Active Directory",
        "active_directory",
        (),
        frozenset((*AES_SHA1, RC4)),
        {},
        (),
        _AD_ENDS,
        "Microsoft's KB5021131 and KB5073381, and the attribute msDS-SupportedEncryptionTypes",
    ),
)
BY_NAME = {one.name: one for one in CONSUMERS}
# What people write, in lower case and without what parts words, to product and version (none: as they wrote it).
PRODUCTS: Mapping[str, Tuple[str, Tuple[int, ...]]] = {
    **dict.fromkeys(("mit", "mitkrb5", "mitkerberos", "krb5"), ("mit", ())),
    **dict.fromkeys(("el", "rhel", "redhat", "centos", "rocky", "almalinux", "oraclelinux"), ("el", ())),
    **dict.fromkeys(("java", "jdk", "jre", "openjdk"), ("java", ())),
    "heimdal": ("heimdal", ()),
    **dict.fromkeys(("activedirectory", "ad", "windows", "windowsserver"), ("active_directory", ())),
    "zimbra": ("heimdal", (1, 5)),
}
_WRITTEN = re.compile(r"(?P<word>(?:krb5|[a-z _-])+?)[ _-]*(?P<version>\d+(?:\.\d+)*)?")


def consumer(name: str, option: str = "consumers") -> Consumer:
    """The consumer that ``name`` means: `java17`, `mit 1.20.1`, `OpenJDK 1.8`; without a version, the newest.

    ConsumerRefusal names ``option`` and the nearest known name.
    """
    written = _WRITTEN.fullmatch(name.strip().lower())
    word = re.sub(r"[ _-]", "", written.group("word")) if written else ""
    if written is None or word not in PRODUCTS:
        near = difflib.get_close_matches(name.strip().lower(), [*BY_NAME, *PRODUCTS], n=1)
        remedy = f"did you mean '{near[0]}'?" if near else f"write one of {', '.join(BY_NAME)}"
        raise ConsumerRefusal(f"{option}: '{name}' is no consumer of encryption types that is known here; {remedy}")
    product, version = PRODUCTS[word]
    if written.group("version") and not version:
        version = tuple(map(int, written.group("version").split(".")))
    if product == "java" and version[:1] == (1,):  # Java 8 calls itself 1.8
        version = version[1:]
    versions = [one for one in CONSUMERS if one.product == product]
    found = [one for one in versions if not version or one.since <= version]
    if not found:
        raise ConsumerRefusal(
            f"{option}: '{name}' is older than any that is known here; leave it out, or write {versions[0].name} "
            "if it can do the same"
        )
    return found[-1]
