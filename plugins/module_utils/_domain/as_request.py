# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A question to a KDC that proves nothing: an AS-REQ without pre-authentication, and the salts in its answer.

RFC 4120: the messages (5.4, 5.9), ETYPE-INFO2 (5.2.7.5), the default salt (4). No password is involved, so no KDC
counts a wrong one. Nobody signs the answer either: that a key made with its salt is right, a service ticket shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Optional, Sequence, Tuple

from . import der
from .enctypes import FAMILIES, enctype_name
from .refusal import Refusal

AS_REQUEST, AS_REPLY, ERROR = 10, 11, 30  # message types, which are their application tags
NT_PRINCIPAL, NT_SRV_INST = 1, 2
PA_ETYPE_INFO2 = 19
ITERATIONS = 4  # bytes of s2kparams for AES (RFC 3962 section 4)
LARGEST_SALT = 4096  # bytes; more is no salt but an attempt
PREAUTH_REQUIRED = 25
NO_KEY = "enctype_without_key"
REMEDY = "see that a KDC of the realm answers there on port 88"
# RFC 4120 section 7.5.9: the error, a fixed name, what it means here, what would mend it. {account}, {realm}, {types}.
ERRORS = {
    6: (
        "account_unknown",
        "the KDC of {realm} knows no account {account}",
        "give its sAMAccountName (a computer's ends with $), and the realm as the domain writes it",
    ),
    12: (
        "account_restricted",
        "the policy of {realm} does not let {account} log in from this host or at this hour",
        "change the account's logon hours or workstations",
    ),
    14: (
        NO_KEY,
        "the KDC of {realm} has no key of {account} for {types}",
        "let the account use one (msDS-SupportedEncryptionTypes) and set its password once more, which makes the keys",
    ),
    18: (
        "account_revoked",
        "the account {account} is disabled, locked or expired in {realm}",
        "enable it (userAccountControl without ACCOUNTDISABLE, lockoutTime 0, accountExpires)",
    ),
    23: (
        "password_expired",
        "the password of {account} in {realm} has expired or must be changed",
        "set a new one, or let it never expire",
    ),
    37: (
        "clock_skew",
        "the clocks of this host and of the KDC of {realm} differ by more than Kerberos allows",
        "synchronise both with one time source",
    ),
    60: ("kdc_failed", "the KDC of {realm} could not answer for {account}", "read the controller's event log"),
    68: ("realm_wrong", "the KDC does not serve {realm} for {account}", "correct the realm, or ask another server"),
}


class SaltRefusal(Refusal):
    """Why no salt is known; ``symptom`` is a fixed name."""

    def __init__(self, text: str, symptom: str) -> None:
        super().__init__(text)
        self.symptom = symptom


@dataclass(frozen=True)
class KeyParameters:
    """How a password becomes the key of one enctype. ``iterations``: of PBKDF2, None for the enctype's own number."""

    enctype: int
    salt: bytes
    iterations: Optional[int]


@dataclass(frozen=True)
class KdcSalt:
    """What a KDC states of an account's keys, the enctype that it likes best first; never empty."""

    parameters: Tuple[KeyParameters, ...]

    @property
    def salt(self) -> bytes:
        """The salt of the first enctype; a domain has the same for all that have one."""
        return self.parameters[0].salt

    @property
    def iterations(self) -> Optional[int]:
        return self.parameters[0].iterations

    @property
    def enctypes(self) -> Tuple[int, ...]:
        return tuple(one.enctype for one in self.parameters)

    def of(self, enctype: int) -> Optional[KeyParameters]:
        """The parameters of an enctype, None where the account has no key of it."""
        return next((one for one in self.parameters if one.enctype == enctype), None)


