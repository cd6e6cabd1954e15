# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role client says in its variables, against those who decide it."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

import yaml
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctype_consumers import CONSUMERS
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.enctype_policy import LISTS, SWITCHES

ROLES = pathlib.Path(__file__).resolve().parents[3] / "roles"
VARS = ROLES / "client" / "vars" / "main.yml"


def test_relations_that_may_not_be_set_beside_the_policy() -> None:
    decided = {*LISTS, *SWITCHES, *(name for one in CONSUMERS for name in one.relations)}
    assert set(yaml.safe_load(VARS.read_text())["client_enctype_relations"]) == decided


def _all(name: str, value: object) -> Iterator[object]:
    """What stands under a name anywhere in the variables of a file."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from ([inner] if key == name else _all(name, inner))


def test_every_unit_that_a_host_is_to_run_is_looked_at_before_its_distribution_is_known() -> None:
    units = set()
    for file in (ROLES / "client" / "vars").glob("[A-Z]*.yml"):
        units |= set(_all("client_time_unit", yaml.safe_load(file.read_text())))
    for file in (ROLES / "postfix" / "vars").glob("[A-Z]*.yml"):
        words = yaml.safe_load(file.read_text())
        listed = [one for name in ("units", "postfix_units") for one in _all(name, words) if isinstance(one, list)]
        assert listed, file
        units |= {unit["name"] for one in listed for unit in one}
    assert set(yaml.safe_load(VARS.read_text())["client_units_seen"]) == units
