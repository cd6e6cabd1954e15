# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One side of a GSS-API exchange by any C library (RFC 2744); a program, so that each one reads its krb5.conf anew.

`gss_party.py LIBRARY initiate PRINCIPAL` prints the first token in hexadecimal; `gss_party.py LIBRARY accept` takes it
on standard input and prints the initiator's name. Where the library refuses, its words go to standard error.
Credentials, keytab and configuration come from the environment.
"""

from __future__ import annotations

import ctypes
import sys

COMPLETE, CONTINUE = 0, 1
GSS_CODE, MECHANISM_CODE = 1, 2


class Buffer(ctypes.Structure):
    _fields_ = (("length", ctypes.c_size_t), ("value", ctypes.c_void_p))

    @classmethod
    def of(cls, content: bytes) -> Buffer:
        made = cls(len(content), ctypes.cast(ctypes.c_char_p(content), ctypes.c_void_p))
        made.kept = content
        return made

    def content(self) -> bytes:
        return ctypes.string_at(self.value, self.length)


class Oid(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint32), ("elements", ctypes.c_char_p))


def oid(encoded: str) -> Oid:
    content = bytes.fromhex(encoded)
    return Oid(len(content), content)


KRB5 = oid("2a864886f712010202")  # 1.2.840.113554.1.2.2
KRB5_PRINCIPAL = oid("2a864886f71201020201")


def main(library: str, role: str, *names: str) -> int:
    gss = ctypes.CDLL(library)
    minor, context, out = ctypes.c_uint32(), ctypes.c_void_p(), Buffer()
    if role == "initiate":
        target = ctypes.c_void_p()
        wanted = Buffer.of(names[0].encode())
        gss.gss_import_name(*map(ctypes.byref, (minor, wanted, KRB5_PRINCIPAL, target)))
        before = (None, ctypes.byref(context), target, ctypes.byref(KRB5), 0, 0, None, None, None)
        major = gss.gss_init_sec_context(ctypes.byref(minor), *before, ctypes.byref(out), None, None)
        answer = out.content().hex()
    else:
        initiator, token = ctypes.c_void_p(), Buffer.of(bytes.fromhex(sys.stdin.read()))
        before = (ctypes.byref(context), None, ctypes.byref(token), None, ctypes.byref(initiator), None)
        major = gss.gss_accept_sec_context(ctypes.byref(minor), *before, ctypes.byref(out), None, None, None)
        answer = ""
        if major in (COMPLETE, CONTINUE):
            gss.gss_display_name(ctypes.byref(ctypes.c_uint32()), initiator, ctypes.byref(out), None)
            answer = out.content().decode()
    if major not in (COMPLETE, CONTINUE):
        print(words(gss, major, GSS_CODE), words(gss, minor.value, MECHANISM_CODE), sep=": ", file=sys.stderr)
        return 1
    print(answer)
    return 0


def words(gss: ctypes.CDLL, code: int, kind: int) -> str:
    text, more = Buffer(), ctypes.c_uint32()
    status = (ctypes.c_uint32(code), kind, ctypes.byref(KRB5), ctypes.byref(more), ctypes.byref(text))
    gss.gss_display_status(ctypes.byref(ctypes.c_uint32()), *status)
    return text.content().decode()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
