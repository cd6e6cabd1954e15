# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""That all of the doctor's checks can be told apart, and say what they must."""

from __future__ import annotations

import re

from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor import LOG, NAMES
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.doctor_catalogue import CHECKS

IDS = [check.id for check in CHECKS]


def test_names_are_unique_and_of_one_form() -> None:
    assert len(set(IDS)) == len(IDS)
    assert [name for name in IDS if not re.fullmatch(r"[a-z0-9_]+\.[a-z0-9_]+", name)] == []


def test_each_has_a_layer_and_a_symptom() -> None:
    assert [check.id for check in CHECKS if not NAMES <= check.layer <= LOG] == []
    assert [check.id for check in CHECKS if not check.symptom or check.symptom.endswith(".")] == []


def test_what_is_explained_is_there() -> None:
    areas = {name.partition(".")[0] for name in IDS}
    known = {*IDS, *(f"{area}.*" for area in areas)}
    assert [(check.id, name) for check in CHECKS for name in check.explains if name not in known] == []


def test_a_fleet_of_which_nothing_is_known_has_no_trouble() -> None:
    fleet = {"mx1": {}, "kdc1": {"asked": {"host": "kdc1", "products": ["kdc"]}}}
    assert [(check.id, host) for check in CHECKS for host in fleet for dummy in check.look(host, fleet)] == []
