# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pathlib
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TESTS), str(TESTS / "checkout")]

from bench import ratio  # noqa: E402
from bench.commands import parser  # noqa: E402

PAIRS = ((1.0, 2.0), (9.0, 3.0), (2.0, 2.0))


def test_line_has_the_median_of_ratios_and_both_medians() -> None:
    found = ratio.Ratio("merge", "1 task", "ktutil", PAIRS, 1.5)
    assert str(found) == "merge ratio 1.00 limit 1.50  (1 task 2.000 s, ktutil 2.000 s, medians of 3 pairs)"
    assert not found.over


def test_line_without_a_limit() -> None:
    found = ratio.ratio("nobody", "a", "b", iter(PAIRS[:1]))
    assert str(found) == "nobody ratio 0.50 limit -  (a 1.000 s, b 2.000 s, medians of 1 pair)"
    assert not found.over


def test_a_small_ratio_keeps_its_digits() -> None:
    assert str(ratio.ratio("loop", "a", "b", [(3.0, 1000.0)])).startswith("loop ratio 0.0030 limit -  (a 3.000 s, ")


@pytest.mark.parametrize(("limit", "over"), [(0.99, True), (1.0, False)])
def test_a_ratio_over_its_limit(monkeypatch: pytest.MonkeyPatch, limit: float, over: bool) -> None:
    monkeypatch.setitem(ratio.LIMITS, "merge", limit)
    assert ratio.ratio("merge", "a", "b", PAIRS).over is over


@pytest.mark.parametrize("words", [["nothing"], ["--pairs", "0"], ["--pairs", "many"]])
def test_words_that_mean_nothing_are_refused(words: list[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(words)


def test_all_parts_are_the_default() -> None:
    assert parser().parse_args([]).parts == []
