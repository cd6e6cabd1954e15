# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an interrupted run left, told from what is in use: by labels, never by likeness of names."""

from __future__ import annotations

import collections.abc
import contextlib
import os
import pathlib

from . import command
from .failure import LabError
from .identity import INSTANCE_LABEL, OWNER_LABEL, ROLE_LABEL, SPEC_LABEL
from .podman import Container, Image, Network, Podman
from .state import State


def stale(
    containers: collections.abc.Iterable[Container],
    wanted: collections.abc.Mapping[str, str],
    alive: collections.abc.Callable[[str], bool],
) -> list[str]:
    """The names of a lab's containers that must go: dead, unknown, half made, or made from another description.

    `wanted`: name -> digest of the description. `alive`: whether the process that owns a toolbox still runs.
    """
    return [container.name for container in containers if not _good(container, wanted, alive)]


def _good(
    container: Container,
    wanted: collections.abc.Mapping[str, str],
    alive: collections.abc.Callable[[str], bool],
) -> bool:
    if OWNER_LABEL in container.labels:
        return alive(container.labels[OWNER_LABEL])
    if container.state != "running" or container.name not in wanted:
        return False
    return container.labels.get(SPEC_LABEL) == wanted[container.name]


def outdated(images: collections.abc.Iterable[Image], current: collections.abc.Container[str]) -> list[str]:
    """The ids of the checkout's images that have no name or an older content; snapshots belong to their instance."""
    return [
        image.id
        for image in images
        if INSTANCE_LABEL not in image.labels and not any(name in current for name in image.names)
    ]


def this_process() -> str:
    """Names this process for good: its id, and when it started, since ids are used again."""
    return f"{os.getpid()}:{_started(os.getpid())}"


def process_lives(owner: str) -> bool:
    """Whether the process that `this_process` named still runs."""
    pid, dummy, started = owner.partition(":")
    return pid.isdigit() and _started(int(pid)) == started


def _started(pid: int) -> str:
    """The process's start in clock ticks since boot, field 22 of /proc/PID/stat (proc(5)); empty if it is gone."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def clear_builds(state: State, podman: Podman) -> None:
    """Removes what builds left. Only for the holder of the lock on images: nobody builds now."""
    building = podman.containers({**state.lab.checkout_labels, ROLE_LABEL: "build"})
    podman.remove([container.name for container in building])
    if state.builds.exists():
        command.remove_tree(state.builds)


def clear_images(state: State, podman: Podman, current: collections.abc.Container[str]) -> None:
    """Removes the checkout's images of an older content that no container uses."""
    for image in outdated(podman.images(state.lab.checkout_labels), current):
        with contextlib.suppress(LabError):
            podman.run("rmi", image, what="removing an outdated image")


def foreign_to(
    networks: collections.abc.Iterable[Network], labels: collections.abc.Mapping[str, str], keep: str
) -> list[str]:
    """The names of the networks with these labels, but for the one to keep: trials and half-made ones."""
    return [network.name for network in networks if labels.items() <= network.labels.items() and network.name != keep]


def clear_networks(podman: Podman, labels: collections.abc.Mapping[str, str], keep: str = "") -> None:
    """Removes the networks with these labels, and what hangs on them, but for the one to keep."""
    for name in foreign_to(podman.networks(), labels, keep):
        podman.run("network", "rm", "-f", name, what="removing a network")
