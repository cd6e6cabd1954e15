# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role client names the relations that its policy of encryption types decides, as the policy itself does."""

from __future__ import annotations

import pathlib

import yaml
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctype_consumers import CONSUMERS
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctype_policy import LISTS, SWITCHES

VARS = pathlib.Path(__file__).resolve().parents[3] / "roles" / "client" / "vars" / "main.yml"


def test_relations_that_may_not_be_set_beside_the_policy() -> None:
    decided = {*LISTS, *SWITCHES, *(name for one in CONSUMERS for name in one.relations)}
    assert set(yaml.safe_load(VARS.read_text())["client_enctype_relations"]) == decided
