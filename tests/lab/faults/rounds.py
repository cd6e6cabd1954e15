# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which faults are made at the same time, and what the doctor's report must say of them."""

from __future__ import annotations

import collections.abc
import dataclasses
import re
import typing

from . import Fault, Pair

One = collections.abc.Mapping[str, typing.Any]
Report = collections.abc.Mapping[str, typing.Any]


@dataclasses.dataclass(frozen=True)
class Judged:
    """A fault, the first cause that the doctor named on its host with its evidence, and whether that is the right one.

    ``among``: of a pair, whether it is enough that its cause is one of those that nothing else accounts for.
    """

    fault: Fault
    named: str
    evidence: str
    right: bool
    among: bool = False

    @property
    def sentence(self) -> str:
        """What is wrong with it."""
        words = f"{self.named} ({self.evidence})" if self.named else "nothing"
        place = "among the causes" if self.among else "first"
        return (
            f"{self.fault.host}: {self.fault.name}: {self.fault.check} with {self.fault.shown!r} is to be named "
            f"{place}, and the doctor says {words}"
        )


def rounds(faults: collections.abc.Iterable[Fault]) -> list[tuple[Fault, ...]]:
    """All faults, as many in a round as have no host in common."""
    found: list[list[Fault]] = []
    for fault in faults:
        for round_ in found:
            if all(not fault.hosts & other.hosts for other in round_):
                round_.append(fault)
                break
        else:
            found.append([fault])
    return [tuple(round_) for round_ in found]


def causes(report: Report, fqdn: str) -> list[One]:
    """What the report names of a host, without what something else accounts for and what could not be tested."""
    found = [one for one in report["diagnoses"] if one["host"] == fqdn]
    return [one for one in found if not one["because"] and one["grade"] != "untested"]


def judge(fault: Fault, report: Report, fqdn: str) -> Judged:
    """Whether the first cause on its host is the right one."""
    first = causes(report, fqdn)[:1]
    return _judged(fault, first, among=False)


def judge_pair(pair: Pair, report: Report, fqdn_of: collections.abc.Callable[[str], str]) -> list[Judged]:
    """Whether both are among the causes of their hosts."""
    return [_judged(fault, causes(report, fqdn_of(fault.host)), among=True) for fault in pair.faults]


def _judged(fault: Fault, found: collections.abc.Sequence[One], *, among: bool) -> Judged:
    right = [one for one in found if one["check"] == fault.check and _shows(one, fault)]
    said = (right or list(found))[:1]
    named = said[0]["check"] if said else ""
    evidence = f"{said[0]['subject']}: {said[0]['evidence']}" if said else ""
    return Judged(fault, named, evidence, bool(right), among)


def _shows(one: One, fault: Fault) -> bool:
    told = f"{one['subject']} {one['cause']} {one['evidence']}"
    return re.search(fault.shown, told) is not None


def unhealthy(report: Report) -> list[str]:
    """A sentence for each finding on a fleet that is sound."""
    return [
        f"{one['host']}: nothing was made there, and the doctor names {one['check']}: {one['subject']}: {one['cause']} "
        f"({one['evidence']})"
        for one in report["diagnoses"]
    ]


def table(judged: collections.abc.Iterable[Judged]) -> str:
    """The table of the faults, the first causes that were named, and their evidence."""
    rows = [
        ("ok" if one.right else "NO", one.fault.host, one.fault.name, one.named or "-", one.evidence) for one in judged
    ]
    heading = ("", "host", "fault", "first cause named", "evidence")
    widths = [max(len(row[column]) for row in [heading, *rows]) for column in range(len(heading) - 1)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]).rstrip()
        for row in [heading, *rows]
    )
