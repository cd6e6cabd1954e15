# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The password of the administrator `admin`, kept as a digest in run/admin."""

from __future__ import annotations

import hashlib
import hmac
import pathlib
import secrets

from .backends import write


def digest(password: str, salt: bytes) -> str:
    """What is kept of a password, in hexadecimal."""
    return hashlib.scrypt(password.encode(), salt=salt, n=2**12, r=8, p=1).hex()


def is_password(work: pathlib.Path, password: str) -> bool:
    """Whether this is it; never, until one was set."""
    file = work / "run" / "admin"
    if not file.exists():
        return False
    salt, dummy, kept = file.read_text(encoding="ascii").strip().partition(":")
    return hmac.compare_digest(digest(password, bytes.fromhex(salt)), kept)


def set_password(work: pathlib.Path, password: str) -> None:
    """Set it, whether the server runs or not."""
    salt = secrets.token_bytes(16)
    (work / "run").mkdir(parents=True, exist_ok=True)
    write(work / "run" / "admin", f"{salt.hex()}:{digest(password, salt)}\n", 0o600)
