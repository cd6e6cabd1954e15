# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The release: built as users get it, read by Galaxy's importer, installed where nothing else is, and used."""

from __future__ import annotations

import pathlib
import re
import shutil
from typing import Iterator

import labs
import place
import stage
import venvs
from lanes import Lane, NotRun, Step

FOLDER = place.CACHE / "release"
INSTALLED = FOLDER / "installed"
INVENTORY = place.ROOT / "tests" / "release" / "inventory.yml"
IMPORTER = place.ROOT / "tests" / "release" / "importer.cfg"


def _archive() -> pathlib.Path:
    fields = dict(re.findall(r"^(namespace|name|version): *(\S+)$", (place.ROOT / "galaxy.yml").read_text(), re.M))
    return FOLDER / "{namespace}-{name}-{version}.tar.gz".format(**fields)


def _build(venv: pathlib.Path, staged: pathlib.Path) -> Step:
    command = ("ansible-galaxy", "collection", "build", "--force", "--output-path", str(FOLDER))
    return Step("build", command, place.environment(venv), folder=staged)


def build() -> Iterator[Lane]:
    """The archive alone, in .cache/release."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    yield Lane("build", (_build(venvs.main(), stage.stage("release")),))


def release() -> Iterator[Lane | NotRun]:
    """The whole way of a release to a user, without the network; on the hosts that it set up, then, the scenarios."""
    venv = venvs.main()
    shutil.rmtree(FOLDER, ignore_errors=True)
    INSTALLED.mkdir(parents=True)
    archive = str(_archive())
    staged = stage.stage("release")
    report = place.LOGS / "release.xml"
    clean = place.environment(venv, ANSIBLE_COLLECTIONS_PATH=str(INSTALLED))
    reading = (str(venv / "bin" / "python"), "-m", "pytest", "-q", f"--junitxml={report}", "tests/release")
    steps = [
        _build(venv, staged),
        Step(
            "contents",
            reading,
            place.environment(venv, RELEASE_ARCHIVE=archive, RELEASE_STAGE=str(staged)),
            junit=report,
        ),
        Step(
            "install",
            ("ansible-galaxy", "collection", "install", "--offline", "-p", str(INSTALLED), archive),
            clean,
            folder=FOLDER,
        ),
    ]
    for core in ("2.21", "2.19"):
        controller = venvs.make(venvs.RECIPES[f"venv-{core}"])
        if controller is None:
            yield NotRun(f"release on core {core}", venvs.why_not(f"venv-{core}"))
            continue
        playbook = ("ansible-playbook", "-i", str(INVENTORY), "mailrealm.kerberos.site", "--list-tasks")
        there = place.environment(controller, ANSIBLE_COLLECTIONS_PATH=str(INSTALLED))
        steps.append(Step(f"site on core {core}", playbook, there, folder=FOLDER))
    hosts = labs.environment(venv, "release")
    installed = ("env", f"ANSIBLE_COLLECTIONS_PATH={INSTALLED}", "ansible-playbook")
    on_the_lab: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("clear the lab", ("down",)),
        ("lab", ("up",)),
        ("site on the lab", ("ansible", "--", *installed, "mailrealm.kerberos.site")),
        ("logins on the lab", ("ansible", "--", *installed, "mailrealm.kerberos.verify")),
    )
    for title, words in on_the_lab:
        steps.append(Step(title, (str(venv / "bin" / "python"), labs.LAB, *words), hosts, folder=FOLDER))
    steps += labs.scenarios(venv, "release", labs.SITES[0])
    steps.append(labs.step(venv, "release", "lab down", "down"))
    importer = venvs.make(venvs.RECIPES["venv-galaxy"])
    if importer is None:
        yield NotRun("galaxy-importer", venvs.why_not("venv-galaxy"))
    else:
        command = (str(importer / "bin" / "python"), "-m", "galaxy_importer.main", archive)
        chosen = place.environment(importer, GALAXY_IMPORTER_CONFIG=str(IMPORTER))
        steps.append(Step("galaxy-importer", command, chosen, folder=FOLDER, telling="ERROR|WARNING"))
    yield Lane("release", tuple(steps))
