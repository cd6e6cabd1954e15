# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's life: up, blank, snapshot and restore, down, status."""

from __future__ import annotations

import collections.abc
import contextlib
import dataclasses
import ipaddress
import pathlib
import shutil

from . import builder, engine, fleet, hosts, images, inventory, keys, leftovers, network, watches
from .failure import LabError
from .identity import INSTANCE_LABEL, ROLE_LABEL, SHARED, SPEC_LABEL, label_changes
from .podman import Podman
from .progress import Progress
from .state import State, lock


@dataclasses.dataclass(frozen=True)
class Running:
    """A lab that is up."""

    podman: Podman
    subnet: ipaddress.IPv4Network


@contextlib.contextmanager
def held(state: State, progress: Progress) -> collections.abc.Iterator[None]:
    """Only one command at a time changes a lab."""
    with lock(state.home / "lock", lambda: progress.note(f"waiting for another command on lab {state.lab.instance}")):
        yield


def up(state: State, progress: Progress) -> Running:
    """Brings the lab up: what runs well is left alone, what is missing or dead is made blank."""
    with held(state, progress):
        return _up(state, progress)


def _up(state: State, progress: Progress) -> Running:
    with progress.phase("tools", "trying the container engine") as phase:
        podman = engine.prepare(state)
        phase.said = "podman runs containers here"
    with progress.phase("images", "making the images, some 80 s the first time") as phase:
        recipes = [*(images.of(host) for host in state.site.hosts), images.dns()]
        made = builder.make(state, podman, recipes, progress)
        phase.said = f"made {', '.join(made)}" if made else "all there"
    with progress.phase("hosts", "starting the hosts") as phase:
        watches.ensure(len(state.site.hosts))
        subnet = network.ensure(state, podman)
        keys.ensure(state, subnet)
        dns_anew = hosts.write_names(state, subnet)
        inventory.ensure(state, subnet)
        wanted = _wanted(state, subnet)
        there = podman.containers(state.lab.labels)
        gone = leftovers.stale(there, {name: one.spec for name, one in wanted.items()}, leftovers.process_lives)
        gone += [state.lab.container("dns")] if dns_anew else []
        podman.remove(gone)
        kept = {container.name for container in there} - set(gone)
        missing = [one for name, one in wanted.items() if name not in kept]
        hosts.start(state, podman, missing)
        hosts.wait(state, podman, subnet, state.site.hosts)
        hosts.share_authority(state, podman)
        started = sum(1 for one in missing if one.name != state.lab.container("dns"))
        phase.said = f"{len(state.site.hosts)} hosts on {subnet}, {started} of them started blank"
    return Running(podman, subnet)


def _wanted(state: State, subnet: ipaddress.IPv4Network) -> dict[str, hosts.Described]:
    described = [hosts.describe_dns(state, subnet)]
    described += [hosts.describe(state, subnet, host) for host in state.site.hosts]
    return {one.name: one for one in described}


def down(state: State, progress: Progress, *, everything: bool, with_images: bool) -> None:
    """Removes this lab, or all labs of the checkout, with their snapshots; the images that labs share only if asked."""
    labels = state.lab.checkout_labels if everything else state.lab.labels
    with held(state, progress), progress.phase("down") as phase:
        podman = engine.prepare(state)
        containers = podman.containers(labels)
        podman.remove([container.name for container in containers])
        leftovers.clear_networks(podman, labels)
        gone = [image for image in podman.images(labels) if with_images or INSTANCE_LABEL in image.labels]
        for image in gone:
            podman.attempt("rmi", "-f", image.id)
        phase.said = f"removed {len(containers)} containers, {len(gone)} images"
    for home in instances(state) if everything else [state.home]:
        shutil.rmtree(home, ignore_errors=True)


def instances(state: State) -> list[pathlib.Path]:
    """The folders of all labs of the checkout."""
    return [path for path in state.top.iterdir() if path.is_dir() and path.name not in SHARED]


def blank(state: State, progress: Progress, chosen: collections.abc.Sequence[str]) -> None:
    """Makes hosts anew, blank: the chosen ones, or all."""
    _renew(state, progress, chosen, "blank", None)


