# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a key opens a ticket, by the host's own libk5crypto."""

from __future__ import annotations

import ctypes
from typing import Optional

from .string_to_key import LIBRARY, Data, Keyblock

TICKET_USAGE = 2  # RFC 4120 section 7.5.1: the encrypted part of a ticket
# krb5.h; what libk5crypto says of a key that is not the right one, and of bytes that are no ciphertext
WRONG = (-1765328353, -1765328194)  # KRB5KRB_AP_ERR_BAD_INTEGRITY, KRB5_BAD_MSIZE


class _Encrypted(ctypes.Structure):  # krb5_enc_data (krb5.h)
    _fields_ = (
        ("magic", ctypes.c_int32),
        ("enctype", ctypes.c_int32),
        ("kvno", ctypes.c_uint),
        ("ciphertext", Data),
    )


def opens_ticket(enctype: int, key: bytes, cipher: bytes) -> Optional[bool]:
    """Whether ``key`` opens the encrypted part of a ticket; None without MIT's library or the enctype in it."""
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError:
        return None
    length = ctypes.c_size_t()
    if library.krb5_c_keylengths(None, ctypes.c_int32(enctype), None, ctypes.byref(length)):
        return None
    if length.value != len(key):
        return False
    held = (ctypes.c_ubyte * len(key)).from_buffer_copy(key)
    block = Keyblock(0, enctype, len(key), held)
    sealed = _Encrypted(0, enctype, 0, Data(0, len(cipher), cipher))
    plain = ctypes.create_string_buffer(len(cipher))
    opened = Data(0, len(cipher), ctypes.cast(plain, ctypes.c_char_p))
    status = library.krb5_c_decrypt(
        None, ctypes.byref(block), ctypes.c_int32(TICKET_USAGE), None, ctypes.byref(sealed), ctypes.byref(opened)
    )
    if status == 0:
        return True
    return False if status in WRONG else None
