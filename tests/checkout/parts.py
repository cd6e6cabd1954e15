# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which lanes there are: what is run, on which Python and core, and what this machine cannot run."""

from __future__ import annotations

import pathlib
from typing import Iterator, Union

import labs
import place
import pythons
import reference
import release
import stage
import toolbox
import venvs
from lanes import Lane, NotRun, Step

Planned = Union[Lane, NotRun]
COLLECTION = place.COLLECTIONS / "ansible_collections" / "mailrealm" / "kerberos"
# Rooms that run on target hosts are tested on the oldest Pythons too, with the module_utils of the newest core
# that still serves such a host (2.21 refuses Python 3.8).
TARGET_TESTS = ("tests/unit/module_utils", "tests/unit/modules")
WITHOUT_TOOLS = (
    "--ignore=tests/unit/checkout",
    "--ignore=tests/unit/test_floors.py",
    "--ignore=tests/unit/test_house.py",
)
# What knows nothing of Ansible is the same on each core, and its Python is between others that run it: on the newest,
# and where it runs on hosts on the oldest.
PURE = tuple(f"--ignore=tests/unit/{room}" for room in ("bench", "checkout", "fidelity", "lab", "mutants"))
PURE_ON_HOSTS = ("--ignore=tests/unit/module_utils/_domain",)
LEFT_OUT = {"venv-2.19": (*PURE, *PURE_ON_HOSTS), "venv-3.9": PURE_ON_HOSTS}
# pylint takes a quarter of sanity's time, reads the same code whatever the core, and knows most with the newest; the
# imports on each Python take a half of an older core's, which is left those on the Python that the newest refuses.
OLD_SKIPS = ("pylint", "import")
OLD_PYTHON = 8
TARGET_CORES = {"venv-3.8": "venv-2.19", "venv-3.9": "venv-2.21"}


def _venv(folder: str, lane: str) -> pathlib.Path | NotRun:
    return venvs.make(venvs.RECIPES[folder]) or NotRun(lane, venvs.why_not(folder))


def lint() -> Iterator[Planned]:
    """Everything that reads the code without running it, in two lanes: ansible-lint takes as long as the rest."""
    venv = venvs.main()
    environment = place.environment(venv)
    layers = {**environment, "PYTHONPATH": str(place.COLLECTIONS)}
    commands = (
        ("ruff check", ("ruff", "check", "."), environment),
        ("ruff format", ("ruff", "format", "--check", "--diff", "."), environment),
        ("mypy", ("mypy",), environment),
        ("import-linter", ("lint-imports", "--cache-dir", str(place.CACHE / "import-linter")), layers),
        ("yamllint", ("yamllint", "--strict", "."), environment),
        ("codespell", ("codespell",), environment),
        ("changelog", ("antsibull-changelog", "lint"), environment),
        ("docs", ("antsibull-docs", "lint-collection-docs", "--plugin-docs", str(COLLECTION)), environment),
    )
    steps = [Step(title, argv, env) for title, argv, env in commands]
    own = ("mypy", "--config-file", str(place.ROOT / "pyproject.toml"), "--python-version", "3.11")
    rooms = (
        ("mypy tests/lab", "", ("lab",)),
        ("mypy tests/mutants", "", ("mutants",)),
        ("mypy tests/checkout", "checkout", _rooms()),
    )
    for title, path, what in rooms:
        words = (*own, "--cache-dir", str(place.CACHE / "mypy-tests"), *what)
        steps.append(Step(title, words, {**environment, "MYPYPATH": path}, folder=place.ROOT / "tests"))
    yield Lane("lint", tuple(steps), to_the_end=True)
    yield Lane("ansible-lint", (Step("production", ("ansible-lint", "--nocolor", "-q"), environment),))


def _rooms() -> tuple[str, ...]:
    """The files of this folder, which are scripts and no package."""
    return tuple(sorted(str(path) for path in (place.ROOT / "tests" / "checkout").glob("*.py")))


def _pytest(lane: str, venv: pathlib.Path, tests: tuple[str, ...], **more: str) -> Lane:
    report = place.LOGS / f"{lane}.xml"
    report.unlink(missing_ok=True)
    command = (
        str(venv / "bin" / "python"),
        "-m",
        "pytest",
        "-q",
        "-o",
        f"cache_dir={place.CACHE / 'pytest' / lane}",
        f"--junitxml={report}",
        *tests,
    )
    return Lane(lane, (Step("pytest", command, place.environment(venv, **more), junit=report),))


