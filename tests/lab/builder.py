# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the images that are not there: each once for its content, kept, shared by the labs of one checkout."""

from __future__ import annotations

import collections.abc
import concurrent.futures
import contextlib
import os
import pathlib
import shlex
import subprocess

from . import command, downloads, fleet, images, leftovers
from .failure import LabError
from .identity import ROLE_LABEL, label_changes, label_options
from .images import Recipe
from .podman import Podman
from .progress import Progress
from .state import State, lock


def make(state: State, podman: Podman, recipes: collections.abc.Sequence[Recipe], progress: Progress) -> list[str]:
    """Makes the images that are not there yet, those of different Debian releases side by side.

    Gives the names of the images that it made. Only one process of a checkout makes images at a time.
    """
    if not _absent(state, podman, recipes):
        return []
    with lock(state.top / "images.lock", lambda: progress.note("waiting for another run that makes images")):
        leftovers.clear_builds(state, podman)
        absent = _absent(state, podman, recipes)
        lanes = {debian: [r for r in absent if r.debian == debian] for debian in fleet.SUITES}
        with concurrent.futures.ThreadPoolExecutor(len(lanes)) as pool:
            done = [pool.submit(_make_all, state, podman, lane) for lane in lanes.values() if lane]
            for future in done:
                future.result()
        leftovers.clear_builds(state, podman)
        leftovers.clear_images(state, podman, {recipe.reference(state) for recipe in images.every()})
    return [recipe.name for recipe in absent]


def _absent(state: State, podman: Podman, recipes: collections.abc.Sequence[Recipe]) -> list[Recipe]:
    """The recipes whose images are not there, with the absent ones below them first, each once."""
    present = {name for image in podman.images(state.lab.checkout_labels) for name in image.names}
    found: dict[str, Recipe] = {}

    def visit(recipe: Recipe) -> None:
        if recipe.reference(state) in present:
            return
        if recipe.below:
            visit(recipe.below)
        found.setdefault(recipe.reference(state), recipe)

    for recipe in recipes:
        visit(recipe)
    return list(found.values())


def _make_all(state: State, podman: Podman, lane: collections.abc.Sequence[Recipe]) -> None:
    for recipe in lane:
        log = state.top / "logs" / f"image-{recipe.name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        (_layer if recipe.below else _bootstrap)(state, podman, recipe, log)


def _bootstrap(state: State, podman: Podman, recipe: Recipe, log: pathlib.Path) -> None:
    """mmdebstrap | podman import. Its mounts lie in a namespace that ends with it."""
    tree = state.builds / f"{recipe.name}-{os.getpid()}"
    tree.mkdir(parents=True)
    isolated = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--", *shlex.split(recipe.script)]
    argv = [*command.DIE_WITH_PARENT, *command.as_root(isolated, TMPDIR=str(tree))]
    labels = label_changes({**state.lab.checkout_labels, ROLE_LABEL: "image"})
    with log.open("wb") as output, subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=output) as maker:
        imported = subprocess.run(
            podman.argv("import", "-q", *labels, "-"), stdin=maker.stdout, capture_output=True, text=True, check=False
        )
    command.remove_tree(tree)
    if maker.returncode:
        raise LabError(
            f"mmdebstrap could not make the image {recipe.name}:\n{command.tail(log)}\n    (all of it: {log})"
        )
    if imported.returncode:
        raise LabError(f"podman import of {recipe.name}: {command.last_words(imported.stderr)}")
    podman.run("tag", imported.stdout.split()[-1], recipe.reference(state), what=f"naming the image {recipe.name}")


def _layer(state: State, podman: Podman, recipe: Recipe, log: pathlib.Path) -> None:
    """Runs the script in a container of the image below, and keeps the result."""
    assert recipe.below is not None
    name = f"{state.lab.prefix}-build-{recipe.name}"
    labels = {**state.lab.checkout_labels, ROLE_LABEL: "build"}
    files = [downloads.fetch(one, state.downloads) for one in recipe.downloads]
    mounts = [word for path in files for word in ("-v", f"{path}:/downloads/{path.name}:ro")]
    start = ["run", "-i", "--name", name, *label_options(labels), "--network", "host", "--no-hosts", *mounts]
    argv = podman.argv(*start, recipe.below.reference(state), "/bin/sh", "-s")
    try:
        status = command.run_logged([*command.DIE_WITH_PARENT, *argv], log, stdin=recipe.script)
        if status:
            raise LabError(f"the image {recipe.name} could not be made:\n{command.tail(log)}\n    (all of it: {log})")
        keep = ["commit", "-q", *label_changes({ROLE_LABEL: "image"}), name, recipe.reference(state)]
        podman.run(*keep, what=f"keeping the image {recipe.name}")
    finally:
        with contextlib.suppress(LabError):
            podman.remove([name])
