# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the evidence of a fleet to causes: checks look at it, and what others account for comes after its cause.

Evidence is what `doctor_info` returns of a host: sections by name, each a dictionary as JSON has them. A section that
could not be gathered is ``{"untested": why}``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Iterable, List, Mapping, Sequence, Tuple

BROKEN = "broken"  # somebody cannot log in, or soon will not
DEGRADED = "degraded"  # logins succeed for now, or for some
UNTESTED = "untested"  # nobody knows
GRADES = (BROKEN, DEGRADED, UNTESTED)

# What a check is about, from what everything rests on to what only shows that something is wrong.
NAMES, TIME, NETWORK, CLIENT_CONF, DATABASE, KEYTAB, JAVA, SETTINGS, RUNNING, CLIENT, LOGIN, LOG = range(12)

Evidence = Mapping[str, Any]
Fleet = Mapping[str, Evidence]


@dataclass(frozen=True)
class Trouble:
    """What a check found. ``subject``: the file, principal, name or port that it is about; the others are clauses
    without a full stop. ``accounts_for``: hosts beside its own on which it is the cause of what the check explains.
    ``rests_on``: of a login or a line of a log, further hosts of which a broken one accounts for it."""

    subject: str
    cause: str
    evidence: str
    remedy: str
    grade: str = BROKEN
    accounts_for: Tuple[str, ...] = ()
    rests_on: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """One thing to look at. ``id``: stable, AREA.NAME. ``symptom``: what people see of it. ``look`` gets a host's name
    and the whole fleet. ``explains``: ids, or AREA.* for all of an area, of what it accounts for on the same host."""

    id: str
    layer: int
    symptom: str
    look: Callable[[str, Fleet], Iterable[Trouble]]
    explains: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Diagnosis:
    """A trouble of a host, with its check; ``because``: ids of the checks whose troubles account for it."""

    host: str
    check: Check
    trouble: Trouble
    because: Tuple[str, ...] = field(default=())

    def as_result(self) -> Dict[str, Any]:
        return {
            "host": self.host,
            "check": self.check.id,
            "grade": self.trouble.grade,
            "subject": self.trouble.subject,
            "symptom": self.check.symptom,
            "cause": self.trouble.cause,
            "evidence": self.trouble.evidence,
            "remedy": self.trouble.remedy,
            "because": list(self.because),
        }


def section(evidence: Evidence, name: str) -> Mapping[str, Any]:
    """A section that was gathered; an empty one where it was not, or could not be."""
    found = evidence.get(name) or {}
    return {} if "untested" in found else found


def diagnose(fleet: Fleet, checks: Sequence[Check]) -> List[Diagnosis]:
    """All troubles of the fleet: causes first and what they account for after them, each the worst first."""
    hosts = sorted(fleet)
    found = [Diagnosis(host, check, one) for check in checks for host in hosts for one in _troubles(check, host, fleet)]
    return sorted((_explained(one, found) for one in found), key=_rank)


def _troubles(check: Check, host: str, fleet: Fleet) -> List[Trouble]:
    """What a check finds; evidence that it cannot read, as that of another release, costs no other check its say."""
    try:
        return list(check.look(host, fleet))
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        words = f"{type(error).__name__}: {error}"
        remedy = "use one release of the collection for the evidence and on the controller, or report it as a bug"
        return [Trouble(check.id, "the check could not read the evidence", words, remedy, UNTESTED)]


def _explained(one: Diagnosis, found: Sequence[Diagnosis]) -> Diagnosis:
    because = {other.check.id: None for other in found if other.trouble.grade != UNTESTED and _accounts_for(other, one)}
    return Diagnosis(one.host, one.check, one.trouble, tuple(because))


def _accounts_for(other: Diagnosis, one: Diagnosis) -> bool:
    if other.check.id == one.check.id:
        return False
    here = one.host == other.host or one.host in other.trouble.accounts_for
    return _shows_in(other, one) or (here and _explains(other.check, one.check))


def _explains(cause: Check, check: Check) -> bool:
    """Of two that explain each other, the one that more rests on is the cause."""
    if not any(_covers(name, check.id) for name in cause.explains):
        return False
    mutual = any(_covers(name, cause.id) for name in check.explains)
    return not mutual or (cause.layer, cause.id) < (check.layer, check.id)


def _shows_in(other: Diagnosis, one: Diagnosis) -> bool:
    """Whether ``one`` is a login or a line of a log, which only show that something is wrong, and ``other`` what is."""
    if one.check.layer < LOGIN or other.check.layer >= LOGIN or one.trouble.grade == UNTESTED:
        return False
    # What only makes logins worse is no cause of one that fails.
    if GRADES.index(other.trouble.grade) > GRADES.index(one.trouble.grade):
        return False
    return other.host == one.host or (other.host in one.trouble.rests_on and other.trouble.grade == BROKEN)


def _covers(pattern: str, name: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith(".*") else name == pattern


def _rank(one: Diagnosis) -> Tuple[Any, ...]:
    grade = GRADES.index(one.trouble.grade)
    return (grade == 2, bool(one.because), grade, one.check.layer, one.check.id, one.trouble.subject, one.host)
