# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two ways to do the same, timed one right after the other again and again: what the machine does besides hits both."""

from __future__ import annotations

import collections.abc
import dataclasses
import statistics

# The largest value that is accepted, by name. docs/performance.md says what each of them is and why.
LIMITS: dict[str, float] = {
    "principals-create-against-kadmin.local": 2.0,
    "principals-re-check-against-kadmin.local": 2.0,
    "principals-create-against-loop": 0.02,
    "principals-re-check-against-loop": 0.02,
    "principals-create-memory": 80.0,
    "principals-re-check-memory": 80.0,
    "keytab-merge-against-ktutil": 0.15,
    "keytab-merge-module-against-ktutil": 0.05,
    "keytab-merge-memory": 80.0,
    "keytab-export-against-ktadd": 1.5,
    "keytab-export-memory": 80.0,
    "krb5-conf-1-against-lineinfile": 1.3,
    "krb5-conf-1-command-against-lineinfile": 1.3,
    "krb5-conf-200-command-against-lineinfile": 1.3,
    "keytab-merge-growth": 1.2,
    "keytab-merge-memory-growth": 1.2,
    "principals-re-check-growth": 1.2,
    "ad-keytab-re-check-module-against-tools": 2.0,
    "ad-keytab-re-check-growth": 1.2,
    "principals-re-check-memory-growth": 1.2,
    "fleet-tasks-of-a-product": 15,
    "fleet-check-against-ping": 12,
    "fleet-check-per-host-growth": 1.1,
    "fleet-kadmin-sessions": 2,
    "fleet-kadmin-sessions-growth": 0,
    "fleet-memory-of-a-host": 3,
}

Pair = tuple[float, float]


@dataclasses.dataclass(frozen=True)
class Ratio:
    """Seconds of ours and of the peer's, in pairs; `ours` and `peer` say what was timed; `limit`: see LIMITS."""

    name: str
    ours: str
    peer: str
    pairs: tuple[Pair, ...]
    limit: float | None = None

    @property
    def value(self) -> float:
        """The median of the pairs' own ratios, so that a slow moment of the machine cancels out."""
        return statistics.median(ours / peer for ours, peer in self.pairs)

    @property
    def over(self) -> bool:
        return self.limit is not None and self.value > self.limit

    def __str__(self) -> str:
        limit = "-" if self.limit is None else f"{self.limit:.2f}"
        ours, peer = (statistics.median(side) for side in zip(*self.pairs, strict=True))
        count = f"{len(self.pairs)} pairs" if len(self.pairs) > 1 else "1 pair"
        return (
            f"{self.name} ratio {self.value:.{2 if self.value >= 0.1 else 4}f} limit {limit}"
            f"  ({self.ours} {ours:.3f} s, {self.peer} {peer:.3f} s, medians of {count})"
        )


def ratio(name: str, ours: str, peer: str, pairs: collections.abc.Iterable[Pair]) -> Ratio:
    """A ratio with the limit that is set for its name."""
    return Ratio(name, ours, peer, tuple(pairs), LIMITS.get(name))
