# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small Java programs beside this file, run from their source with the libraries of Debian."""

from __future__ import annotations

import pathlib
import subprocess
from typing import Sequence

LIBRARIES = pathlib.Path("/usr/share/java")
HERE = pathlib.Path(__file__).resolve().parent
PATIENCE = 120.0  # seconds
QUICK = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto")  # of short lives nothing is to be optimized


def java(program: str, *arguments: str, libraries: Sequence[str]) -> list[str]:
    """The lines that a program prints; ``libraries``: patterns of the names of jars, of which there must be some."""
    jars = [str(path) for pattern in libraries for path in sorted(LIBRARIES.glob(pattern))]
    assert jars, f"none of {', '.join(libraries)} is in {LIBRARIES}"
    done = subprocess.run(
        ["java", *QUICK, "-cp", ":".join(jars), str(HERE / f"{program}.java"), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()
