# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords of accounts, as the directory keeps them: salted and hashed."""

from __future__ import annotations

import base64
import hashlib
import os

SCHEME = "{SSHA512}"
SALT = 8  # bytes
DIGEST = 64  # bytes of SHA-512


def hashed(password: str) -> str:
    """The value of userPassword."""
    salt = os.urandom(SALT)
    return SCHEME + base64.b64encode(hashlib.sha512(password.encode() + salt).digest() + salt).decode()


def matches(password: str, value: str) -> bool:
    """Whether a value of userPassword is that of the password."""
    if not value.startswith(SCHEME):
        return False
    kept = base64.b64decode(value[len(SCHEME) :])
    return hashlib.sha512(password.encode() + kept[DIGEST:]).digest() == kept[:DIGEST]
