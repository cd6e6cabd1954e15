# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Podman as the lab uses it: always with the lab's own engine settings, always by label."""

from __future__ import annotations

import collections.abc
import dataclasses
import ipaddress
import json
import pathlib
import subprocess
import typing

from . import command, identity, tools


@dataclasses.dataclass(frozen=True)
class Container:
    """One container as `podman ps` tells it: name, state (`running`, `exited`, ...), labels, image's id."""

    name: str
    state: str
    labels: collections.abc.Mapping[str, str]
    image: str = ""


@dataclasses.dataclass(frozen=True)
class Network:
    """One network of podman: its name, its IPv4 subnets, its labels, its bridge on this machine."""

    name: str
    subnets: tuple[ipaddress.IPv4Network, ...]
    labels: collections.abc.Mapping[str, str]
    interface: str = ""


@dataclasses.dataclass(frozen=True)
class Image:
    """One image: id, names with tags, labels."""

    id: str
    names: tuple[str, ...]
    labels: collections.abc.Mapping[str, str]


@dataclasses.dataclass(frozen=True)
class Podman:
    """The podman of this machine, with the settings file that the probe wrote."""

    settings: pathlib.Path

    def argv(self, *words: str) -> list[str]:
        """The whole command line. Its helpers (iptables) lie in sbin, which a user's PATH may lack."""
        environment = {"CONTAINERS_CONF": str(self.settings), "NETAVARK_FW": "iptables", "PATH": tools.FOLDERS}
        return command.as_root(["podman", *words], **environment)

    def attempt(self, *words: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Runs podman, whatever the exit status."""
        return command.attempt(self.argv(*words), stdin=stdin)

    def run(self, *words: str, what: str, stdin: str | None = None) -> str:
        """Runs podman; a failure is a LabError that begins with `what`."""
        return command.run(self.argv(*words), what, stdin=stdin)

    def _list(self, *words: str, what: str) -> list[dict[str, typing.Any]]:
        return json.loads(self.run(*words, "--format", "json", what=what) or "[]") or []

    def containers(self, labels: collections.abc.Mapping[str, str]) -> list[Container]:
        """Every container, running or not, that has all these labels."""
        found = self._list("ps", "-a", *_narrowed(labels), what="listing the containers")
        every = [
            Container(entry["Names"][0], entry["State"], entry.get("Labels") or {}, entry.get("ImageID", ""))
            for entry in found
        ]
        return [container for container in every if labels.items() <= container.labels.items()]

    def networks(self) -> list[Network]:
        """Every network of podman, someone else's too."""
        return [
            Network(
                entry["name"],
                tuple(
                    ipaddress.IPv4Network(subnet["subnet"])
                    for subnet in entry.get("subnets") or ()
                    if ":" not in subnet["subnet"]
                ),
                entry.get("labels") or {},
                entry.get("network_interface") or "",
            )
            for entry in self._list("network", "ls", what="listing the networks")
        ]

    def images(self, labels: collections.abc.Mapping[str, str]) -> list[Image]:
        """Every image that has all these labels; one without a name has lost it to a newer build."""
        found = self._list("images", *_narrowed(labels), what="listing the images")
        every = [Image(entry["Id"], tuple(entry.get("Names") or ()), entry.get("Labels") or {}) for entry in found]
        return [image for image in every if labels.items() <= image.labels.items()]

    def remove(self, containers: collections.abc.Sequence[str]) -> None:
        """Removes containers at once, running or not; one that is already gone is no error."""
        if containers:
            self.run("rm", "-f", "-i", "-t", "0", *containers, what="removing containers")


def _narrowed(labels: collections.abc.Mapping[str, str]) -> list[str]:
    """One label for podman to look for; the others are compared here, for `podman images` joins labels by OR."""
    name = identity.CHECKOUT_LABEL
    return ["--filter", f"label={name}={labels[name]}"]
