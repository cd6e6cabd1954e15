# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lanes that need hosts: each has an instance of the lab of its own, so that they run side by side and leave a
developer's lab alone. An instance whose lane failed stays up, to look into; `make lab-down` removes it."""

from __future__ import annotations

import dataclasses
import pathlib
from typing import Iterator

import place
import venvs
from lanes import Lane, NotRun, Step

LAB = str(place.ROOT / "tests" / "lab")
SCENARIOS = place.ROOT / "extensions" / "molecule"
SITE = ("ansible", "--", "ansible-playbook", "mailrealm.kerberos.site")


@dataclasses.dataclass(frozen=True)
class Site:
    """A site of the lab: how its instances' names end, the core that it is tried with, and Molecule's scenarios on its
    hosts; all others are of the first site."""

    suffix: str
    core: str
    scenarios: tuple[str, ...] = ()


SITES = (
    Site("", "2.21"),
    Site("-ad", "2.21", ("axigen",)),
    Site("-zimbra", "2.19", ("zimbra",)),
    Site("-cas", "2.21", ("cas", "workstation")),
)
# Makes the realm anew, after which nothing else fits any more.
ENDING = "kdc"
# What is done with a scenario: first Molecule forgets the hosts of a run before, or it would not prepare new ones.
EACH = ("reset", "test")
# Without the cleanup, which may be a whole run of site, and without the second run: that it changes nothing is measured
# on all hosts of the lane before.
LAST = ("reset", "converge", "verify")


def environment(venv: pathlib.Path, instance: str) -> dict[str, str]:
    """What chooses the instance of the lab, whose site is its own, and the core that runs on it."""
    return place.environment(venv, LAB=instance, LAB_VENV=str(venv), PRODUCTS="")


def step(venv: pathlib.Path, instance: str, title: str, *words: str) -> Step:
    """One command of the lab on an instance."""
    return Step(title, (str(venv / "bin" / "python"), LAB, *words), environment(venv, instance))


def scenarios(venv: pathlib.Path, instance: str, site: Site) -> list[Step]:
    """Molecule's scenarios on the hosts of an instance, which are as `site` leaves them, one after another.

    After them the hosts are to go, so that the last one does not put them back.
    """
    elsewhere = {name for one in SITES for name in one.scenarios}
    there = sorted(path.parent.name for path in SCENARIOS.glob("*/molecule.yml"))
    own = [name for name in there if (name in site.scenarios if site.scenarios else name not in elsewhere)]
    own.sort(key=ENDING.__eq__)
    calls = [(name, command) for name in own for command in (LAST if name == own[-1] else EACH)]
    return [
        Step(
            f"scenario {name}" if command == "test" else f"scenario {name}: {command}",
            ("molecule", command, "--scenario-name", name),
            environment(venv, instance),
        )
        for name, command in calls
    ]


def labs() -> Iterator[Lane | NotRun]:
    """On each site, from hosts that are not there: does check mode tell the truth, do logins succeed, also while keys
    change; then the scenarios of the product's role. Those of the first site are many and change its KDC, and run on
    the hosts of the release."""
    for site in SITES:
        lane = instance = f"fidelity{site.suffix}"
        venv = venvs.make(venvs.RECIPES[f"venv-{site.core}"])
        if venv is None:
            yield NotRun(lane, venvs.why_not(f"venv-{site.core}"))
            continue
        measure = (str(venv / "bin" / "python"), "tests/fidelity", "--keep")
        steps = [step(venv, instance, "clear", "down"), Step("measure", measure, environment(venv, instance))]
        steps += scenarios(venv, instance, site) if site.suffix else []
        yield Lane(lane, (*steps, step(venv, instance, "down", "down")))


def molecule() -> Iterator[Lane]:
    """Every role's scenario alone, on hosts that begin with `site`."""
    venv = venvs.main()
    steps: list[Step] = []
    for site in SITES:
        instance = f"molecule{site.suffix}"
        own = scenarios(venv, instance, site)
        words = (("clear", ("down",)), ("hosts", ("up",)), ("site", SITE)) if own else ()
        steps += [step(venv, instance, f"{title} of {instance}", *command) for title, command in words]
        steps += [*own, *([step(venv, instance, f"down of {instance}", "down")] if own else [])]
    yield Lane("molecule", tuple(steps))
