# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shell patterns over principal names, as the option `principals` takes them."""

from __future__ import annotations

import fnmatch
import re
from typing import Callable, Dict, Sequence

from .principal import PrincipalName

WILDCARDS = frozenset("*?[")
REALM = re.compile(r"(?<!\\)@")  # an '@' that is not part of a component


def is_name(pattern: str) -> bool:
    """Whether a pattern stands for one name only."""
    return not WILDCARDS.intersection(pattern)


def matcher(patterns: Sequence[str]) -> Callable[[PrincipalName], bool]:
    """Whether a name matches one of the patterns; one without '@' stands for any realm; no pattern matches all."""
    exact = {pattern for pattern in patterns if is_name(pattern)}
    wild = [(re.compile(fnmatch.translate(one)).match, REALM.search(one)) for one in patterns if one not in exact]
    answers: Dict[PrincipalName, bool] = {}

    def matches(name: PrincipalName) -> bool:
        if not patterns:
            return True
        if name not in answers:
            full, short = str(name), name.name
            answers[name] = (
                full in exact
                or short in exact
                or any(match(full if with_realm else short) for match, with_realm in wild)
            )
        return answers[name]

    return matches
