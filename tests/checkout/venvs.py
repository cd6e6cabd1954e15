# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Venvs from the locked requirements: made once for each lock, beside their place, and put there when whole."""

from __future__ import annotations

import dataclasses
import hashlib
import pathlib
import shutil
import subprocess

import place
import pythons


@dataclasses.dataclass(frozen=True)
class Recipe:
    """A venv below .cache: its folder, its lock in requirements/, and the Pythons (3.x) it may stand on, best first.

    ``compiled``: whether its modules are, for programs that are started hundreds of times: nothing that runs writes
    bytecode, and every start of Ansible would compile all of it anew.
    """

    folder: str
    lock: str
    minors: tuple[int, ...]
    purpose: str
    compiled: bool = False


NEWEST = (13, 12, 14)
RECIPES = {
    recipe.folder: recipe
    for recipe in (
        Recipe("venv-2.21", "core-2.21.txt", NEWEST, "the tools with the newest ansible-core", compiled=True),
        Recipe("venv-2.19", "core-2.19.txt", (11, 12, 13), "the tools with the oldest core promised", compiled=True),
        Recipe("venv-3.8", "target.txt", (8,), "unit tests on the oldest Python of target hosts"),
        Recipe("venv-3.9", "target.txt", (9,), "unit tests on the Python of RHEL 9"),
        Recipe("venv-docs", "docs.txt", (13, 12, 11), "the reference as a site"),
        Recipe("venv-galaxy", "galaxy-importer.txt", (13, 12, 11), "Galaxy's reading of a release"),
    )
}
# uv itself, installed by pip: hashes only, like everything else
UV = Recipe("uv", "uv.txt", (11, 12, 13, 14), "the installer of the other venvs")
# folders of packages for another Python than this machine's: the toolbox's own (Debian 12: 3.11, Debian 13: 3.13)
SITES = {
    recipe.folder: recipe
    for recipe in (
        Recipe("site-2.19", "toolbox-2.19.txt", (11,), "tests in the toolbox of Debian 12"),
        Recipe("site-2.21", "toolbox-2.21.txt", (13,), "tests in the toolbox of Debian 13"),
    )
}


def locks() -> list[Recipe]:
    """One recipe for every lock, those first that others are bound to (`-c`); the oldest Python of a lock counts."""
    by_lock: dict[str, Recipe] = {}
    for recipe in (UV, *RECIPES.values(), *SITES.values()):
        by_lock.setdefault(recipe.lock, recipe)
    return list(by_lock.values())


def why_not(folder: str) -> str:
    """Why a venv cannot be made here, for a person to read."""
    recipe = RECIPES[folder]
    wanted = ", ".join(f"3.{minor}" for minor in recipe.minors)
    return f"no Python {wanted} with venv runs on this machine ({recipe.purpose})"


class VenvError(Exception):
    """A venv that cannot be made here: which, and what is missing."""


def _digest(recipe: Recipe, python: pythons.Python) -> str:
    lock = (place.REQUIREMENTS / recipe.lock).read_bytes()
    return hashlib.sha256(lock + str(python.path).encode()).hexdigest()


def _run(*command: object) -> None:
    done = subprocess.run(
        [str(word) for word in command], env=place.environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip())[-2000:]
        raise VenvError(f"{' '.join(str(word) for word in command)}\nended with {done.returncode}: {said}")


def _put(made: pathlib.Path, wanted: pathlib.Path) -> None:
    """Renames `made` to `wanted`; an older one steps aside first, for a folder cannot be renamed over another."""
    old = wanted.with_name(wanted.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if wanted.exists():
        wanted.rename(old)
    made.rename(wanted)
    shutil.rmtree(old, ignore_errors=True)


def uv() -> pathlib.Path:
    """The path of uv, in a small venv of its own."""
    with place.alone(UV.folder):
        folder = place.CACHE / UV.folder
        lock = place.REQUIREMENTS / UV.lock
        stamp = folder / "stamp"
        digest = hashlib.sha256(lock.read_bytes()).hexdigest()
        if stamp.is_file() and stamp.read_text() == digest:
            return folder / "bin" / "uv"
        python = pythons.first(UV.minors)
        if python is None:
            raise VenvError("no Python 3.11 or later runs here; on Debian: apt-get install python3 python3-venv")
        print(f"venv: uv on Python {python.version}", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        _run(python.path, "-m", "venv", folder)
        _run(folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--require-hashes", "-r", lock)
        stamp.write_text(digest)
        return folder / "bin" / "uv"


def make(recipe: Recipe) -> pathlib.Path | None:
    """The venv of a recipe, made if it is not there or its lock has changed; None where no Python for it runs."""
    python = pythons.first(recipe.minors)
    if python is None:
        return None
    installer = uv()
    with place.alone(recipe.folder):
        wanted = place.CACHE / recipe.folder
        stamp = wanted / "stamp"
        digest = _digest(recipe, python)
        if stamp.is_file() and stamp.read_text() == digest:
            return wanted
        print(f"venv: .cache/{recipe.folder} on Python {python.version}: {recipe.purpose}", flush=True)
        made = wanted.with_name(recipe.folder + ".new")
        shutil.rmtree(made, ignore_errors=True)
        _run(installer, "venv", "--quiet", "--relocatable", "--python", python.path, made)
        lock = place.REQUIREMENTS / recipe.lock
        inside = made / "bin" / "python"
        more = ("--compile-bytecode",) if recipe.compiled else ()
        _run(installer, "pip", "install", "--quiet", *more, "--python", inside, "--require-hashes", "-r", lock)
        (made / "stamp").write_text(digest)
        _put(made, wanted)
        return wanted


def make_site(recipe: Recipe) -> pathlib.Path:
    """A folder for PYTHONPATH, with the packages of a lock for the recipe's Python, which need not be here.

    Its programs (in bin/) run on whatever python3 is first on PATH.
    """
    installer = uv()
    with place.alone(recipe.folder):
        wanted = place.CACHE / recipe.folder
        stamp = wanted / "stamp"
        lock = place.REQUIREMENTS / recipe.lock
        digest = hashlib.sha256(lock.read_bytes()).hexdigest()
        if stamp.is_file() and stamp.read_text() == digest:
            return wanted
        version = f"3.{recipe.minors[0]}"
        print(f"venv: .cache/{recipe.folder} for Python {version}: {recipe.purpose}", flush=True)
        made = wanted.with_name(recipe.folder + ".new")
        shutil.rmtree(made, ignore_errors=True)
        _run(
            *(installer, "pip", "install", "--quiet", "--target", made, "--python-version", version),
            *("--only-binary", ":all:", "--require-hashes", "-r", lock),
        )
        for program in (made / "bin").iterdir():
            shebang, dummy, rest = program.read_text().partition("\n")
            if shebang.startswith("#!"):
                program.write_text(f"#!/usr/bin/env python3\n{rest}")
        (made / "stamp").write_text(digest)
        _put(made, wanted)
        return wanted


def main() -> pathlib.Path:
    """The venv that .cache/venv points to: the newest core for which a Python is here."""
    place.link_collection()
    for folder in ("venv-2.21", "venv-2.19"):
        made = make(RECIPES[folder])
        if made is not None:
            link = place.CACHE / "venv"
            if not link.is_symlink() or link.readlink() != pathlib.Path(folder):
                link.unlink(missing_ok=True)
                link.symlink_to(folder, target_is_directory=True)
            return made
    raise VenvError("no Python 3.11 or later runs here; on Debian: apt-get install python3 python3-venv")
