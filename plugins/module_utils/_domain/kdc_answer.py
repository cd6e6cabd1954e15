# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What any answer of a KDC tells without a key: that it is one, its clock, its error (RFC 4120 section 5.9.1)."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Optional, Tuple

from . import der
from .as_request import AS_REPLY, ERROR
from .refusal import Refusal

UNKNOWN_CLIENT, REVOKED, WRONG_REALM = 6, 18, 68  # RFC 4120 section 7.5.9
PORT = 88
MIT, DOMAIN, FOREIGN = "mit", "domain", "foreign"  # whose KDC of a realm it is; the last: of another realm
# Principals that nobody may log in as, so that each of their realm's KDCs answers with an error, which tells the time,
# and counts no attempt: MIT's master key, and the account of a domain's own tickets.
NOBODY = ((("K", "M"), MIT), (("krbtgt", ""), DOMAIN))


class AnswerRefusal(Refusal):
    """Bytes that no KDC sends."""


@dataclass(frozen=True)
class KdcAnswer:
    """``code``: the error, None for a reply; ``clock``: seconds since 1970 by the KDC's, which errors alone tell."""

    code: Optional[int] = None
    clock: Optional[float] = None


def parse_kdc_answer(answer: bytes) -> KdcAnswer:
    """AnswerRefusal where it is neither a reply nor an error of Kerberos."""
    try:
        if answer[:1] == bytes((der.application(AS_REPLY),)):
            return KdcAnswer()
        fields = der.sequence(der.contents(answer, der.application(ERROR)))
        stated = der.contents(der.field(fields, 4), der.GENERALIZED_TIME).decode("ascii")
        moment = datetime.datetime.strptime(stated, "%Y%m%d%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
        clock = moment.timestamp() + der.integer(der.field(fields, 5)) / 1e6
        return KdcAnswer(der.integer(der.field(fields, 6)), clock)
    except (der.DerRefusal, ValueError) as error:
        raise AnswerRefusal(f"what answers there is no KDC ({error}); correct the KDC's name or port") from None


def place_of(kdc: str) -> Tuple[str, int]:
    """Host and port of a KDC as krb5.conf writes it: a name or address, an IPv6 one in brackets before a port."""
    text = kdc.strip()
    if text.startswith("["):
        host, dummy, rest = text[1:].partition("]")
        port = rest.lstrip(":")
    elif text.count(":") == 1:
        host, dummy, port = text.partition(":")
    else:
        host, port = text, ""
    return host.rstrip("."), int(port) if port.isdigit() else PORT
