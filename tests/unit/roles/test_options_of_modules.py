# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of roles that a module takes as its options: a misspelt one is refused before the role does anything."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
import yaml
from ansible_collections.mailrealm.kerberos.plugins.doc_fragments import password_policies, principals
from ansible_collections.mailrealm.kerberos.plugins.modules import kadm5_acl, keytab

ROOT = pathlib.Path(__file__).resolve().parents[3]
SAME = {
    ("kdc", "kdc_policies"): (password_policies.ModuleDocFragment, "policies"),
    ("kdc", "kdc_users"): (principals.ModuleDocFragment, "principals"),
    ("kdc", "kdc_acl"): (kadm5_acl, "entries"),
    ("keytab", "keytab_sources"): (keytab, "sources"),
    ("cas", "cas_further_keytabs"): (keytab, "sources"),
}


def told(options: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
    """Each option's type, elements, choices and whether it must be given."""
    fields = ("type", "elements", "choices", "required")
    return {name: tuple(option.get(field) for field in fields) for name, option in options.items()}


@pytest.mark.parametrize(("role", "variable"), SAME)
def test_the_role_knows_the_options_of_the_module(role: str, variable: str) -> None:
    spec = yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"]
    plugin, option = SAME[role, variable]
    documented = yaml.safe_load(plugin.DOCUMENTATION)["options"][option]["suboptions"]
    assert told(spec["options"][variable]["options"]) == told(documented)
