# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The floors hold: an import that points up is caught, and the checkout as it is has none."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
UTILS = "plugins/module_utils"
VIOLATIONS = {
    "the domain imports the system floor": (f"{UTILS}/_domain/hole.py", "from .._system import files"),
    "the domain imports the shape of modules": (f"{UTILS}/_domain/hole.py", "from .._ansible.converge import converge"),
    "the domain imports Ansible": (f"{UTILS}/_domain/hole.py", "import ansible.module_utils.basic"),
    "the domain starts programs": (f"{UTILS}/_domain/hole.py", "import subprocess"),
    "the domain touches files": (f"{UTILS}/_domain/hole.py", "import pathlib"),
    "the domain opens sockets": (f"{UTILS}/_domain/hole.py", "import socket"),
    "the system floor imports the shape of modules": (f"{UTILS}/_system/hole.py", "from .._ansible import converge"),
    "the system floor imports a module": (f"{UTILS}/_system/hole.py", "from ...modules import beside"),
    "the shape of modules imports a module": (f"{UTILS}/_ansible/hole.py", "from ...modules import beside"),
    "a module imports another": ("plugins/modules/hole.py", "from . import beside"),
    "a module imports an action": ("plugins/modules/hole.py", "from ..action import beside"),
}


def contracts(root: pathlib.Path) -> subprocess.CompletedProcess[str]:
    """import-linter's reading of the collection that lies in `root`."""
    found = root / "path" / "ansible_collections" / "mailrealm"
    found.mkdir(parents=True)
    (found / "kerberos").symlink_to(root)
    return subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root / "path"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: pathlib.Path) -> pathlib.Path:
    """The plugins and the contracts, with a room in each folder that a violation may want to import."""
    root = tmp_path / "checkout"
    shutil.copytree(ROOT / "plugins", root / "plugins", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(ROOT / "pyproject.toml", root)
    for folder in ("modules", "action"):
        (root / "plugins" / folder).mkdir(exist_ok=True)
        (root / "plugins" / folder / "beside.py").touch()
    return root


def test_the_checkout_keeps_its_floors(copy: pathlib.Path) -> None:
    done = contracts(copy)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("violation", VIOLATIONS)
def test_a_violation_is_caught(copy: pathlib.Path, violation: str) -> None:
    path, line = VIOLATIONS[violation]
    (copy / path).write_text(line + "\n")
    done = contracts(copy)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "hole" in done.stdout
    assert "BROKEN" in done.stdout


@pytest.mark.parametrize("room", sorted((ROOT / UTILS / "_domain").glob("*.py")), ids=lambda room: room.name)
def test_the_domain_opens_no_file(room: pathlib.Path) -> None:
    # import-linter sees imports only, and open() needs none
    assert "open(" not in room.read_text().replace("urlopen(", "")
