# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The toolbox: one command in a throw-away container with the real tools, where the machine itself stays untouched."""

from __future__ import annotations

import collections.abc
import os
import pathlib
import subprocess
import sys

from . import builder, engine, fleet, images, leftovers
from .identity import OWNER_LABEL, ROLE_LABEL, label_options
from .podman import Podman
from .progress import Progress
from .state import State


def run(
    state: State,
    progress: Progress,
    argv: collections.abc.Sequence[str],
    *,
    debian: str,
    java: bool,
    browsers: bool,
    variables: collections.abc.Sequence[str],
    options: collections.abc.Sequence[str],
) -> int:
    """Runs the command with the checkout mounted at its own path as working directory; gives its exit status.

    `browsers`: on a blank workstation with the browsers of Debian, and without the other tools.
    `variables`: names (or NAME=VALUE) of environment variables to pass on. The network is the loopback alone.
    """
    recipe = images.browser(debian) if browsers else images.toolbox(debian, java)
    podman = prepare(state, progress, [recipe])
    _clear(state, podman)
    name = f"{state.lab.prefix}-toolbox-{os.getpid()}"
    labels = {**state.lab.labels, ROLE_LABEL: "toolbox", OWNER_LABEL: leftovers.this_process()}
    words = ["run", "--rm", "-i", "--name", name, *label_options(labels), "--network", "none"]
    words += ["--hostname", f"toolbox.{fleet.MIT.domain}", "-v", f"{state.lab.checkout}:{state.lab.checkout}"]
    words += ["-w", _working_folder(state), *(["-t"] if sys.stdin.isatty() and sys.stdout.isatty() else [])]
    for variable in ("LC_ALL=C.UTF-8", "PYTHONDONTWRITEBYTECODE=1", *variables):
        setting = variable if "=" in variable else f"{variable}={os.environ.get(variable, '')}"
        words += ["-e", setting]
    # bash is process 1, and buries the children that the command's daemons leave.
    words += [*options, recipe.reference(state), "/bin/bash", "-c", '"$@"; exit $?', "toolbox"]
    try:
        return subprocess.run(podman.argv(*words, *argv), check=False).returncode
    except KeyboardInterrupt:
        podman.remove([name])
        return 130


def prepare(state: State, progress: Progress, wanted: collections.abc.Sequence[images.Recipe]) -> Podman:
    """Makes the images that are not there."""
    podman = engine.prepare(state)
    made = builder.make(state, podman, wanted, progress)
    if made:
        progress.note(f"made the images {', '.join(made)}")
    return podman


def _clear(state: State, podman: Podman) -> None:
    """Removes toolboxes whose callers are gone."""
    there = podman.containers({**state.lab.checkout_labels, ROLE_LABEL: "toolbox"})
    podman.remove(leftovers.stale(there, {}, leftovers.process_lives))


def _working_folder(state: State) -> str:
    here = pathlib.Path.cwd()
    return str(here) if here.is_relative_to(state.lab.checkout) else state.lab.checkout