def restore(state: State, progress: Progress, name: str, chosen: collections.abc.Sequence[str]) -> None:
    """Makes hosts anew as they were at the snapshot."""
    _renew(state, progress, chosen, "restore", name)


def _renew(
    state: State, progress: Progress, chosen: collections.abc.Sequence[str], verb: str, snapshot_name: str | None
) -> None:
    selected = find_hosts(state.site, chosen)
    with held(state, progress):
        podman = engine.prepare(state)
        subnet = _subnet(state, podman)
        with progress.phase(verb) as phase:
            described = [hosts.describe(state, subnet, host) for host in selected]
            if snapshot_name is not None:
                kept = _snapshot_images(state, podman, snapshot_name, selected)
                described = [one.from_image(image) for one, image in zip(described, kept, strict=True)]
            podman.remove([one.name for one in described])
            hosts.start(state, podman, described)
            hosts.wait(state, podman, subnet, selected)
            hosts.share_authority(state, podman)
            phase.said = ", ".join(host.name for host in selected)


def _subnet(state: State, podman: Podman) -> ipaddress.IPv4Network:
    existing = network.find(state, podman)
    if existing is None:
        raise LabError(f"lab {state.lab.instance} is not up: `python tests/lab up` first")
    return existing.subnets[0]


def point(state: State, progress: Progress, chosen: str, name: str) -> None:
    """Gives a host's address another name in the DNS, until the next `up`; its own for none."""
    host = state.site.host(chosen)
    with held(state, progress), progress.phase("point") as phase:
        podman = engine.prepare(state)
        subnet = _subnet(state, podman)
        hosts.point(state, podman, subnet, host, name or host.fqdn)
        phase.said = f"{host.address(subnet)} is {name or host.fqdn}"


def snapshot(state: State, progress: Progress, name: str, chosen: collections.abc.Sequence[str]) -> None:
    """Keeps the hosts' file systems under a name; a newer snapshot of that name takes its place."""
    selected = find_hosts(state.site, chosen)
    with held(state, progress), progress.phase("snapshot") as phase:
        podman = engine.prepare(state)
        labels = {**state.lab.labels, ROLE_LABEL: "snapshot", SPEC_LABEL: name}
        for host in selected:
            container, image = state.lab.container(host.name), _snapshot_image(state, name, host)
            podman.run("exec", container, "sync", what=f"flushing {host.name}")
            podman.run("commit", "-q", *label_changes(labels), container, image, what=f"keeping {host.name} as {name}")
        for replaced in podman.images({**state.lab.labels, ROLE_LABEL: "snapshot"}):
            if not replaced.names:
                podman.attempt("rmi", replaced.id)
        phase.said = f"{name}: {', '.join(host.name for host in selected)}"


def _snapshot_images(
    state: State, podman: Podman, name: str, selected: collections.abc.Sequence[fleet.Host]
) -> list[str]:
    """The images of a snapshot, all of which must be there."""
    present = {found for image in podman.images(state.lab.labels) for found in image.names}
    absent = [host.name for host in selected if _snapshot_image(state, name, host) not in present]
    if absent:
        raise LabError(
            f"lab {state.lab.instance} has no snapshot {name!r} of {', '.join(absent)}: make it by `snapshot`"
        )
    return [_snapshot_image(state, name, host) for host in selected]


def _snapshot_image(state: State, name: str, host: fleet.Host) -> str:
    return f"{state.lab.repository}/{state.lab.instance}-{host.name}:{name}"


def find_hosts(site: fleet.Site, chosen: collections.abc.Sequence[str]) -> list[fleet.Host]:
    """The hosts with these short or full names; all of them for no name."""
    return [site.host(name) for name in chosen] or list(site.hosts)


def status(state: State) -> str:
    """The lab as podman sees it, one line a container."""
    podman = engine.prepare(state)
    lines = []
    for container in podman.containers(state.lab.checkout_labels):
        instance, role = container.labels.get(INSTANCE_LABEL, "-"), container.labels.get(ROLE_LABEL, "-")
        lines.append(f"{instance:<10} {role:<8} {container.state:<10} {container.name}")
    existing = network.find(state, podman)
    return "\n".join([*lines, f"network {existing.subnets[0]}" if existing else "no network: the lab is down"])
