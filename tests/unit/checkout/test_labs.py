# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lanes that need hosts."""

from __future__ import annotations

import importlib
import pathlib
import types

import pytest

CHECKOUT = pathlib.Path(__file__).resolve().parents[2] / "checkout"


@pytest.fixture
def labs(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """The room, whose venvs are not made."""
    monkeypatch.syspath_prepend(str(CHECKOUT))
    room = importlib.import_module("labs")
    monkeypatch.setattr(room.venvs, "main", lambda: pathlib.Path("/venv"))
    return room


def last(scenario):
    """The steps of a lane's last scenario."""
    return [f"scenario {scenario}: {command}" for command in ("reset", "converge", "verify")]


def test_every_scenario_runs_on_the_hosts_of_one_lab(labs):
    there = {path.parent.name for path in labs.SCENARIOS.glob("*/molecule.yml")}
    run = [one.command[-1] for site in labs.SITES for one in labs.scenarios(pathlib.Path("/venv"), "x", site)]
    assert sorted(set(run)) == sorted(there)
    assert set(run[:8]).isdisjoint({labs.ENDING})


def test_a_choice_of_products_does_not_change_what_a_lane_proves(labs, monkeypatch):
    monkeypatch.setenv("PRODUCTS", "axigen")
    assert labs.environment(pathlib.Path("/venv"), "test219")["PRODUCTS"] == ""


def test_a_scenario_runs_on_the_hosts_of_its_site(labs, monkeypatch, tmp_path):
    for name in ("kdc", "axigen", "postfix"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "molecule.yml").touch()
    monkeypatch.setattr(labs, "SCENARIOS", tmp_path)
    (lane,) = labs.molecule()
    on = {step.title: step.environment["LAB"] for step in lane.steps}
    assert {title: lab for title, lab in on.items() if title.startswith("scenario")} == {
        "scenario postfix: reset": "molecule",
        "scenario postfix": "molecule",
        "scenario kdc: reset": "molecule",
        "scenario kdc: converge": "molecule",
        "scenario kdc: verify": "molecule",
        "scenario axigen: reset": "molecule-ad",
        "scenario axigen: converge": "molecule-ad",
        "scenario axigen: verify": "molecule-ad",
    }
    assert [step.title for step in lane.steps][-2:] == ["scenario axigen: verify", "down of molecule-ad"]


def test_each_site_has_a_lane_with_an_instance_of_its_own(labs, monkeypatch):
    monkeypatch.setattr(labs.venvs, "make", lambda recipe: pathlib.Path("/") / recipe.folder)
    lanes = list(labs.labs())
    assert [(lane.name, {step.environment["LAB"] for step in lane.steps}) for lane in lanes] == [
        ("fidelity", {"fidelity"}),
        ("fidelity-ad", {"fidelity-ad"}),
        ("fidelity-zimbra", {"fidelity-zimbra"}),
        ("fidelity-cas", {"fidelity-cas"}),
    ]
    assert [[step.title for step in lane.steps] for lane in lanes] == [
        ["clear", "measure", "down"],
        ["clear", "measure", *last("axigen"), "down"],
        ["clear", "measure", *last("zimbra"), "down"],
        ["clear", "measure", "scenario cas: reset", "scenario cas", *last("workstation"), "down"],
    ]


def test_a_core_that_is_not_there_is_said(labs, monkeypatch):
    monkeypatch.setattr(labs.venvs, "make", lambda _recipe: None)
    monkeypatch.setattr(labs.venvs, "why_not", lambda folder: f"no Python for {folder}")
    assert [(one.name, one.reason) for one in labs.labs()][2] == ("fidelity-zimbra", "no Python for venv-2.19")


def test_a_site_without_a_scenario_is_not_brought_up(labs, monkeypatch, tmp_path):
    (tmp_path / "kdc").mkdir()
    (tmp_path / "kdc" / "molecule.yml").touch()
    monkeypatch.setattr(labs, "SCENARIOS", tmp_path)
    (lane,) = labs.molecule()
    assert {step.environment["LAB"] for step in lane.steps} == {"molecule"}
