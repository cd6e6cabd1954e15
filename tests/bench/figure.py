# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures that stand alone, without a peer: memory, and how seconds and memory grow with the size of the work."""

from __future__ import annotations

import collections.abc
import dataclasses
import math
import statistics

from .ratio import LIMITS

Point = tuple[float, float]  # size of the work, what it took


@dataclasses.dataclass(frozen=True)
class Memory:
    """The largest resident set of a module's process in megabytes (10^6 bytes), of several runs the largest."""

    name: str
    megabytes: float
    limit: float | None = None

    @property
    def over(self) -> bool:
        return self.limit is not None and self.megabytes > self.limit

    def __str__(self) -> str:
        return f"{self.name} {self.megabytes:.1f} MB limit {'-' if self.limit is None else f'{self.limit:g}'}"


@dataclasses.dataclass(frozen=True)
class Growth:
    """What work of several sizes took: with an exponent of 1 twice the work takes twice as much."""

    name: str
    unit: str
    points: tuple[Point, ...]
    limit: float | None = None

    @property
    def exponent(self) -> float:
        """The slope of the straight line through the logarithms, by least squares."""
        sizes = [math.log(size) for size, dummy in self.points]
        return statistics.linear_regression(sizes, [math.log(taken) for dummy, taken in self.points]).slope

    @property
    def over(self) -> bool:
        return self.limit is not None and self.exponent > self.limit

    def __str__(self) -> str:
        limit = "-" if self.limit is None else f"{self.limit:.2f}"
        told = ", ".join(f"{size:g}: {taken:.3g} {self.unit}" for size, taken in self.points)
        return f"{self.name} exponent {self.exponent:.2f} limit {limit}  ({told})"


@dataclasses.dataclass(frozen=True)
class Figure:
    """A figure in a unit of its own."""

    name: str
    unit: str
    value: float
    limit: float | None = None

    @property
    def over(self) -> bool:
        return self.limit is not None and self.value > self.limit

    def __str__(self) -> str:
        return f"{self.name} {self.value:.3g} {self.unit} limit {'-' if self.limit is None else f'{self.limit:g}'}"


def figure(name: str, unit: str, value: float) -> Figure:
    """The figure with the limit that is set for its name."""
    return Figure(name, unit, value, LIMITS.get(name))


def memory(name: str, megabytes: collections.abc.Iterable[float]) -> Memory:
    """The figure with the limit that is set for its name."""
    return Memory(name, max(megabytes), LIMITS.get(name))


def growth(name: str, unit: str, points: collections.abc.Iterable[Point]) -> Growth:
    """The figure with the limit that is set for its name."""
    return Growth(name, unit, tuple(points), LIMITS.get(name))
