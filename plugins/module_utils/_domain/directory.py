# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of a directory spoken to by LDAP: the server, an entry, a search filter, a refusal."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any, Iterable, Mapping, Optional, Tuple

from .credentials import Credentials
from .refusal import Refusal

GSSAPI = "gssapi"  # SASL GSS-SPNEGO on port 389, sealed by the Kerberos session key
LDAPS = "ldaps"  # TLS from the start, and a simple bind with the password
PORTS = {GSSAPI: 389, LDAPS: 636}
ADD, DELETE, REPLACE = "add", "delete", "replace"  # RFC 4511 section 4.6
# RFC 4515 section 3: what a value in a filter may not hold as it is
SPECIAL = frozenset(b"\\*()\0")


class DirectoryRefusal(Refusal):
    """Why the directory was not read or written; ``symptom`` is a fixed name of directory_symptoms.py."""

    def __init__(self, text: str, symptom: str = "") -> None:
        super().__init__(text)
        self.symptom = symptom


@dataclass(frozen=True)
class Server:
    """A domain controller: its name (empty: any that DNS names for ``realm``), how to speak to it, seconds to wait."""

    host: str
    realm: str
    transport: str = GSSAPI
    ca_path: str = ""
    timeout: float = 30.0
    port: Optional[int] = None

    @property
    def domain(self) -> str:
        """The DNS name of the domain; Active Directory's realm is the same in upper case."""
        return self.realm.lower()

    @property
    def right_port(self) -> int:
        return PORTS[self.transport] if self.port is None else self.port


@dataclass(frozen=True)
class Entry:
    """One entry: ``attributes`` by the names that were asked for; one that the entry lacks has no values."""

    dn: str
    attributes: Mapping[str, Tuple[bytes, ...]]

    def values(self, name: str) -> Tuple[bytes, ...]:
        """The values of an attribute, empty where it has none; case does not count."""
        return next((found for one, found in self.attributes.items() if one.lower() == name.lower()), ())

    def texts(self, name: str) -> Tuple[str, ...]:
        return tuple(value.decode("utf-8", "surrogateescape") for value in self.values(name))

    def text(self, name: str) -> Optional[str]:
        """The first value, None where there is none."""
        return next(iter(self.texts(name)), None)

    def number(self, name: str) -> Optional[int]:
        """The first value as a whole number, None where there is none."""
        text = self.text(name)
        return None if text is None else int(text)


def check_server(where: Server, asked: Credentials) -> None:
    """DirectoryRefusal where server, transport and credentials do not fit together."""
    if where.transport == LDAPS and asked.password is None:
        raise DirectoryRefusal(
            "transport: ldaps needs credentials.password, for it logs in by a simple bind; give it, or use gssapi",
            "credential_unfit",
        )
    if where.transport == LDAPS and not asked.password:
        # RFC 4513 section 5.1.2: a name with an empty password is a successful login as nobody.
        raise DirectoryRefusal("credentials: password is empty; fill it in", "credential_unfit")
    if where.timeout < 1:
        raise DirectoryRefusal(f"timeout: {where.timeout:g} is too short; write at least 1 second", "server_unfit")
    if is_address(where.host):
        raise DirectoryRefusal(
            f"server: {where.host} is an address, for which the domain has neither a service principal nor a "
            f"certificate; write the controller's name, such as dc1.{where.domain}",
            "server_unfit",
        )


def is_address(host: str) -> bool:
    """Whether ``host`` is an IP address and no name."""
    try:
        ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return False
    return True


def bind_name(principal: str, realm: str) -> str:
    """The name of a simple bind: the user's UPN, with the realm where ``principal`` has none."""
    return principal if "@" in principal else f"{principal}@{realm}"


def equals(attribute: str, value: Any) -> str:
    """The filter that an attribute has a value (text, bytes or a number)."""
    return f"({attribute}={escaped(value)})"


def present(attribute: str) -> str:
    """The filter that an entry has an attribute."""
    return f"({attribute}=*)"


def any_of(filters: Iterable[str]) -> str:
    """The filter that one of several fits; of none it fits no entry."""
    return f"(|{''.join(filters)})"


def all_of(filters: Iterable[str]) -> str:
    """The filter that all of several fit."""
    return f"(&{''.join(filters)})"


def escaped(value: Any) -> str:
    """A value as RFC 4515 section 3 writes it in a filter; bytes that are no UTF-8 by their numbers."""
    content = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return "".join(f"\\{byte:02x}" for byte in content)
    return "".join(f"\\{ord(one):02x}" if ord(one) < 128 and ord(one) in SPECIAL else one for one in text)


def quoted_password(password: str) -> bytes:
    """The value of unicodePwd ([MS-ADTS] 3.1.1.3.1.5): in double quotes, UTF-16 with the low byte first."""
    try:
        return f'"{password}"'.encode("utf-16-le")
    except UnicodeEncodeError:
        raise DirectoryRefusal(
            "password: holds half of a surrogate pair, which is no character; write another", "password_unfit"
        ) from None
