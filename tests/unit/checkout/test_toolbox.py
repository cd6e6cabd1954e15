# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every integration test runs on some Debian release, and what runs on one only is named right."""

from __future__ import annotations

import importlib
import pathlib

import pytest

CHECKOUT = pathlib.Path(__file__).resolve().parents[2] / "checkout"
INTEGRATION = pathlib.Path(__file__).resolve().parents[2] / "integration"


def test_what_runs_on_one_release_is_there_and_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(CHECKOUT))
    toolbox = importlib.import_module("toolbox")
    apart = [names for release, dummy, names in toolbox.APART.values() if release in toolbox.RELEASES]
    named = [name for names in (*toolbox.ON_ONE.values(), *apart) for name in names]
    assert set(named) <= {path.stem.removeprefix("test_") for path in INTEGRATION.glob("test_*.py")}
    assert len(named) == len(set(named))
    assert set(toolbox.ON_ONE) == set(toolbox.RELEASES)
