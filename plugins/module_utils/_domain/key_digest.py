# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys told apart without being shown: what `keytab_export` hands to `keytab` in check mode instead of a keytab.

One opaque string, `PREFIX` and base64 of JSON::

    {"nonce": hex, "entries": [{"principal": text, "kvno": int|null, "enctype": int|null, "digest": hex|null}]}

A digest is HMAC-SHA-256 under the one-time nonce of principal, kvno, enctype and key. Null stands for what
only the run decides or sees: the KDC chooses kvno and key of a principal that does not exist yet, and a kadmind on
another host would have to send the key itself, so that its kvno and enctype alone are known.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any, Iterable, Optional, Tuple

from .keytab import KeytabEntry
from .principal import PrincipalName, read_text, unparse
from .refusal import Refusal

PREFIX = "mailrealm-digests:"
NONCE_SIZE = 32  # bytes; fresh from os.urandom for every export


@dataclass(frozen=True)
class KeyDigest:
    """One key that the run will bring; None where only the run decides or sees. ``digest`` is in hexadecimal."""

    principal: PrincipalName
    kvno: Optional[int] = None
    enctype: Optional[int] = None
    digest: Optional[str] = None


class DigestRefusal(Refusal):
    """A string of digests that is damaged, or given where a real key is needed."""


def digest_entry(nonce: bytes, entry: KeytabEntry) -> KeyDigest:
    """The digest of a key that is known."""
    message = f"{unparse(entry.principal)}\0{entry.kvno}\0{entry.enctype}\0".encode("utf-8", "surrogateescape")
    digest = hmac.new(nonce, message + entry.key, hashlib.sha256).hexdigest()
    return KeyDigest(entry.principal, entry.kvno, entry.enctype, digest)


def holds_digests(text: str) -> bool:
    """Whether an export's content came from check mode."""
    return text.startswith(PREFIX)


def encode_digests(nonce: bytes, digests: Iterable[KeyDigest]) -> str:
    """The string that stands for a keytab in check mode. ``nonce``: NONCE_SIZE random bytes, used once."""
    entries = [
        {
            "principal": unparse(one.principal),
            "kvno": one.kvno,
            "enctype": one.enctype,
            "digest": one.digest,
        }
        for one in digests
    ]
    document = json.dumps({"nonce": nonce.hex(), "entries": entries})
    return PREFIX + base64.b64encode(document.encode("ascii")).decode("ascii")


def decode_digests(text: str, label: str) -> Tuple[bytes, Tuple[KeyDigest, ...]]:
    """The nonce and the digests of `encode_digests`; DigestRefusal names ``label`` where the string is damaged."""
    try:
        document = json.loads(base64.b64decode(text[len(PREFIX) :], validate=True))
        return bytes.fromhex(document["nonce"]), tuple(_digest(entry) for entry in document["entries"])
    except (binascii.Error, ValueError, KeyError, TypeError, AttributeError, RecursionError, Refusal):
        raise DigestRefusal(
            f"{label}: the digests of a check-mode export are damaged; pass the value of keytab_export on as it is"
        ) from None


def _digest(entry: Any) -> KeyDigest:
    kvno, enctype, digest = (entry[name] for name in ("kvno", "enctype", "digest"))
    if any(isinstance(number, bool) or not isinstance(number, (int, type(None))) for number in (kvno, enctype)):
        raise TypeError
    if not (digest is None or isinstance(digest, str)):
        raise TypeError
    return KeyDigest(read_text(entry["principal"]), kvno, enctype, digest)
