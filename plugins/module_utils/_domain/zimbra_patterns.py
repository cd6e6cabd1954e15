# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of Zimbra's attributes that are meant by a pattern, where only a part of them is known beforehand.

A keytab's path in Postfix's environment, the principal of an account: what was there before is to go, whatever it was.
"""

from __future__ import annotations

import fnmatch
from typing import Any, List, Sequence, Tuple

from .refusal import Refusal
from .zimbra_validation import same


class PatternRefusal(Refusal):
    """A pattern that leaves nothing."""


def patterns_from(given: Any) -> Tuple[str, ...]:
    """The patterns of one attribute: one, or a list of them; PatternRefusal for one that means every value."""
    found = tuple(str(one) for one in (given if isinstance(given, (list, tuple)) else [given]))
    for one in found:
        if not one.strip("*?[]"):
            raise PatternRefusal(f"the pattern '{one}' would take every value; name those to keep under attributes")
    return found


def matching(patterns: Sequence[str], values: Sequence[str]) -> List[str]:
    """The values that one of the patterns means; case does not count, as in Zimbra's own removal."""
    if not patterns:
        return []
    wanted = [same(pattern) for pattern in patterns]
    return [value for value in values if any(fnmatch.fnmatchcase(same(value), one) for one in wanted)]
