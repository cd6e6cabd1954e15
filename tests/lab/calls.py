# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often a run called zmprov, counted by Zimbra's double: on real hosts each call takes seconds."""

from __future__ import annotations

import collections
import collections.abc
import json
import typing

from . import fleet
from .podman import Podman
from .state import State

LOG = "/opt/zimbra/log/invocations.jsonl"
PROGRAM = "zmprov"
# Reading everything once, then changing everything once; where nothing changes the first alone.
READ, CHANGE = 1, 2
Counted = dict[str, collections.Counter[str]]


def count(state: State, podman: Podman) -> Counted:
    """Each server's calls so far, by program."""
    hosts = state.site.members("zimbra")
    return {
        host.fqdn: read(podman.attempt("exec", state.lab.container(host.name), "cat", LOG).stdout) for host in hosts
    }


def read(log: str) -> collections.Counter[str]:
    """The calls in a log, by program."""
    return collections.Counter(json.loads(line)["program"] for line in log.splitlines())


def between(before: Counted, after: Counted, changed: collections.abc.Collection[str]) -> list[dict[str, typing.Any]]:
    """Each server's calls of zmprov in a run that changed these hosts, and how many it may have made."""
    return [
        {
            "host": host,
            "program": PROGRAM,
            "calls": after[host][PROGRAM] - before.get(host, collections.Counter())[PROGRAM],
            "allowed": CHANGE if host in changed else READ,
        }
        for host in after
    ]


def unproved(site: fleet.Site, found: collections.abc.Sequence[dict[str, typing.Any]]) -> list[str]:
    """A sentence for each server on which it was called too often, or never."""
    seen = {one["host"] for one in found}
    sentences = [
        f"{one['host']}: a run called {one['program']} {one['calls']} times, and may once to {one['allowed']} times"
        for one in found
        if not 0 < one["calls"] <= one["allowed"]
    ]
    return sentences + [f"{host.fqdn}: no call was counted" for host in site.members("zimbra") if host.fqdn not in seen]
