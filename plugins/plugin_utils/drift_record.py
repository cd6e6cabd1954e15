# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a drift run has seen so far, host by host: values in, a report out. Knows nothing of Ansible's objects."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ..module_utils._domain.drift_finding import Finding
from ..module_utils._domain.drift_report import CHECKED, FAILED, UNFINISHED, UNREACHABLE, HostRecord, Report, Waiver
from ..module_utils._domain.drift_severity import REFUSAL


@dataclass(frozen=True)
class Failure:
    """Why a host did not go on. ``origin``: the host on which the task ran, which is another for a task run once."""

    state: str
    origin: str
    reason: str
    findings: tuple[Finding, ...] = ()


@dataclass
class Seen:
    """What was seen of one host. ``through``: the plays that it got through."""

    roles: set[str] = field(default_factory=set)
    findings: dict[str, Finding] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    through: set[str] = field(default_factory=set)


class Record:
    """A run as it goes on. Plays are told apart by any name that is theirs alone."""

    def __init__(self) -> None:
        self.waivers: tuple[Waiver, ...] = ()
        self.broken = ""
        self._hosts: dict[str, Seen] = {}
        self._wanted: dict[str, set[str]] = {}  # play: its hosts
        self._begun: tuple[str, tuple[str, ...]] = ("", ())

    @property
    def batch(self) -> tuple[str, ...]:
        """The hosts of the play that runs now, or of the part of them that runs now."""
        return self._begun[1]

    def expect(self, play: str, hosts: Collection[str]) -> None:
        """A play has these hosts to get through; what was expected before of it is no longer."""
        self._wanted[play] = set(hosts)
        for host in hosts:
            self._hosts.setdefault(host, Seen())

    def begin(self, play: str, batch: Collection[str]) -> None:
        """A play begins on some or all of its hosts; the one before has ended."""
        self.end()
        self._begun = (play, tuple(batch))
        for host in batch:
            self._hosts.setdefault(host, Seen())

    def end(self) -> None:
        """The play that ran has ended; hosts that failed in it are told by what they failed with."""
        play, batch = self._begun
        for host in batch:
            self._hosts[host].through.add(play)
        self._begun = ("", ())

    def result(self, hosts: Collection[str], role: str, findings: Collection[Finding]) -> None:
        """A task's result on hosts that go on."""
        for host in hosts:
            seen = self._hosts.setdefault(host, Seen())
            if role:
                seen.roles.add(role)
            seen.findings.update({finding.id: finding for finding in findings})

    def failure(self, hosts: Collection[str], role: str, failure: Failure) -> None:
        """A task failed, or a host could not be reached. Whether that counts, only the end of the run tells."""
        self.result(hosts, role, [finding for finding in failure.findings if finding.kind != REFUSAL])
        for host in hosts:
            self._hosts[host].failures.append(failure)

    def report(self, created: str, ended: Mapping[str, Collection[str]] | None = None) -> Report:
        """The report. ``ended``: the state of hosts that did not get to the end, once the run has ended, by state;
        until then every host is unfinished."""
        hosts = tuple(self._host(name, seen, ended) for name, seen in sorted(self._hosts.items()))
        return Report(created, hosts, self.waivers)

    def _host(self, name: str, seen: Seen, ended: Mapping[str, Collection[str]] | None) -> HostRecord:
        findings = dict(seen.findings)
        lost = None
        if ended is not None:
            # A failure that a rescue took care of is none; the count of the run knows which.
            counted = [one for one in seen.failures if one.origin in ended.get(one.state, ())]
            lost = counted[-1] if counted else _uncounted(name, ended)
        state, reason = CHECKED, ""
        if lost:
            state, reason = lost.state, lost.reason
            findings.update({finding.id: finding for finding in lost.findings})
        elif self.broken:
            state, reason = UNFINISHED, self.broken
        elif ended is None:
            state, reason = UNFINISHED, "the run has not ended, or was stopped before its end"
        elif any(name in hosts and play not in seen.through for play, hosts in self._wanted.items()):
            state, reason = UNFINISHED, "the run ended before all plays of this host"
        return HostRecord(name, state, reason, tuple(sorted(seen.roles)), tuple(findings.values()))


def _uncounted(name: str, ended: Mapping[str, Collection[str]]) -> Failure | None:
    """A host that the count of the run has as failed or unreachable, without a result that says why."""
    for state in (FAILED, UNREACHABLE):
        if name in ended.get(state, ()):
            return Failure(state, name, "see the output of the run")
    return None


_RUNS: list[Record] = []  # of this process; workers are its children and have it as it was
_HEARERS: list[bool] = []


def hear() -> None:
    """A plugin is there that hears what tasks do."""
    _HEARERS.append(True)


def heard() -> bool:
    """Whether there is one."""
    return bool(_HEARERS)


def claim() -> Record | None:
    """A new record for the plugin that asks first; None for another that is loaded beside it."""
    if _RUNS:
        return None
    _RUNS.append(Record())
    return _RUNS[0]


def release() -> None:
    """The run has ended, and another playbook may follow."""
    _RUNS.clear()
