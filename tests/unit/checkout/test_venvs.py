# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding Pythons, making venvs, copying the checkout: on machines with shims, interruptions and leftovers."""

from __future__ import annotations

import importlib
import pathlib
import subprocess
import sys
import types
from typing import Iterator

import pytest

CHECKOUT = pathlib.Path(__file__).resolve().parents[2] / "checkout"
NAMES = ("place", "pythons", "stage", "venvs")


@pytest.fixture
def rooms(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> Iterator[types.SimpleNamespace]:
    """The rooms of tests/checkout, with a checkout and a cache of the test."""
    monkeypatch.syspath_prepend(str(CHECKOUT))
    found = types.SimpleNamespace(**{name: importlib.import_module(name) for name in NAMES})
    monkeypatch.setattr(found.place, "ROOT", tmp_path)
    monkeypatch.setattr(found.place, "CACHE", tmp_path / ".cache")
    monkeypatch.setattr(found.place, "REQUIREMENTS", tmp_path / "requirements")
    found.pythons.find.cache_clear()
    yield found
    found.pythons.find.cache_clear()


def _script(path: pathlib.Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def test_a_shim_that_does_not_run_is_passed_over(
    rooms: types.SimpleNamespace, monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    minor = sys.version_info[1]
    shim = tmp_path / "shims" / f"python3.{minor}"
    real = tmp_path / "versions" / f"3.{minor}.0" / "bin" / f"python3.{minor}"
    _script(shim, "#!/bin/sh\necho 'command not found' >&2\nexit 127\n")
    _script(real, f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    monkeypatch.setattr(rooms.pythons, "_candidates", lambda dummy: [shim, real])
    found = rooms.pythons.find(minor)
    assert found is not None
    assert found.minor == minor
    monkeypatch.setattr(rooms.pythons, "_candidates", lambda dummy: [shim])
    rooms.pythons.find.cache_clear()
    assert rooms.pythons.find(minor) is None


def test_a_python_of_another_version_than_its_name_is_not_taken(
    rooms: types.SimpleNamespace, monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    liar = tmp_path / "python3.9"
    _script(liar, f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    monkeypatch.setattr(rooms.pythons, "_candidates", lambda dummy: [liar])
    assert rooms.pythons.find(9) is None


def test_pyenvs_folder_is_looked_into(
    rooms: types.SimpleNamespace, monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    _script(tmp_path / "versions" / "3.8.18" / "bin" / "python3.8", "#!/bin/sh\n")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    assert tmp_path / "versions" / "3.8.18" / "bin" / "python3.8" in rooms.pythons._candidates(8)


def test_a_venv_is_made_once_for_a_lock_and_again_after_an_interruption(
    rooms: types.SimpleNamespace, monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    commands: list[tuple[object, ...]] = []

    def run(*command: object) -> None:
        commands.append(command)
        if command[1] == "venv":
            pathlib.Path(str(command[-1])).mkdir()
        elif interrupted:
            raise KeyboardInterrupt

    monkeypatch.setattr(rooms.venvs, "_run", run)
    monkeypatch.setattr(rooms.venvs, "uv", lambda: pathlib.Path("uv"))
    lock = tmp_path / "requirements" / "x.txt"
    lock.parent.mkdir()
    lock.write_text("one\n")
    recipe = rooms.venvs.Recipe("venv-x", "x.txt", (sys.version_info[1],), "a test")

    interrupted = True
    with pytest.raises(KeyboardInterrupt):
        rooms.venvs.make(recipe)
    assert not (tmp_path / ".cache" / "venv-x").exists()
    interrupted = False
    made = rooms.venvs.make(recipe)
    assert (made / "stamp").is_file()
    assert len(commands) == 4
    rooms.venvs.make(recipe)
    assert len(commands) == 4
    lock.write_text("two\n")
    rooms.venvs.make(recipe)
    assert len(commands) == 6
    assert sorted(path.name for path in made.parent.iterdir()) == ["venv-x", "venv-x.lock"]


def test_a_recipe_without_its_python_says_so(rooms: types.SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms.pythons, "_candidates", lambda dummy: [])
    assert rooms.venvs.make(rooms.venvs.RECIPES["venv-3.8"]) is None
    assert "no Python 3.8" in rooms.venvs.why_not("venv-3.8")


def test_a_stage_holds_what_git_knows_or_would_add(rooms: types.SimpleNamespace, tmp_path: pathlib.Path) -> None:
    for name in ("kept", "new", "gone", "ignored"):
        (tmp_path / name).write_text(name)
    (tmp_path / ".gitignore").write_text("ignored\n.cache\n")
    for words in (("init", "--quiet"), ("add", "kept", "gone", ".gitignore")):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    (tmp_path / "gone").unlink()
    staged = rooms.stage.stage("trial")
    assert sorted(path.name for path in staged.iterdir()) == [".git", ".gitignore", "kept", "new"]
    (tmp_path / "new").unlink()
    assert not (rooms.stage.stage("trial") / "new").exists()
