# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmark's command line."""

from __future__ import annotations

import argparse
import collections.abc
import os
import pathlib
import subprocess
import sys
import typing

import place
import toolbox
import venvs
from lab.failure import LabError

from . import accounts, exports, fleet, fleet_sizes, growth, keytabs, principals, profiles
from .playbook import BenchError

TESTS = pathlib.Path(__file__).resolve().parents[1]
IN_TOOLBOX = {
    "principals": principals.measure,
    "accounts": accounts.measure,
    "exports": exports.measure,
    "growth": growth.measure,
    "keytabs": keytabs.measure,
    "profiles": profiles.measure,
}
PARTS = {**IN_TOOLBOX, "fleet": fleet.measure}
RELEASE = "13"  # the toolbox with the newest core
PAIRS = 5


def main(argv: collections.abc.Sequence[str]) -> int:
    """Measures what was asked for and prints a line for each figure; 1 where one is over its limit or fails."""
    words = parser().parse_args(argv)
    if words.fleet:
        return _measured("fleet of light hosts", lambda: fleet_sizes.measure(words.fleet))
    parts = tuple(dict.fromkeys(words.parts)) or tuple(PARTS)
    status = 0
    inside = [part for part in parts if part in IN_TOOLBOX and not words.here]
    if inside:
        status = _in_toolbox([*inside, "--here", "--pairs", str(words.pairs)])
    for part in parts:
        if part not in inside:
            status = _measured(part, lambda part=part: PARTS[part](words.pairs)) or status
    return status


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="python tests/bench",
        description="Prints ratios of what this collection takes to what its peers take, timed in pairs in one run.",
    )
    top.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="PART", help=f"of {', '.join(PARTS)}")
    top.add_argument("--pairs", type=_count, default=PAIRS, help=f"how often each is timed (default: {PAIRS})")
    top.add_argument(
        "--fleet",
        type=_count,
        default=int(os.environ.get("FLEET") or 0),
        metavar="N",
        help="measure the playbooks on light fleets of 1, 10, ... N hosts alone (FLEET=N does the same)",
    )
    top.add_argument("--here", action="store_true", help="use this machine's own tools instead of the lab's toolbox")
    return top


def _count(word: str) -> int:
    number = int(word)
    if number < 1:
        raise argparse.ArgumentTypeError("at least one pair")
    return number


def _measured(part: str, measure: collections.abc.Callable[[], collections.abc.Iterable[typing.Any]]) -> int:
    status = 0
    try:
        for found in measure():
            print(found, flush=True)
            if not isinstance(found, str) and found.over:
                print(f"{found.name} is over its limit", file=sys.stderr, flush=True)
                status = 1
    except (BenchError, LabError) as error:
        print(f"bench: {part}: {error}", file=sys.stderr, flush=True)
        return 1
    return status


def _in_toolbox(words: list[str]) -> int:
    """This program again, in the lab's toolbox, with the packages that the tests have there."""
    site = venvs.make_site(venvs.SITES[toolbox.RELEASES[RELEASE]])
    inside = {"PATH": f"{site / 'bin'}:{toolbox.PROGRAMS}", "PYTHONPATH": str(site)}
    command = [sys.executable, str(TESTS / "lab"), "toolbox", "--debian", RELEASE]
    for name, value in inside.items():
        command += ["-e", f"{name}={value}"]
    command += ["--", "python3", str(TESTS / "bench"), *words]
    return subprocess.run(command, env=place.environment(), stdin=subprocess.DEVNULL, check=False).returncode
