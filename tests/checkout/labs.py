# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lanes that need hosts: each has an instance of the lab of its own, so that they run side by side and leave a
developer's lab alone. An instance whose lane failed stays up, to look into; `make lab-down` removes it."""

from __future__ import annotations

import pathlib
from typing import Iterator

import place
import venvs
from lanes import Lane, NotRun, Step

LAB = str(place.ROOT / "tests" / "lab")
SCENARIOS = place.ROOT / "extensions" / "molecule"
# Lane, core, instance, commands. Once is enough for new keys and for the site of Active Directory: they are the matter
# of a KDC and of a directory, whatever core asks for them. A lane each, so that the longest is no longer than it was.
LABS = (
    ("lab-2.21", "2.21", "test221", ("prove", "rollover")),
    ("lab-2.19", "2.19", "test219", ("prove",)),
    ("lab-ad", "2.21", "test221-ad", ("prove", "rollover")),
)
# Scenarios on the hosts of site ad.
OF_ACTIVE_DIRECTORY = ("axigen",)


def environment(venv: pathlib.Path, instance: str) -> dict[str, str]:
    """What chooses the instance of the lab, whose site is its own, and the core that runs on it."""
    return place.environment(venv, LAB=instance, LAB_VENV=str(venv), PRODUCTS="")


def step(venv: pathlib.Path, instance: str, title: str, *words: str) -> Step:
    """One command of the lab on an instance."""
    return Step(title, (str(venv / "bin" / "python"), LAB, *words), environment(venv, instance))


def labs() -> Iterator[Lane | NotRun]:
    """The README's `make lab`, from hosts that are not there, on each core; then new keys without a failed login."""
    for lane, core, instance, commands in LABS:
        venv = venvs.make(venvs.RECIPES[f"venv-{core}"])
        if venv is None:
            yield NotRun(lane, venvs.why_not(f"venv-{core}"))
            continue
        words = (("clear", "down"), *((word, word) for word in (*commands, "down")))
        steps = [step(venv, instance, title, word) for title, word in words]
        yield Lane(lane, tuple(steps))


def fidelity() -> Iterator[Lane]:
    """`make fidelity` on each site, on the newest core of this machine."""
    venv = venvs.main()
    command = (str(venv / "bin" / "python"), "tests/fidelity")
    for lane in ("fidelity", "fidelity-ad"):
        measure = Step("measure", command, environment(venv, lane))
        yield Lane(lane, (step(venv, lane, "clear", "down"), measure))


def molecule() -> Iterator[Lane]:
    """Every role's scenario, one after another on its site's hosts, which begin with a realm as after `make lab`."""
    venv = venvs.main()
    scenarios = sorted(path.parent.name for path in SCENARIOS.glob("*/molecule.yml"))
    site = ("ansible", "--", "ansible-playbook", "mailrealm.kerberos.site")
    steps: list[Step] = []
    for instance in ("molecule", "molecule-ad"):
        own = [name for name in scenarios if (name in OF_ACTIVE_DIRECTORY) == instance.endswith("-ad")]
        words = (("clear", ("down",)), ("hosts", ("up",)), ("site", site)) if own else ()
        steps += [step(venv, instance, f"{title} of {instance}", *command) for title, command in words]
        for name in own:
            command = ("molecule", "test", "--scenario-name", name)
            steps.append(Step(f"scenario {name}", command, environment(venv, instance)))
        steps += [step(venv, instance, f"down of {instance}", "down")] if own else []
    yield Lane("molecule", tuple(steps))
