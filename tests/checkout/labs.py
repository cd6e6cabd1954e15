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
CORES = ("2.21", "2.19")


def environment(venv: pathlib.Path, instance: str) -> dict[str, str]:
    """What chooses the instance of the lab and the core that runs on it."""
    return place.environment(venv, LAB=instance, LAB_VENV=str(venv))


def step(venv: pathlib.Path, instance: str, title: str, *words: str) -> Step:
    """One command of the lab on an instance."""
    return Step(title, (str(venv / "bin" / "python"), LAB, *words), environment(venv, instance))


def labs() -> Iterator[Lane | NotRun]:
    """The README's `make lab`, from hosts that are not there, on each core; then new keys without a failed login."""
    for core in CORES:
        lane, instance = f"lab-{core}", f"test{core.replace('.', '')}"
        venv = venvs.make(venvs.RECIPES[f"venv-{core}"])
        if venv is None:
            yield NotRun(lane, venvs.why_not(f"venv-{core}"))
            continue
        # Once is enough for the keys: they are the KDC's matter, whatever core asks for them.
        words = ["prove", *(["rollover"] if core == CORES[0] else []), "down"]
        steps = [step(venv, instance, "clear", "down"), *(step(venv, instance, word, word) for word in words)]
        yield Lane(lane, tuple(steps))


def fidelity() -> Iterator[Lane]:
    """`make fidelity`, on the newest core of this machine."""
    venv = venvs.main()
    command = (str(venv / "bin" / "python"), "tests/fidelity")
    measure = Step("measure", command, environment(venv, "fidelity"))
    yield Lane("fidelity", (step(venv, "fidelity", "clear", "down"), measure))


def molecule() -> Iterator[Lane]:
    """Every role's scenario, one after another on the same hosts; they begin with a realm, as after `make lab`."""
    venv = venvs.main()
    instance = "molecule"
    site = ("ansible", "--", "ansible-playbook", "mailrealm.kerberos.site")
    words = (("clear", ("down",)), ("hosts", ("up",)), ("site", site))
    steps = [step(venv, instance, title, *command) for title, command in words]
    for scenario in sorted(path.parent.name for path in SCENARIOS.glob("*/molecule.yml")):
        command = ("molecule", "test", "--scenario-name", scenario)
        steps.append(Step(f"scenario {scenario}", command, environment(venv, instance)))
    steps.append(step(venv, instance, "down", "down"))
    yield Lane("molecule", tuple(steps))