def as_request(account: str, realm: str, enctypes: Sequence[int], nonce: int, instance: str = "") -> bytes:
    """The message; ``nonce``: 31 bits that nobody can foresee; ``instance``: the name's second component, if any."""
    body = der.encode(
        der.SEQUENCE,
        _field(0, der.encode(der.BIT_STRING, bytes(5))),  # no options
        _field(1, _name(NT_PRINCIPAL, account, *filter(None, (instance,)))),
        _field(2, _string(realm)),
        _field(3, _name(NT_SRV_INST, "krbtgt", realm)),
        _field(5, der.encode(der.GENERALIZED_TIME, b"19700101000000Z")),  # as long as the KDC likes
        _field(7, der.encode_integer(nonce)),
        _field(8, der.encode(der.SEQUENCE, *(der.encode_integer(number) for number in enctypes))),
    )
    request = der.encode(
        der.SEQUENCE, _field(1, der.encode_integer(5)), _field(2, der.encode_integer(AS_REQUEST)), _field(4, body)
    )
    return der.encode(der.application(AS_REQUEST), request)


def parse_answer(answer: bytes, account: str, realm: str, enctypes: Sequence[int]) -> KdcSalt:
    """The salts in what the KDC answered; SaltRefusal where it states none or cannot be read."""
    try:
        tag = answer[:1]
        if tag == bytes((der.application(AS_REPLY),)):
            fields = der.sequence(der.contents(answer, tag[0]))
            methods = der.optional_field(fields, 2)
        else:
            fields = der.sequence(der.contents(answer, der.application(ERROR)))
            code = der.integer(der.field(fields, 6))
            if code != PREAUTH_REQUIRED:
                raise _refused(code, account, realm, enctypes)
            data = der.optional_field(fields, 12)
            methods = None if data is None else der.contents(data, der.OCTET_STRING)
        found = _parameters(methods, (realm + account).encode("utf-8", "surrogateescape"))
    except der.DerRefusal as refusal:
        raise SaltRefusal(
            f"the answer of the KDC of {realm} is not RFC 4120's ({refusal}); {REMEDY}", "answer_malformed"
        ) from None
    known = tuple(one for one in found if one.enctype in enctypes)
    if not known:
        raise _refused(14, account, realm, enctypes)
    return KdcSalt(known)


def _refused(code: int, account: str, realm: str, enctypes: Sequence[int]) -> SaltRefusal:
    facts = {"account": account, "realm": realm, "types": ", ".join(map(enctype_name, enctypes))}
    symptom, cause, remedy = ERRORS.get(
        code,
        ("kdc_error", f"the KDC of {{realm}} answers error {code} for {{account}}", "look it up in RFC 4120 7.5.9"),
    )
    return SaltRefusal(f"{cause.format_map(facts)}; {remedy}", symptom)


def _parameters(methods: Optional[bytes], default_salt: bytes) -> List[KeyParameters]:
    """The entries of ETYPE-INFO2 among the padata, none where there is none."""
    if methods is None:
        return []
    for dummy, inner in der.sequence(methods):
        method = der.sequence(der.encode(der.SEQUENCE, inner))
        if der.integer(der.field(method, 1)) == PA_ETYPE_INFO2:
            listed = der.sequence(der.contents(der.field(method, 2), der.OCTET_STRING))
            return [_parameter(der.sequence(der.encode(der.SEQUENCE, one)), default_salt) for dummy, one in listed]
    return []


def _parameter(entry: der.Fields, default_salt: bytes) -> KeyParameters:
    number = der.integer(der.field(entry, 0))
    stated, options = der.optional_field(entry, 1), der.optional_field(entry, 2)
    salt = default_salt if stated is None else der.contents(stated, der.GENERAL_STRING)
    if number in FAMILIES["rc4"]:
        salt = b""  # RFC 4757 section 2: the password alone
    if len(salt) > LARGEST_SALT:
        raise der.DerRefusal(f"a salt has {len(salt)} bytes")
    given = b"" if options is None else der.contents(options, der.OCTET_STRING)
    return KeyParameters(number, salt, int.from_bytes(given, "big") if len(given) == ITERATIONS else None)


def _field(number: int, content: bytes) -> bytes:
    return der.encode(der.context(number), content)


def _string(text: str) -> bytes:
    # RFC 4120 section 5.2.1 wants ASCII; every KDC of a domain takes UTF-8.
    return der.encode(der.GENERAL_STRING, text.encode("utf-8", "surrogateescape"))


def _name(kind: int, *components: str) -> bytes:
    parts = der.encode(der.SEQUENCE, *map(_string, components))
    return der.encode(der.SEQUENCE, _field(0, der.encode_integer(kind)), _field(1, parts))
