# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The key that a password makes, by the host's own libk5crypto."""

from __future__ import annotations

import ctypes
from typing import Optional

LIBRARY = "libk5crypto.so.3"


class Data(ctypes.Structure):  # krb5_data (krb5.h)
    _fields_ = (("magic", ctypes.c_int32), ("length", ctypes.c_uint), ("data", ctypes.c_char_p))


class Keyblock(ctypes.Structure):  # krb5_keyblock (krb5.h)
    _fields_ = (
        ("magic", ctypes.c_int32),
        ("enctype", ctypes.c_int32),
        ("length", ctypes.c_uint),
        ("contents", ctypes.POINTER(ctypes.c_ubyte)),
    )


def password_key(password: str, salt: bytes, enctype: int, iterations: Optional[int] = None) -> Optional[bytes]:
    """The key's bytes (RFC 3962, RFC 8009, RFC 4757); None where not known here.

    ``enctype``: its number. ``iterations``: of PBKDF2, by default the enctype's own number, as every KDC takes it.
    Without MIT's library, or for an enctype that it does not have, nothing is known.
    """
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError:
        return None
    secret = password.encode()
    parameters = None if iterations is None else ctypes.byref(_data(iterations.to_bytes(4, "big")))
    key = Keyblock()
    status = library.krb5_c_string_to_key_with_params(
        None,
        ctypes.c_int32(enctype),
        ctypes.byref(_data(secret)),
        ctypes.byref(_data(salt)),
        parameters,
        ctypes.byref(key),
    )
    if status:
        return None
    return bytes(key.contents[: key.length])


def _data(content: bytes) -> Data:
    return Data(0, len(content), content)
