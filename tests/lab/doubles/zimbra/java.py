# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Java's HashMap, as far as its order shows in what Zimbra's programs print and write."""

from __future__ import annotations

from typing import Iterable


def string_hash(text: str) -> int:
    """String.hashCode, as an unsigned number of 32 bits."""
    number = 0
    units = text.encode("utf-16-be", "surrogatepass")
    for high, low in zip(units[::2], units[1::2]):
        number = (number * 31 + (high << 8) + low) & 0xFFFFFFFF
    return number


def hash_order(keys: Iterable[str]) -> list[str]:
    """The keys in the order in which a HashMap hands them out that was filled one by one."""
    given = list(dict.fromkeys(keys))
    buckets = 16
    while len(given) > buckets * 3 // 4:
        buckets *= 2
    return sorted(given, key=lambda key: (string_hash(key) ^ string_hash(key) >> 16) & (buckets - 1))
