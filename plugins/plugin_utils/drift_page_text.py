# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text of hosts as it may stand in a page: what cannot be seen is shown, and nothing is markup."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

# Controls but tab and newline; what turns the direction of the text that follows (Unicode, UAX 9), by which a value
# could look like another; separators of lines; what has no width; halves of pairs, which no encoding can write.
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def visible(value: Any) -> Any:
    """A value of JSON in which each character that cannot be seen, or misleads, is its code: `[U+202E]`."""
    if isinstance(value, str):
        return UNSEEN.sub(lambda match: f"[U+{ord(match[0]):04X}]", value)
    if isinstance(value, Mapping):
        return {key: visible(one) for key, one in value.items()}
    if isinstance(value, Sequence):
        return [visible(one) for one in value]
    return value


def escaped(text: object) -> str:
    """Text as it may stand in markup and in its attributes, in ASCII."""
    return html.escape(str(text), quote=True).encode("ascii", "xmlcharrefreplace").decode("ascii")


def counted(number: int, noun: str) -> str:
    """`1 host`, `2,000 hosts`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
