# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the callback mailrealm_rooms loads is all that tasks use of the collection on the controller."""

from __future__ import annotations

import importlib.util
import pathlib
import sys
from types import ModuleType

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
PLUGINS = "ansible_collections.mailrealm.kerberos.plugins"


@pytest.fixture
def callback() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "rooms", ROOT / "playbooks" / "callback_plugins" / "mailrealm_rooms.py"
    )
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_room_of_filters_and_every_action_is_loaded(callback: ModuleType) -> None:
    callback.CallbackModule()
    every = {path.stem for path in (ROOT / "plugins" / "action").glob("*.py")}
    # Those of reports run once a run, not once a host.
    actions = {name for name in every if not name.startswith(("drift_", "doctor_"))}
    rooms = {f"{PLUGINS}.plugin_utils.{path.stem}" for path in (ROOT / "plugins" / "plugin_utils").glob("*_filters.py")}
    assert set(callback.ACTIONS) == actions
    assert rooms | {f"{PLUGINS}.action.{name}" for name in actions} <= set(sys.modules)


def test_it_is_on_without_a_setting_and_hears_nothing(callback: ModuleType) -> None:
    assert callback.CallbackModule.CALLBACK_NEEDS_ENABLED is False
    assert [name for name in vars(callback.CallbackModule) if name.startswith("v2_")] == []