def unit() -> Iterator[Planned]:
    """The unit tests: all on the newest core, those of the target-side rooms on the oldest Python; on what is between,
    all that has to do with Ansible."""
    for folder in ("venv-2.21", "venv-2.19"):
        lane = f"unit-{folder.removeprefix('venv-')}"
        venv = _venv(folder, lane)
        if isinstance(venv, NotRun):
            # The toolbox has the Python that is missing here; what needs a developer's tools stays out of it.
            yield toolbox.pytest(lane, toolbox.release_for(folder), ("tests/unit", *WITHOUT_TOOLS))
        else:
            yield _pytest(lane, venv, ("tests/unit", *LEFT_OUT.get(folder, ())))
    tests = tuple(path for path in TARGET_TESTS if (place.ROOT / path).is_dir())
    for folder, core in TARGET_CORES.items():
        lane = f"unit-py{folder.removeprefix('venv-')}"
        venv = _venv(folder, lane)
        controller = _venv(core, lane)
        if isinstance(venv, NotRun):
            yield venv
        elif isinstance(controller, NotRun):
            yield controller
        else:
            tests_here = (*tests, *LEFT_OUT.get(folder, ()))
            yield _pytest(lane, venv, tests_here, PYTHONPATH=str(_ansible_alone(controller)))


def _ansible_alone(venv: pathlib.Path) -> pathlib.Path:
    """A folder that holds a venv's package `ansible` and nothing else, to lend it to another Python."""
    (package,) = venv.glob("lib/python3.*/site-packages/ansible")
    folder = place.CACHE / "target-core" / venv.name
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / "ansible"
    link.unlink(missing_ok=True)
    link.symlink_to(package, target_is_directory=True)
    return folder


def _bootstrap_pip(home: pathlib.Path) -> None:
    """Spares ansible-test a download: the script that it fetches to install pip does what ensurepip does."""
    folder = home / ".ansible" / "test" / "cache"
    folder.mkdir(parents=True, exist_ok=True)
    for version in ("24_2", "25_2"):  # what core 2.19 and 2.21 ask for
        script = folder / f"get_pip_{version}.py"
        script.write_text("import ensurepip\n\nensurepip.bootstrap(default_pip=True)\n")


def sanity(cores: tuple[str, ...] = ("2.21", "2.19")) -> Iterator[Planned]:
    """ansible-test sanity, on a staged copy, with every Python of the machine on PATH."""
    folders = dict.fromkeys(str(python.path.parent) for python in pythons.every())
    home = place.CACHE / "home"  # ansible-test keeps its own venvs below its user's home
    _bootstrap_pip(home)
    for core in cores:
        lane = f"sanity-{core}"
        venv = _venv(f"venv-{core}", lane)
        if isinstance(venv, NotRun):
            yield venv
            continue
        environment = place.environment(venv, HOME=str(home))
        environment["PATH"] = ":".join((str(venv / "bin"), *folders, environment["PATH"]))
        command, staged = ("ansible-test", "sanity", "--color", "no"), stage.stage(lane)
        steps = [
            Step(title, (*command, *words), environment, folder=staged, telling="ERROR|FATAL")
            for title, words in _sanity_runs(core)
        ]
        yield Lane(lane, tuple(steps), to_the_end=True)


def _sanity_runs(core: str) -> list[tuple[str, tuple[str, ...]]]:
    """Titles, and more words of ansible-test: all tests, those that the newest core sees to left out on others."""
    if core == _newest():
        return [("ansible-test", ())]
    runs = [("ansible-test", tuple(f"--skip-test={test}" for test in OLD_SKIPS))]
    old = pythons.find(OLD_PYTHON)
    if old is not None:
        runs.append((f"imports on {old.version}", ("--test", "import", "--python", old.version)))
    return runs


def _newest() -> str:
    """The newest core of this machine."""
    return venvs.main().name.removeprefix("venv-")


def sanity_newest() -> Iterator[Planned]:
    """Sanity on the newest core of this machine alone, for the quick run."""
    yield from sanity((_newest(),))


def planned(names: tuple[str, ...]) -> tuple[list[Lane], list[NotRun]]:
    """The lanes of some parts (lint, unit, ...), and those that cannot be run."""
    everything = [lane for name in names for lane in PARTS[name]()]
    lanes = [lane for lane in everything if isinstance(lane, Lane)]
    return lanes, [lane for lane in everything if isinstance(lane, NotRun)]


PARTS = {
    "lint": lint,
    "unit": unit,
    "sanity": sanity,
    "sanity-newest": sanity_newest,
    "integration": toolbox.integration,
    "labs": labs.labs,
    "molecule": labs.molecule,
    "docs": reference.docs,
    "build": release.build,
    "release": release.release,
}
