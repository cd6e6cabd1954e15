# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import dataclasses
import pathlib
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TESTS), str(TESTS / "checkout")]

from bench import fleet_sizes  # noqa: E402
from bench.fleet_run import Taken, _tasks  # noqa: E402

COUNTED = [
    {"play": "Set up Postfix", "host": "mx1", "on_host": True, "tasks": 9},
    {"play": "Set up Postfix", "host": "mx1", "on_host": False, "tasks": 6},
    {"play": "Every host", "host": "mx1", "on_host": True, "tasks": 8},
    {"play": "Every host", "host": "kdc1", "on_host": False, "tasks": 1},
]


def taken(hosts: int, **more: object) -> Taken:
    """What a command took that is linear in the hosts."""
    base = Taken("check", hosts, 2.0 * hosts, 3.0 * hosts, 70.0 + hosts, 1000 * hosts, 4, 2, tasks=_tasks(COUNTED))
    return dataclasses.replace(base, **more)


def rows(*sizes: int) -> dict[tuple[str, int], Taken]:
    return {(name, size): taken(size) for name, dummy in fleet_sizes.PLAYS for size in sizes}


def figures(found: dict[tuple[str, int], Taken], *sizes: int) -> dict[str, tuple[float, bool]]:
    return {one.name: (one.value, one.over) for one in fleet_sizes.figures(found, sizes)}


def test_tasks_are_those_of_one_play_on_one_host() -> None:
    assert _tasks(COUNTED) == (
        ("Every host", "kdc1", 1, 0),
        ("Every host", "mx1", 8, 8),
        ("Set up Postfix", "mx1", 15, 9),
    )
    assert (taken(1).most(False), taken(1).most(True)) == (15, 9)
    assert dataclasses.replace(taken(1), tasks=()).most(True) == 0


@pytest.mark.parametrize(
    ("count", "sizes"), [(1, (1,)), (5, (1, 5)), (10, (1, 10)), (30, (1, 10, 30)), (100, (1, 10, 30, 100))]
)
def test_sizes_end_with_the_fleets_own(count: int, sizes: tuple[int, ...]) -> None:
    assert fleet_sizes.sizes(count) == sizes


def test_what_is_linear_is_within_all_limits() -> None:
    found = figures(rows(1, 10, 30, 100), 1, 10, 30, 100)
    assert found["fleet-check-per-host-growth"] == (1.0, False)
    assert found["fleet-kadmin-sessions-growth"] == (0, False)
    assert found["fleet-memory-of-a-host"] == (1.0, False)
    assert not any(over for dummy, over in found.values())


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({("check", 100): {"wall": 230.0}}, "fleet-check-per-host-growth"),
        ({("ping", 100): {"wall": 10.0}}, "fleet-check-against-ping"),
        ({("check", 30): {"sessions": 1}}, "fleet-kadmin-sessions-growth"),
        ({("check", size): {"sessions": 3} for size in (1, 10, 30, 100)}, "fleet-kadmin-sessions"),
        ({("drift", 100): {"memory": 400.0}}, "fleet-memory-of-a-host"),
        ({("check", 100): {"tasks": (("Every host", "mx1", 30, 16),)}}, "fleet-tasks-of-a-product"),
    ],
)
def test_what_grows_is_over(changed: dict[tuple[str, int], dict[str, object]], name: str) -> None:
    found = rows(1, 10, 30, 100)
    for key, values in changed.items():
        found[key] = dataclasses.replace(found[key], **values)
    assert [one for one, (dummy, over) in figures(found, 1, 10, 30, 100).items() if over] == [name]


def test_a_row_has_a_column_for_each_word_of_the_head() -> None:
    told = fleet_sizes.row(taken(10, command="site, first run"))
    assert len(told) == len(fleet_sizes.HEAD)
    assert told.split()[-8:] == ["2.00", "30.0", "15", "9", "1", "4", "2", "80.0"]
