# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credential cache files (MIT's FILE format, versions 3 and 4), and the kvno and enctype inside their tickets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Tuple

from . import der
from .principal import PrincipalName
from .refusal import Refusal

# MIT: doc/formats/ccache_file_format.rst. Versions 1 and 2 have the writer's byte order; nobody writes them now.
VERSIONS = (b"\x05\x03", b"\x05\x04")
TICKET_GRANTING = b"krbtgt"
TICKET = 1  # the application tag of a ticket
SETTINGS_REALM = b"X-CACHECONF:"
LARGEST_COUNT = 4096  # components, addresses or authorization data of one credential


class CcacheRefusal(Refusal):
    """Bytes that are not a credential cache, or a ticket that is not RFC 4120's."""


@dataclass(frozen=True)
class Credential:
    """``raw`` is the credential as it stands in the file; it holds the session key and is never shown."""

    server: PrincipalName
    ticket: bytes
    raw: bytes

    @property
    def is_setting(self) -> bool:
        return self.server.realm == SETTINGS_REALM

    @property
    def is_ticket_granting(self) -> bool:
        return self.server.components[:1] == (TICKET_GRANTING,)


@dataclass(frozen=True)
class CredentialCache:
    """``head`` is everything before the first credential."""

    principal: PrincipalName
    head: bytes
    credentials: Tuple[Credential, ...]


@dataclass(frozen=True)
class Ticket:
    """What anyone can read of a ticket: whom it is for, and the version and enctype of the key that opens it."""

    service: PrincipalName
    kvno: int
    enctype: int
    cipher: bytes = field(default=b"", repr=False)  # what that key opens


class _Cursor:
    """Reads big-endian fields; every read goes through one bounds check."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, length: int) -> bytes:
        if length > len(self.data) - self.at:
            raise CcacheRefusal(
                f"the credential cache ends at byte {len(self.data)}, where a field of {length} bytes from byte "
                f"{self.at} on goes past; obtain the tickets again (kinit)"
            )
        self.at += length
        return self.data[self.at - length : self.at]

    def number(self, length: int) -> int:
        return int.from_bytes(self.take(length), "big")

    def counted(self) -> bytes:
        return self.take(self.number(4))

    def count(self) -> int:
        found = self.number(4)
        if found > LARGEST_COUNT:
            raise CcacheRefusal(
                f"the credential cache claims {found} parts at byte {self.at - 4}; obtain the tickets again (kinit)"
            )
        return found

    def skip_typed_list(self) -> None:
        for dummy in range(self.count()):
            self.take(2)
            self.counted()

    def principal(self) -> PrincipalName:
        name_type, count = self.number(4), self.count()
        realm = self.counted()
        return PrincipalName(tuple(self.counted() for dummy in range(count)), realm, name_type)


def parse_ccache(data: bytes) -> CredentialCache:
    """The cache in ``data``; CcacheRefusal for another format or a file cut short."""
    cursor = _Cursor(data)
    version = cursor.take(2)
    if version not in VERSIONS:
        raise CcacheRefusal(
            "the credential cache is not in MIT's file format version 3 or 4; "
            "remove ccache_type from [libdefaults] of krb5.conf and obtain the tickets again (kinit)"
        )
    if version == VERSIONS[1]:
        cursor.take(cursor.number(2))
    principal = cursor.principal()
    head = data[: cursor.at]
    credentials = []
    while cursor.at < len(data):
        credentials.append(_credential(cursor, twice=version == VERSIONS[0]))
    return CredentialCache(principal, head, tuple(credentials))


def _credential(cursor: _Cursor, twice: bool) -> Credential:
    start = cursor.at
    cursor.principal()
    server = cursor.principal()
    cursor.take(4 if twice else 2)  # the session key's enctype, which version 3 writes twice
    cursor.counted()
    cursor.take(4 * 4 + 1 + 4)  # times, is_skey, flags
    cursor.skip_typed_list()  # addresses
    cursor.skip_typed_list()  # authorization data
    ticket = cursor.counted()
    cursor.counted()
    return Credential(server, ticket, cursor.data[start : cursor.at])


def without_service_tickets(cache: CredentialCache) -> bytes:
    """The file with ticket-granting tickets and settings alone, so that every service ticket is fetched anew.

    A cache that has no ticket-granting ticket keeps what it has: there is nothing to fetch others with.
    """
    kept = [credential for credential in cache.credentials if credential.is_setting or credential.is_ticket_granting]
    if not any(credential.is_ticket_granting for credential in kept):
        kept = list(cache.credentials)
    return cache.head + b"".join(credential.raw for credential in kept)


def service_tickets(cache: CredentialCache) -> Tuple[Credential, ...]:
    """The tickets for services, in the order in which they were obtained."""
    return tuple(
        credential
        for credential in cache.credentials
        if not credential.is_setting and not credential.is_ticket_granting
    )


def parse_ticket(ticket: bytes) -> Ticket:
    """The readable part of a ticket (RFC 4120 section 5.3, DER); kvno 0 where it has none.

    The service's name is taken from here and not from the cache, where the realm may be missing: libkrb5 files a
    ticket under the name that it asked for. CcacheRefusal for anything else than a ticket.
    """
    try:
        fields = der.sequence(der.contents(ticket, der.application(TICKET)))
        name = der.sequence(der.field(fields, 2))
        components = tuple(part for dummy, part in der.sequence(der.field(name, 1)))
        realm = der.contents(der.field(fields, 1), der.GENERAL_STRING)
        service = PrincipalName(components, realm, der.integer(der.field(name, 0)))
        sealed = der.sequence(der.field(fields, 3))
        version = der.optional_field(sealed, 1)
        # MIT and Microsoft write a kvno beyond 2**31 as a negative number.
        kvno = 0 if version is None else der.integer(version) & 0xFFFFFFFF
        cipher = der.contents(der.field(sealed, 2), der.OCTET_STRING)
        return Ticket(service, kvno, der.integer(der.field(sealed, 0)), cipher)
    except der.DerRefusal as refusal:
        raise CcacheRefusal(
            f"a ticket in the credential cache is not RFC 4120's ({refusal}); obtain the tickets again (kinit)"
        ) from None
