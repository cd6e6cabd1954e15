# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Principal names: components and realm as bytes, and the text that MIT's tools print and take."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Optional, Tuple

from .refusal import Refusal, printable

NT_UNKNOWN = 0  # RFC 4120 section 6.2
NT_PRINCIPAL = 1
NT_SRV_HST = 3

# krb5_parse_name(3) and MIT's unparse.c: these four bytes have letters of their own, any other byte stands for itself
LETTERS = {b"n": b"\n", b"t": b"\t", b"b": b"\b", b"0": b"\0"}
ESCAPED = {b"/": rb"\/", b"@": rb"\@", b"\\": rb"\\", b"\n": rb"\n", b"\t": rb"\t", b"\b": rb"\b", b"\0": rb"\0"}
TOKENS = re.compile(rb"\\.|[@/\\]|[^@/\\]+", re.DOTALL)  # an escaped byte, a mark (a last lone backslash too), a run
PLAIN = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_$"  # what most names consist of


class PrincipalRefusal(Refusal):
    """A text that is not a principal name."""


@dataclass(frozen=True)
class PrincipalName:
    """``components`` and ``realm`` are raw bytes without escapes; ``name_type`` as in RFC 4120 section 6.2.

    Two names are the same principal when components and realm are (`identity`): the type is a hint only.
    """

    components: Tuple[bytes, ...]
    realm: bytes
    name_type: int = NT_PRINCIPAL

    @property
    def identity(self) -> Tuple[bytes, Tuple[bytes, ...]]:
        """What makes a principal the same one; sorts by realm, then by name."""
        return (self.realm, self.components)

    @property
    def name(self) -> str:
        """The text without the realm, as `str` gives it."""
        return "/".join(_shown(component) for component in self.components)

    def __str__(self) -> str:
        """MIT's text; bytes that are no UTF-8 or not printable as ``\\xff``, so that it is safe to print."""
        return f"{self.name}@{_shown(self.realm)}"


def unparse(principal: PrincipalName) -> str:
    """MIT's text to the byte (krb5_unparse_name), other bytes than UTF-8 as surrogates; `read_text` takes it back.

    For programs. What a person reads is ``str(principal)``.
    """
    name = b"/".join(_escaped(component) for component in principal.components)
    return (name + b"@" + _escaped(principal.realm)).decode("utf-8", "surrogateescape")


def read_text(text: str, default_realm: Optional[str] = None) -> PrincipalName:
    """The principal that ``text`` names, read as krb5_parse_name does: empty components and realms are taken.

    PrincipalRefusal: no realm and no ``default_realm``, a second unescaped ``@``, an unescaped ``/`` in the
    realm, a backslash at the end.
    """
    parts = [b""]
    realm: Optional[bytes] = None
    for token in TOKENS.findall(text.encode("utf-8", "surrogateescape")):
        if token == b"@":
            if realm is not None:
                raise PrincipalRefusal(f"principal '{text}': holds a second '@'; write one in a name as '\\@'")
            realm = b""
        elif token == b"/" and realm is not None:
            raise PrincipalRefusal(f"principal '{text}': the realm holds a '/'; a realm follows the last '@'")
        elif token == b"/":
            parts.append(b"")
        elif token == b"\\":
            raise PrincipalRefusal(f"principal '{text}': ends with a lone backslash; write it twice")
        else:
            literal = LETTERS.get(token[1:], token[1:]) if token.startswith(b"\\") else token
            if realm is None:
                parts[-1] += literal
            else:
                realm += literal
    if realm is None:
        if default_realm is None:
            raise PrincipalRefusal(f"principal '{text}': names no realm; write it as {text}@REALM")
        realm = default_realm.encode("utf-8", "surrogateescape")
    return PrincipalName(tuple(parts), realm)


def parse_principal(text: str, default_realm: Optional[str] = None) -> PrincipalName:
    """The principal that a person's ``text`` names, ``default_realm`` standing in where it names none.

    Stricter than `read_text`: PrincipalRefusal also for an empty component or realm and for white space or
    control characters that are not escaped, for these are slips.
    """
    if " " in text or not text.isprintable():  # of all white space, isprintable() takes the plain blank alone
        raise PrincipalRefusal(f"principal '{text}': holds white space or a control character; remove it")
    principal = read_text(text, default_realm)
    if not principal.realm:
        raise PrincipalRefusal(f"principal '{text}': the realm is empty; write it after the '@'")
    if not all(principal.components):
        raise PrincipalRefusal(f"principal '{text}': a part of the name is empty; write it as service/host")
    return principal


def _escaped(part: bytes) -> bytes:
    if not part.translate(None, PLAIN):
        return part
    return b"".join(ESCAPED.get(byte, byte) for byte in (part[at : at + 1] for at in range(len(part))))


def _shown(part: bytes) -> str:
    if not part.translate(None, PLAIN):
        return part.decode("ascii")
    return printable(_escaped(part).decode("utf-8", "surrogateescape"))
