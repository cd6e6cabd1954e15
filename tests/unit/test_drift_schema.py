# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schema of the drift report, as docs/ has it, against reports and against a validator of its standard."""

from __future__ import annotations

import json
import pathlib
import re

import jsonschema
import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.drift_metrics import metrics
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.drift_reading import read
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.drift_report import as_text, document
from ansible_collections.mailrealm.kerberos.tests.unit.module_utils._domain.drift_samples import (
    REPORTS,
    finding,
    host,
    judge,
    report,
    waiver,
)
from hypothesis import given

DOCS = pathlib.Path(__file__).parents[2] / "docs"
SCHEMA = json.loads((DOCS / "drift.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
PAGE = (DOCS / "drift-schema.md").read_text(encoding="utf-8")
WHOLE = document(report(host("mx1", finding()), waivers=(waiver(),)), judge)


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@given(REPORTS)
def test_any_report_is_as_the_schema_has_it(one):
    VALIDATOR.validate(json.loads(as_text(document(one, judge))))


def _places(value, path=()):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, key)
            yield from _places(inner, (*path, key))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from _places(inner, (*path, position))


@pytest.mark.parametrize("place", list(_places(WHOLE)), ids=str)
def test_a_field_that_is_missing_or_of_another_type_is_told(place):
    for damage in (lambda inner, key: inner.pop(key), lambda inner, key: inner.update({key: 1.5})):
        whole = json.loads(json.dumps(WHOLE))
        inner = whole
        for key in place[:-1]:
            inner = inner[key]
        damage(inner, place[-1])
        assert not VALIDATOR.is_valid(whole)


def test_the_example_of_the_page_is_one_and_is_what_the_code_makes_of_it():
    (example,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    whole = json.loads(example)
    VALIDATOR.validate(whole)
    made = document(read(example, "docs/drift-schema.md"), judge)
    assert made == whole


def test_the_page_has_every_metric():
    names = set(re.findall(r"^# TYPE (\w+) gauge$", metrics(WHOLE), re.MULTILINE))
    assert set(re.findall(r"^\| `(mailrealm_drift_\w+)` \|", PAGE, re.MULTILINE)) == names
