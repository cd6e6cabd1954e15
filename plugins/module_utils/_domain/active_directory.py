# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Active Directory keeps of an account, as values: Microsoft's [MS-ADTS], [MS-KILE] and [MS-ADA1] to [MS-ADA3]."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import Dict, Iterable, Mapping, Optional, Tuple

from .enctypes import enctype_name
from .refusal import Refusal

# userAccountControl, [MS-ADTS] 2.2.16
DISABLED = 0x0002
NORMAL_ACCOUNT = 0x0200
WORKSTATION_TRUST_ACCOUNT = 0x1000
SERVER_TRUST_ACCOUNT = 0x2000
DONT_EXPIRE_PASSWORD = 0x10000
COMPUTERS = WORKSTATION_TRUST_ACCOUNT | SERVER_TRUST_ACCOUNT
USER, COMPUTER = "user", "computer"
# msDS-SupportedEncryptionTypes, [MS-KILE] 2.2.7: enctype number to its bit
BITS: Dict[int, int] = {1: 0x01, 3: 0x02, 23: 0x04, 17: 0x08, 18: 0x10}
KEY_BITS = 0x1F  # the others say what a session key may be (0x20) and what else the account can do (0x10000 and up)
NEVER = (0, 2**63 - 1)  # accountExpires, [MS-ADA1] 2.2
EPOCH_SHIFT = 11644473600  # seconds from 1601, where a FILETIME begins, to 1970
# [MS-ADTS] 6.1.1.4: the default containers, by the GUID that `wellKnownObjects` of the domain gives them
CONTAINERS = {USER: "A9D1CA15768811D1ADED00C04FD8D5CD", COMPUTER: "AA312825768811D1ADED00C04FD8D5CD"}
CONTAINER = re.compile(r"B:32:(?P<guid>[0-9A-Fa-f]{32}):(?P<dn>.+)", re.DOTALL)
ATTRIBUTES = (
    "sAMAccountName",
    "servicePrincipalName",
    "userPrincipalName",
    "msDS-KeyVersionNumber",
    "msDS-SupportedEncryptionTypes",
    "userAccountControl",
    "accountExpires",
    "pwdLastSet",
    "description",
)
SPECIAL_IN_DN = frozenset('"+,;<>\\=#')  # RFC 4514 section 2.4; '#' everywhere, as Samba writes it


class DirectoryAnswerRefusal(Refusal):
    """Something that no domain controller would say."""


@dataclass(frozen=True)
class Account:
    """An account. ``name`` is the sAMAccountName, with the ``$`` of a computer; ``enctypes`` is None where unset.

    ``password_set`` and ``expires``: seconds since 1970; 0 where never, or where the user must set a new password.
    """

    dn: str
    name: str
    kvno: int = 0
    service_principals: Tuple[str, ...] = ()
    upn: str = ""
    enctypes: Optional[int] = None
    control: int = NORMAL_ACCOUNT
    password_set: int = 0
    expires: int = 0
    description: str = ""

    @property
    def kind(self) -> str:
        return COMPUTER if self.control & COMPUTERS else USER

    def owns(self, service_principal: str) -> bool:
        """Directories compare these names without regard to case."""
        return service_principal.casefold() in {one.casefold() for one in self.service_principals}


def account_from(dn: str, attributes: Mapping[str, Tuple[bytes, ...]]) -> Account:
    """The account of an entry with ATTRIBUTES, their names in any case; DirectoryAnswerRefusal where it makes none."""
    values = {name.casefold(): given for name, given in attributes.items()}

    def text(name: str) -> str:
        return next((one.decode("utf-8", "replace") for one in values.get(name.casefold(), ())), "")

    def number(name: str) -> int:
        try:
            return int(text(name) or 0)
        except ValueError:
            raise DirectoryAnswerRefusal(f"{dn}: {name} is '{text(name)}' and no number; see to the account") from None

    expires = number("accountExpires")
    enctypes = text("msDS-SupportedEncryptionTypes")
    return Account(
        dn=dn,
        name=text("sAMAccountName"),
        kvno=number("msDS-KeyVersionNumber"),
        service_principals=tuple(one.decode("utf-8", "replace") for one in values.get("serviceprincipalname", ())),
        upn=text("userPrincipalName"),
        # a signed number for LDAP
        enctypes=number("msDS-SupportedEncryptionTypes") & 0xFFFFFFFF if enctypes else None,
        control=number("userAccountControl"),
        password_set=unix_seconds(number("pwdLastSet")),
        expires=0 if expires in NEVER else unix_seconds(expires),
        description=text("description"),
    )


def unix_seconds(filetime: int) -> int:
    """Seconds since 1970 of a FILETIME, 100 ns since 1601; 0 stays 0, for it stands for never."""
    return filetime // 10**7 - EPOCH_SHIFT if filetime > 0 else 0


def time_from(text: str) -> int:
    """Seconds since 1970 of a generalized time such as rootDSE's currentTime (``20260131120000.0Z``)."""
    try:
        moment = datetime.datetime.strptime(text[:14], "%Y%m%d%H%M%S")
    except ValueError:
        raise DirectoryAnswerRefusal("currentTime: the domain controller tells no time; see to its rootDSE") from None
    return int(moment.replace(tzinfo=datetime.timezone.utc).timestamp())


def default_container(kind: str, well_known: Iterable[str]) -> Optional[str]:
    """The DN of the domain's container for new accounts of ``kind``, from the values of `wellKnownObjects`."""
    for value in well_known:
        found = CONTAINER.fullmatch(value)
        if found and found["guid"].upper() == CONTAINERS[kind]:
            return found["dn"]
    return None


def account_dn(name: str, container: str) -> str:
    """The DN of an account in ``container``: its common name is the sAMAccountName without the ``$``."""
    plain = name.rstrip("$")
    escaped = "".join("\\" + one if one in SPECIAL_IN_DN else one for one in plain)
    if escaped.startswith(" "):
        escaped = "\\" + escaped
    if escaped.endswith(" "):
        escaped = escaped[:-1] + "\\ "
    return f"CN={escaped},{container}"


def with_enctypes(held: Optional[int], numbers: Iterable[int]) -> int:
    """msDS-SupportedEncryptionTypes that name the enctypes ``numbers`` and keep the other bits of ``held``."""
    return (held or 0) & ~KEY_BITS | sum(BITS[number] for number in numbers)


def allowed_enctypes(held: Optional[int]) -> Tuple[int, ...]:
    """The enctypes that the attribute names, the strongest first; empty where it leaves them to the domain."""
    return tuple(number for number, bit in sorted(BITS.items(), key=lambda one: -one[1]) if (held or 0) & bit)


def signed(bits: int) -> int:
    """A number of 32 bits as LDAP's INTEGER attributes hold it."""
    return bits - (1 << 32) if bits >= 1 << 31 else bits


def enctypes_text(held: Optional[int]) -> str:
    """The attribute for people: ``0x18 (aes256-cts-hmac-sha1-96, aes128-cts-hmac-sha1-96)``."""
    if not held:
        return "the domain's default"
    names = ", ".join(map(enctype_name, allowed_enctypes(held))) or "no type of keys"
    return f"{held:#x} ({names})"


def expected_salt(account_name: str, kind: str, upn: str, realm: str) -> str:
    """The salt that a domain controller would take for the next password, [MS-KILE] 3.1.1.2; it may take another."""
    if kind == COMPUTER:
        return f"{realm.upper()}host{account_name.rstrip('$').lower()}.{realm.lower()}"
    local = upn.rpartition("@")[0].replace("/", "") if upn else account_name
    return realm.upper() + local
