# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run of lanes showed: the failed steps' last lines, a table, the slowest tests, and what was not run."""

from __future__ import annotations

import dataclasses
import pathlib
import re
import xml.etree.ElementTree
from typing import Iterator, Sequence

import lanes
import place

SLOWEST = 10


@dataclasses.dataclass(frozen=True)
class Test:
    """One test of a junit report: its lane, its name, its seconds, and why it was skipped ('' if it was not)."""

    lane: str
    name: str
    seconds: float
    skipped: str


def _tests(lane: str, report: pathlib.Path) -> Iterator[Test]:
    if not report.is_file():
        return
    for case in xml.etree.ElementTree.parse(report).iter("testcase"):
        skip = case.find("skipped")
        name = f"{case.get('classname', '')}::{case.get('name', '')}".replace("tests.", "", 1)
        reason = "" if skip is None else (skip.get("message") or "no reason given")
        yield Test(lane, name, float(case.get("time", "0")), reason)


def _tail(step: lanes.StepResult) -> str:
    lines = step.log.read_text(errors="replace").rstrip().splitlines()
    telling = [line for line in lines if step.step.telling and re.match(step.step.telling, line)]
    shown = "\n".join(f"  | {line}" for line in (telling or lines)[-lanes.TAIL :])
    return f"{step.step.title}: ended with {step.status}; whole log: {step.log.relative_to(place.ROOT)}\n{shown}"


def _empty(result: lanes.LaneResult, tests: Sequence[Test]) -> bool:
    """Whether a lane of tests ran none: a test run that cannot fail is a failure."""
    return not tests and not result.failed and any(step.step.junit for step in result.steps)


def _row(result: lanes.LaneResult, tests: Sequence[Test]) -> str:
    word = "FAILED" if result.failed or _empty(result, tests) else "ok"
    count = ""
    if _empty(result, tests):
        count = "no test was run"
    elif any(step.step.junit for step in result.steps):
        skipped = sum(1 for test in tests if test.skipped)
        count = f"{len(tests)} tests" + (f", {skipped} skipped" if skipped else "")
    failed = ", ".join(step.step.title for step in result.failed)
    return f"{result.lane.name:<20} {word:<7} {result.seconds:8.1f} s  {count or failed}".rstrip()


def show(results: Sequence[lanes.LaneResult], not_run: Sequence[lanes.NotRun], seconds: float) -> bool:
    """Prints the closing report; whether everything that was run succeeded."""
    tests = {
        result.lane.name: [
            test for step in result.steps if step.step.junit for test in _tests(result.lane.name, step.step.junit)
        ]
        for result in results
    }
    for result in results:
        for step in result.failed:
            print(f"\n--- {result.lane.name}: {_tail(step)}")
    print("\nlane                 result   seconds")
    for result in results:
        print(_row(result, tests[result.lane.name]))
    everything = [test for some in tests.values() for test in some]
    slowest = sorted(everything, key=lambda test: -test.seconds)[:SLOWEST]
    if slowest:
        print("\nthe slowest tests")
        for test in slowest:
            print(f"{test.seconds:8.2f} s  {test.lane:<18} {test.name}")
    skipped = [test for test in everything if test.skipped]
    if skipped:
        print("\nskipped")
        for test in skipped:
            print(f"  {test.lane:<18} {test.name}: {test.skipped}")
    for lane in not_run:
        print(f"\nnot run: {lane.name}: {lane.reason}")
    failed = [result.lane.name for result in results if result.failed or _empty(result, tests[result.lane.name])]
    if failed:
        print(f"\ntest: FAILED in {', '.join(failed)} ({seconds:.0f} s)")
    else:
        print(f"\ntest: {len(results)} lanes ok, {len(not_run)} not run, {seconds:.0f} s")
    return not failed
