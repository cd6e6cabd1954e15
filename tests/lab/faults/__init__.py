# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults that are made on the lab's hosts on purpose, so that the doctor must name their causes.

Each room beside this one has the faults of an area: ``FAULTS`` and ``PAIRS``, both by the name of a site (fleet.py):
``FAULTS = {fleet.MIT.name: (Fault(...), ...)}``, ``PAIRS = {fleet.MIT.name: (Pair(...), ...)}``.
"""

from __future__ import annotations

import collections.abc
import dataclasses


@dataclasses.dataclass(frozen=True)
class Fault:
    """One fault. ``host``: the short name of the host whose first cause must be ``check``, with evidence, subject or
    cause that match ``shown``.

    ``make`` and ``unmake``: sh scripts (`sh -e -c`), run by root on ``made_on``, or on ``host`` where that is empty.
    ``unmake`` puts back all that ``make`` changed, and waits until what it restarted answers again. ``disturbs``: short
    names of further hosts that it affects, so that no other fault of the same round may be there.
    """

    name: str
    host: str
    make: str
    unmake: str
    check: str
    shown: str
    made_on: str = ""
    disturbs: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """The host on which it is made."""
        return self.made_on or self.host

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts that no other fault of the same round may touch."""
        return frozenset((self.host, self.place, *self.disturbs))


@dataclasses.dataclass(frozen=True)
class Pair:
    """Two faults at the same time, both of which must be named, neither as what the other accounts for."""

    first: Fault
    second: Fault

    @property
    def faults(self) -> tuple[Fault, Fault]:
        """Both."""
        return self.first, self.second


ByFault = collections.abc.Mapping[str, tuple[Fault, ...]]
ByPair = collections.abc.Mapping[str, tuple[Pair, ...]]
