# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pathlib
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TESTS), str(TESTS / "checkout")]

from bench import figure, ratio  # noqa: E402
from bench.playbook import BenchError, Timed, own  # noqa: E402
from bench.process import run  # noqa: E402


def test_memory_is_the_largest_of_the_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ratio.LIMITS, "merge-memory", 80.0)
    found = figure.memory("merge-memory", iter([45.06, 44.0]))
    assert str(found) == "merge-memory 45.1 MB limit 80"
    assert not found.over
    assert figure.memory("merge-memory", [80.1]).over
    assert str(figure.memory("nobody", [1.0])) == "nobody 1.0 MB limit -"


@pytest.mark.parametrize(("exponent", "over"), [(1.0, False), (1.19, False), (1.21, True), (2.0, True)])
def test_growth_is_the_exponent_of_the_size(monkeypatch: pytest.MonkeyPatch, exponent: float, over: bool) -> None:
    monkeypatch.setitem(ratio.LIMITS, "merge-growth", 1.2)
    found = figure.growth("merge-growth", "s", [(size, 3.0 * size**exponent) for size in (1000, 2000, 20_000)])
    assert found.exponent == pytest.approx(exponent)
    assert found.over is over


def test_line_of_growth_has_its_points() -> None:
    found = figure.growth("nobody", "s", [(1000, 0.1), (10_000, 1.0)])
    assert str(found) == "nobody exponent 1.00 limit -  (1000: 0.1 s, 10000: 1 s)"
    assert not found.over


def test_ping_is_taken_off_a_task() -> None:
    done = {"ping": Timed(0.25, False), "merge": Timed(0.75, True)}
    assert own(done, "merge") == 0.5


def test_a_process_tells_what_it_took(tmp_path: pathlib.Path) -> None:
    spent = run("keytab_info", {"path": str(tmp_path / "none")}, tmp_path, {})
    assert not spent.changed
    assert 5 < spent.megabytes < 500
    assert 0 <= spent.grown < spent.megabytes
    assert spent.seconds >= 0


def test_a_process_that_fails_says_why(tmp_path: pathlib.Path) -> None:
    with pytest.raises(BenchError, match=r"^keytab_info: .* is a directory; name the file itself"):
        run("keytab_info", {"path": str(tmp_path)}, tmp_path, {})
