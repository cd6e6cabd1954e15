# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Canary secrets: every form in which a secret may slip out, and where it did."""

from __future__ import annotations

import base64
import pathlib
from typing import Iterable


def forms(secret: bytes) -> dict[str, bytes]:
    """The secret itself, backwards, in hexadecimal, as Python shows bytes, and in base64 at each alignment."""
    found = {
        "itself": secret,
        "backwards": secret[::-1],
        "hexadecimal": secret.hex().encode(),
        "upper hexadecimal": secret.hex().upper().encode(),
        "escaped": repr(secret)[2:-1].encode(),
    }
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + secret)
        # the first and last characters depend on the neighbours
        found[f"base64 at {shift}"] = encoded[4 if shift else 0 : len(encoded) // 4 * 4 - 4]
    return found


def found_in(text: bytes, secret: bytes) -> list[str]:
    """The forms in which the secret is in the text."""
    return [form for form, needle in forms(secret).items() if needle in text]


def found_below(folder: pathlib.Path, secret: bytes, allowed: Iterable[pathlib.Path] = ()) -> list[str]:
    """The files below the folder that hold the secret in some form, those allowed left out."""
    left_out = set(allowed)
    return [
        f"{path}: {form}"
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and path not in left_out
        for form in found_in(path.read_bytes(), secret)
    ]
