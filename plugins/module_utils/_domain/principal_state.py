# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The principals of a realm as far as a plan must know them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import FrozenSet, Mapping, Optional, Tuple

from .kadmin_output import PrincipalRecord

Identity = Tuple[bytes, Tuple[bytes, ...]]


@dataclass(frozen=True)
class PrincipalState:
    """The realm as far as it was asked about.

    ``records``: None or nothing where a principal does not exist; under an alias the record of its target.
    ``right_passwords``: the principals whose password is known to be the one asked for. ``doubts``: those whose
    password cannot be compared, and why. ``now``: the time at which tickets are judged to have ended, in seconds since
    1970; 0 where that is not asked.
    """

    records: Mapping[Identity, Optional[PrincipalRecord]]
    right_passwords: FrozenSet[Identity] = frozenset()
    doubts: Mapping[Identity, str] = field(default_factory=dict)
    now: int = 0
