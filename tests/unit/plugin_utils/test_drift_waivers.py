# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waivers as people write them: each mistake is named with its file, its waiver and what to write instead."""

from __future__ import annotations

import importlib
import pathlib
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.plugin_utils import drift_waivers
from ansible_collections.mailrealm.kerberos.plugins.plugin_utils.drift_waivers import SAMPLE, WaiverRefusal

GOOD = {"name": "n", "expression": "host == 'a'", "owner": "o", "reason": "r", "expires": "2027-01-31"}
BAD = {
    "is not a list": "name: n\n",
    "waiver 1 is no mapping": "- just words\n",
    "is not YAML": "- {name: [\n",
    "waiver 'n' has 'until', which no waiver has": "- {name: n, until: 2027-01-31}\n",
    "waiver 1 has no 'name'": "- {owner: o}\n",
    "waiver 'n' has no 'owner'": "- {name: n, expression: host, reason: r, expires: 2027-01-31}\n",
    "waiver 'n' has no 'expires'; give the": "- {name: n, expression: host, owner: o, reason: r, expires: 3}\n",
    "waiver 'n' expires on 'soon'": "- {name: n, expression: host, owner: o, reason: r, expires: soon}\n",
    "waiver 'n': the expression 'host ==' is not JMESPath": (
        "- {name: n, expression: 'host ==', owner: o, reason: r, expires: 2027-01-31}\n"
    ),
    "waiver 'n': the expression 'starts_with(settings, host)' cannot be judged": (
        "- {name: n, expression: 'starts_with(settings, host)', owner: o, reason: r, expires: 2027-01-31}\n"
    ),
    "two waivers have the name 'n'": 2 * "- {name: n, expression: host, owner: o, reason: r, expires: 2027-01-31}\n",
}


@pytest.mark.parametrize(("says", "text"), BAD.items(), ids=list(BAD))
def test_mistakes_are_named(says: str, text: str, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "waivers.yml"
    path.write_text(text)
    with pytest.raises(WaiverRefusal) as refusal:
        drift_waivers.waivers_of(str(path))
    assert says in str(refusal.value) and str(refusal.value).startswith(str(path))
    assert "\n" not in str(refusal.value)


def test_a_file_that_is_not_there_is_named_by_the_variable(tmp_path: pathlib.Path) -> None:
    with pytest.raises(WaiverRefusal, match=r"kerberos_drift_waivers: .*none\.yml cannot be read"):
        drift_waivers.waivers_of(str(tmp_path / "none.yml"))


def test_dates_may_be_dates_or_text_and_nothing_is_no_waiver(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "waivers.yml"
    path.write_text("- {name: n, expression: host, owner: o, reason: r, expires: 2027-01-31}\n")
    dated = drift_waivers.waivers_of(str(path))
    path.write_text("- {name: n, expression: host, owner: o, reason: r, expires: '2027-01-31'}\n")
    assert drift_waivers.waivers_of(str(path)) == dated
    assert dated[0].expires == "2027-01-31"
    path.write_text("# none yet\n")
    assert drift_waivers.waivers_of(str(path)) == drift_waivers.waivers_of("") == ()


@pytest.mark.parametrize(
    ("expression", "true"),
    [
        ("host == 'mx1.example.test'", True),
        ("host == 'mx2.example.test'", False),
        ("settings[?name == 'smtpd_sasl_type']", True),
        ("settings[?name == 'other']", False),
        ("severity != 'critical' || kind == 'change'", True),
        ("contains(resource, 'master.cf')", False),
        ("nothing", False),
        ("length(nothing)", False),
    ],
)
def test_expressions_are_true_as_jmespath_has_it(expression: str, true: bool) -> None:
    assert drift_waivers.matches(expression, SAMPLE) is true


def test_the_library_is_asked_for_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    def missing(name: str) -> Any:
        raise ImportError(name)

    path = tmp_path / "waivers.yml"
    path.write_text("- {name: n, expression: other, owner: o, reason: r, expires: 2027-01-31}\n")
    monkeypatch.setattr(importlib, "import_module", missing)
    drift_waivers._compiled.cache_clear()
    with pytest.raises(WaiverRefusal, match="install it beside Ansible"):
        drift_waivers.waivers_of(str(path))
