# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lanes of `make test`: a failure is seen, nothing is left out in silence, what was started is ended."""

from __future__ import annotations

import importlib
import os
import pathlib
import signal
import subprocess
import sys
import time
import types

import pytest

CHECKOUT = pathlib.Path(__file__).resolve().parents[2] / "checkout"
SKIPPING = """
import pytest

def test_runs():
    pass

@pytest.mark.skip(reason="the moon is full")
def test_skips():
    pass
"""


@pytest.fixture
def rooms(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> types.SimpleNamespace:
    """The rooms of tests/checkout, with their logs in a folder of the test."""
    monkeypatch.syspath_prepend(str(CHECKOUT))
    lanes, place, report = (importlib.import_module(name) for name in ("lanes", "place", "report"))
    monkeypatch.setattr(place, "ROOT", tmp_path)
    monkeypatch.setattr(place, "LOGS", tmp_path / "logs")
    return types.SimpleNamespace(lanes=lanes, report=report)


def _step(rooms: types.SimpleNamespace, title: str, code: str, **more: object) -> object:
    return rooms.lanes.Step(title, (sys.executable, "-c", code), os.environ, folder=pathlib.Path.cwd(), **more)


def test_a_failed_step_fails_the_run_and_shows_its_last_lines(
    rooms: types.SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = (_step(rooms, "good", "pass"), _step(rooms, "bad", "print('the cause'); raise SystemExit(3)"))
    results = rooms.lanes.run([rooms.lanes.Lane("walk", steps)], slots=2)
    assert [step.title for step in (one.step for one in results[0].failed)] == ["bad"]
    assert rooms.report.show(results, [], 1.0) is False
    shown = capsys.readouterr().out
    assert "the cause" in shown
    assert "bad: ended with 3" in shown
    assert "test: FAILED in walk" in shown


def test_telling_lines_are_shown_instead_of_the_last(
    rooms: types.SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    step = _step(rooms, "bad", "print('ERROR: here'); print('chatter'); raise SystemExit(1)", telling="ERROR")
    rooms.report.show(rooms.lanes.run([rooms.lanes.Lane("walk", (step,))], slots=1), [], 1.0)
    shown = capsys.readouterr().out
    assert "ERROR: here" in shown
    assert "chatter" not in shown


@pytest.mark.parametrize(("to_the_end", "ran"), [(False, ["bad"]), (True, ["bad", "good"])])
def test_a_failed_step_ends_its_lane_unless_told_otherwise(
    rooms: types.SimpleNamespace, to_the_end: bool, ran: list[str]
) -> None:
    steps = (_step(rooms, "bad", "raise SystemExit(1)"), _step(rooms, "good", "pass"))
    (result,) = rooms.lanes.run([rooms.lanes.Lane("walk", steps, to_the_end=to_the_end)], slots=1)
    assert [one.step.title for one in result.steps] == ran
    assert result.failed


def test_lanes_that_hold_the_same_do_not_run_at_once(rooms: types.SimpleNamespace, tmp_path: pathlib.Path) -> None:
    code = f"import os, time; p = {str(tmp_path / 'held')!r}; os.mkdir(p); time.sleep(0.3); os.rmdir(p)"
    held = frozenset({"lab"})
    lanes = [rooms.lanes.Lane(name, (_step(rooms, "hold", code),), holds=held) for name in ("one", "two", "three")]
    assert not any(result.failed for result in rooms.lanes.run(lanes, slots=3))


def test_a_lane_that_waits_takes_no_slot_and_all_others_do(
    rooms: types.SimpleNamespace, tmp_path: pathlib.Path
) -> None:
    alone = f"import os, time; p = {str(tmp_path / 'slot')!r}; os.mkdir(p); time.sleep(0.3); os.rmdir(p)"
    beside = f"import os, sys, time; p = {str(tmp_path / 'slot')!r}\n"
    beside += "for _ in range(100):\n    os.path.exists(p) and sys.exit(0)\n    time.sleep(0.05)\nsys.exit(1)"
    lanes = [rooms.lanes.Lane(name, (_step(rooms, "work", alone),)) for name in ("one", "two")]
    lanes.append(rooms.lanes.Lane("dream", (_step(rooms, "sleep", beside),), waits=True))
    assert not any(result.failed for result in rooms.lanes.run(lanes, slots=1))


def test_what_was_not_run_or_skipped_is_said(
    rooms: types.SimpleNamespace, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "test_moon.py").write_text(SKIPPING)
    xml = tmp_path / "moon.xml"
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={xml}", "test_moon.py")
    step = rooms.lanes.Step("pytest", command, os.environ, folder=tmp_path, junit=xml)
    results = rooms.lanes.run([rooms.lanes.Lane("moon", (step,))], slots=1)
    assert rooms.report.show(results, [rooms.lanes.NotRun("sun", "it is night")], 1.0) is True
    shown = capsys.readouterr().out
    assert "2 tests, 1 skipped" in shown
    assert "test_skips: the moon is full" in shown
    assert "not run: sun: it is night" in shown
    assert "1 lanes ok, 1 not run" in shown


def test_a_test_lane_that_ran_no_test_fails(
    rooms: types.SimpleNamespace, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    step = _step(rooms, "pytest", "pass", junit=tmp_path / "missing.xml")
    results = rooms.lanes.run([rooms.lanes.Lane("empty", (step,))], slots=1)
    assert rooms.report.show(results, [], 1.0) is False
    assert "no test was run" in capsys.readouterr().out


def test_an_interrupted_run_ends_what_it_started(tmp_path: pathlib.Path) -> None:
    program = f"""
import os, pathlib, signal, sys
sys.path.insert(0, {str(CHECKOUT)!r})
import lanes, place
# As at a terminal: what a shell starts in the background, these tests too, ignores the signal.
signal.signal(signal.SIGINT, signal.default_int_handler)
place.LOGS = pathlib.Path({str(tmp_path)!r})
code = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
lanes.run([lanes.Lane("long", (lanes.Step("sleep", (sys.executable, "-c", code), os.environ, folder=place.LOGS),))], 1)
"""
    runner = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    log = tmp_path / "long.sleep.log"
    until = time.monotonic() + 20
    while not (log.exists() and log.read_text().strip()) and time.monotonic() < until:
        time.sleep(0.05)
    child = int(log.read_text())
    runner.send_signal(signal.SIGINT)
    runner.wait(timeout=30)
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
