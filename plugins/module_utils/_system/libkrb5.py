# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MIT's libkrb5 of the host, where there is one: does it read a profile?"""

from __future__ import annotations

import contextlib
import ctypes
import os
import tempfile
from typing import Optional

from .._domain.refusal import Refusal

LIBRARY = "libkrb5.so.3"
FIRST_CODE = -1429577728  # base of the error table "prof" (src/util/profile/prof_err.et); codes count up from it
MISSING_INCLUDES = {31: "a file that an include line names", 32: "a directory that an includedir line names"}


class ProfileNotRead(Refusal):
    """libkrb5 does not read what would be written."""


class IncludeMissing(ProfileNotRead):
    """libkrb5 does not read it because a file or directory that it includes is not there."""


def check_profile(content: bytes, path: str) -> bool:
    """Let libkrb5 read ``content`` before it is put at ``path``; whether there is a libkrb5.

    The content lies in a private temporary file for that time. ProfileNotRead where libkrb5 refuses it.
    """
    library = _library()
    if library is None:
        return False
    descriptor, temporary = tempfile.mkstemp(prefix="mailrealm-profile-")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        profile = ctypes.c_void_p()
        code = library.profile_init_path(os.fsencode(temporary), ctypes.byref(profile))
        if code == 0:
            library.profile_release(profile)
    except OSError as error:
        raise ProfileNotRead(
            f"{path}: no temporary file for libkrb5 to read ({error.strerror}); "
            f"see to {tempfile.gettempdir()}, or set validate: false"
        ) from error
    finally:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
    _judge(code, path)
    return True


def profile_error(paths: str) -> Optional[int]:
    """What libkrb5 says of the files of a KRB5_CONFIG, counted from FIRST_CODE; 0 where it reads them.

    None where there is no libkrb5. Codes of the system come as they are, below zero.
    """
    library = _library()
    if library is None:
        return None
    profile = ctypes.c_void_p()
    code = int(library.profile_init_path(os.fsencode(paths), ctypes.byref(profile)))
    if code == 0:
        library.profile_release(profile)
        return 0
    return code - FIRST_CODE if code < 0 else -code


def _judge(code: int, path: str) -> None:
    if code == 0:
        return
    missing = MISSING_INCLUDES.get(code - FIRST_CODE)
    if missing:
        raise IncludeMissing(
            f"{path}: libkrb5 would not read it, as {missing} is not there or not readable; "
            "create it, or remove the line"
        )
    raise ProfileNotRead(
        f"{path}: libkrb5 would not read what would be written (profile error {code - FIRST_CODE}); "
        "look at the settings, or set validate: false"
    )


def _library() -> Optional[ctypes.CDLL]:
    try:
        library = ctypes.CDLL(LIBRARY)
        library.profile_init_path.restype = ctypes.c_long
        library.profile_init_path.argtypes = [ctypes.c_char_p, ctypes.POINTER(ctypes.c_void_p)]
        library.profile_release.argtypes = [ctypes.c_void_p]
        library.profile_release.restype = None
    except (OSError, AttributeError):
        return None
    return library
