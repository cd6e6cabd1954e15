# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The toolbox runs in the image that was asked for."""

from __future__ import annotations

import pathlib
import subprocess

import pytest
from lab import commands, images, toolbox
from lab.podman import Podman


@pytest.mark.parametrize(
    ("options", "recipe"),
    [
        ([], images.toolbox("12")),
        (["--debian", "13", "--java"], images.toolbox("13", java=True)),
        (["--browsers"], images.browser("12")),
    ],
)
def test_each_kind_has_its_image(monkeypatch, options, recipe):
    prepared, ran = [], []

    def prepare(_state, _progress, wanted):
        prepared.extend(wanted)
        return Podman(pathlib.Path("/containers.conf"))

    def run(argv, **_options):
        ran.extend(argv)
        return subprocess.CompletedProcess(argv, 3)

    monkeypatch.setattr(toolbox, "prepare", prepare)
    monkeypatch.setattr(toolbox, "_clear", lambda _state, _podman: None)
    monkeypatch.setattr(toolbox.subprocess, "run", run)
    assert commands.main(["toolbox", *options, "--", "ls", "-l"]) == 3
    assert prepared == [recipe]
    (image,) = (word for word in ran if word.endswith(f"/{recipe.name}:{recipe.tag}"))
    assert ran[ran.index(image) :][-3:] == ["toolbox", "ls", "-l"]


def test_browsers_are_not_beside_java(capsys):
    with pytest.raises(SystemExit):
        commands.main(["toolbox", "--java", "--browsers", "--", "ls"])
    assert "not allowed with" in capsys.readouterr().err
