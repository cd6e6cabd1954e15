# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SASL's GSSAPI mechanism (RFC 4752): the security layer's four bytes, and base64 as the mail protocols frame it."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from .refusal import Refusal

# RFC 4752 section 3.3: the bits of the first byte, the same in the server's offer and the client's choice.
NO_LAYER = 1
INTEGRITY = 2
CONFIDENTIALITY = 4
LARGEST_ANSWER = 12288  # bytes of base64 in one line: RFC 4954 section 4, the bound of SMTP; the others set none


class SaslRefusal(Refusal):
    """A message of the exchange that RFC 4752 or the framing does not allow."""


@dataclass(frozen=True)
class LayerOffer:
    """What the server would do after the login: ``layers`` is the bit field, ``largest`` its buffer in bytes."""

    layers: int
    largest: int


def parse_offer(message: bytes) -> LayerOffer:
    """The server's security layer message, unwrapped; SaslRefusal where it is not four bytes."""
    if len(message) != 4:
        raise SaslRefusal(
            f"the server's security layer message has {len(message)} bytes instead of the 4 of RFC 4752; "
            "the server's GSSAPI plugin is not one that mail clients can talk to"
        )
    return LayerOffer(message[0], int.from_bytes(message[1:], "big"))


def choose_layer(offer: LayerOffer, authzid: str) -> bytes:
    """The client's message, to be wrapped: no security layer (TLS is what protects the session), and who to act as.

    RFC 4752 section 3.1: without a layer the buffer size is zero, and the authorization identity follows as
    UTF-8 without a closing zero byte. SaslRefusal where the server insists on a layer.
    """
    if not offer.layers & NO_LAYER:
        raise SaslRefusal(
            "the server insists on a SASL security layer, which mail clients do not use under TLS; "
            "allow a minimum security strength (min_ssf) of 0 there"
        )
    return bytes((NO_LAYER, 0, 0, 0)) + authzid.encode("utf-8")


def encode_token(token: bytes) -> bytes:
    """A token as a line of the protocol, without its end; no token is an empty line in all three protocols."""
    return base64.b64encode(token)


def decode_token(text: bytes) -> bytes:
    """The token in a server's challenge; SaslRefusal for anything that is not base64."""
    stripped = text.strip()
    try:
        return base64.b64decode(stripped, validate=True)
    except (binascii.Error, ValueError) as error:
        raise SaslRefusal(
            "the server's challenge is not base64; something that is no mail server answers on this port"
        ) from error
