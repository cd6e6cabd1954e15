# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Pythons of this machine: found by running them, never by their names.

A shim on PATH (pyenv's, for a version that is not selected) has the right name and fails when it is called.
"""

from __future__ import annotations

import dataclasses
import functools
import os
import pathlib
import subprocess

MINORS = (8, 9, 10, 11, 12, 13, 14)
PROBE = "import sys; print(sys.version_info[0], sys.version_info[1], sys.implementation.name, sys.executable)"


@dataclasses.dataclass(frozen=True)
class Python:
    """One interpreter that runs: its minor version (13 for 3.13) and its executable."""

    minor: int
    path: pathlib.Path

    @property
    def version(self) -> str:
        """The version as people write it, such as `3.13`."""
        return f"3.{self.minor}"


def _probe(path: pathlib.Path) -> Python | None:
    try:
        done = subprocess.run([path, "-c", PROBE], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    words = done.stdout.split(maxsplit=3)
    if done.returncode or words[:1] != ["3"] or words[2] != "cpython":
        return None
    executable = pathlib.Path(words[3].strip())
    return Python(minor=int(words[1]), path=executable)


def _candidates(minor: int) -> list[pathlib.Path]:
    """Where a Python 3.`minor` may be: the distribution's first, then PATH, then pyenv's and uv's own folders."""
    name = f"python3.{minor}"
    folders = [pathlib.Path("/usr/bin"), pathlib.Path("/usr/local/bin")]
    folders += [pathlib.Path(entry) for entry in os.environ.get("PATH", "").split(os.pathsep) if entry]
    pyenv = pathlib.Path(os.environ.get("PYENV_ROOT", pathlib.Path.home() / ".pyenv")) / "versions"
    folders += sorted(pyenv.glob(f"3.{minor}.*/bin"), reverse=True)
    found = dict.fromkeys(folder / name for folder in folders)
    return [path for path in found if path.exists()]


@functools.lru_cache(maxsize=None)
def find(minor: int) -> Python | None:
    """The Python 3.`minor` of this machine that runs, or None."""
    for path in _candidates(minor):
        python = _probe(path)
        if python is not None and python.minor == minor:
            return python
    return None


def every() -> list[Python]:
    """Every Python from 3.8 on that runs here, oldest first."""
    return [python for python in map(find, MINORS) if python is not None]


def first(minors: tuple[int, ...]) -> Python | None:
    """The first of the `minors`, in the order given, that runs here, or None."""
    return next((python for python in map(find, minors) if python is not None), None)
