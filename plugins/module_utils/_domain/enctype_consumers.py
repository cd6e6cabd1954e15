# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who has to live with a policy of encryption types: what each Kerberos implementation can use, and what it needs.

Measured with MIT 1.20.1, 1.21.3 and 1.22.1, Java 8u504, 11.0.33, 17, 21 and 25, and Heimdal 7.8
(tests/integration/test_enctype_consumers.py holds the table); the rest is from the documents that `source` names.

- Names: MIT alone knows families, `DEFAULT`, `+` and `-`; to Java they are unknown names, and Heimdal knows one or two
  names of each enctype. `common_name` gives the one that all of them take. Blanks part a list for all; commas are a
  part of the name for Heimdal. Numbers are names to nobody.
- Unknown names are left out without a word, by all. A list of unknown names alone is `No supported encryption types`
  to MIT and no supported etypes to Java; no program of Heimdal gets as far as reading its arguments.
- MIT's DEFAULT still holds DES3 and RC4 in 1.22, behind AES. allow_rc4 and allow_des3 are read by its KDC alone, and
  for session keys alone: clients and services need nothing but the list.
- A ticket is for the service's first key that is in the KDC's own list, whatever the client asked for; where there is
  none, MIT's KDC answers FINDING_SERVER_KEY. krbtgt is such a service: without a key of it in the list nobody logs in
  (`Generic error (see e-text)`). The master key need not be listed.
