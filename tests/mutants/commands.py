# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python tests/mutants [ROOM ...]`: which mutants of a room of the domain floor its unit tests kill."""

from __future__ import annotations

import argparse
import functools
import pathlib
import sys
from collections.abc import Iterable, Sequence

from . import trial
from .equivalents import equivalent
from .mutant import Mutant, mutants, mutated
from .verdict import LIMIT, Verdict, summary

DOMAIN = trial.ROOT / "plugins" / "module_utils" / "_domain"
TESTS = trial.ROOT / "tests" / "unit" / "module_utils" / "_domain"
ROOMS = ("keytab", "merge", "principal", "kadmin_output")


def owner(test: str, rooms: Iterable[str]) -> str:
    """The room that a test file (`test_keytab_export`) is for: the one of the longest name that fits; '' for none."""
    subject = test.removeprefix("test_")
    fitting = [room for room in rooms if subject == room or subject.startswith(f"{room}_")]
    return max(fitting, key=len, default="")


def tests_of(room: str) -> list[pathlib.Path]:
    rooms = [path.stem for path in DOMAIN.glob("*.py")]
    return [path for path in sorted(TESTS.glob("test_*.py")) if owner(path.stem, rooms) == room]


def tried(room: str) -> Verdict:
    """The verdict on a room's tests, with a line on the terminal now and then."""
    path = DOMAIN / f"{room}.py"
    source = path.read_text(encoding="utf-8")
    tests = tests_of(room)
    if not tests:
        raise trial.TrialError(f"{room}: there are no tests of its own in {TESTS.relative_to(trial.ROOT)}")
    usual = trial.seconds(path, tests)
    made = mutants(source)
    trees = [functools.partial(mutated, source, one) for one in made]
    survivors: list[Mutant] = []
    for done, (at, killed) in enumerate(trial.killed(path, trees, tests, usual), 1):
        if not killed:
            survivors.append(made[at])
        if sys.stdout.isatty() or done % 100 == 0:
            print(f"{path.name}: {done} of {len(made)} tried, {len(survivors)} alive", flush=True)
    return Verdict(path.name, tuple(made), tuple(sorted(survivors, key=lambda one: one.line)), equivalent(path.name))


def main(words: Sequence[str]) -> int:
    known = sorted(path.stem for path in DOMAIN.glob("*.py"))
    parser = argparse.ArgumentParser(prog="tests/mutants", description=__doc__)
    parser.add_argument("rooms", nargs="*", metavar="ROOM", help=f"default: {' '.join(ROOMS)}")
    parser.add_argument(
        "--limit", type=int, default=LIMIT, help="percent to be killed of each room (default: %(default)s)"
    )
    options = parser.parse_args(words)
    unknown = [room for room in options.rooms if room not in known]
    if unknown:
        parser.error(f"no such room in {DOMAIN.relative_to(trial.ROOT)}: {', '.join(unknown)}")
    try:
        verdicts = [tried(room) for room in options.rooms or ROOMS]
    except trial.TrialError as error:
        sys.exit(f"mutants: {error}")
    print(summary(verdicts, options.limit))
    return 0 if all(one.good_enough(options.limit) for one in verdicts) else 1
