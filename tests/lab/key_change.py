# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys change in a fleet that is in use: site runs step by step while a client logs in once a second."""

from __future__ import annotations

import collections.abc
import dataclasses

from . import lifecycle, loop, plays, proof
from .plays import SITE, VERIFY, Play
from .podman import Podman
from .progress import Progress
from .state import State


@dataclasses.dataclass(frozen=True)
class Step:
    """One run of site with more `options`.

    `changes`: whether it may change anything. `renew`: the client's tickets end before it, and are made anew.
    """

    name: str
    options: tuple[str, ...]
    changes: bool = True
    renew: bool = False


Wrong = collections.abc.Callable[[State, Podman, Step], "list[str]"]
# Runs site for a step; a sentence for everything that went wrong.
Site = collections.abc.Callable[[Step], "list[str]"]


@dataclasses.dataclass(frozen=True)
class Change:
    """The steps, the logins that the client makes meanwhile (protocol, host, the name to be there), and the judge.

    `wrong`: sentences for keys that are not as they should be after a step. `said`: the sentence for a good end.
    """

    logins: tuple[tuple[str, str, str], ...]
    steps: tuple[Step, ...]
    wrong: Wrong
    said: str


def run(state: State, progress: Progress, change: Change, site: Site | None = None) -> list[str]:
    """Runs all of it over a lab that `prove` has set up; a sentence for everything that is not as it should be."""
    podman = lifecycle.up(state, progress).podman
    site = site or _plain(state, progress)
    sentences: list[str] = []
    client = loop.Loop(state, podman, change.logins)
    try:
        client.wait(6)
        for step in change.steps:
            if step.renew:
                client.renew()
                client.wait(6)
            sentences += site(step)
            sentences += change.wrong(state, podman, step)
            if sentences:
                break
        client.wait(6)
    finally:
        logins = client.end()
    if not sentences:
        sentences += plays.run(state, progress, VERIFY)[1]
    return sentences + loop.judged(logins)


def _plain(state: State, progress: Progress) -> Site:
    """A run of site, recorded as `prove` records it."""

    def site(step: Step) -> list[str]:
        runs, unproved = plays.run(state, progress, Play(step.name, SITE.playbook, step.options))
        return unproved if step.changes else [*unproved, *proof.second_changes(runs)]

    return site