- A service takes no ticket that its own list lacks, but for Heimdal's: MIT says `found in keytab but cannot decrypt
  ticket`, Java `encryption type not in permitted_enctypes list`.
- Nobody cuts the pair default_tkt_enctypes and default_tgs_enctypes down to permitted_enctypes. Where the second lacks
  what the first brought, MIT has `No credentials found with supported encryption types`: both are written alike.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from typing import Dict, FrozenSet, Mapping, Tuple

from .enctypes import enctype_name
from .refusal import Refusal

AES_SHA1 = (18, 17)
AES_SHA2 = (20, 19)
CAMELLIA = (26, 25)
DES3, RC4, RC4_EXP = 16, 23, 24
DES = (1, 2, 3)

PERMITTED = ("permitted_enctypes",)
PAIR = ("permitted_enctypes", "default_tkt_enctypes", "default_tgs_enctypes")
# It stands for default_as_etypes and default_tgs_etypes as well; no Heimdal looks at permitted_enctypes.
ETYPES = ("default_etypes",)


class ConsumerRefusal(Refusal):
    """A consumer that this table does not know."""


@dataclass(frozen=True)
class Consumer:
    """One implementation, from one version up to the next in the table.

    ``usable``: numbers of the enctypes that it has at all. ``needs``: number to the booleans of [libdefaults] without
    which some version or part of it does not use the enctype; the others pass over them. ``relations``: those of
    [libdefaults] in which it looks for a list of enctypes. ``ends``: number to the date and event at which this side
    stops using it, as the second half of a sentence. ``source``: where that is known from.
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
    number: "MIT Kerberos 1.21 (June 2023), and older ones with the updates of 2025 for CVE-2025-3576, issue no "
    f"session key of it unless {switch} is set"
    for number, switch in ((DES3, "allow_des3"), (RC4, "allow_rc4"))
}
_EL_ENDS = {
    DES3: "Enterprise Linux 8 (May 2019) builds MIT Kerberos without it",
    RC4: "no crypto policy of Enterprise Linux 8 (May 2019) or later permits it but AD-SUPPORT, from 9 on "
    "AD-SUPPORT-LEGACY",
}
_JAVA_ENDS = dict.fromkeys(
    (DES3, RC4),
    "Java 17 (September 2021), and Java 8 and 11 with the updates of October 2022 (Oracle) or 2023 (OpenJDK), have it "
    "switched off unless allow_weak_crypto is set",
)
_AD_ENDS = {
    RC4: "the updates of April 2026 (KB5073381, CVE-2026-20833) end it for accounts that do not ask for it, those of "
    "July 2026 take the way back, and Windows Server 2025 issues no ticket-granting ticket of it"
}
_MIT = frozenset((*AES_SHA1, *AES_SHA2, *CAMELLIA, DES3, RC4, RC4_EXP))
# The last two also where the version is older than they are: distributions brought them to their own (Debian 12's
# 1.20.1, SUSE's down to 1.12), and the others do not read them.
_MIT_NEEDS = {**_weak(RC4_EXP), DES3: ("allow_des3",), RC4: ("allow_rc4",)}
_JAVA = frozenset((*AES_SHA1, DES3, RC4, 1, 3))
_JAVA_NEEDS = _weak(1, 3, DES3, RC4)
_HEIMDAL = frozenset((*AES_SHA1, DES3, RC4, *DES))

# Of each product the oldest version first.
CONSUMERS = (
    Consumer(
        "mit1.15",
        "MIT Kerberos 1.15 to 1.17",
        "mit",
        (1, 15),
        _MIT | frozenset(DES),
        {**_weak(*DES), **_MIT_NEEDS},
        PAIR,
        _MIT_ENDS,
        "release notes of 1.15 (AES-SHA2) and of 1.18 (single DES removed, one list for all)",
    ),
    Consumer(
        "mit1.18",
        "MIT Kerberos 1.18 to 1.20",
        "mit",
        (1, 18),
        _MIT,
        _MIT_NEEDS,
        PERMITTED,
        _MIT_ENDS,
        "1.20.1 measured",
    ),
    Consumer(
        "mit1.21",
        "MIT Kerberos 1.21 or later",
        "mit",
        (1, 21),
        _MIT,
        _MIT_NEEDS,
        PERMITTED,
        _MIT_ENDS,
        "1.21.3 and 1.22.1 measured",
    ),
    Consumer(
        "el8",
        "MIT Kerberos of Enterprise Linux 8 or later",
        "el",
        (8,),
        _MIT - {DES3},
        {number: needed for number, needed in _MIT_NEEDS.items() if number != DES3},
        PERMITTED,
        _EL_ENDS,
        "the package's patches and the crypto policies, not tried",
    ),
    Consumer("java8", "Java 8", "java", (8,), _JAVA, _JAVA_NEEDS, PAIR, _JAVA_ENDS, "8u504 measured"),
    Consumer(
        "java11",
        "Java 11 to 16",
        "java",
        (11,),
        _JAVA | frozenset(AES_SHA2),
        _JAVA_NEEDS,
        PAIR,
        _JAVA_ENDS,
        "11.0.33 measured",
    ),
    Consumer(
        "java17",
        "Java 17 or later",
        "java",
        (17,),
        _JAVA | frozenset(AES_SHA2),
        _JAVA_NEEDS,
        PERMITTED,
        _JAVA_ENDS,
        "17, 21 and 25 measured",
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
        "its lib/krb5/context.c, crypto-arcfour.c and crypto-aes.c, not tried",
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
        "7.8 measured, but for single DES",
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
        "Microsoft's KB5021131 and KB5073381, and [MS-KILE] 2.2.7 (msDS-SupportedEncryptionTypes)",
    ),
)
BY_NAME = {one.name: one for one in CONSUMERS}
# What people write, in lower case and without what parts words.
PRODUCTS: Mapping[str, str] = {
    **dict.fromkeys(("mit", "mitkrb5", "mitkerberos", "krb5"), "mit"),
    **dict.fromkeys(("el", "rhel", "redhat", "centos", "rocky", "almalinux", "oraclelinux", "fedora"), "el"),
    **dict.fromkeys(("java", "jdk", "jre", "openjdk"), "java"),
    "heimdal": "heimdal",
    **dict.fromkeys(("activedirectory", "ad", "windows", "windowsserver"), "active_directory"),
}
# Words that could mean several rows which differ in what they can use.
TOO_LITTLE = {
    "zimbra": "name what it is made of, heimdal1.5 and the Java of its mailbox server",
    **dict.fromkeys(("java", "jdk", "jre", "openjdk"), "write its version too, as in java17"),
}
# MIT's own name, but for the one enctype whose only name in Heimdal 1.5 is another.
COMMON_NAMES = {RC4: "arcfour-hmac-md5"}
_WRITTEN = re.compile(r"(?P<word>(?:krb5|[a-z _-])+?)[ _-]*(?P<version>\d+(?:\.\d+)*)?")


def common_name(number: int) -> str:
    """The name of an enctype that every consumer of the table takes in a list, if it has the enctype."""
    return COMMON_NAMES.get(number) or enctype_name(number)


def consumer(name: str, option: str = "consumers") -> Consumer:
    """The consumer that ``name`` means: `java17`, `mit 1.20.1`, `OpenJDK 1.8`; without a version, the newest.

    ConsumerRefusal names ``option`` and the nearest known name.
    """
    written = _WRITTEN.fullmatch(name.strip().lower())
    word = re.sub(r"[ _-]", "", written.group("word")) if written else ""
    digits = written.group("version") if written else None
    if word in TOO_LITTLE and (digits is None or word not in PRODUCTS):
        raise ConsumerRefusal(f"{option}: '{name}' says too little about encryption types; {TOO_LITTLE[word]}")
    if word not in PRODUCTS:
        near = difflib.get_close_matches(name.strip().lower(), [*BY_NAME, *PRODUCTS], n=1)
        remedy = f"did you mean '{near[0]}'?" if near else f"write one of {', '.join(BY_NAME)}"
        raise ConsumerRefusal(f"{option}: '{name}' is no consumer of encryption types that is known here; {remedy}")
    version = tuple(map(int, digits.split("."))) if digits else ()
    if PRODUCTS[word] == "java" and version[:1] == (1,):  # Java 8 calls itself 1.8
        version = version[1:]
    versions = [one for one in CONSUMERS if one.product == PRODUCTS[word]]
    found = [one for one in versions if not version or one.since <= version]
    if not found:
        raise ConsumerRefusal(
            f"{option}: '{name}' is older than any that is known here; leave it out, or write {versions[0].name} "
            "if it can do the same"
        )
    return found[-1]
