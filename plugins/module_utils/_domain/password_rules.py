# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of a domain's rules a password breaks: Windows refuses without saying ([MS-SAMR] 3.1.1.7)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Tuple

ATTRIBUTES = ("minPwdLength", "pwdProperties")  # of the domain's head
COMPLEX = 0x1  # pwdProperties: DOMAIN_PASSWORD_COMPLEX
SHORTEST_NAME = 3  # characters; a shorter name may be part of a password
KINDS = 3  # of five


@dataclass(frozen=True)
class PasswordRules:
    """The domain's own rules; a fine-grained policy may set others for an account."""

    length: int
    complex: bool


def broken_rules(password: str, account: str, rules: PasswordRules) -> Tuple[str, ...]:
    """What the password lacks, in words; none where the reason must be another."""
    broken = []
    # Windows counts UTF-16's units.
    if len(password.encode("utf-16-le", "surrogatepass")) // 2 < rules.length:
        broken.append(f"it is shorter than {rules.length} characters")
    name = account.rstrip("$")
    if rules.complex and len(name) >= SHORTEST_NAME and name.lower() in password.lower():
        broken.append("it holds the account's name")
    if rules.complex and kinds(password) < KINDS:
        broken.append(f"it has characters of fewer than {KINDS} kinds (capitals, small letters, digits, others)")
    return tuple(broken)


def kinds(password: str) -> int:
    """How many of Windows' five kinds of characters there are."""
    found = (
        any(one.isupper() for one in password),
        any(one.islower() for one in password),
        re.search(r"[0-9]", password),
        any(not one.isalnum() for one in password),
        any(one.isalpha() and not one.isupper() and not one.islower() for one in password),
    )
    return sum(map(bool, found))
