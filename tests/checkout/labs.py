# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lanes that need hosts: each has an instance of the lab of its own, so that they run side by side and leave a
developer's lab alone. An instance whose lane failed stays up, to look into; `make lab-down` removes it."""

from __future__ import annotations

import pathlib
from typing import Iterator, Mapping

import place
import venvs
from lanes import Lane, NotRun, Step

LAB = str(place.ROOT / "tests" / "lab")
SCENARIOS = place.ROOT / "extensions" / "molecule"
# Lane, core, instance, commands; `scenarios` are Molecule's of the instance's site, on hosts as `prove` or `site` leave
# them. Once is enough for each site, and for new keys: they are the matter of a KDC and of a directory, whatever core
# asks. Those of the first site are many, and change its KDC: they have hosts of their own, apart from new keys.
LABS = (
    ("lab-mit", "2.21", "test221", ("prove", "rollover")),
    ("molecule", "2.21", "molecule", ("up", "site", "scenarios")),
    ("lab-ad", "2.21", "test221-ad", ("prove", "scenarios", "rollover")),
    ("lab-zimbra", "2.19", "test219-zimbra", ("prove", "scenarios")),
)
SITE = ("ansible", "--", "ansible-playbook", "mailrealm.kerberos.site")
# Suffixes of the instances of a site, and the scenarios on its hosts; all others are of the first site.
OF_SITES: Mapping[str, tuple[str, ...]] = {"": (), "-ad": ("axigen",), "-zimbra": ("zimbra",)}


def environment(venv: pathlib.Path, instance: str) -> dict[str, str]:
    """What chooses the instance of the lab, whose site is its own, and the core that runs on it."""
    return place.environment(venv, LAB=instance, LAB_VENV=str(venv), PRODUCTS="")


def step(venv: pathlib.Path, instance: str, title: str, *words: str) -> Step:
    """One command of the lab on an instance."""
    return Step(title, (str(venv / "bin" / "python"), LAB, *words), environment(venv, instance))


def labs() -> Iterator[Lane | NotRun]:
    """The README's `make lab` on each site, from hosts that are not there; every role's scenario; then new keys without
    a failed login."""
    for lane, core, instance, commands in LABS:
        venv = venvs.make(venvs.RECIPES[f"venv-{core}"])
        if venv is None:
            yield NotRun(lane, venvs.why_not(f"venv-{core}"))
            continue
        steps = [step(venv, instance, "clear", "down")]
        for word in (*commands, "down"):
            own = [step(venv, instance, word, *(SITE if word == "site" else (word,)))]
            steps += _scenarios(venv, instance) if word == "scenarios" else own
        yield Lane(lane, tuple(steps))


def _scenarios(venv: pathlib.Path, instance: str) -> list[Step]:
    """Molecule's scenarios on the hosts of an instance, which are as after `make lab`, one after another."""
    suffix = max((one for one in OF_SITES if instance.endswith(one)), key=len)
    elsewhere = {name for one, names in OF_SITES.items() if one != suffix for name in names}
    there = sorted(path.parent.name for path in SCENARIOS.glob("*/molecule.yml"))
    own = [name for name in there if (name in OF_SITES[suffix] if suffix else name not in elsewhere)]
    command = ("molecule", "test", "--scenario-name")
    return [Step(f"scenario {name}", (*command, name), environment(venv, instance)) for name in own]


def fidelity() -> Iterator[Lane]:
    """`make fidelity` on each site, on the newest core of this machine."""
    venv = venvs.main()
    command = (str(venv / "bin" / "python"), "tests/fidelity")
    for suffix in OF_SITES:
        lane = f"fidelity{suffix}"
        measure = Step("measure", command, environment(venv, lane))
        yield Lane(lane, (step(venv, lane, "clear", "down"), measure))


def molecule() -> Iterator[Lane]:
    """Every role's scenario alone, on hosts that begin with `site`."""
    venv = venvs.main()
    steps: list[Step] = []
    for suffix in OF_SITES:
        instance = f"molecule{suffix}"
        scenarios = _scenarios(venv, instance)
        words = (("clear", ("down",)), ("hosts", ("up",)), ("site", SITE)) if scenarios else ()
        steps += [step(venv, instance, f"{title} of {instance}", *command) for title, command in words]
        steps += [*scenarios, *([step(venv, instance, f"down of {instance}", "down")] if scenarios else [])]
    yield Lane("molecule", tuple(steps))
