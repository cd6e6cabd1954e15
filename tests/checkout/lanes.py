# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lanes of work that run side by side, as many as there are processors, each with its log and a live line."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
from typing import Mapping, Sequence

import place

HEARTBEAT = 30.0  # seconds of silence after which a run without a terminal says that it lives
TAIL = 40  # lines of a failed step's log that are shown at the end


@dataclasses.dataclass(frozen=True)
class Step:
    """One command of a lane. `junit`: where it leaves its test report; `telling`: a pattern of the lines of its log
    that say what failed, where the last ones do not."""

    title: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: pathlib.Path = place.ROOT
    junit: pathlib.Path | None = None
    telling: str = ""


@dataclasses.dataclass(frozen=True)
class Lane:
    """Steps that run one after another. `holds`: what no two lanes may use at once; `to_the_end`: a failed step
    does not keep the later ones from running (linters: one run shows every complaint); `waits`: it sleeps most of its
    time, so it takes no slot."""

    name: str
    steps: tuple[Step, ...]
    holds: frozenset[str] = frozenset()
    to_the_end: bool = False
    waits: bool = False


@dataclasses.dataclass(frozen=True)
class NotRun:
    """A lane that this machine cannot run, and why: said at the end of every run, never left out."""

    name: str
    reason: str


@dataclasses.dataclass(frozen=True)
class StepResult:
    step: Step
    status: int
    seconds: float
    log: pathlib.Path


@dataclasses.dataclass(frozen=True)
class LaneResult:
    lane: Lane
    steps: tuple[StepResult, ...]

    @property
    def seconds(self) -> float:
        return sum(step.seconds for step in self.steps)

    @property
    def failed(self) -> tuple[StepResult, ...]:
        return tuple(step for step in self.steps if step.status)


class _Running:
    """A lane under way: its process, and what has been finished of it."""

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.done: list[StepResult] = []
        self._start()

    def _start(self) -> None:
        self.step = self.lane.steps[len(self.done)]
        self.since = time.monotonic()
        self.log = place.LOGS / f"{self.lane.name}.{re.sub(r'[ /]', '-', self.step.title)}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.step.command,
                cwd=self.step.folder,
                env=dict(self.step.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def advance(self) -> StepResult | None:
        """The step that has just ended, if one has; the next one is started."""
        status = self.process.poll()
        if status is None:
            return None
        result = StepResult(self.step, status, time.monotonic() - self.since, self.log)
        self.done.append(result)
        self.ended = len(self.done) == len(self.lane.steps) or (status != 0 and not self.lane.to_the_end)
        if not self.ended:
            self._start()
        return result

    ended = False

    def stop(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()


class _Screen:
    """The live lines: redrawn on a terminal, an event a line (and a heartbeat) elsewhere."""

    def __init__(self) -> None:
        self.terminal = sys.stdout.isatty()
        self.drawn = 0
        self.spoken = time.monotonic()

    def _wipe(self) -> None:
        if self.drawn:
            sys.stdout.write(f"\x1b[{self.drawn}A\x1b[J")
            self.drawn = 0

    def say(self, line: str) -> None:
        self._wipe()
        print(line, flush=True)
        self.spoken = time.monotonic()

    def draw(self, running: Sequence[_Running]) -> None:
        now = time.monotonic()
        lines = [f"  {one.lane.name:<18} {one.step.title:<28} {now - one.since:6.0f} s" for one in running]
        if self.terminal:
            self._wipe()
            sys.stdout.write("".join(line + "\n" for line in lines))
            sys.stdout.flush()
            self.drawn = len(lines)
        elif now - self.spoken > HEARTBEAT:
            self.say("still running:" + "".join(f"\n{line}" for line in lines))


def _startable(waiting: Sequence[Lane], running: Sequence[_Running], slots: int) -> Lane | None:
    held = frozenset().union(*(one.lane.holds for one in running))
    full = sum(not one.lane.waits for one in running) >= slots
    return next((lane for lane in waiting if not lane.holds & held and (lane.waits or not full)), None)


def run(lanes: Sequence[Lane], slots: int) -> list[LaneResult]:
    """Runs the lanes in their order as far as what they hold allows, at most `slots` at once beside what waits."""
    place.LOGS.mkdir(parents=True, exist_ok=True)
    screen = _Screen()
    waiting, running, results = list(lanes), [], []  # type: list[Lane], list[_Running], list[LaneResult]
    try:
        while waiting or running:
            while (lane := _startable(waiting, running, slots)) is not None:
                waiting.remove(lane)
                running.append(_Running(lane))
                screen.say(f"start   {lane.name}")
            for one in list(running):
                step = one.advance()
                if step is not None and (step.status or not screen.terminal):
                    word = "FAILED" if step.status else "ok"
                    screen.say(f"{word:<7} {one.lane.name}: {step.step.title} ({step.seconds:.1f} s)")
                if one.ended:
                    running.remove(one)
                    results.append(LaneResult(one.lane, tuple(one.done)))
            screen.draw(running)
            time.sleep(0.1)
    finally:
        for one in running:
            one.stop()
    order = {lane.name: number for number, lane in enumerate(lanes)}
    return sorted(results, key=lambda result: order[result.lane.name])
