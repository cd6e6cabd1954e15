# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules run as on a host, whatever other tests of this process have imported."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def on_a_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the controller's code loaded (by the tests of filters), Ansible displays a module's warnings itself
    instead of returning them."""
    monkeypatch.setattr("ansible.module_utils._internal.is_controller", False)
    # Where Ansible keeps a process's warnings: those of one test's module are not the next one's.
    monkeypatch.setattr("ansible.module_utils.common.warnings._global_warnings", {})
