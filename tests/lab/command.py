# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running programs of the machine, as root where that is needed."""

from __future__ import annotations

import collections.abc
import os
import pathlib
import shutil
import subprocess
import time

from .failure import LabError

# What is started for a build dies with its maker, so that an interrupted run leaves no process behind.
DIE_WITH_PARENT = ("setpriv", "--pdeathsig", "KILL", "--")
# Under sudo they may outlive it for a moment, and write while their tree is being removed.
REMOVALS = 5


def as_root(argv: collections.abc.Sequence[str], **environment: str) -> list[str]:
    """The command as root runs it: by sudo where the caller is not root, with these variables set."""
    setting = ["env", *(f"{name}={value}" for name, value in environment.items())] if environment else []
    return [*([] if os.geteuid() == 0 else ["sudo"]), *setting, *argv]


def remove_tree(path: pathlib.Path) -> None:
    """Removes what root made in a folder of ours; never what is mounted there."""
    argv = as_root(["rm", "-rf", "--one-file-system", str(path)])
    for dummy in range(REMOVALS):
        if attempt(argv).returncode == 0:
            return
        time.sleep(1)
    run(argv, f"removing {path}")


def become_able() -> None:
    """Asks for sudo's password once, before several commands need it at the same time."""
    if os.geteuid() == 0 or attempt(["sudo", "-n", "true"]).returncode == 0:
        return
    if not shutil.which("sudo") or subprocess.run(["sudo", "-v"], check=False).returncode:
        raise LabError(
            "the lab needs root for its containers, and sudo does not give it: run it as root, or install sudo"
        )


def attempt(
    argv: collections.abc.Sequence[str], *, stdin: str | None = None, seconds: float | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs a command and gives its result, whatever the exit status; one that cannot be started is status 127."""
    try:
        return subprocess.run(
            argv,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            errors="replace",  # programs of hosts print what a broken file holds
            timeout=seconds,
            check=False,
        )
    except OSError as error:
        return subprocess.CompletedProcess(argv, 127, "", str(error))
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(argv, 124, "", f"no answer within {seconds:g} s")


def run(argv: collections.abc.Sequence[str], what: str, *, stdin: str | None = None) -> str:
    """The command's standard output; a failure says what it was about and the last words of the command."""
    done = attempt(argv, stdin=stdin)
    if done.returncode:
        raise LabError(f"{what}: {last_words(done.stderr or done.stdout)} (exit status {done.returncode})")
    return done.stdout


def run_logged(
    argv: collections.abc.Sequence[str],
    log: pathlib.Path,
    *,
    stdin: str | None = None,
    environment: collections.abc.Mapping[str, str] | None = None,
) -> int:
    """Runs a command with all its output in a log file; gives the exit status."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as file:
        done = subprocess.run(
            argv,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            stdout=file,
            stderr=subprocess.STDOUT,
            env=environment,
            text=True,
            check=False,
        )
    return done.returncode


def last_words(text: str, limit: int = 400) -> str:
    """The last line that says something."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][-limit:] if lines else "no output"


def tail(log: pathlib.Path, lines: int = 25) -> str:
    """The last lines of a log, indented."""
    text = log.read_text(errors="replace") if log.exists() else ""
    return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])
