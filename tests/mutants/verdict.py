# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a trial says about a room's tests: killed, alive, equivalent, and whether the list of equivalents is true."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence

from .mutant import Mutant

LIMIT = 90  # percent of a room's mutants, those aside that nothing could tell from the room


@dataclasses.dataclass(frozen=True)
class Verdict:
    """A room's mutants and those that lived. ``equivalent``: by key, the reason why no test can kill it."""

    room: str
    made: tuple[Mutant, ...]
    survivors: tuple[Mutant, ...]
    equivalent: Mapping[tuple[str, str], str] = dataclasses.field(default_factory=dict)

    @property
    def counted(self) -> int:
        return sum(one.key not in self.equivalent for one in self.made)

    @property
    def alive(self) -> list[Mutant]:
        """The survivors that nobody has shown to be equivalent."""
        return [one for one in self.survivors if one.key not in self.equivalent]

    @property
    def killed(self) -> int:
        return self.counted - len(self.alive)

    @property
    def wrongly_listed(self) -> list[str]:
        """What the table of equivalents says that is not so (any more)."""
        made, alive = {one.key for one in self.made}, {one.key for one in self.survivors}
        return [
            f"{self.room}: {where}: {change}: is listed as equivalent, but {said}"
            for where, change in self.equivalent
            for said in (
                ["is not made any more"]
                if (where, change) not in made
                else ["a test kills it"]
                if (where, change) not in alive
                else []
            )
        ]

    def good_enough(self, limit: int) -> bool:
        return not self.wrongly_listed and percent(self.killed, self.counted) >= limit


def percent(killed: int, made: int) -> int:
    """Whole percent, never rounded up to a limit that was not reached."""
    return math.floor(100 * killed / made) if made else 100


def summary(verdicts: Sequence[Verdict], limit: int) -> str:
    """The survivors, what is wrong with the table, a line a room and one for all."""
    lines = [f"{one.room}:{mutant.line}: {mutant.where}: {mutant.change}" for one in verdicts for mutant in one.alive]
    lines += [line for one in verdicts for line in one.wrongly_listed]
    made, killed = sum(one.counted for one in verdicts), sum(one.killed for one in verdicts)
    lines += [
        f"{one.room}: {one.counted} made, {one.killed} killed, {percent(one.killed, one.counted)} %"
        f" ({len(one.equivalent)} equivalent ones aside)"
        for one in verdicts
    ]
    lines.append(f"mutants: {made} made, {killed} killed, {percent(killed, made)} %, limit {limit} %")
    return "\n".join(lines)
