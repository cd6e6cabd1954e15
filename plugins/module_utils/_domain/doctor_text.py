# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor's document as people read it: each cause once, with what it accounts for beneath it, the worst first."""

from __future__ import annotations

from typing import Any, Dict, FrozenSet, Iterable, List, Mapping, Sequence, Tuple

from .doctor import BROKEN, DEGRADED, UNTESTED

One = Mapping[str, Any]
HEADINGS = {BROKEN: "BROKEN", DEGRADED: "DEGRADED", UNTESTED: "COULD NOT BE TESTED"}
FIELDS = ("symptom", "cause", "evidence", "remedy")
SAME = ("check", "grade", "subject", "symptom", "cause", "remedy")  # of the same trouble on several hosts


def lines(document: Mapping[str, Any]) -> List[str]:
    """The text, line by line, without ends of lines."""
    found: Sequence[One] = document["diagnoses"]
    beneath = _beneath(found)
    text = [_head(document)]
    for group in _grouped((number for number in range(len(found)) if number not in beneath), found):
        folded = [found[number] for number, cause in beneath.items() if cause in group]
        text += ["", *_told([found[number] for number in group])]
        text += [f"  so also    {_short(one)}" for one in folded]
    return text


def _head(document: Mapping[str, Any]) -> str:
    hosts, causes = document["summary"]["hosts"], document["summary"]["causes"]
    known = sum(hosts.values())
    if document["status"] == "healthy":
        return f"doctor: healthy: {known} hosts, and nothing was found"
    counts = [f"{number} {words}" for number, words in _counts(causes) if number]
    return f"doctor: {document['status']}: {', '.join(counts)}, on {known - hosts['healthy']} of {known} hosts"


def _counts(causes: Mapping[str, int]) -> Tuple[Tuple[int, str], ...]:
    return (causes[BROKEN], "broken"), (causes[DEGRADED], "degraded"), (causes[UNTESTED], "could not be tested")


def _beneath(found: Sequence[One]) -> Dict[int, int]:
    """The number of each consequence, and that of the cause beneath which it is told: of its own host where there is
    one. What has lost its cause in a circle is none, and is told by itself."""
    causes = [number for number, one in enumerate(found) if not one["because"]]
    beneath = {}
    for number, one in enumerate(found):
        roots = _roots(one, found)
        of_it = [cause for cause in causes if found[cause]["check"] in roots]
        here = [cause for cause in of_it if found[cause]["host"] == one["host"]]
        if one["because"] and of_it:
            beneath[number] = (here or of_it)[0]
    return beneath


def _roots(one: One, found: Sequence[One]) -> FrozenSet[str]:
    """The checks that account for it, by way of others too."""
    seen = set(one["because"])
    while True:
        more = {name for other in found if other["check"] in seen for name in other["because"]} - seen
        if not more:
            return frozenset(seen)
        seen |= more


def _grouped(numbers: Iterable[int], found: Sequence[One]) -> List[List[int]]:
    """Those that are the same trouble on several hosts, together."""
    groups: Dict[Tuple[Any, ...], List[int]] = {}
    for number in numbers:
        groups.setdefault(tuple(found[number][name] for name in SAME), []).append(number)
    return list(groups.values())


def _told(group: Sequence[One]) -> List[str]:
    first = group[0]
    evidence = {one["evidence"] for one in group}
    hosts = ", ".join(dict.fromkeys(one["host"] for one in group))
    told = [f"{HEADINGS[first['grade']]}  {first['check']}  {hosts}  {first['subject']}"]
    for name in FIELDS:
        if name == "evidence" and len(evidence) > 1:
            told += [f"  {name:<9}  {one['host']}: {one[name]}" for one in group]
        else:
            told.append(f"  {name:<9}  {first[name]}")
    return told


def _short(one: One) -> str:
    return f"{one['check']}  {one['host']}  {one['subject']}: {one['cause']}"
