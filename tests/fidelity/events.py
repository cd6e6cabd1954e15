# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs recorded as values, and what two of them disagree about. Pure."""

from __future__ import annotations

import collections
import dataclasses
import difflib
import json
import re
import typing

# What only the run can choose, or what only the package knows, is shown as such by the collection's modules.
# A diff of what only a package that is still to come can read; it stands for all that the task then says.
UNREAD = re.compile(r".*\(read when .+ is there\)")
UNKNOWABLE = re.compile(r"\\\((?:chosen\\ by\\ the\\ \w+|comes\\ with\\ the\\ package)\\\)")


@dataclasses.dataclass(frozen=True)
class Event:
    """One task on one host: its nth occurrence in the run, what it said, and the lines that its diff takes and adds."""

    host: str
    task: str
    path: str
    nth: int
    status: str
    changed: bool
    lines: tuple[str, ...]
    parts: tuple[tuple[str, str, str], ...]  # header, before, after
    message: str

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What is the same in a check run and the run that follows."""
        return (self.host, self.path, self.task, self.nth)


def events(record: str) -> list[Event]:
    """The events of a record of the callback, in order."""
    seen: collections.Counter[tuple[str, str, str]] = collections.Counter()
    found = []
    for line in record.splitlines():
        entry = json.loads(line)
        place = (entry["host"], entry["path"], entry["task"])
        seen[place] += 1
        parts = tuple(_part(part) for part in entry["diff"])
        found.append(
            Event(
                host=entry["host"],
                task=entry["task"],
                path=entry["path"],
                nth=seen[place],
                status=entry["status"],
                changed=entry["changed"],
                lines=tuple(line for part in parts for line in _difference(*part)),
                parts=parts,
                message=entry["message"],
            )
        )
    return found


def _part(part: typing.Mapping[str, str]) -> tuple[str, str, str]:
    header = part.get("after_header") or part.get("before_header") or ""
    return header, part.get("before", ""), part.get("after", part.get("prepared", ""))


def _difference(header: str, before: str, after: str) -> list[str]:
    """The lines taken and added, without those around them: an earlier task may have edited the same file."""
    compared = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [f"{header}: {line}" for line in list(compared)[2:] if not line.startswith("@@")]


@dataclasses.dataclass(frozen=True)
class Disagreement:
    """A (host, task) that one run changed and the other did not, or whose diff is another."""

    kind: str  # missed | false | diff
    host: str
    task: str
    detail: str = ""


def disagreements(check: typing.Sequence[Event], run: typing.Sequence[Event]) -> list[Disagreement]:
    """What a check run foretold wrongly of the run that followed."""
    foretold = {event.key: event for event in check if event.changed}
    happened = {event.key: event for event in run if event.changed}
    found = [Disagreement("missed", key[0], key[2]) for key in happened.keys() - foretold.keys()]
    found += [Disagreement("false", key[0], key[2]) for key in foretold.keys() - happened.keys()]
    for key in foretold.keys() & happened.keys():
        detail = _other_lines(foretold[key].lines, happened[key].lines)
        if detail:
            found.append(Disagreement("diff", key[0], key[2], detail))
    return sorted(found, key=lambda one: (one.kind, one.host, one.task))


def _other_lines(check: typing.Sequence[str], run: typing.Sequence[str]) -> str:
    """The first lines in which two diffs differ; empty where they are the same but for what nobody could know."""
    if any(UNREAD.fullmatch(line) for line in check):
        return ""
    exact = list(run)
    patterns = []
    for line in check:
        if line in exact:
            exact.remove(line)
        else:
            patterns.append(line)
    for line in list(patterns):
        pattern = re.compile(UNKNOWABLE.sub(".*", re.escape(line)))
        fitting = [one for one in exact if pattern.fullmatch(one)]
        if fitting:
            exact.remove(fitting[0])
            patterns.remove(line)
    if not exact and not patterns:
        return ""
    return f"check said {patterns[:4]}, the run {exact[:4]}"


def failures(run: typing.Sequence[Event]) -> list[str]:
    """The tasks that failed, as sentences."""
    return [
        f"{event.host}: {event.task}: {event.message}" for event in run if event.status in ("failed", "unreachable")
    ]


def changed(run: typing.Sequence[Event]) -> list[str]:
    """The tasks that changed something, as sentences."""
    return [f"{event.host}: {event.task}" for event in run if event.changed]
