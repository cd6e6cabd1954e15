# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's own network: a free /24, found once and then read back from podman."""

from __future__ import annotations

import ipaddress
import json
import typing

from . import command, leftovers
from .failure import LabError
from .identity import ROLE_LABEL, free_subnet, label_options
from .podman import Network, Podman
from .state import State


def find(state: State, podman: Podman) -> Network | None:
    """The lab's network, if it is there and whole."""
    return next((network for network in podman.networks() if _is_ours(state, network)), None)


def ensure(state: State, podman: Podman) -> ipaddress.IPv4Network:
    """The lab's subnet; makes the network if there is none.

    Another lab may take the same subnet between our look and our creation: then podman refuses, and we look again.
    """
    existing = find(state, podman)
    leftovers.clear_networks(podman, state.lab.labels, keep=existing.name if existing else "")
    if existing:
        return existing.subnets[0]
    labels = label_options({**state.lab.labels, ROLE_LABEL: "network"})
    refused: list[ipaddress.IPv4Network] = []
    for dummy in range(8):
        others = [subnet for network in podman.networks() for subnet in network.subnets]
        subnet = free_subnet(state.lab, [*others, *routes(), *refused])
        made = podman.attempt("network", "create", "--disable-dns", "--subnet", str(subnet), *labels, state.lab.prefix)
        if made.returncode == 0:
            return subnet
        refused.append(subnet)
    raise LabError(f"no network for the lab: {command.last_words(made.stderr)}")


def _is_ours(state: State, network: Network) -> bool:
    mine = state.lab.labels.items() <= network.labels.items()
    return mine and network.name == state.lab.prefix and len(network.subnets) == 1


def routes() -> list[ipaddress.IPv4Network]:
    """The IPv4 networks that this machine has a route to or an address in."""
    shown: list[dict[str, typing.Any]] = json.loads(
        command.run(["ip", "-j", "-4", "route", "show", "table", "all"], "reading the routes") or "[]"
    )
    destinations = [route.get("dst", "default") for route in shown]
    return [ipaddress.IPv4Network(to, strict=False) for to in destinations if to != "default"]
