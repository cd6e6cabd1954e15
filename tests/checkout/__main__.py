# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`sh tests/checkout/start COMMAND`: what the Makefile calls.

Parts of the tests (lint, unit, ...) and sets of them (test, test-fast) run as lanes side by side; the lab, the
fidelity harness, the benchmark and the mutants take the terminal for themselves.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

import lanes
import parts
import place
import report
import venvs

SETS = {
    "test-fast": ("sanity-newest", "lint", "unit"),
    # The longest first; Molecule's scenarios run on the hosts of the labs and of the release.
    "test": ("lint", "labs", "release", "integration", "sanity", "unit", "docs"),
}
PROGRAMS = {
    "lab": ("tests/lab", "prove"),
    "lab-down": ("tests/lab", "down", "--all"),
    "fidelity": ("tests/fidelity",),
    "bench": ("tests/bench",),
    "mutants": ("tests/mutants",),
}


def _venv() -> int:
    venvs.main()
    for recipe in venvs.RECIPES.values():
        if venvs.make(recipe) is None:
            print(f"venv: not made: {venvs.why_not(recipe.folder)}")
    return 0


def _lock() -> int:
    """Resolves every requirements/*.in anew; no address of an index or a file is written down."""
    uv = str(venvs.uv())
    for recipe in venvs.locks():
        source = recipe.lock.replace(".txt", ".in")
        print(f"lock: {source} -> {recipe.lock}", flush=True)
        oldest = f"3.{min(recipe.minors)}"
        command = [uv, "pip", "compile", "--quiet", "--upgrade", "--universal", "--python-version", oldest]
        command += ["--generate-hashes", "--no-emit-index-url", "--no-emit-find-links"]
        command += ["--custom-compile-command", "make lock", source, "--output-file", recipe.lock]
        status = subprocess.run(command, cwd=place.REQUIREMENTS, env=place.environment(), check=False).returncode
        if status:
            return status
    return 0


def _lanes(names: tuple[str, ...]) -> int:
    with place.alone("tests", "another run of the tests is under way in this checkout; waiting for its end"):
        since = time.monotonic()
        to_run, not_run = parts.planned(names)
        results = lanes.run(to_run, slots=max(2, os.cpu_count() or 2))
        passed = report.show(results, not_run, time.monotonic() - since)
        # Only all sites together have drifts of all products.
        exact = "labs" not in names or not _child((*PROGRAMS["fidelity"], "--table"))
        return 0 if passed and exact else 1


def _child(command: tuple[str, ...]) -> int:
    venv = venvs.main()
    argv = [str(venv / "bin" / "python"), *command]
    return subprocess.run(argv, cwd=place.ROOT, env=place.environment(venv), check=False).returncode


def _program(command: tuple[str, ...]) -> int:
    venv = venvs.main()
    argv = [str(venv / "bin" / "python"), *command]
    os.chdir(place.ROOT)
    os.execve(argv[0], argv, place.environment(venv))  # the terminal and its signals go to the program
    return 1


def main(words: list[str]) -> int:
    command, *rest = words or [""]
    if command == "venv":
        return _venv()
    if command == "lock":
        return _lock()
    if command in PROGRAMS:
        return _program((*PROGRAMS[command], *rest))
    if command in SETS or command in parts.PARTS:
        return _lanes(SETS.get(command, (command, *rest)))
    known = ", ".join(("venv", "lock", *PROGRAMS, *SETS, *parts.PARTS))
    print(f"checkout: unknown command {command!r}; there are: {known}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except venvs.VenvError as error:
        sys.exit(f"venv: {error}")
    except KeyboardInterrupt:
        sys.exit("interrupted; the same command can be given again")
